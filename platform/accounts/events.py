from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class KeyEnrolled(Event):
    """A key now belongs to its owner: an organisation (by its code), or a person (by pseudonym), if they hold shares in one.

    `role` says what for: a `bidder`'s or `holder`'s opens what is encrypted, a `signer`'s signs, with the certificate whose
    digest is `cert`. `signature` over the key binding, by the key `signing_spki`, lets anybody check the binding of a key that
    opens from the log alone.
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
    """A key is out of use, with the certificate `cert` if it was a certificate's.

    `signing` is the signing key that goes with an encryption key when both may be known to others.
    """

    kind = "key.revoked"
    owner: str
    role: str
    kid: str
    reason: str
    signing: str | None
    cert: str | None

    @property
    def stream(self) -> str:
        return f"keys/{self.owner}"
