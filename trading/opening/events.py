from dataclasses import dataclass

from trading.projects.events import LotEvent
from trading.tenders.models import Envelope


def secret_stream(tender, lot, envelope):
    """Where an opening's blinded entries stand: with the bids, or for second envelopes in a stream that is opened later."""
    return f"bids/{tender}/{lot}" + ("/commercial" if envelope == Envelope.COMMERCIAL else "")


@dataclass(frozen=True)
class LotLocked(LotEvent):
    """From now on the set of bids is fixed: its size and the root over all heads."""

    kind = "lot.locked"
    n: int
    bids_root: str


@dataclass(frozen=True)
class EnvelopeReturned(LotEvent):
    """A bid did not pass the first envelope: this one of its envelopes goes back unopened."""

    kind = "envelope.returned"
    envelope: str
    bidder: str
    manifest: str


@dataclass(frozen=True)
class EnvelopesAdmitted(LotEvent):
    """The first envelope is judged: so many bids go on to the opening of this one, with the root over them."""

    kind = "envelope.admitted"
    envelope: str
    n: int
    bids_root: str


@dataclass(frozen=True)
class OpeningEvent(LotEvent):
    """A step of the opening of one envelope of the lot's bids."""

    envelope: str


@dataclass(frozen=True)
class OpeningStarted(OpeningEvent):
    kind = "opening.started"
    keys_until: str


@dataclass(frozen=True)
class SecretLotEvent(OpeningEvent):
    """Known to nobody but its bidder until all bids are settled."""

    blind = True
    bidder: str
    manifest: str

    @property
    def stream(self):
        return secret_stream(self.tender, self.lot, self.envelope)


@dataclass(frozen=True)
class KeyReleased(SecretLotEvent):
    kind = "opening.key_released"
    digest: str


@dataclass(frozen=True)
class KeyFailed(SecretLotEvent):
    kind = "opening.key_failed"
    attempts: int


@dataclass(frozen=True)
class FallbackRequested(SecretLotEvent):
    """A bid is to be opened by the emergency holders: asked by its bidder, or by the host with a reason."""

    kind = "fallback.requested"
    by: str
    reason: str


@dataclass(frozen=True)
class FallbackApproved(SecretLotEvent):
    kind = "fallback.approved"
    reason: str


@dataclass(frozen=True)
class FallbackRefused(SecretLotEvent):
    kind = "fallback.refused"
    reason: str


@dataclass(frozen=True)
class FallbackShareGiven(SecretLotEvent):
    """A holder handed in the share that the bid's header commits to."""

    kind = "fallback.share"
    holder: str
    org: str
    commit: str


@dataclass(frozen=True)
class FallbackBadShare(SecretLotEvent):
    """A holder handed in something else, or says that the share cannot be opened; the signature is the holder's."""

    kind = "fallback.bad_share"
    holder: str
    org: str
    digest: str
    signature: str


@dataclass(frozen=True)
class FallbackOpened(SecretLotEvent):
    kind = "fallback.opened"
    digest: str


@dataclass(frozen=True)
class FallbackFailed(SecretLotEvent):
    """What was sealed for the holders is no key to the bid: it stays closed, by its bidder's fault."""

    kind = "fallback.failed"
    reason: str


@dataclass(frozen=True)
class OpeningExtended(OpeningEvent):
    kind = "opening.extended"
    keys_until: str
    reason: str


@dataclass(frozen=True)
class OpeningRevealed(OpeningEvent):
    """All bids are settled and shown to everybody at once; `table` digests what was read out."""

    kind = "opening.revealed"
    n: int
    opened: int
    table: str


@dataclass(frozen=True)
class OpeningClosed(OpeningEvent):
    """`discarded` counts the uploads that are deleted now, unread: those never submitted, and envelopes that went back."""

    kind = "opening.closed"
    opened: int
    record: str
    discarded: int
