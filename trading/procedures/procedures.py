"""The ways to trade: stages in order, who acts, what each step yields, which rules bind it, where it may bend.

The procedures stand in `files/`, one file per version (docs/procedures.md, decision 0013); `loading` reads them.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rulebook.limits import AmountAbove, MinimumCount
from rulebook.periods import Period
from rulebook.provisions import Rule
from trading.procedures.vocabulary import ACTORS


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that a step's form asks for; `limit` is the code of the rule that bounds it, `of` what it is a share of.

    A reference (`of`, `at_least`, `at_most`, `among`) is `estimate`, a field of the same step, or `step.field`; `among`
    may also be a step alone: the organisations that took it.
    `unless` is the field that makes good what the limit objects to (the approval of a low price). `reaches` is the
    milestone that the day or moment sets down as planned, `moves` one that it puts off.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    help: str = ""
    reaches: str = ""
    limit: str = ""
    of: str = ""
    at_least: str = ""
    at_most: str = ""
    among: str = ""
    unless: str = ""
    moves: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: who takes it, the document it leaves, what it is done by, and the rules (all versions) that bind it.

    `reaches` is the milestone it sets down, `opens_after` the planned milestone before which it may not be done,
    `closes_at` the one after which it may not. `among` names the field that lists the organisations that may take it.
    `answer` is the step that must follow each occurrence before anything else goes on. `state` is where the lot then
    stands, the stage's first state unless said otherwise. `shows` are earlier fields that its notice repeats.
    `invites`: it is addressed to invited organisations alone, and the tender stays private until its result.
    It may be taken only while the organisations `count_of` names are between `fewest` and `most`. Once it is taken, the
    steps `instead_of` need not be. `secret`: what it says is sealed until the first step that `opens_after` its end. `required_if` (`step.field=word`) makes an optional step required.
    `reserve` names the sealed sum below which the step's `price` closes no deal; the sum then stays sealed. `gain` is
    the pair of sums (deal, base) whose difference its notice shows as added value.
    """

    code: str
    label: str
    actors: tuple[str, ...]
    document: str
    optional: bool = False
    repeats: bool = False
    way: str = "desk"
    limits: tuple[Rule, ...] = ()
    reaches: str = ""
    opens_after: str = ""
    closes_at: str = ""
    notice: str = ""
    prints: bool = False
    secret: bool = False
    invites: bool = False
    among: str = ""
    answer: str = ""
    state: str = ""
    shows: tuple[str, ...] = ()
    count_of: str = ""
    fewest: int = 0
    most: int | None = None
    instead_of: tuple[str, ...] = ()
    required_if: str = ""
    reserve: str = ""
    gain: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def by_form(self) -> bool:
        return self.way == "desk"

    @property
    def hides_takers(self) -> bool:
        """Whether even who has taken it is secret until its end: a bidder's step, not a reserve that its own side seals."""
        return self.secret and "bidder" in self.actors

    def limits_on(self, day: date) -> tuple[Rule, ...]:
        """The versions of its rules that hold on a day."""
        return tuple(rule for rule in self.limits if rule.holds_on(day))

    def floor_of(self, rule: Rule) -> AmountAbove | None:
        """The sum above which a period binds: a bound of the same code that says so."""
        return next((each for each in self.limits if isinstance(each, AmountAbove) and each.code == rule.code), None)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: its label, the lot states in which it is going on, and its steps."""

    label: str
    states: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bend:
    """Where the way may bend: in which lot states, by whom, under which rule, and where it then leads (LEADS).

    `way` is "desk" where the procedure's desk carries it out, else the room that does.
    """

    code: str
    label: str
    actors: tuple[str, ...]
    leads: str
    states: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    basis: str = ""
    back: str = ""
    way: str = "desk"


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """A way to trade, as it holds from `since` to `until`; a tender stays on the version it began with."""

    code: str
    name: str
    category: str
    since: date
    stages: tuple[Stage, ...]
    until: date | None = None
    basis: tuple[str, ...] = ()
    parties: tuple[tuple[str, str], ...] = ()
    bends: tuple[Bend, ...] = ()
    clock: tuple[Period, ...] = ()

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stage in self.stages for step in stage.steps)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Every statutory period of the procedure: those of its steps, and those that only run beside them.

        What binds only above a sum is held where the sum is said: a clock knows no sums.
        """
        found = [rule for step in self.steps for rule in step.limits if isinstance(rule, Period) and not step.floor_of(rule)]
        return tuple(dict.fromkeys([*found, *self.clock]))

    @property
    def is_sealed(self) -> bool:
        """Whether sealed bids, the opening hall and the evaluation desk carry it."""
        return self.step_of("bids") is not None

    @property
    def by_invitation(self) -> bool:
        """Whether only those whom the tenderee invites may see it and take part."""
        return any(step.invites for step in self.steps)

    def actor(self, code: str) -> str:
        """The party's name in this procedure."""
        return dict(self.parties).get(code, ACTORS[code])

    def actors(self, codes: tuple[str, ...]) -> str:
        return "、".join(self.actor(code) for code in codes)

    def actors_of(self, stage: Stage) -> str:
        """Who acts in a stage, the first two at most."""
        named = list(dict.fromkeys(self.actor(code) for step in stage.steps for code in step.actors))
        return "、".join(named[:2])

    def step(self, code: str) -> Step:
        return next(step for step in self.steps if step.code == code)

    def step_of(self, way: str) -> Step | None:
        """The step that a room carries out; None where this procedure has none."""
        return next((step for step in self.steps if step.way == way), None)

    def stage_of(self, step: Step) -> Stage:
        return next(stage for stage in self.stages if step in stage.steps)

    def bend(self, code: str) -> Bend:
        return next(bend for bend in self.bends if bend.code == code)

    def period_of(self, way: str, end: str, day: date) -> Period:
        """The period up to an event that binds a room's step on a day. LookupError where there is none."""
        step = self.step_of(way)
        found = [rule for rule in (step.limits_on(day) if step else ()) if isinstance(rule, Period) and rule.end == end]
        if not found:
            raise LookupError(f"no period up to {end} binds {way} in {self.code}")
        return found[0]

    def least_count(self, bend: str, day: date) -> MinimumCount:
        """The count below which the way bends."""
        return next(rule for rule in self.bend(bend).rules if isinstance(rule, MinimumCount) and rule.holds_on(day))


def strip_of(procedure: Procedure, state: str) -> list[dict]:
    """The stages for the progress strip: done, now or still to come, seen from a lot's state."""
    current = place_of(procedure, state)
    rows = []
    for place, stage in enumerate(procedure.stages):
        if current < 0 or place > current:
            mark = ""
        elif place < current or state == "archived":
            mark = "done"
        else:
            mark = "now"
        rows.append({"label": stage.label, "note": procedure.actors_of(stage), "state": mark})
    return rows


def place_of(procedure: Procedure, state: str) -> int:
    """How far a state is on the way of a procedure; what ended without an award is nowhere on it."""
    return next((place for place, stage in enumerate(procedure.stages) if state in stage.states), -1)
