"""What the audit compares: signed records and later corrections with the digests in their entries."""

from ledger.audit import register
from trading.witness.models import WitnessLine, WitnessRecord
from trading.witness.queries import line_digest, record_digest


def record_is_unchanged(body):
    said = body["d"]
    found = WitnessRecord.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"]), stage=said["stage"]).first()
    if found is None or not found.is_signed or found.digest != said["digest"] or record_digest(found, found.entries) != said["digest"]:
        return "见证记录与存证不符"
    return None


def correction_is_unchanged(body):
    said = body["d"]
    line = WitnessLine.objects.filter(pk=said["line"], correction=True).select_related("by").first()
    return None if line and line_digest(line) == said["digest"] else "见证更正记录与存证不符"


register("witness.signed", record_is_unchanged)
register("witness.corrected", correction_is_unchanged)
