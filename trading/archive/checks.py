"""What the audit compares: an archive with the digests in its entry."""

from ledger.audit import register
from ledger.canonical import HJ, b64u
from trading.archive.models import ArchiveDisposal, LotArchive


def archive_is_unchanged(body):
    said = body["d"]
    archive = LotArchive.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"]), volume=said.get("volume", 1)).first()
    if archive is None or (archive.sha256, b64u(HJ("archive-manifest", archive.manifest))) != (said["sha256"], said["manifest"]):
        return "归档清单与存证不符"
    return None


def disposal_is_recorded(body):
    """After a disposal its record and every manifest are still there."""
    said = body["d"]
    rows = LotArchive.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"])).order_by("volume")
    kept = [[row.volume, b64u(HJ("archive-manifest", row.manifest))] for row in rows]
    there = ArchiveDisposal.objects.filter(
        lot__tender__number=said["tender"], lot__no=int(said["lot"]), approved_at__isnull=False, proposed_by__pseudonym=said["proposed_by"]
    ).exists()
    return None if there and kept == said["manifests"] else "档案处置记录与存证不符"


register("lot.archived", archive_is_unchanged)
register("archive.disposed", disposal_is_recorded)
