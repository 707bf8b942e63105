"""Storing files and issuing official documents."""

import base64
import hashlib
import json
import logging
import re
import secrets
import time
import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Organisation, Person
from documents.events import DocumentPrinted, DocumentPrintedInSecret, DocumentSuperseded, DocumentVoided, SealIntroduced
from documents.kinds import KINDS
from documents.models import OfficialDocument, SealCertificate, StoredFile
from documents.printing import print_for_seal, print_pdf, qr_svg
from documents.sniffing import content_type_of
from ledger.acts import record
from ledger.canonical import b64u, jcs
from ledger.models import LedgerEntry
from ledger.proofs import proof_of
from ledger.waking import wake_worker
from rulebook.clock import city_day, database_now
from rulebook.numbering import next_number
from rulebook.refusals import Refused

log = logging.getLogger(__name__)

LARGEST = 50 * 1024 * 1024
# No 0 and O, no 1, I and L: a code is read from paper and typed.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# After a failure the seal is tried again after 2, 4, 8 … seconds, at most so far apart.
LONGEST_REST = timedelta(minutes=5)


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
    attachments: dict | None = None,
    supersedes: OfficialDocument | None = None,
) -> OfficialDocument:
    """Reserve an official document's number now, in the act's transaction; a worker prints and seals it after the commit.

    `attachments` are JSON objects by file name that the sealed PDF carries; `supersedes` loses its force.
    """
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
        attachments=attachments or {},
    )
    document.readers.set(readers)
    if supersedes is not None:
        supersedes.superseded_by = document
        supersedes.save(update_fields=["superseded_by"])
        record(DocumentSuperseded(number=supersedes.number, by_number=document.number), by=by)
    transaction.on_commit(lambda: ask_for_print(document.pk))
    return document


@transaction.atomic
def void_document(document: OfficialDocument, *, reason: str, by: Person, at: datetime) -> None:
    """Declare a document void: it stays to be read, and whoever checks it is told. The caller answers for the right to."""
    document = OfficialDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    if document.voided_at is None:
        document.voided_at, document.void_reason = at, reason
        document.save(update_fields=["voided_at", "void_reason"])
        record(DocumentVoided(number=document.number, reason=reason[:500]), by=by)


@transaction.atomic
def disclose_documents(documents: QuerySet[OfficialDocument]) -> None:
    """Open to everybody what only some might read. The caller has decided that it is time."""
    found = list(documents.filter(public=False).values_list("pk", flat=True))
    # The documents first: whoever is sealing one holds its row, and leaves a file that the second line finds.
    OfficialDocument.objects.filter(pk__in=found).update(public=True)
    StoredFile.objects.filter(sealed_document__in=found).update(public=True)


def ask_for_print(pk: int) -> None:
    """Wake a worker; if the queue is away, the sweep or the first reader prints it."""
    from documents.tasks import print_document  # tasks import the actions

    wake_worker(print_document, pk)


@transaction.atomic
def ensure_printed(document: OfficialDocument) -> OfficialDocument:
    """The document with its print (`file`), made now if no worker has done it yet, and its digest entered in the ledger."""
    document = OfficialDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    if document.file_id is None:
        address = f"{settings.ETP_BASE_URL}/verify/{document.check_code}/"
        context = {**document.context, "document": document, "check_address": address, "check_qr": qr_svg(address)}
        pdf, document.seal_box = print_for_seal(f"documents/{document.kind}.html", context)
        # Handed out only with the seal.
        document.file = keep_pdf(document, pdf, purpose="print", public=False)
    if document.entry_id is None:
        event = DocumentPrintedInSecret if KINDS[document.kind].secret else DocumentPrinted
        assert document.file is not None, "the print has just been made"
        document.entry = record(
            event(number=document.number, document_kind=document.kind, size=document.file.size, sha256=document.file.sha256), by=None
        )
        document.save(update_fields=["file", "seal_box", "entry"])
    return document


def keep_pdf(document: OfficialDocument, pdf: bytes, *, purpose: str, public: bool) -> StoredFile:
    row = StoredFile(
        key=uuid.uuid4(),
        name=f"{clean_name(document.title)}.pdf",
        size=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        content_type="application/pdf",
        purpose=purpose,
        uploaded_by=document.issued_by,
        created_at=database_now(),
        public=public,
    )
    default_storage.save(row.path, ContentFile(pdf))
    row.save()
    return row


