"""Taking the document, asking, and answering to all alike."""

from django.db import transaction

from accounts.models import Organisation
from accounts.permissions import require_member
from disclosure.models import Notice
from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from postbox.actions import tell, tell_members
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from trading.procedures.clock import clarification_periods, opening_day_problem
from trading.procedures.reaching import reach, waivers_of
from trading.procedures.records import set_down
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, Tender
from trading.projects.permissions import require_handler
from trading.projects.queries import handlers_of
from trading.tenders.events import (
    ClarificationAcknowledged,
    DeadlineChanged,
    DocumentObtained,
    QuestionAsked,
    TenderAmended,
)
from trading.tenders.models import Clarification, ClarificationReceipt, DocumentHolder, Question, TenderDocument
from trading.tenders.notices import notice_of, shown
from trading.tenders.queries import bidders_named_in, require_open_to
from trading.venues.actions import move_opening

ANONYMITY = "《招标投标法》第二十二条：不得向他人透露已获取招标文件的潜在投标人的名称、数量"


@transaction.atomic
def obtain_document(tender, organisation, *, by, at):
    """A bidder takes the tender document, with nothing but its registration. Who did stays secret till the opening."""
    require_member(by, organisation)
    if Organisation.Kind.BIDDER not in organisation.kinds:
        raise Forbidden("not_bidder", "只有登记为投标人的单位可以获取招标文件。", next_step="请在“单位信息”中登记投标人身份。")
    require_open_to(tender, organisation)
    document = TenderDocument.objects.filter(tender=tender).first()
    if document is None or document.state != TenderDocument.State.PUBLISHED or at < document.supply_from:
        starts = f"{shown(document.supply_from)} 开始" if document and document.supply_from else "见公告"
        raise Refused("not_yet", "招标文件尚未开始发放。", next_step=f"发放时间：{starts}。")
    holder = DocumentHolder.objects.filter(tender=tender, organisation=organisation).first()
    if holder is not None:
        return holder
    if at > document.supply_until:
        raise Refused("supply_over", f"招标文件获取已于 {shown(document.supply_until)} 截止。", rule="招标公告载明的文件获取时间")
    holder, made = DocumentHolder.objects.get_or_create(tender=tender, organisation=organisation, defaults={"by": by, "obtained_at": at})
    if not made:
        return holder
    for clarification in tender.clarifications.all():
        deliver(clarification, organisation, at)
    record(DocumentObtained(tender=tender.number, organisation=organisation.uscc), by=by, role="bidder")
    return holder


def require_holder(tender, organisation, by):
    require_member(by, organisation)
    require_open_to(tender, organisation)
    if not DocumentHolder.objects.filter(tender=tender, organisation=organisation).exists():
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", next_step="请先在项目页面获取招标文件（免费）。")


@transaction.atomic
def ask_question(tender, organisation, text, *, by, at):
    """A holder of the document asks; nobody else learns who, so the question must not say it either."""
    require_holder(tender, organisation, by)
    until = tender.document.questions_until
    if at > until:
        raise Refused("questions_over", f"提问已于 {shown(until)} 截止。", next_step="对招标文件有异议的，可依法提出异议。")
    if organisation in bidders_named_in([text], tender) or by.name in text or by.mobile in text:
        raise Refused(
            "names_asker", "问题中出现了你单位或经办人的名称，不能提交。", rule=ANONYMITY,
            next_step="请删去单位名称、姓名和电话后再提交。", field="text",
        )  # fmt: skip
    question = Question.objects.create(tender=tender, asker=organisation, by=by, text=text, asked_at=at)
    for person in handlers_of(tender):
        link = f"/work/tenders/{tender.number}/clarification/"
        tell(person, f"有新的提问：{tender.name}", text[:200], link=link, key=f"question/{question.pk}")
    digest = b64u(HJ("question", {"v": 1, "text": text}))
    record(QuestionAsked(tender=tender.number, organisation=organisation.uscc, digest=digest), by=by, role="bidder")
    return question


@transaction.atomic
def publish_clarification(tender, *, text, answers, affects_bids, new_bids_due_at, by, at, hall=None):
    """Answer questions and amend the document, for all holders and the public at once.

    `answers` maps question ids to answers. A change that may affect bids within the last fifteen days must move the
    deadline; the deadline can only move later, and only before it has passed by the database's clock. The opening then
    keeps its hall, or takes `hall`; where its own is taken, it waits for the centre to find another.
    """
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency", "document").get(pk=tender.pk)
    require_handler(by, tender)
    # The rows of the lots decide about bids too: whoever submits now waits, or has been before us.
    lots = list(tender.lots.select_for_update().filter(state=Lot.State.BIDDING))
    document = tender.document
    if not lots or max(at, database_now()) >= min(lot.bids_due_at for lot in lots):
        raise Refused("not_open", "投标截止后不能再澄清或修改招标文件。", rule="《招标投标法》第二十三条")
    check_anonymous(tender, [text, *answers.values()])
    deadline = new_bids_due_at or document.bids_due_at
    periods = clarification_periods(procedure_of(tender), on=tender.rules_on)
    check_deadline(document, deadline, periods if affects_bids else [], at=at)
    clarification = Clarification.objects.create(
        tender=tender,
        no=tender.clarifications.count() + 1,
        text=text,
        affects_bids=affects_bids,
        old_bids_due_at=document.bids_due_at,
        new_bids_due_at=deadline if deadline != document.bids_due_at else None,
        published_at=at,
    )
    questions = answer(tender, clarification, answers, by=by, at=at)
    if clarification.new_bids_due_at:
        move_deadline(document, lots, deadline, by=by, at=at, hall=hall)
    facts = [("澄清编号", f"第 {clarification.no} 号"), ("投标截止（开标）", shown(deadline))]
    if clarification.new_bids_due_at:
        facts.append(("原投标截止", shown(clarification.old_bids_due_at)))
        facts.append(("开标地点", document.opening_place))
    clarification.notice = notice_of(
        tender,
        Notice.Kind.CLARIFICATION,
        title=f"{tender.name}澄清与修改（第 {clarification.no} 号）",
        context={"clarification": clarification, "questions": questions},
        facts=facts,
        by=by,
        at=at,
        due_at=deadline,
    )
    clarification.save(update_fields=["notice"])
    if affects_bids:
        for name in {rule.start for rule in periods}:
            reach(tender, name, at=at, reference=str(clarification.no))
    for lot in lots:
        set_down(lot, "clarification", by=by, at=at, notice=clarification.notice)
    for holder in tender.holders.select_related("organisation"):
        deliver(clarification, holder.organisation, at)
    record(
        TenderAmended(
            tender=tender.number, notice=clarification.notice.number, clarification=clarification.no,
            digest=clarification.notice.digest,
        ),
        by=by,
    )  # fmt: skip
    return clarification


