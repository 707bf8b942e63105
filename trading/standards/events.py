from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class TemplatePublished(Event):
    """A regulator publishes a version of a standard text; the digest fixes its words, the day when it begins to bind."""

    kind = "template.published"
    code: str
    version: int
    publisher: str
    since: str
    digest: str

    @property
    def stream(self):
        return f"template/{self.code}"


@dataclass(frozen=True)
class PatternEvent(Event):
    """The list by which clauses are looked through is public; so is who changed it, and when."""

    code: str
    office: str

    @property
    def stream(self):
        return f"pattern/{self.code}"


@dataclass(frozen=True)
class PatternAdded(PatternEvent):
    kind = "pattern.added"
    pattern: str
    source: str


@dataclass(frozen=True)
class PatternEnded(PatternEvent):
    kind = "pattern.ended"
    until: str
    reason: str
