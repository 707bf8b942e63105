"""Stored files with their digests, and official documents with their numbers."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Organisation


class StoredFile(models.Model):
    """A file somebody handed in or the platform made; never changed, known by its digest."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    content_type = models.CharField(max_length=100)
    purpose = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    public = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        return f"files/{self.key.hex[:2]}/{self.key}"


class OfficialDocument(models.Model):
    """A numbered official document: reserved in the act's transaction, printed by a worker, then never changed."""

    number = models.CharField(max_length=60, unique=True)
    check_code = models.CharField(max_length=14, unique=True)
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=300)
    subject = models.CharField(max_length=120)
    context = models.JSONField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    public = models.BooleanField(default=False)
    # Organisations that may read a document that is not public.
    readers = models.ManyToManyField(Organisation, blank=True, related_name="+")
    file = models.OneToOneField(StoredFile, models.PROTECT, null=True, blank=True, related_name="official")

    def __str__(self) -> str:
        return self.title
