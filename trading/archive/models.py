"""One tender, one file: the archive of a lot as a ZIP with a manifest of hashes."""

from django.conf import settings
from django.db import models

from documents.models import StoredFile
from trading.projects.models import Lot


class LotArchive(models.Model):
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="archive")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    manifest = models.JSONField(default=dict)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