def answer(tender, clarification, answers, *, by, at):
    questions = list(Question.objects.filter(tender=tender, pk__in=answers, answered_at=None).order_by("asked_at"))
    for question in questions:
        question.answer, question.answered_at, question.answered_by = answers[question.pk], at, by
        question.clarification = clarification
        question.save()
    return questions


def check_anonymous(tender, texts):
    """What is published must not name any bidder: not the asker, not another holder.

    Every registered bidder's name is refused alike, so that the refusal itself betrays nobody.
    """
    named = bidders_named_in(texts, tender)
    if named:
        raise Refused(
            "names_bidder", f"内容中出现了单位名称“{named[0].name}”，不能发布。", rule=ANONYMITY,
            next_step="请删去单位名称后再发布。", field="text",
        )  # fmt: skip


def check_deadline(document, deadline, periods, *, at):
    """The deadline only moves later, so far as each of the periods wants it after a clarification now, and to a working day."""
    if deadline < document.bids_due_at:
        raise Refused("earlier", "投标截止时间只能推迟，不能提前。", field="new_bids_due_at")
    for rule in periods:
        rule.check(at, deadline, field="new_bids_due_at", subject="顺延后的投标截止时间")
    resting = opening_day_problem(deadline, waivers_of(document.tender)) if deadline != document.bids_due_at else None
    if resting is not None:
        resting.field = "new_bids_due_at"
        raise resting


def move_deadline(document, lots, deadline, *, by, at, hall):
    """Move the deadline of locked lots; what is sealed stays valid, since the deadline is no part of the policy."""
    for lot in lots:
        happened = DeadlineChanged(tender=document.tender.number, lot=lot.key, old=instant(lot.bids_due_at), new=instant(deadline))
        record(happened, by=by)
        lot.bids_due_at = deadline
        lot.save(update_fields=["bids_due_at"])
    booking = move_opening(document.tender, deadline, by=by, at=at, venue=hall)
    document.bids_due_at, document.hall, document.opening_place = deadline, booking.venue, booking.place
    document.save(update_fields=["bids_due_at", "hall", "opening_place"])


def deliver(clarification, organisation, at):
    """Bring a clarification to a holder: a receipt for the record, and a message to its people."""
    ClarificationReceipt.objects.get_or_create(clarification=clarification, organisation=organisation, defaults={"delivered_at": at})
    tender = clarification.tender
    moved = clarification.new_bids_due_at
    tell_members(
        organisation,
        f"澄清与修改（第 {clarification.no} 号）：{tender.name}",
        f"投标截止时间顺延至 {shown(moved)}。" if moved else "请查看全文并确认收到。",
        link=f"/my/tenders/{tender.number}/",
        key=f"clarification/{clarification.pk}",
    )


@transaction.atomic
def remind_unconfirmed(clarification, *, at):
    """Ask once a day who has not confirmed a clarification; nobody else learns who that is. Answers how many were asked."""
    tender = clarification.tender
    waiting = list(clarification.receipts.select_for_update(of=["self"]).filter(acknowledged_at=None).select_related("organisation"))
    for receipt in waiting:
        tell_members(
            receipt.organisation,
            f"请确认收到第 {clarification.no} 号澄清：{tender.name}",
            f"澄清于 {shown(clarification.published_at)} 发布，你单位尚未确认收到。投标截止 {shown(tender.document.bids_due_at)}。",
            link=f"/my/tenders/{tender.number}/",
            key=f"clarification/{clarification.pk}/{city_day(at):%Y-%m-%d}",
        )
    return len(waiting)


@transaction.atomic
def acknowledge_clarification(clarification, organisation, *, by, at):
    """A holder confirms that it has read a clarification."""
    require_holder(clarification.tender, organisation, by)
    receipt = ClarificationReceipt.objects.select_for_update().get(clarification=clarification, organisation=organisation)
    if receipt.acknowledged_at is None:
        receipt.acknowledged_at, receipt.acknowledged_by = at, by
        receipt.save(update_fields=["acknowledged_at", "acknowledged_by"])
        happened = ClarificationAcknowledged(
            tender=clarification.tender.number, organisation=organisation.uscc, clarification=clarification.no
        )
        record(happened, by=by, role="bidder")
    return receipt
