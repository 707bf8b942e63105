"""Whose deposit it is stays hidden in our own tables until the opening: sealed under the vault's key, found by a keyed tag.

Who reads the database alone learns neither name nor code: the key lies in a file of the platform's account.
"""

import hashlib
import hmac

from django.conf import settings

from accounts.models import Organisation
from ledger.canonical import b64u
from sealing.vault import unwrap_key, vault_key, wrap_key


def mark(purpose, text):
    """A keyed digest: the same for the same text, and telling nothing to who has not got the key."""
    key = vault_key(settings.ETP_KEYS)
    return b64u(hmac.digest(key, f"etp/deposit-{purpose}/v1\n{text}".encode(), hashlib.sha256))


def tag_of(lot, bidder):
    """Under what a bidder's deposit for a lot is found; two lots of one bidder cannot be linked by it."""
    return mark("owner", f"{lot.pk}/{bidder.uscc}")


def hide(text):
    return wrap_key(text.encode())


def unhide(hidden):
    return unwrap_key(bytes(hidden)).decode()


def owner_of(row):
    """The bidder behind an account or a guarantee: for matching and refunding, never for showing before the opening."""
    return row.bidder if row.bidder_id else Organisation.objects.get(uscc=unhide(row.hidden))
