from dataclasses import dataclass

from trading.projects.events import LotEvent


@dataclass(frozen=True)
class StepTaken(LotEvent):
    """A step of the lot's procedure was taken; the digest binds what its form said, files included."""

    kind = "step.taken"
    step: str
    no: int
    digest: str
    notice: str


@dataclass(frozen=True)
class StepTakenInSecret(LotEvent):
    """The same where nobody may know yet who takes part, nor how many."""

    kind = "step.taken_in_secret"
    blind = True

    step: str
    no: int
    digest: str
    organisation: str

    @property
    def stream(self):
        return secret_stream(self.tender, self.lot, self.step)


def secret_stream(tender, lot, step):
    return f"steps/{tender}/{lot}/{step}"


@dataclass(frozen=True)
class StepsUndone(LotEvent):
    """A bend led back: the steps from this one on no longer stand."""

    kind = "steps.undone"
    bend: str
    step: str
    reason: str
