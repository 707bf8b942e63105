"""Moving a finished lot into its archive, and later papers into further volumes."""

import hashlib
from itertools import chain

from django.conf import settings
from django.db import transaction

from documents.actions import ensure_sealed
from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from ledger.waking import wake_worker
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from sealing import vault
from trading.archive.actions.papers import locked, refuse_disposed, require_archivist
from trading.archive.contents import items_of, later_items, official_documents, papers_of
from trading.archive.events import ArchiveRequested, LotArchived
from trading.archive.models import LotArchive
from trading.archive.packing import pack
from trading.archive.queries import FINISHED, completeness_of, unsealed_papers
from trading.archive.retention import ended_on, retention_of
from trading.procedures.records import set_down
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot
from trading.tenders.actions.ending import close_tender


@transaction.atomic
def request_archive(lot, *, by, at):
    """The centre closes the file of a finished lot, or of the papers that came after; a worker packs it after the commit.

    Refused while a mandatory item is missing and not excepted by two people; names what is missing and who supplies it.
    """
    require_archivist(by)
    lot = locked(lot)
    last = lot.archives.order_by("-volume").first()
    if last is None:
        check_finished(lot, at)
    elif last.finished_at is None or not unsealed_papers(lot).exists():
        raise Refused("archived", "该标段已经归档或正在归档。", next_step="补交材料后可以再归一卷。")
    refuse_disposed(lot)
    archive = LotArchive.objects.create(lot=lot, volume=last.volume + 1 if last else 1, requested_by=by, requested_at=at)
    unsealed_papers(lot).update(volume=archive)
    record(ArchiveRequested(tender=lot.tender.number, lot=lot.key), by=by)
    transaction.on_commit(lambda: wake(archive.pk))
    return archive


def check_finished(lot, at):
    if lot.state not in FINISHED:
        raise Refused("not_finished", f"标段当前为“{lot.get_state_display()}”，还不能归档。", next_step="合同备案、招标失败或终止后归档。")
    missing = completeness_of(lot, at).missing
    if missing:
        named = "、".join(f"{row.item.says}（{row.item.supplier}）" for row in missing)
        raise Refused(
            "incomplete", f"档案缺少 {len(missing)} 项：{named}。", rule="一标一档：档案齐全后归档",
            next_step="请有关单位补交；确实不能补齐的，由两人说明理由后例外归档。", details={"missing": [row.item.code for row in missing]},
        )  # fmt: skip


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
    first = archive.volume == 1
    head = {
        "origin": settings.ETP_ORIGIN,
        "tender": lot.tender.number,
        "lot": lot.key,
        "name": f"{lot.tender.name}{lot.name}",
        "made_at": instant(at),
        "volume": archive.volume,
        # A later volume names the one before it.
        "previous": "" if first else lot.archives.get(volume=archive.volume - 1).sha256,
    }

    def counted():
        nonlocal size
        for piece in pack(chain(items_of(lot) if first else later_items(lot), papers_of(archive)), head, at, manifest):
            digest.update(piece)
            size += len(piece)
            yield piece

    archive.vault = vault.store(counted())
    archive.size, archive.sha256, archive.manifest, archive.finished_at = size, digest.hexdigest(), manifest, database_now()
    rule = retention_of(lot, city_day(at))
    archive.retention, archive.kept_until = rule.code, rule.earliest(ended_on(lot) or city_day(archive.requested_at))
    archive.save()
    if lot.state == Lot.State.CONTRACTED:
        LOT.apply(lot, "archive")
        lot.save(update_fields=["state"])
        set_down(lot, "archive", by=archive.requested_by, at=at)
        close_tender(lot.tender)
    record(
        LotArchived(
            tender=lot.tender.number, lot=lot.key, sha256=archive.sha256, manifest=b64u(HJ("archive-manifest", manifest)),
            files=len(manifest["files"]), volume=archive.volume, retention=archive.retention, kept_until=archive.kept_until.isoformat(),
        ),
        by=None,
    )  # fmt: skip
