"""Writing, publishing, clarifying, stopping and ending tenders."""

from decimal import Decimal

from django.db import transaction
from guardian.shortcuts import assign_perm, get_users_with_perms

from accounts.permissions import require, require_member
from disclosure.actions import publish_notice
from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import record
from ledger.canonical import instant
from postbox.actions import tell, tell_members
from rulebook.clock import CITY, city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from trading.procedures.clock import date_problems
from trading.procedures.rules import works
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot, Tender
from trading.tenders import standard
from trading.tenders.events import (
    DeadlineChanged,
    LotFailed,
    LotResumed,
    LotSuspended,
    TenderAmended,
    TenderPublished,
    TenderTerminated,
)
from trading.tenders.models import (
    Clarification,
    Criterion,
    DocumentHolder,
    DocumentSection,
    Question,
    Suspension,
    TenderDocument,
)
from trading.tenders.queries import document_digest, policy_hash

FULL_POINTS = Decimal(100)
MANAGE = "trading.manage_tender"


@transaction.atomic
def draft_document(tender, *, by):
    """The tender's document, begun from the standard text if there is none yet."""
    require(by, MANAGE, tender)
    document, made = TenderDocument.objects.get_or_create(
        tender=tender, defaults={"method_settings": standard.METHOD_SETTINGS}
    )
    if made:
        for no, section in enumerate(standard.WORKS_CONSTRUCTION, start=1):
            DocumentSection.objects.create(
                document=document, no=no, title=section.title, fixed=section.fixed, text=section.text
            )
        for no, (part, title, text, points, objective) in enumerate(standard.CRITERIA, start=1):
            Criterion.objects.create(
                document=document, part=part, no=no, title=title, standard=text, points=points, objective=objective
            )
    return document


def editable(document, by):
    document = TenderDocument.objects.select_for_update().select_related("tender__project").get(pk=document.pk)
    require(by, MANAGE, document.tender)
    if document.state == TenderDocument.State.PUBLISHED:
        raise Refused(
            "published", "招标文件已经发布，不能直接修改。", next_step="如需修改，请发布澄清或修改公告。"
        )
    return document


@transaction.atomic
def save_document(document, *, data, sections, lots, by):
    """Keep dates, texts and amounts; fixed sections are not touched, whatever is sent."""
    document = editable(document, by)
    for name, value in data.items():
        setattr(document, name, value)
    document.save()
    for row in document.sections.filter(fixed=False):
        if row.no in sections:
            row.text = sections[row.no]
            row.save(update_fields=["text"])
    for lot in document.tender.lots.all():
        for name, value in lots.get(lot.no, {}).items():
            setattr(lot, name, value)
        lot.save()
    return document


@transaction.atomic
def save_criteria(document, rows, *, by):
    """Replace the evaluation criteria; `rows` are dicts of part, title, standard, points, objective."""
    document = editable(document, by)
    document.criteria.all().delete()
    for no, row in enumerate(rows, start=1):
        Criterion.objects.create(document=document, no=no, **row)


def problems_of(document, *, published_at):
    """Everything that keeps the tender from being published then, as refusals."""
    found = []
    for name, label in (("supply_from", "文件获取开始"), ("supply_until", "文件获取截止"), ("questions_until", "提问截止"), ("bids_due_at", "投标截止")):
        if getattr(document, name) is None:
            found.append(Refused("no_date", f"请填写{label}时间", field=name))
    lots = list(document.tender.lots.all())
    if not found:
        found += date_problems(
            published_at=published_at,
            supply_from=document.supply_from,
            supply_until=document.supply_until,
            bids_due_at=document.bids_due_at,
            lots=lots,
        )
    for lot in lots:
        if lot.price_limit is None:
            found.append(Refused("no_limit", f"请填写{lot.name}的最高投标限价", field=f"limit{lot.no}"))
    scored = [row for row in document.criteria.all() if row.part not in Criterion.CHECKS]
    if sum((row.points for row in scored), Decimal(0)) != FULL_POINTS:
        found.append(Refused("points", "评分项分值合计应为 100 分", next_step="请调整评审标准。"))
    for section in document.sections.all():
        if not section.text.strip():
            found.append(Refused("empty_section", f"请填写“{section.title}”", field=f"section{section.no}"))
    return found


