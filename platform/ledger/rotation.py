"""A new ledger key takes over, announced in the log itself (docs/trust.md §2.3)."""

from django.db import transaction

from ledger.acts import record
from ledger.canonical import b64u
from ledger.events import LedgerNote
from ledger.models import LedgerEntry
from ledger.signer import signer


@transaction.atomic
def rotate() -> LedgerEntry:
    """Enter the next key in the log; the signer changes keys at the checkpoint that first contains this entry."""
    key = signer().next_ledger_key()
    entry = record(LedgerNote("key", {"name": signer().name, "public_key": b64u(key)}), by=None)
    # Inside the transaction: once the entry can be seen, the signer knows of it. One rolled back is never placed.
    signer().rotate_ledger_key(bytes(entry.leaf_hash))
    return entry
