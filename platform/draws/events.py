from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class DrawEvent(Event):
    draw: str

    @property
    def stream(self) -> str:
        return f"draw/{self.draw}"


@dataclass(frozen=True)
class DrawDefined(DrawEvent):
    """The rule, who takes part, and until when: before anybody knows any random number."""

    kind = "draw.defined"
    purpose: str
    rule: str
    strata: list
    parties: list
    k: int
    holders: list
    commit_until: str
    minutes: int
    beacon: None
    repeats: str | None


@dataclass(frozen=True)
class DrawListed(DrawEvent):
    """The list is fixed: after this it can't change, a mistake means a new draw."""

    kind = "draw.listed"
    confidential: bool
    n: int
    strata: list
    list_root: str


@dataclass(frozen=True)
class DrawCommitted(DrawEvent):
    """All commitments are in, and become known together."""

    kind = "draw.committed"
    commits: list


@dataclass(frozen=True)
class DrawRevealed(DrawEvent):
    kind = "draw.revealed"
    party: str
    r: str
    recovered: bool


@dataclass(frozen=True)
class RecoveryRequested(DrawEvent):
    """A party did not reveal in time: the others are asked for their shares of its number."""

    kind = "draw.recovery_requested"
    party: str


@dataclass(frozen=True)
class RecoveryShare(DrawEvent):
    kind = "draw.share"
    party: str
    holder: str
    org: str
    digest: str


@dataclass(frozen=True)
class RecoveryBadShare(DrawEvent):
    kind = "draw.bad_share"
    party: str
    holder: str
    org: str
    digest: str
    signature: str


@dataclass(frozen=True)
class DrawSeeded(DrawEvent):
    kind = "draw.seeded"
    transcript: dict
    seed: str


@dataclass(frozen=True)
class DrawResult(DrawEvent):
    kind = "draw.result"
    strata: list


@dataclass(frozen=True)
class DrawReplaced(DrawEvent):
    """A refusal or absence: the next standby takes the place; `in` and `out` are list hashes."""

    kind = "draw.replaced"
    stratum: str
    left: str
    came: str
    place: int
    skipped: list
    reason: str

    def public(self):
        fields = self.payload()
        return {**{name: fields[name] for name in ("draw", "stratum", "place", "skipped", "reason")}, "out": self.left, "in": self.came}


@dataclass(frozen=True)
class DrawNames(DrawEvent):
    """Who was chosen: salt and candidate of the chosen ones only."""

    kind = "draw.names"
    names: list


@dataclass(frozen=True)
class DrawVoid(DrawEvent):
    kind = "draw.void"
    reason: str
    party: str | None
