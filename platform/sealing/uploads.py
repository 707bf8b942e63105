"""Resumable uploads of sealed files: tus 1.0.0 (core, creation, checksum, termination, expiration; docs/trust.md §4).

What the row's offset counts is on disk, synced. A chunk that is cut off or has a wrong checksum leaves no trace.
"""

import base64
import hashlib
import os
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import OperationalError, transaction
from django.db.models import QuerySet

from accounts.models import Organisation, Person
from accounts.permissions import require_member
from ledger.canonical import b64u, unb64u
from rulebook.refusals import Refused
from sealing.age import Readable, Writable
from sealing.models import Upload

LARGEST = 600 * 1024 * 1024
CHUNK = 8 * 1024 * 1024
PIECE = 1024 * 1024
KEPT = timedelta(days=7)

Gate = Callable[[str, str, Organisation], object]
_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Let the room that owns deadlines decide whether bytes may still come: gate(tender, lot, organisation)."""
    _gates.append(gate)


def pass_gates(tender: str, lot: str, organisation: Organisation) -> None:
    for gate in _gates:
        gate(tender, lot, organisation)


class UploadProblem(Exception):
    """A tus answer other than success; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@transaction.atomic
def create_upload(
    organisation: Organisation, *, tender: str, lot: str, envelope: str, seal: str, size: int, by: Person, at: datetime
) -> Upload:
    """Announce an upload of `size` bytes; the same seal again finds the upload that was begun with it."""
    require_member(by, organisation)
    if not 0 < size <= LARGEST:
        raise UploadProblem(413, f"每份投标文件不超过 {LARGEST // 1024 // 1024} MB。")
    check_seal(envelope, seal)
    pass_gates(tender, lot, organisation)
    upload, _ = Upload.objects.get_or_create(
        owner=organisation,
        tender=tender,
        lot=lot,
        seal=seal,
        defaults={
            "token": uuid.uuid4(),
            "by": by,
            "envelope": envelope,
            "size": size,
            "created_at": at,
            "expires_at": at + KEPT,
        },
    )
    if upload.size != size:
        raise UploadProblem(409, "同一封存编号的文件大小不一致，请重新封存。")
    require_running(upload, at)
    return upload


def check_seal(envelope: str, seal: str) -> None:
    """Refuse names that no seal context can have."""
    try:
        right = len(unb64u(seal)) == 16 and 0 < len(envelope) <= 16 and envelope.isascii() and envelope.isalnum()
    except ValueError:
        right = False
    if not right:
        raise UploadProblem(400, "上传说明不完整。")


def require_running(upload: Upload, at: datetime) -> None:
    """Refuse what was given up, or has expired without being submitted."""
    if upload.terminated_at is not None or upload.has_expired(at):
        raise UploadProblem(410, "这个上传已经取消或过期，请重新封存并上传。")


@transaction.atomic
def append_chunk(upload: Upload, *, offset: int, length: int, checksum: str | None, body: Readable, at: datetime) -> Upload:
    """Write one chunk at the end; only then, synced, does the offset move. Returns the upload at its new offset."""
    try:
        upload = Upload.objects.select_for_update(nowait=True).get(pk=upload.pk)
    except OperationalError as busy:
        raise UploadProblem(423, "另一个请求正在上传这个文件。") from busy
    require_running(upload, at)
    if offset != upload.offset:
        raise UploadProblem(409, f"断点不符：服务器已收到 {upload.offset} 字节。")
    if length < 0 or length > CHUNK or length > upload.size - offset:
        raise UploadProblem(400, "这一段超出了声明的大小。")
    pass_gates(upload.tender, upload.lot, upload.owner)
    expected = decoded_checksum(checksum)
    write_chunk(upload.path, offset, length, expected, body)
    # Bytes may have taken long to come: the gate is asked again before they count.
    pass_gates(upload.tender, upload.lot, upload.owner)
    upload.offset = offset + length
    if upload.offset == upload.size:
        upload.sha256 = digest_of(upload.path)
    upload.save(update_fields=["offset", "sha256"])
    return upload


def write_chunk(path: Path, offset: int, length: int, expected: bytes, body: Readable) -> None:
    """Put the chunk after what is safe, and sync; a chunk that is cut off or damaged is taken away whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as target:
        if os.fstat(target.fileno()).st_size < offset:
            # Never fill the gap with zeros: what was promised safe is gone, and the bidder must know in time.
            raise UploadProblem(410, "平台已收到的部分丢失，请重新封存并上传，并将此情况告知交易中心。")
        # A crash may have left bytes beyond what was promised safe.
        target.truncate(offset)
        target.seek(offset)
        digest, written = received(body, length, target)
        if written != length or digest != expected:
            target.truncate(offset)
            raise UploadProblem(460 if written == length else 400, "这一段在传输中损坏，请重传。")
        target.flush()
        os.fsync(target.fileno())
    if offset == 0:
        sync_folder(path.parent)


def received(body: Readable, length: int, target: Writable) -> tuple[bytes, int]:
    """Digest and count of what came, at most `length`."""
    digest, written = hashlib.sha256(), 0
    while written < length and (piece := read_piece(body, min(PIECE, length - written))):
        digest.update(piece)
        target.write(piece)
        written += len(piece)
    return digest.digest(), written


def read_piece(body: Readable, most: int) -> bytes:
    """What comes next; a connection that breaks only ends the chunk early."""
    try:
        return body.read(most)
    except OSError:
        return b""


def sync_folder(folder: Path) -> None:
    """A new file's name is safe only when its folder is synced too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def decoded_checksum(header: str | None) -> bytes:
    algorithm, _, text = (header or "").partition(" ")
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError:
        digest = b""
    if algorithm != "sha256" or len(digest) != 32:
        raise UploadProblem(400, "每一段都须附 SHA-256 校验值。")
    return digest


def digest_of(path: Path) -> str:
    with path.open("rb") as source:
        return b64u(hashlib.file_digest(source, "sha256").digest())


@transaction.atomic
def terminate_upload(upload: Upload, *, by: Person, at: datetime) -> None:
    """Give up an upload that was not submitted; its bytes are deleted."""
    require_member(by, upload.owner)
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if hasattr(upload, "handed_in"):
        raise Refused("submitted", "这份文件已经递交，不能删除；可以撤回投标。")
    discard(upload, at)


def discard(upload: Upload, at: datetime) -> None:
    upload.terminated_at = at
    upload.save(update_fields=["terminated_at"])
    transaction.on_commit(partial(upload.path.unlink, missing_ok=True))


@transaction.atomic
def discard_unsubmitted(tender: str, lot: str, *, at: datetime) -> int:
    """Delete what was uploaded for a lot but never submitted, after its opening; answers how many."""
    return discard_all(Upload.objects.filter(tender=tender, lot=lot), at)


@transaction.atomic
def discard_expired(*, at: datetime) -> int:
    """Delete unsubmitted uploads an hour after they expired, so that none goes while it is being submitted."""
    return discard_all(Upload.objects.filter(expires_at__lt=at - timedelta(hours=1)), at)


def discard_all(rows: QuerySet[Upload], at: datetime) -> int:
    unsubmitted = rows.filter(terminated_at=None, handed_in=None).select_for_update(of=["self"], skip_locked=True)
    found = list(unsubmitted)
    for upload in found:
        discard(upload, at)
    return len(found)
