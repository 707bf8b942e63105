"""What the audit compares: printed and sealed documents with their digests, and those of the prints with the ledger's."""

import hashlib
import json
from collections.abc import Iterator

from django.core.files.storage import default_storage

from documents.models import OfficialDocument, StoredFile
from ledger.audit import register_whole


def changed_documents() -> Iterator[str]:
    rows = OfficialDocument.objects.exclude(file=None).select_related("file", "sealed", "entry")
    for document in rows.iterator(chunk_size=500):
        if not all(is_whole(file) for file in (document.file, document.sealed) if file is not None):
            yield f"正式文书 {document.number} 的文件缺失或已改变"
        elif document.entry is not None and document.file is not None:
            body = document.entry.inner or json.loads(bytes(document.entry.data))
            if body["d"]["sha256"] != document.file.sha256:
                yield f"正式文书 {document.number} 的内容与账本登记的不一致"


def is_whole(file: StoredFile) -> bool:
    try:
        with default_storage.open(file.path) as source:
            return hashlib.file_digest(source, "sha256").hexdigest() == file.sha256
    except FileNotFoundError:
        return False


register_whole("正式文书", changed_documents)