def ensure_sealed(document: OfficialDocument, patience: float | None = None) -> OfficialDocument:
    """The document with its sealed file (`sealed`), which is what is handed out.

    Prints and seals if no worker has done it yet, and waits some seconds for the ledger (`patience`). Refused as
    `awaiting_seal` while the ledger has not placed the entry or the signer does not answer; workers go on trying.
    """
    if document.sealed_id is None:
        document = ensure_printed(document)
        until = time.monotonic() + (settings.ETP_SEAL_PATIENCE if patience is None else patience)
        while not (sealed := seal_document(document)) and time.monotonic() < until:
            time.sleep(0.2)
        if sealed is None:
            raise Refused(
                "awaiting_seal",
                f"“{document.title}”已经作出，正在等待登记存证和签章。",
                next_step="通常只需几秒，请稍后再打开；签章服务恢复前平台会自动重试。",
                status=503,
            )
        document = sealed
    return document


@transaction.atomic
def seal_document(document: OfficialDocument) -> OfficialDocument | None:
    """Seal a printed document if its entry has its place; None when not yet, with the problem kept if there was one."""
    now = database_now()
    row = (
        OfficialDocument.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("file", "entry", "issued_by")
        .filter(pk=document.pk)
        .first()
    )
    if row is None or row.sealed_id is not None:
        return row
    if row.seal_due_at is not None and now < row.seal_due_at:
        return None
    assert row.file is not None and row.entry is not None, "only what was printed is sealed"
    try:
        place = proof_of(row.entry)
        if place is None:
            return None
        apply_seal(row, place, now)
    except Exception as problem:
        log.warning("%s was not sealed", row.number, exc_info=True)
        row.seal_tries += 1
        row.seal_problem = f"{type(problem).__name__}: {problem}"[:300]
        row.seal_due_at = now + min(timedelta(seconds=2 ** min(row.seal_tries, 16)), LONGEST_REST)
        row.save(update_fields=["seal_tries", "seal_problem", "seal_due_at"])
        return None
    return row


@transaction.atomic
def apply_seal(row: OfficialDocument, place: dict, now: datetime) -> None:
    """Seal, keep the sealed file, and name the certificate in the ledger the first time it is used."""
    from documents.seals import seal  # pyHanko is slow to load, and only who seals needs it

    assert row.file is not None and row.entry is not None, "only what was printed is sealed"
    with default_storage.open(row.file.path) as source:
        printed = source.read()
    sealed = seal(
        printed,
        reason=KINDS[row.kind].act.format_map(row.context),
        at=now,
        box=row.seal_box,
        appearance=lambda name: print_pdf("documents/seal.html", {"document": row, "name": name, "at": now}),
        attachments={name: jcs(obj) for name, obj in {"ledger.json": ledger_file(row.file, row.entry, place), **row.attachments}.items()},
    )
    row.sealed = keep_pdf(row, sealed.pdf, purpose="document", public=row.public)
    row.sealed_at, row.seal_level, row.seal_note, row.seal_problem = now, sealed.level, sealed.note, ""
    row.save(update_fields=["sealed", "sealed_at", "seal_level", "seal_note", "seal_problem"])
    introduce_seal(sealed.chain, now)


def ledger_file(printed: StoredFile, entry: LedgerEntry, place: dict) -> dict:
    """What `ledger.json` says: which bytes the entry is about, the entry itself, where it stands, and the proof (docs/documents.md)."""
    secret = entry.inner is not None
    return {
        "v": 1,
        "type": "etp-document",
        "origin": settings.ETP_ORIGIN,
        "content": {"size": printed.size, "sha256": printed.sha256},
        "entry": b64u(bytes(entry.leaf_hash)),
        "salt": b64u(bytes(entry.salt or b"")) if secret else None,
        "body": entry.inner if secret else json.loads(bytes(entry.data)),
        "index": place["index"],
        "size": place["size"],
        "root": place["root"],
        "proof": place["proof"],
        "note": place["checkpoint"],
    }


def introduce_seal(chain: list[bytes], now: datetime) -> None:
    """Keep a certificate the platform seals with, and enter it in the ledger, the first time it is used."""
    digest = hashlib.sha256(chain[0]).hexdigest()
    kept = [base64.b64encode(each).decode() for each in chain]
    _, new = SealCertificate.objects.get_or_create(sha256=digest, defaults={"chain": kept, "since": now})
    if new:
        record(SealIntroduced(sha256=digest, certificate=b64u(chain[0])), by=None)
