"""One tender, one file: the archive of a lot as a ZIP with a manifest of hashes."""

from django.conf import settings
from django.db import models

from trading.projects.models import Lot


class LotArchive(models.Model):
    """The archive of one lot. It holds opened bids, so it stands encrypted in the vault like them."""

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="archive")
    vault = models.ForeignKey("sealing.VaultFile", models.PROTECT, null=True, blank=True, related_name="+")
    manifest = models.JSONField(default=dict)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    @property
    def file_name(self):
        return f"{self.lot.tender.number}-{self.lot.no:03d}.zip"