def check_clauses(document, confirmed):
    """Refuse while a restrictive phrase stands in the editable text that the agency has not confirmed."""
    texts = [row.text for row in document.sections.all() if not row.fixed]
    texts += [lot.qualification for lot in document.tender.lots.all()]
    hits = standard.restrictive_hits(texts)
    if hits and not confirmed:
        raise Refused(
            "restrictive",
            "招标文件中有可能限制竞争的表述：" + "；".join(f"“{phrase}”（{why}）" for phrase, why in hits) + "。",
            rule=standard.RESTRICTIVE_SOURCE,
            next_step="请修改表述；确有法律依据的，勾选“已逐条核对”后再发布。",
        )


@transaction.atomic
def schedule_publication(document, publish_at, *, by, at, clauses_confirmed=False):
    """Have the clock publish at a later moment; everything is checked now, and again then."""
    document = editable(document, by)
    if publish_at <= at:
        raise Refused("past", "定时发布的时间应在现在之后。", field="publish_at")
    check_clauses(document, clauses_confirmed)
    for problem in problems_of(document, published_at=publish_at):
        raise problem
    document.state = TenderDocument.State.SCHEDULED
    document.publish_at = publish_at
    document.save(update_fields=["state", "publish_at"])
    return document


@transaction.atomic
def publish_tender(tender, *, by, at, clauses_confirmed=False):
    """Publish notice and document: from this moment the statutory periods run and bidders may take part.

    Refused, naming the rule and the first permitted day, when any date or amount breaks the law.
    """
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require(by, MANAGE, tender)
    document = editable(tender.document, by)
    check_clauses(document, clauses_confirmed or document.state == TenderDocument.State.SCHEDULED)
    for problem in problems_of(document, published_at=at):
        raise problem
    lots = list(tender.lots.select_for_update())
    for lot in lots:
        LOT.apply(lot, "publish")
        lot.bids_due_at = document.bids_due_at
        lot.save(update_fields=["state", "bids_due_at"])
    tender.state, tender.published_at, tender.rules_on = Tender.State.PUBLISHED, at, city_day(at)
    tender.save(update_fields=["state", "published_at", "rules_on"])
    document.state, document.published_at, document.publish_at = TenderDocument.State.PUBLISHED, at, None
    document.printed = request_document(
        "tender_document", subject=tender.stream, title=f"{tender.name}招标文件", context=printable(document), by=by, at=at, public=False
    )
    document.notice = notice_of(
        tender,
        Notice.Kind.TENDER,
        title=f"{tender.name}招标公告",
        context={"tender": tender, "document": document, "lots": lots, "project": tender.project},
        facts=facts_of(tender, document, lots),
        by=by,
        at=at,
        due_at=document.bids_due_at,
        amount=sum(lot.price_limit for lot in lots),
    )
    document.save()
    record(
        TenderPublished(
            tender=tender.number,
            notice=document.notice.number,
            document=document_digest(document),
            lots=[{"lot": lot.key, "policy": policy_hash(lot), "deadline": instant(lot.bids_due_at)} for lot in lots],
        ),
        by=by,
    )
    return tender


