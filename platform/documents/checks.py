"""What the audit compares: printed documents with the digests that are kept of them."""

import hashlib
from collections.abc import Iterator

from django.core.files.storage import default_storage

from documents.models import OfficialDocument
from ledger.audit import register_whole


def changed_documents() -> Iterator[str]:
    rows = OfficialDocument.objects.exclude(file=None).select_related("file")
    for document in rows.iterator(chunk_size=500):
        assert document.file is not None, "those without were left out"
        try:
            with default_storage.open(document.file.path) as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == document.file.sha256
        except FileNotFoundError:
            same = False
        if not same:
            yield f"正式文书 {document.number} 的文件缺失或已改变"


register_whole("正式文书", changed_documents)
