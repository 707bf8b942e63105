"""Keeping an archive as long as the law and open matters want it, and disposing of it afterwards, by two people."""

from django.db import transaction

from accounts.permissions import require
from ledger.acts import record
from ledger.canonical import HJ, b64u
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.archive.actions.papers import locked, require_archivist
from trading.archive.events import ArchiveDisposed, ArchiveFreed, ArchiveHeld
from trading.archive.holds import reasons_to_keep
from trading.archive.models import ArchiveDisposal, ArchiveHold
from trading.archive.retention import BY_CODE
from trading.projects.queries import SUPERVISE


def require_keeper(by, lot):
    """A regulator of the tender, or the centre's archivists."""
    if not by.has_perm(SUPERVISE, lot.tender):
        require_archivist(by)


@transaction.atomic
def place_hold(lot, reason, *, by, at):
    """Keep the archive beyond its time: a case, an audit or a court needs it."""
    require_keeper(by, lot)
    if not reason.strip():
        raise Refused("no_reason", "请写明暂停处置的事由。", field="reason")
    lot = locked(lot)
    hold = ArchiveHold.objects.create(lot=lot, reason=reason.strip(), by=by, since=at)
    record(ArchiveHeld(tender=lot.tender.number, lot=lot.key, hold=hold.pk), by=by, private={"reason": hold.reason})
    return hold


@transaction.atomic
def end_hold(hold, *, by, at):
    """The matter is settled. What a regulator holds, only a regulator frees."""
    hold = ArchiveHold.objects.select_for_update(of=["self"]).select_related("lot__tender", "by").get(pk=hold.pk)
    if hold.by.has_perm(SUPERVISE, hold.lot.tender):
        require(by, SUPERVISE, hold.lot.tender)
    else:
        require_keeper(by, hold.lot)
    if hold.until is not None:
        return hold
    hold.until, hold.ended_by = at, by
    hold.save(update_fields=["until", "ended_by"])
    record(ArchiveFreed(tender=hold.lot.tender.number, lot=hold.lot.key, hold=hold.pk), by=by)
    return hold


def check_disposable(lot, at):
    """Refuse before the retention has run out, and while anybody still needs the archive."""
    volumes = list(lot.archives.exclude(finished_at=None).order_by("volume"))
    if not volumes:
        raise Refused("not_archived", "标段还没有归档。")
    last = max(volumes, key=lambda row: row.kept_until)
    if city_day(at) < last.kept_until:
        rule = BY_CODE[last.retention]
        raise Refused(
            rule.code, f"保存期限未满，{last.kept_until:%Y-%m-%d} 起才能处置。", rule=f"{rule.source}：{rule.says}",
            next_step="期满后再提出。",
        )  # fmt: skip
    reasons = reasons_to_keep(lot)
    if reasons:
        raise Refused("held", f"档案暂停处置：{'；'.join(reasons)}。", next_step="有关事项办结、解除暂停后才能处置。")
    return volumes


@transaction.atomic
def propose_disposal(lot, reason, *, by, at):
    """One archivist proposes to dispose of an archive whose time is over."""
    require_archivist(by)
    lot = locked(lot)
    if ArchiveDisposal.objects.filter(lot=lot).exists():
        raise Refused("proposed", "这份档案已经提出处置。")
    if not reason.strip():
        raise Refused("no_reason", "请写明处置的说明。", field="reason")
    check_disposable(lot, at)
    return ArchiveDisposal.objects.create(lot=lot, reason=reason.strip(), proposed_by=by, proposed_at=at)


@transaction.atomic
def approve_disposal(disposal, *, by, at):
    """Another archivist agrees: the kept files are destroyed; manifests and this record of it stay for good."""
    require_archivist(by)
    lot = locked(disposal.lot)
    disposal = ArchiveDisposal.objects.select_for_update(of=["self"]).select_related("proposed_by").get(pk=disposal.pk)
    if disposal.approved_at is not None:
        return disposal
    if disposal.proposed_by_id == by.pk:
        raise Refused("same_person", "档案处置须由另一人同意，不能由提出人自己同意。")
    volumes = check_disposable(lot, at)
    disposal.approved_by, disposal.approved_at = by, at
    disposal.save(update_fields=["approved_by", "approved_at"])
    for volume in volumes:
        destroy(volume)
    record(
        ArchiveDisposed(
            tender=lot.tender.number, lot=lot.key, retention=volumes[0].retention, proposed_by=disposal.proposed_by.pseudonym,
            manifests=[[row.volume, b64u(HJ("archive-manifest", row.manifest))] for row in volumes],
        ),
        by=by, role="staff",
    )  # fmt: skip
    return disposal


def destroy(volume):
    """Forget the key with the row, and delete the file once that is certain: without the key it is noise in any backup."""
    kept, volume.vault = volume.vault, None
    volume.save(update_fields=["vault"])
    path = kept.path
    kept.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
