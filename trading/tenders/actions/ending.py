"""How a tender ends without an award, and how what failed begins again."""

from django.db import transaction
from guardian.shortcuts import assign_perm

from accounts.groups import watchers_of
from accounts.models import Organisation
from disclosure.models import Notice
from ledger.acts import record
from rulebook.clock import city_day
from rulebook.identifiers import deal_code, lot_code, tender_code
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from trading.procedures.reaching import reach
from trading.procedures.records import set_down
from trading.procedures.versions import procedure_of, version_on
from trading.projects.lifecycle import LOT, RUNNING
from trading.projects.models import Lot, Tender
from trading.projects.permissions import require_handler
from trading.projects.queries import MANAGE, SUPERVISE, handlers_of
from trading.standards.queries import template_for
from trading.tenders.actions.stopping import locked
from trading.tenders.events import LotFailed, LotTerminated, NextRoundOpened, TenderTerminated
from trading.tenders.models import BillItem, Criterion, DocumentAttachment, DocumentSection, TenderDocument
from trading.tenders.notices import notice_of, tell_parties
from trading.venues.actions import release_bookings

WITHOUT_DEAL = (Lot.State.FAILED, Lot.State.TERMINATED)
OVER = (*WITHOUT_DEAL, Lot.State.ARCHIVED)


@transaction.atomic
def fail_lot(lot, *, reason, by, at):
    """The lot's procedure has failed (too few bids, all rejected, a regulator's order); the public is told why.

    The caller has decided it and answers for the right to do so.
    """
    lot = locked(lot)
    LOT.apply(lot, "fail")
    lot.save(update_fields=["state"])
    what = "招标" if procedure_of(lot.tender).is_sealed else "交易"
    notice = notice_of(
        lot.tender,
        Notice.Kind.FAILURE,
        title=f"{lot.tender.name}{lot.name}{what}失败公告",
        context={"lot": lot, "reason": reason},
        facts=[("标段", lot.name), ("原因", reason)],
        lot=lot,
        by=by,
        at=at,
    )
    close_tender(lot.tender)
    tell_parties(lot.tender, f"{what}失败：{lot.tender.name}{lot.name}", reason, notice, key=f"failed/{lot.pk}")
    record(LotFailed(tender=lot.tender.number, lot=lot.key, notice=notice.number), by=by)
    over = lot.tender.state == Tender.State.CLOSED
    release_bookings(lot.tender, lot=None if over else lot, reason="招标失败", by=by, at=at)
    return notice


def close_tender(tender):
    """A tender is over when none of its lots goes on."""
    if not tender.lots.exclude(state__in=OVER).exists():
        tender.state = Tender.State.CLOSED
        tender.save(update_fields=["state"])


@transaction.atomic
def terminate_tender(tender, *, reason, by, at, lot=None):
    """The tenderee ends the procedure, or that of one lot, for a lawful reason; sealed bids stay sealed for good.

    Lots that have been awarded stay as they are, and the tender goes on with what is left.
    """
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require_handler(by, tender)
    if not reason.strip():
        raise Refused("no_reason", "请写明终止招标的理由。", field="reason", rule="《招标投标法实施条例》第三十一条")
    ended = lots_to_end(tender, lot)
    for row in ended:
        LOT.apply(row, "terminate")
        row.save(update_fields=["state"])
    whole = not tender.lots.exclude(state__in=WITHOUT_DEAL).exists()
    if whole:
        tender.state = Tender.State.TERMINATED
        tender.save(update_fields=["state"])
    else:
        close_tender(tender)
    TenderDocument.objects.filter(tender=tender, state=TenderDocument.State.SCHEDULED).update(
        state=TenderDocument.State.DRAFT, publish_at=None
    )
    notice = announce_end(tender, [] if whole else ended, reason=reason, by=by, at=at) if tender.published_at else None
    number = notice.number if notice else ""
    if whole:
        record(TenderTerminated(tender=tender.number, notice=number), by=by)
    for place in [None] if whole else ended:
        if place is not None:
            record(LotTerminated(tender=tender.number, lot=place.key, notice=number), by=by)
        reach(tender, "terminated", at=at, lot=place)
        over = tender.state == Tender.State.CLOSED
        release_bookings(tender, lot=None if over else place, reason="终止招标", by=by, at=at)
    return notice


def lots_to_end(tender, lot):
    """What a termination ends: of all the lots, or of the one named, those that are not over and have no award."""
    rows = [row for row in tender.lots.select_for_update() if lot is None or row.pk == lot.pk]
    found = [row for row in rows if row.state in RUNNING]
    if not found and any(row.state not in OVER for row in rows):
        raise Refused(
            "awarded", "已经定标的标段不能终止。", rule="《招标投标法》第四十五条：中标通知书对招标人和中标人具有法律效力",
            next_step="请按定标结果订立、履行合同；定标违法的，由监督部门处理。",
        )  # fmt: skip
    if not found:
        raise Refused("over", "这个项目的招标已经结束，无需终止。")
    return found


