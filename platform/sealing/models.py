"""Keys of bidders, uploads of sealed files, and files kept encrypted at rest."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import models

from accounts.models import Organisation


class SigningKey(models.Model):
    """A person's public signing key. A certificate vouches for it, or, where none is required, the person's sign-in."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="signing_keys")
    spki = models.BinaryField()
    kid = models.CharField(max_length=11, unique=True)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class EncryptionKey(models.Model):
    """A public key, bound by a signature of the one who enrolled it.

    A bidder's belongs to the organisation, whose bids are sealed for it. A holder's belongs to the person, for whom a
    share of others' bids is sealed.
    """

    class Role(models.TextChoices):
        BIDDER = "bidder", "投标密钥"
        HOLDER = "holder", "持钥人密钥"

    class Reason(models.TextChoices):
        LOST = "lost", "密钥文件丢失或口令遗忘"
        EXPOSED = "exposed", "密钥文件或口令可能已泄露"
        REPLACED = "replaced", "已更换新密钥"
        LEFT = "left", "经办人离岗"

    role = models.CharField(max_length=8, choices=Role.choices, default=Role.BIDDER)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="encryption_keys")
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    spki = models.BinaryField()
    kid = models.CharField(max_length=11, unique=True)
    binding = models.JSONField()
    # Room for RSA of 4096 bits.
    signature = models.CharField(max_length=700)
    # The signing key that made this signature, so that anybody who gets the binding can check it.
    signing_spki = models.BinaryField()
    enrolled_at = models.DateTimeField()
    not_after = models.DateTimeField()
    # age's recipient of a printed recovery code (`age1…`), when one was made with the key.
    recovery = models.CharField(max_length=62, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_for = models.CharField(max_length=8, choices=Reason.choices, blank=True)


class Upload(models.Model):
    """One resumable upload (tus). The bytes stand in a file; the row says how many of them are safe."""

    token = models.UUIDField(unique=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    tender = models.CharField(max_length=32)
    lot = models.CharField(max_length=8)
    envelope = models.CharField(max_length=16)
    seal = models.CharField(max_length=22)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    # base64url SHA-256 of the whole, computed when the last byte is safe.
    sha256 = models.CharField(max_length=43, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    terminated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "tender", "lot", "seal"], name="one_upload_per_seal"),
            models.CheckConstraint(condition=models.Q(offset__gte=0) & models.Q(offset__lte=models.F("size")), name="offset_within_size"),
        ]

    @property
    def path(self) -> Path:
        return settings.ETP_UPLOADS / f"{self.token}.etp"

    @property
    def is_complete(self) -> bool:
        return self.offset == self.size and bool(self.sha256)

    def has_expired(self, at: datetime) -> bool:
        """Past its day without having become part of a bid."""
        return at >= self.expires_at and not hasattr(self, "handed_in")

    def open(self) -> BinaryIO:
        return self.path.open("rb")


class VaultFile(models.Model):
    """A file that stands encrypted on disk; its own key is wrapped by the vault's key."""

    token = models.UUIDField(unique=True)
    size = models.BigIntegerField()
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField()

    @property
    def path(self) -> Path:
        return settings.ETP_UPLOADS / "vault" / str(self.token)
