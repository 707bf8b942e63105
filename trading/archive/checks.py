"""What the audit compares: an archive with the digests in its entry."""

from ledger.audit import register
from ledger.canonical import HJ, b64u
from trading.archive.models import LotArchive


def archive_is_unchanged(body):
    said = body["d"]
    archive = LotArchive.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"])).first()
    if archive is None or (archive.sha256, b64u(HJ("archive-manifest", archive.manifest))) != (said["sha256"], said["manifest"]):
        return "归档清单与存证不符"
    return None


register("lot.archived", archive_is_unchanged)
