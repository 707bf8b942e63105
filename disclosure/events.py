from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class NoticePublished(Event):
    """A notice stands on the board: its number, what it is about, and the digest that proves its words."""

    kind = "notice.published"

    number: str
    notice_kind: str
    tender_number: str
    digest: str

    @property
    def stream(self):
        return f"tender/{self.tender_number}" if self.tender_number else "notices"


@dataclass(frozen=True)
class NoticesDisclosed(Event):
    """Notices of a tender that only some might read stand on the board from now on."""

    kind = "notices.disclosed"

    tender_number: str
    numbers: list

    @property
    def stream(self):
        return f"tender/{self.tender_number}"
