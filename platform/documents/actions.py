"""Storing files and issuing official documents."""

import hashlib
import re
import secrets
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import Organisation, Person
from documents.kinds import KINDS
from documents.models import OfficialDocument, StoredFile
from documents.printing import print_pdf
from documents.sniffing import content_type_of
from ledger.waking import wake_worker
from rulebook.clock import city_day, database_now
from rulebook.numbering import next_number
from rulebook.refusals import Refused

LARGEST = 50 * 1024 * 1024
# No 0 and O, no 1, I and L: a code is read from paper and typed.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def clean_name(name: str) -> str:
    """The last part of a file's name, without control characters and what could mislead a reader."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "", base).strip(". ")
    return base[-120:] or "未命名"


def store_file(
    uploaded: UploadedFile, *, by: Person, organisation: Organisation | None, purpose: str, at: datetime, public: bool = False
) -> StoredFile:
    """Keep an uploaded file: streamed to storage, digested on the way; refused when too large or of a strange type."""
    name, size = clean_name(uploaded.name or ""), uploaded.size or 0
    if size > LARGEST:
        raise Refused("file_too_large", f"“{name}”超过 {LARGEST // 1024 // 1024} MB。", status=400)
    if size == 0:
        raise Refused("file_empty", f"“{name}”是空文件。", status=400)
    kind = content_type_of(uploaded)
    if kind is None:
        raise Refused(
            "file_type",
            f"“{name}”的格式不接收。",
            next_step="请上传 PDF、Word、Excel、JPG、PNG 或 ZIP 文件。",
            status=400,
        )
    digest = hashlib.sha256()
    for chunk in uploaded.chunks():
        digest.update(chunk)
    uploaded.seek(0)
    row = StoredFile(
        key=uuid.uuid4(),
        name=name,
        size=size,
        sha256=digest.hexdigest(),
        content_type=kind,
        purpose=purpose,
        organisation=organisation,
        uploaded_by=by,
        created_at=at,
        public=public,
    )
    default_storage.save(row.path, uploaded)
    row.save()
    return row


def request_document(
    kind: str,
    *,
    subject: str,
    title: str,
    context: dict,
    by: Person,
    at: datetime,
    public: bool = False,
    readers: Iterable[Organisation] = (),
) -> OfficialDocument:
    """Reserve an official document's number now, in the act's transaction; a worker prints it after the commit."""
    missing = KINDS[kind].required - set(context)
    if missing:
        raise ValueError(f"a {kind} needs {sorted(missing)}")
    year = city_day(at).year
    series = KINDS[kind].series
    document = OfficialDocument.objects.create(
        number=f"清交{series}〔{year}〕{next_number(f'document/{series}', year)}号",
        check_code="-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3)),
        kind=kind,
        title=title,
        subject=subject,
        context=context,
        issued_at=at,
        issued_by=by,
        public=public,
    )
    document.readers.set(readers)
    transaction.on_commit(lambda: ask_for_print(document.pk))
    return document


def ask_for_print(pk: int) -> None:
    """Wake a worker; if the queue is away, the sweep or the first reader prints it."""
    from documents.tasks import print_document  # tasks import the actions

    wake_worker(print_document, pk)


@transaction.atomic
def ensure_printed(document: OfficialDocument) -> OfficialDocument:
    """The document's PDF, printed now if no worker has done it yet."""
    document = OfficialDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    if document.file_id is None:
        pdf = print_pdf(f"documents/{document.kind}.html", {**document.context, "document": document})
        row = StoredFile(
            key=uuid.uuid4(),
            name=f"{clean_name(document.title)}.pdf",
            size=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
            content_type="application/pdf",
            purpose="document",
            uploaded_by=document.issued_by,
            created_at=database_now(),
            public=document.public,
        )
        default_storage.save(row.path, ContentFile(pdf))
        row.save()
        document.file = row
        document.save(update_fields=["file"])
    return document
