from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class InquiryEvent(Event):
    """An inquiry by its number; who asked stands in the private part."""

    tender: str
    number: str

    @property
    def stream(self):
        return f"tender/{self.tender}"


@dataclass(frozen=True)
class InquiryFiled(InquiryEvent):
    kind = "inquiry.filed"


@dataclass(frozen=True)
class InquiryAnswered(InquiryEvent):
    kind = "inquiry.answered"
    digest: str
