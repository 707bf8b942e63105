"""A draw as one file that anybody can verify without the platform (docs/trust.md §7, §12)."""

from draws.actions import opened
from draws.models import Draw
from ledger.canonical import parse_jcs
from ledger.models import LedgerEntry
from ledger.proofs import proof_of


def draw_file(draw: Draw, *, full: bool = False) -> dict:
    """All ledger entries of the draw with their proofs, and its list.

    Salts and candidates are there for open lists, for the chosen ones once their names are published, and for
    everybody with `full` (for supervisors alone). Entries without a place yet are left out.
    """
    entries, checkpoint = [], None
    for entry in LedgerEntry.objects.filter(stream=draw.stream).order_by("n"):
        place = proof_of(entry)
        if place is None:
            break
        # All proofs must lead to one checkpoint; while the log grows between two, the reader asks again.
        if checkpoint is not None and place["checkpoint"] != checkpoint:
            return draw_file(draw, full=full)
        checkpoint = place["checkpoint"]
        entries.append({"index": place["index"], "entry": parse_jcs(bytes(entry.data)), "proof": place["proof"]})
    return {
        "v": 1,
        "type": "etp-draw",
        "draw": draw.number,
        "checkpoint": checkpoint,
        "entries": entries,
        "lists": [
            {"id": row["id"], "items": [item(each, draw, full) for each in draw.candidates.filter(stratum=row["id"]).order_by("position")]}
            for row in draw.strata
        ],
    }


def item(candidate, draw: Draw, full: bool) -> dict:
    named = draw.names_at is not None and candidate.state == candidate.State.CHOSEN
    if full or named or not draw.confidential:
        return {"c": candidate.c, **opened(candidate)}
    return {"c": candidate.c, "salt": None, "candidate": None}
