"""What the ledger says about official documents. Each document is a stream of its own."""

from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class DocumentPrinted(Event):
    """The digest of the print before its seal; the sealed file begins with exactly these `size` bytes."""

    kind = "document.printed"

    number: str
    document_kind: str
    size: int
    sha256: str

    @property
    def stream(self) -> str:
        return f"document/{self.number}"


@dataclass(frozen=True)
class DocumentPrintedInSecret(DocumentPrinted):
    """The same for a document whose existence says too much: a receipt tells that somebody has bid."""

    kind = "document.printed_in_secret"
    blind = True

    @property
    def stream(self) -> str:
        # Not among open entries: there a hidden one would look like a missing number.
        return f"secret-document/{self.number}"


@dataclass(frozen=True)
class DocumentSuperseded(Event):
    kind = "document.superseded"

    number: str
    by_number: str

    @property
    def stream(self) -> str:
        return f"document/{self.number}"


@dataclass(frozen=True)
class DocumentVoided(Event):
    kind = "document.voided"

    number: str
    reason: str

    @property
    def stream(self) -> str:
        return f"document/{self.number}"


@dataclass(frozen=True)
class SealIntroduced(Event):
    """The platform seals with this certificate from now on; a seal that the log does not name is not its own."""

    kind = "seal.introduced"

    sha256: str
    certificate: str

    @property
    def stream(self) -> str:
        return "seals"
