"""Completing an archive: papers that no stage of the platform made, and exceptions that two people answer for."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from ledger.acts import record
from rulebook.refusals import Forbidden, Refused
from trading.archive.events import ItemExcepted, PaperAdded
from trading.archive.models import ArchiveDisposal, ArchiveException, ArchivePaper
from trading.archive.queries import completeness_of
from trading.projects.models import Lot
from trading.projects.permissions import require_handler


def require_archivist(by):
    return require_duty(by, Organisation.Kind.CENTRE, Duty.ARCHIVE)


def locked(lot):
    return Lot.objects.select_for_update(of=["self"]).select_related("tender__project__agency", "tender__project__owner").get(pk=lot.pk)


def refuse_disposed(lot):
    if ArchiveDisposal.objects.filter(lot=lot, approved_at__isnull=False).exists():
        raise Refused("disposed", "档案已经到期处置，不能再补充。")


def check_item(lot, item, at):
    """A paper is for an item that the lot's archive wants, and that is not handed in on a page of its own."""
    wanted = next((row.item for row in completeness_of(lot, at).places if row.item.code == item), None)
    if item and wanted is None:
        raise Refused("no_item", "档案目录中没有这一项。", field="item", status=400)
    if wanted and wanted.room:
        raise Refused(
            "own_room",
            f"“{wanted.says}”不作为补交材料收取。",
            field="item",
            rule=wanted.source,
            next_step="请在定标页面提交，提交后自动归入档案。",
        )


@transaction.atomic
def add_paper(lot, title, file, *, organisation, by, at, item=""):
    """Hand a paper in, for a required item or beside them. It is sealed with the next volume, never into an old one."""
    lot = locked(lot)
    if Organisation.Kind.CENTRE in organisation.kinds:
        require_archivist(by)
    else:
        require_handler(by, lot.tender)
    if not is_member(by, organisation):
        raise Forbidden("not_member", f"你不是“{organisation.name}”的经办人，不能代其补交材料。")
    check_item(lot, item, at)
    refuse_disposed(lot)
    paper = ArchivePaper.objects.create(lot=lot, item=item, title=title, file=file, organisation=organisation, by=by, at=at)
    record(PaperAdded(tender=lot.tender.number, lot=lot.key, item=item, sha256=file.sha256), by=by)
    return paper


@transaction.atomic
def ask_exception(lot, item, reason, *, by, at):
    """One person of the centre asks to archive without a missing item; another must agree."""
    require_archivist(by)
    lot = locked(lot)
    if item not in {row.item.code for row in completeness_of(lot, at).missing}:
        raise Refused("not_missing", "这一项并不缺少，不需要例外。", field="item")
    if not reason.strip():
        raise Refused("no_reason", "请写明缺少这一项的理由。", field="reason")
    if lot.archive_exceptions.filter(item=item).exists():
        raise Refused("asked", "这一项已经提出例外，等待另一人同意。", field="item")
    return ArchiveException.objects.create(lot=lot, item=item, reason=reason.strip(), asked_by=by, asked_at=at)


@transaction.atomic
def approve_exception(exception, *, by, at):
    """A second person agrees."""
    require_archivist(by)
    exception = ArchiveException.objects.select_for_update(of=["self"]).select_related("lot__tender", "asked_by").get(pk=exception.pk)
    if exception.approved_at is not None:
        return exception
    if exception.asked_by_id == by.pk:
        raise Refused("same_person", "缺项归档须由另一人同意，不能由提出人自己同意。")
    exception.approved_by, exception.approved_at = by, at
    exception.save(update_fields=["approved_by", "approved_at"])
    lot = exception.lot
    happened = ItemExcepted(tender=lot.tender.number, lot=lot.key, item=exception.item, asked_by=exception.asked_by.pseudonym)
    record(happened, by=by, role="staff", private={"reason": exception.reason})
    return exception
