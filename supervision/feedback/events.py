from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class FeedbackEvent(Event):
    """A feedback by its number; whom it judges and how stands in the private part."""

    number: str

    @property
    def stream(self):
        return "feedback"


@dataclass(frozen=True)
class FeedbackHanded(FeedbackEvent):
    kind = "feedback.handed"


@dataclass(frozen=True)
class FeedbackAcknowledged(FeedbackEvent):
    kind = "feedback.acknowledged"
