"""Stored files with their digests, and official documents with their numbers."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from ledger.models import LedgerEntry


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


class SealCertificate(models.Model):
    """A certificate the platform has sealed with; whoever checks an older document still finds its seal here."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    # The certificate and those above it, base64 of DER, its own first.
    chain = models.JSONField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class OfficialDocument(models.Model):
    """A numbered official document: reserved in the act's transaction, printed and entered in the ledger by a worker,
    sealed when the ledger has placed it, then never changed. docs/documents.md tells the whole way.
    """

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
    # JSON files the sealed PDF carries beside ledger.json: {name: object}.
    attachments = models.JSONField(default=dict, blank=True)
    # The print before the seal, whose digest stands in the ledger; the sealed file begins with the same bytes.
    file = models.OneToOneField(StoredFile, models.PROTECT, null=True, blank=True, related_name="official")
    # Where the print leaves room for the seal: [page, left, bottom, right, top] in points.
    seal_box = models.JSONField(null=True, blank=True)
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, null=True, blank=True, related_name="+")
    # What is handed out.
    sealed = models.OneToOneField(StoredFile, models.PROTECT, null=True, blank=True, related_name="sealed_document")
    sealed_at = models.DateTimeField(null=True, blank=True)
    # B-B, B-T or B-LT (PAdES), and why it is not more than it is.
    seal_level = models.CharField(max_length=5, blank=True)
    seal_note = models.CharField(max_length=300, blank=True)
    seal_tries = models.PositiveIntegerField(default=0)
    seal_problem = models.CharField(max_length=300, blank=True)
    seal_due_at = models.DateTimeField(null=True, blank=True)
    # Another document has taken its place, or it was declared void.
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title
