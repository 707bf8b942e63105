"""One tender, one file: the archive of a lot in sealed volumes, what belongs into it, and how long it is kept."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from documents.models import StoredFile
from trading.projects.models import Lot


class LotArchive(models.Model):
    """A sealed volume. It holds opened bids, so it stands encrypted in the vault like them.

    Papers that come later make a further volume; a sealed one never changes, and disposal leaves its manifest.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="archives")
    volume = models.PositiveSmallIntegerField("卷", default=1)
    vault = models.ForeignKey("sealing.VaultFile", models.PROTECT, null=True, blank=True, related_name="+")
    manifest = models.JSONField(default=dict)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # The rule of retention that held on the day of sealing, and the first day on which the volume may be disposed of.
    retention = models.CharField(max_length=16, blank=True)
    kept_until = models.DateField("可处置日期", null=True, blank=True)
    # The last time that the kept file was held against its manifest, and what did not agree.
    verified_at = models.DateTimeField(null=True, blank=True)
    damage = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["lot", "volume"]
        constraints = [models.UniqueConstraint(fields=["lot", "volume"], name="one_archive_per_volume")]

    @property
    def file_name(self):
        volume = f"-{self.volume}" if self.volume > 1 else ""
        return f"{self.lot.tender.number}-{self.lot.no:03d}{volume}.zip"

    @property
    def is_disposed(self):
        return self.finished_at is not None and self.vault_id is None


class ArchivePaper(models.Model):
    """A paper handed in for the archive because no stage of the platform made it; sealed with the next volume."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="archive_papers")
    # The code of the required item that it is, or empty for a paper nobody asks for.
    item = models.CharField(max_length=24, blank=True)
    title = models.CharField("名称", max_length=120)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    volume = models.ForeignKey(LotArchive, models.PROTECT, null=True, blank=True, related_name="papers")

    class Meta:
        ordering = ["at"]


class ArchiveException(models.Model):
    """Two people let a lot be archived without a required item, for a reason that is kept with it."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="archive_exceptions")
    item = models.CharField(max_length=24)
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "item"], name="one_exception_per_item"),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="an_exception_takes_two"),
        ]


class ArchiveHold(models.Model):
    """Why an archive may not be disposed of although its time is over: a case, an audit, a court. Ended, never deleted."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="archive_holds")
    reason = models.CharField("事由", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-since"]


class ArchiveDisposal(models.Model):
    """The destruction record: who proposed, who agreed, when and why. It stays for good, as do the manifests."""

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="archive_disposal")
    reason = models.CharField("处置说明", max_length=300)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")), name="a_disposal_takes_two"),
        ]


class ArchiveLookUp(models.Model):
    """Who took which volume out to read, and for whom they acted."""

    archive = models.ForeignKey(LotArchive, models.PROTECT, related_name="look_ups")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
