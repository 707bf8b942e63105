"""What workers, sequencer and signer make of the documents that acts have asked for."""

from django.core.files.storage import default_storage

from documents.actions import ensure_printed, ensure_sealed, request_document
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from rulebook.clock import database_now


def place_entries():
    """Every entry has its place, given here or by a running sequencer that is quicker."""
    while sequence_once() or LedgerEntry.objects.filter(leaf=None).exists():
        pass


def a_document(by, *, body="<p>正文内容</p>", **more):
    """A public notice, asked for and nothing more."""
    facts = {"notice_number": "GG2026-00001", "kind": "招标公告", "facts": [["招标人", "清江市教育局"]], "body": body}
    return request_document(
        "notice",
        **{"subject": "notices", "title": "关于测试的公告", "by": by, "at": database_now(), "public": True, "context": facts, **more},
    )


def sealed(document):
    """The document, printed, placed and sealed."""
    ensure_printed(document)
    place_entries()
    return ensure_sealed(document)


def seal_documents():
    """Every document that waits."""
    waiting = list(OfficialDocument.objects.filter(sealed=None))
    for document in waiting:
        ensure_printed(document)
    place_entries()
    for document in waiting:
        ensure_sealed(document)


def bytes_of(file):
    with default_storage.open(file.path) as source:
        return source.read()
