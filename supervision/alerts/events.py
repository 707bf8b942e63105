from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class AlertEvent(Event):
    """An alert by its number, in a history of its own: what it is about is found in its row."""

    number: str

    @property
    def stream(self):
        return f"alert/{self.number}"


@dataclass(frozen=True)
class AlertRaised(AlertEvent):
    kind = "alert.raised"
    alert_kind: str
    about: str
    rule: str


@dataclass(frozen=True)
class AlertHandled(AlertEvent):
    """An official has looked into it; `conclusion` is the digest of what was written down."""

    kind = "alert.handled"
    conclusion: str
