from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class KeyEnrolled(Event):
    """A key now belongs to its owner: an organisation (by its code), or a person (by pseudonym).

    `role` says what for: `bidder` opens bids, `signer` signs with the certificate whose digest is `cert`. `signature` over the key
    binding, by the key `signing_spki`, lets anybody check an encryption key's binding from the log alone.
    """

    kind = "key.enrolled"
    owner: str
    org: str | None
    role: str
    kid: str
    spki: str
    not_after: str
    signing_spki: str | None
    signature: str | None
    cert: str | None

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"


@dataclass(frozen=True)
class KeyRevoked(Event):
    """A key is out of use, and so is the certificate `cert`, when it was a certificate's."""

    kind = "key.revoked"
    owner: str
    kid: str
    reason: str | None
    cert: str | None

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"