def facts_of(tender, document, lots):
    project = tender.project
    facts = [("招标人", project.owner.name), ("代理机构", project.agency.name if project.agency else "无")]
    facts += [("资金来源", project.fund_source), ("建设地点", project.address)]
    for lot in lots:
        facts.append((f"{lot.name}最高投标限价", f"{lot.price_limit:,.2f} 元"))
        facts.append((f"{lot.name}投标保证金", f"{lot.deposit:,.2f} 元"))
    return [
        *facts,
        ("文件获取", f"{shown(document.supply_from)} 至 {shown(document.supply_until)}，免费"),
        ("提问截止", shown(document.questions_until)),
        ("投标截止（开标）", shown(document.bids_due_at)),
        ("开标方式", document.opening_place),
        ("评标办法", "综合评估法"),
        ("联合体", "接受" if document.consortium_allowed else "不接受"),
    ]


def shown(moment):
    return moment.astimezone(CITY).strftime("%Y-%m-%d %H:%M")


def printable(document):
    return {
        "tender": document.tender.name,
        "sections": [[row.title, row.text] for row in document.sections.all()],
        "lots": [
            {"name": lot.name, "content": lot.content, "price_limit": str(lot.price_limit), "deposit": str(lot.deposit)}
            for lot in document.tender.lots.all()
        ],
        "criteria": [
            {"part": row.get_part_display(), "title": row.title, "standard": row.standard, "points": str(row.points)}
            for row in document.criteria.all()
        ],
    }


def notice_of(tender, kind, *, title, context, facts, by, at, lot=None, due_at=None, amount=None):
    """Pin a notice about this tender to the board."""
    project = tender.project
    return publish_notice(
        kind,
        title=title,
        context=context,
        tender_number=tender.number,
        lot_no=lot.no if lot else None,
        category=project.category,
        region_code=project.region_code,
        owner_name=project.owner.name,
        agency_name=project.agency.name if project.agency else "",
        amount=amount,
        facts=facts,
        due_at=due_at,
        by=by,
        at=at,
    )


@transaction.atomic
def obtain_document(tender, organisation, *, by, at):
    """A bidder takes the tender document, with nothing but its registration. Who did stays secret till the opening."""
    require_member(by, organisation)
    document = tender.document
    if document.state != TenderDocument.State.PUBLISHED or at < document.supply_from:
        raise Refused("not_yet", "招标文件尚未开始发放。", next_step="开始时间见公告。")
    holder = DocumentHolder.objects.filter(tender=tender, organisation=organisation).first()
    if holder is None and at > document.supply_until:
        raise Refused(
            "supply_over", f"招标文件获取已于 {shown(document.supply_until)} 截止。", rule="招标公告载明的文件获取时间"
        )
    if holder is None:
        holder = DocumentHolder.objects.create(tender=tender, organisation=organisation, by=by, obtained_at=at)
    return holder


@transaction.atomic
def ask_question(tender, organisation, text, *, by, at):
    """A holder of the document asks; nobody else learns who."""
    require_member(by, organisation)
    if not DocumentHolder.objects.filter(tender=tender, organisation=organisation).exists():
        raise Refused("no_document", "请先获取招标文件，再提问。")
    if at > tender.document.questions_until:
        raise Refused("questions_over", f"提问已于 {shown(tender.document.questions_until)} 截止。")
    question = Question.objects.create(tender=tender, asker=organisation, by=by, text=text, asked_at=at)
    for person in get_users_with_perms(tender, only_with_perms_in=["manage_tender"]):
        tell(person, f"有新的提问：{tender.name}", text[:200], link=f"/work/tenders/{tender.number}/", key=f"question/{question.pk}")
    return question


