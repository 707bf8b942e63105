from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class OffPlatformReported(Event):
    """A report was received, by its number; who reported, and what, stands in the private part."""

    kind = "report.off_platform"
    number: str

    @property
    def stream(self):
        return f"report/{self.number}"
