from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class SplittingFound(Event):
    """Projects of one owner together reach a line of the catalogue that each stays below."""

    kind = "splitting.found"
    project: int
    others: list
    total: str

    @property
    def stream(self):
        return f"project/{self.project}"


@dataclass(frozen=True)
class SplittingJudged(Event):
    kind = "splitting.judged"
    project: int
    state: str
    opinion: str

    @property
    def stream(self):
        return f"project/{self.project}"