@transaction.atomic
def publish_clarification(tender, *, text, answers, affects_bids, new_bids_due_at, by, at):
    """Answer questions and amend the document, for all holders and the public at once.

    `answers` maps question ids to answers. A change that may affect bids within the last fifteen days must move the
    deadline; the deadline can only move later, and only before it has passed.
    """
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency", "document").get(pk=tender.pk)
    require(by, MANAGE, tender)
    document = tender.document
    lots = list(tender.lots.select_for_update().filter(state=Lot.State.BIDDING))
    if not lots or at >= document.bids_due_at:
        raise Refused("not_open", "投标截止后不能再澄清或修改招标文件。", rule="《招标投标法》第二十三条")
    check_anonymous(tender, [text, *answers.values()])
    deadline = new_bids_due_at or document.bids_due_at
    if deadline < document.bids_due_at:
        raise Refused("earlier", "投标截止时间只能推迟，不能提前。", field="new_bids_due_at")
    if affects_bids:
        works.CLARIFICATION.check(at, deadline, field="new_bids_due_at", subject="投标截止时间")
    clarification = Clarification.objects.create(
        tender=tender,
        no=tender.clarifications.count() + 1,
        text=text,
        affects_bids=affects_bids,
        old_bids_due_at=document.bids_due_at,
        new_bids_due_at=deadline if deadline != document.bids_due_at else None,
        published_at=at,
    )
    questions = list(Question.objects.filter(tender=tender, pk__in=answers, answered_at=None))
    for question in questions:
        question.answer, question.answered_at, question.answered_by = answers[question.pk], at, by
        question.clarification = clarification
        question.save()
    if clarification.new_bids_due_at:
        move_deadline(document, lots, deadline, by=by)
    facts = [("澄清编号", f"第 {clarification.no} 号"), ("投标截止（开标）", shown(deadline))]
    if clarification.new_bids_due_at:
        facts.append(("原投标截止", shown(clarification.old_bids_due_at)))
    clarification.notice = notice_of(
        tender,
        Notice.Kind.CLARIFICATION,
        title=f"{tender.name}澄清与修改（第 {clarification.no} 号）",
        context={"clarification": clarification, "questions": questions, "tender": tender},
        facts=facts,
        by=by,
        at=at,
        due_at=deadline,
    )
    clarification.save(update_fields=["notice"])
    for holder in tender.holders.select_related("organisation"):
        tell_members(
            holder.organisation,
            f"澄清与修改（第 {clarification.no} 号）：{tender.name}",
            link=f"/notices/{clarification.notice.number}/",
            key=f"clarification/{clarification.pk}",
        )
    record(TenderAmended(tender=tender.number, notice=clarification.notice.number, clarification=clarification.no), by=by)
    return clarification


def check_anonymous(tender, texts):
    """An answer must not tell who asked (or who holds the document)."""
    for holder in tender.holders.select_related("organisation"):
        if any(holder.organisation.name in text for text in texts):
            raise Refused(
                "names_holder",
                "答复内容中出现了潜在投标人的名称，不能发布。",
                rule="《招标投标法》第二十二条：不得透露已获取招标文件的潜在投标人的名称",
                next_step="请删去单位名称后再发布。",
                field="text",
            )


def move_deadline(document, lots, deadline, *, by):
    for lot in lots:
        record(
            DeadlineChanged(
                tender=document.tender.number, lot=lot.key, old=instant(lot.bids_due_at), new=instant(deadline)
            ),
            by=by,
        )
        lot.bids_due_at = deadline
        lot.save(update_fields=["bids_due_at"])
    document.bids_due_at = deadline
    document.save(update_fields=["bids_due_at"])


@transaction.atomic
def suspend_lot(lot, *, cause, reference, reason, by, at):
    """Stop a lot: an objection waits for its answer, or a regulator orders it. The caller has permitted it."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    suspension = Suspension.objects.create(lot=lot, cause=cause, reference=reference, reason=reason, since=at, by=by)
    record(LotSuspended(tender=lot.tender.number, lot=lot.key, cause=cause, reference=reference), by=by)
    return suspension


@transaction.atomic
def resume_lot(suspension, *, by, at):
    suspension = Suspension.objects.select_for_update(of=["self"]).select_related("lot__tender").get(pk=suspension.pk)
    if suspension.until is not None:
        return
    suspension.until = at
    suspension.save(update_fields=["until"])
    lot = suspension.lot
    record(LotResumed(tender=lot.tender.number, lot=lot.key, reference=suspension.reference), by=by)


@transaction.atomic
def fail_lot(lot, *, reason, by, at):
    """The lot's procedure has failed (too few bids, all rejected, a regulator's order); the public is told why."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project__owner", "tender__project__agency").get(pk=lot.pk)
    LOT.apply(lot, "fail")
    lot.save(update_fields=["state"])
    notice = notice_of(
        lot.tender,
        Notice.Kind.FAILURE,
        title=f"{lot.tender.name}{lot.name}招标失败公告",
        context={"lot": lot, "reason": reason, "tender": lot.tender},
        facts=[("标段", lot.name), ("原因", reason)],
        lot=lot,
        by=by,
        at=at,
    )
    record(LotFailed(tender=lot.tender.number, lot=lot.key, notice=notice.number), by=by)
    close_tender(lot.tender)
    return notice