def announce_end(tender, lots, *, reason, by, at):
    """The notice of a termination; it names the lots where others of the tender go on."""
    named = "、".join(row.name for row in lots)
    notice = notice_of(
        tender, Notice.Kind.TERMINATION, title=f"{tender.name}{named}终止招标公告", context={"reason": reason, "named": named},
        facts=[*([("标段", named)] if named else []), ("原因", reason)], lot=lots[0] if len(lots) == 1 else None, by=by, at=at,
    )  # fmt: skip
    key = "/".join(["terminated", str(tender.pk), *(row.key for row in lots)])
    tell_parties(tender, f"终止招标：{tender.name}{named}", reason, notice, key=key)
    return notice


@transaction.atomic
def open_next_round(lot, *, by, at, reason=""):
    """Tender again what failed: a new tender of the same project, with the document as a draft to revise.

    Every failed lot of the tender goes along; one that fails later joins while the new round is still a draft.
    """
    old = Tender.objects.select_for_update(of=["self"]).select_related("project__regulator").get(pk=lot.tender_id)
    if not by.has_perm(SUPERVISE, old):
        require_handler(by, old)
    failed = [row for row in old.lots.order_by("no") if row.state == Lot.State.FAILED]
    if lot.pk not in [row.pk for row in failed]:
        raise Refused("not_failed", "只有招标失败的标段可以重新招标。", rule="《招标投标法》第二十八条")
    tender = Tender.objects.filter(previous=old).first()
    if tender is None:
        tender = begin_again(old, at)
    elif tender.state != Tender.State.REGISTERED or tender.lots.filter(name=lot.name).exists():
        raise Refused("again", "这个标段已经开始重新招标。")
    for row in failed:
        if not tender.lots.filter(name=row.name).exists():
            set_down(copy_lot(row, tender, at), "registration", by=by, at=at)
    record(
        NextRoundOpened(tender=old.number, successor=tender.number, lots=[row.key for row in failed], reason=reason),
        by=by,
    )
    return tender


def begin_again(old, at):
    """The next round's tender with its own numbers, its people and its document."""
    project, day = old.project, city_day(at)
    round_no = old.round + 1
    first_name = old.name.removesuffix(f"（第 {old.round} 次）")
    tender = Tender.objects.create(
        project=project,
        number=f"QJ{project.category}{day.year}-{next_number('tender', day.year):04d}",
        code=tender_code(project.code, project.tenders.count() + 1),
        deal_code=new_deal_code(project, day),
        name=f"{first_name}（第 {round_no} 次）",
        procedure=old.procedure,
        procedure_since=version_on(old.procedure, day).since,
        round=round_no,
        previous=old,
        state=Tender.State.REGISTERED,
    )
    for person in handlers_of(old):
        assign_perm(MANAGE, person, tender)
    if project.regulator_id:
        assign_perm(SUPERVISE, watchers_of(project.regulator), tender)
    if hasattr(old, "document"):
        copy_document(old.document, tender, at)
    return tender


def new_deal_code(project, day):
    centre = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active().first()
    return deal_code(project.classification, centre.uscc, day, next_number("deal", day.year))


LOT_FACTS = ("name", "content", "estimate", "price_limit", "deposit", "term_days", "quality", "qualification")


def copy_lot(lot, tender, at):
    no = tender.lots.count() + 1
    made = Lot.objects.create(
        tender=tender,
        no=no,
        code=lot_code(tender.code, no),
        deal_code=new_deal_code(tender.project, city_day(at)),
        **{name: getattr(lot, name) for name in LOT_FACTS},
    )
    BillItem.objects.bulk_create(
        BillItem(lot=made, no=row.no, code=row.code, name=row.name, unit=row.unit, quantity=row.quantity, ceiling=row.ceiling)
        for row in lot.bill.all()
    )
    return made


def copy_document(old, tender, at):
    """The old document as a draft: the agency's texts are kept, fixed blocks come fresh from the template in force, dates are open."""
    document = TenderDocument.objects.create(
        tender=tender,
        template=template_for(tender.project, on=city_day(at)),
        method=old.method,
        method_settings=old.method_settings,
        bid_validity_days=old.bid_validity_days,
        hall=old.hall,
        opening_place=old.opening_place,
        decrypt_minutes=old.decrypt_minutes,
        consortium_allowed=old.consortium_allowed,
        two_envelopes=old.two_envelopes,
        blind_technical=old.blind_technical,
    )
    written = {row.title: row.text for row in old.sections.filter(fixed=False)}
    for row in document.template.sections.all():
        text = row.text if row.fixed else written.get(row.title, row.text)
        DocumentSection.objects.create(document=document, no=row.no, title=row.title, fixed=row.fixed, text=text)
    for row in old.criteria.all():
        Criterion.objects.create(
            document=document, part=row.part, no=row.no, title=row.title, standard=row.standard, points=row.points,
            objective=row.objective,
        )  # fmt: skip
    for row in old.attachments.all():
        DocumentAttachment.objects.create(document=document, title=row.title, file=row.file)
    return document
