"""Keeping what proves a person's word: sniffed like any upload, then encrypted on disk."""

import hashlib

from documents.actions import LARGEST, clean_name
from documents.sniffing import content_type_of
from experts.models import Proof
from rulebook.refusals import Refused
from sealing.vault import store

ACCEPTED = ("application/pdf", "image/jpeg", "image/png")


def keep_proof(person, kind, uploaded, *, application=None, at):
    name = clean_name(uploaded.name or "")
    if not uploaded.size:
        raise Refused("file_empty", f"“{name}”是空文件。", field="file", status=400)
    if uploaded.size > LARGEST:
        raise Refused("file_too_large", f"“{name}”超过 {LARGEST // 1024 // 1024} MB。", field="file", status=400)
    content_type = content_type_of(uploaded)
    if content_type not in ACCEPTED:
        raise Refused("file_type", f"“{name}”的格式不接收。", next_step="请上传 PDF、JPG 或 PNG。", field="file", status=400)
    digest = hashlib.sha256()
    for chunk in uploaded.chunks():
        digest.update(chunk)
    uploaded.seek(0)
    return Proof.objects.create(
        person=person, application=application, kind=kind, name=name, content_type=content_type, size=uploaded.size,
        sha256=digest.hexdigest(), kept=store(uploaded.chunks()), added_at=at,
    )  # fmt: skip
