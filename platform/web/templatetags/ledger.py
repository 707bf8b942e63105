"""The ledger in pages: its newest checkpoint, and the acts of one stream."""

import json

from django import template

from ledger.keys import fingerprint
from ledger.models import LedgerEntry
from ledger.tiles import newest_checkpoint
from web.ledger_words import act_in_words

register = template.Library()

# A tender's page shows the newest ones; the stream's own page shows all.
MOST = 12


@register.simple_tag(name="newest_checkpoint")
def checkpoint():
    """Size and root of the newest checkpoint, for footers; None before the first."""
    return newest_checkpoint()


@register.simple_tag
def keys_fingerprint():
    """The fingerprint of the platform's public keys, as verifiers show it."""
    return fingerprint()


@register.inclusion_tag("web/stream_acts.html")
def acts_of(stream):
    """The newest acts of a public stream, each with its place in the log."""
    rows = acts_in(stream)
    return {"acts": rows.order_by("-n")[:MOST], "count": rows.count(), "stream": stream, "most": MOST}


def acts_in(stream):
    return LedgerEntry.objects.filter(stream=stream, inner__isnull=True).select_related("leaf")


@register.filter
def in_words(entry):
    """An open entry as act, role and lot."""
    return act_in_words(json.loads(bytes(entry.data)))
