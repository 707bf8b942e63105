"""Moving a finished lot into its archive."""

import hashlib

from django.conf import settings
from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from documents.actions import ensure_sealed
from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from ledger.waking import wake_worker
from rulebook.clock import database_now
from rulebook.refusals import Refused
from sealing import vault
from trading.archive.contents import items_of, official_documents
from trading.archive.events import ArchiveRequested, LotArchived
from trading.archive.models import LotArchive
from trading.archive.packing import pack
from trading.procedures.records import set_down
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot
from trading.tenders.actions.ending import close_tender

FINISHED = (Lot.State.CONTRACTED, Lot.State.FAILED, Lot.State.TERMINATED)


@transaction.atomic
def request_archive(lot, *, by, at):
    """The centre closes the file of a finished lot; a worker packs it after the commit."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.ARCHIVE)
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    if LotArchive.objects.filter(lot=lot).exists():
        raise Refused("archived", "该标段已经归档或正在归档。")
    if lot.state not in FINISHED:
        raise Refused("not_finished", f"标段当前为“{lot.get_state_display()}”，还不能归档。", next_step="合同备案、招标失败或终止后归档。")
    archive = LotArchive.objects.create(lot=lot, requested_by=by, requested_at=at)
    record(ArchiveRequested(tender=lot.tender.number, lot=lot.key), by=by)
    transaction.on_commit(lambda: wake(archive.pk))
    return archive


def wake(pk):
    """Ask a worker to pack now; if the queue is away, the sweep finds it."""
    from trading.archive.tasks import build_archive  # tasks import the actions

    wake_worker(build_archive, pk)


@transaction.atomic
def finish_archive(archive, *, at):
    """Pack the file, keep it in the vault, enter its digest in the ledger; a contracted lot is then archived.

    Refused as `awaiting_seal` while one of its documents has no seal yet.
    """
    archive = (
        LotArchive.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("lot__tender__project")
        .filter(pk=archive.pk)
        .first()
    )
    if archive is None or archive.finished_at is not None:
        return
    # Before anything is written; the sweep of documents seals them meanwhile, and this is tried again.
    for document in official_documents(archive.lot).filter(sealed=None):
        ensure_sealed(document, 0)
    lot, manifest, digest, size = archive.lot, {}, hashlib.sha256(), 0
    head = {
        "origin": settings.ETP_ORIGIN,
        "tender": lot.tender.number,
        "lot": lot.key,
        "name": f"{lot.tender.name}{lot.name}",
        "made_at": instant(at),
    }

    def counted():
        nonlocal size
        for piece in pack(items_of(lot), head, at, manifest):
            digest.update(piece)
            size += len(piece)
            yield piece

    archive.vault = vault.store(counted())
    archive.size, archive.sha256, archive.manifest, archive.finished_at = size, digest.hexdigest(), manifest, database_now()
    archive.save()
    if lot.state == Lot.State.CONTRACTED:
        LOT.apply(lot, "archive")
        lot.save(update_fields=["state"])
        set_down(lot, "archive", by=archive.requested_by, at=at)
        close_tender(lot.tender)
    record(
        LotArchived(
            tender=lot.tender.number, lot=lot.key, sha256=archive.sha256, manifest=b64u(HJ("archive-manifest", manifest)),
            files=len(manifest["files"]),
        ),
        by=None,
    )  # fmt: skip