def close_tender(tender):
    """A tender is over when none of its lots goes on."""
    over = (Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.ARCHIVED)
    if not tender.lots.exclude(state__in=over).exists():
        tender.state = Tender.State.CLOSED
        tender.save(update_fields=["state"])


@transaction.atomic
def terminate_tender(tender, *, reason, by, at):
    """The tenderee ends the procedure for a lawful reason; sealed bids stay sealed for good."""
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require(by, MANAGE, tender)
    if not reason.strip():
        raise Refused("no_reason", "请写明终止招标的理由。", field="reason", rule="《招标投标法实施条例》第三十一条")
    for lot in tender.lots.select_for_update():
        LOT.apply(lot, "terminate")
        lot.save(update_fields=["state"])
    tender.state = Tender.State.TERMINATED
    tender.save(update_fields=["state"])
    notice = notice_of(
        tender, Notice.Kind.TERMINATION, title=f"{tender.name}终止招标公告",
        context={"tender": tender, "reason": reason}, facts=[("原因", reason)], by=by, at=at,
    )  # fmt: skip
    for holder in tender.holders.select_related("organisation"):
        tell_members(holder.organisation, f"终止招标：{tender.name}", reason, link=f"/notices/{notice.number}/", key=f"terminated/{tender.pk}")
    record(TenderTerminated(tender=tender.number, notice=notice.number), by=by)
    return notice


@transaction.atomic
def open_next_round(lot, *, by, at):
    """Tender a failed lot again: a new tender of the same project, with the document as a draft to revise."""
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project", "tender__document").get(pk=lot.pk)
    old = lot.tender
    require(by, MANAGE, old)
    if lot.state != Lot.State.FAILED:
        raise Refused("not_failed", "只有招标失败的标段可以重新招标。", rule="《招标投标法》第二十八条")
    if Tender.objects.filter(previous=old).exists():
        raise Refused("again", "这个项目已经开始重新招标。")
    year = city_day(at).year
    tender = Tender.objects.create(
        project=old.project, number=f"QJGC{year}-{next_number('tender', year):04d}", name=f"{old.name}（第 {old.round + 1} 次）",
        procedure=old.procedure, round=old.round + 1, previous=old, state=Tender.State.REGISTERED,
    )  # fmt: skip
    Lot.objects.create(
        tender=tender, no=1, name=lot.name, content=lot.content, estimate=lot.estimate, price_limit=lot.price_limit,
        deposit=lot.deposit, term_days=lot.term_days, quality=lot.quality, qualification=lot.qualification,
    )  # fmt: skip
    for person in get_users_with_perms(old, only_with_perms_in=["manage_tender"]):
        assign_perm(MANAGE, person, tender)
    document = TenderDocument.objects.create(tender=tender, method_settings=old.document.method_settings)
    for row in old.document.sections.all():
        DocumentSection.objects.create(document=document, no=row.no, title=row.title, fixed=row.fixed, text=row.text)
    for row in old.document.criteria.all():
        Criterion.objects.create(
            document=document, part=row.part, no=row.no, title=row.title, standard=row.standard, points=row.points, objective=row.objective
        )  # fmt: skip
    return tender

