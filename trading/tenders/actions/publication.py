"""Publishing a tender, now or by the clock."""

from django.db import transaction

from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import record
from ledger.canonical import instant
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.holders.queries import opening_policy, policy_hash
from trading.methods.choosing import described
from trading.procedures.reaching import reach
from trading.procedures.records import set_down
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot, Tender
from trading.projects.permissions import require_handler
from trading.standards.facts import said
from trading.tenders import saying
from trading.tenders.actions.drafting import editable
from trading.tenders.actions.inviting import send_invitations
from trading.tenders.actions.reviewing import require_reviewed
from trading.tenders.events import TenderPublished
from trading.tenders.models import TenderDocument
from trading.tenders.notices import notice_of, shown
from trading.tenders.problems import problems_of, supply_start
from trading.tenders.queries import document_digest
from trading.venues.actions import place_opening

ENVELOPES = {False: "单信封：技术和报价一并封存、一次开标", True: "双信封：技术和报价分别封存，先开标评审技术，再开启通过者的报价"}
BLIND = "暗标：技术文件须为 PDF，不得出现投标人名称、人员姓名等身份信息；评标委员会提交技术评分之前，以编号代替投标人"


@transaction.atomic
def schedule_publication(document, publish_at, *, by, at):
    """Have the clock publish at a later moment; everything is checked now, and again then."""
    document = editable(document, by)
    if publish_at <= at:
        raise Refused("past", "定时发布的时间应在现在之后。", field="publish_at")
    refuse_problems(document, publish_at)
    require_reviewed(document, by)
    document.state, document.publish_at = TenderDocument.State.SCHEDULED, publish_at
    document.save(update_fields=["state", "publish_at"])
    return document


@transaction.atomic
def unschedule_publication(document, *, by):
    """Take a scheduled publication back; the document is a draft again."""
    document = editable(document, by)
    document.save(update_fields=["state", "publish_at"])
    return document


def refuse_problems(document, published_at):
    """Refuse with the first problem; the others stand in its details."""
    problems = problems_of(document, published_at=published_at)
    if problems:
        first = problems[0]
        first.details["problems"] = [[row.code, row.message] for row in problems]
        raise first


@transaction.atomic
def publish_tender(tender, *, by, at):
    """Publish notice and document: from this moment the statutory periods run and bidders may take part.

    By invitation, the notice is the invitation, and nobody but those invited sees it. Refused, naming the rule and the
    first permitted day, when any date or amount breaks the law.
    """
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require_handler(by, tender)
    document = editable(tender.document, by)
    refuse_problems(document, at)
    require_reviewed(document, by)
    document.supply_from = supply_start(document, at)
    lots = list(tender.lots.exclude(state=Lot.State.TERMINATED).select_for_update())
    for lot in lots:
        LOT.apply(lot, "publish")
        lot.bids_due_at = document.bids_due_at
        lot.save(update_fields=["state", "bids_due_at"])
    tender.state, tender.published_at, tender.rules_on = Tender.State.PUBLISHED, at, city_day(at)
    tender.private = procedure_of(tender).by_invitation
    tender.save(update_fields=["state", "published_at", "rules_on", "private"])
    document.opening_place = place_opening(tender, document.hall, document.bids_due_at, by=by, at=at).place
    document.state, document.published_at, document.publish_at = TenderDocument.State.PUBLISHED, at, None
    facts = saying.facts_of(document)
    for row in document.sections.all():
        row.published_text = said(row.text, facts)
        row.save(update_fields=["published_text"])
    document.printed = request_document(
        "tender_document",
        subject=tender.stream,
        title=f"{tender.name}招标文件",
        context=printable(document, lots),
        by=by,
        at=at,
    )
    kind = Notice.Kind.INVITATION if tender.private else Notice.Kind.TENDER
    document.notice = notice_of(
        tender,
        kind,
        title=f"{tender.name}{kind.label}",
        context={"document": document, "lots": lots},
        facts=facts_of(tender, document, lots),
        by=by,
        at=at,
        due_at=document.bids_due_at,
        amount=sum(lot.price_limit for lot in lots),
    )
    document.save()
    if tender.private:
        send_invitations(tender, by=by, at=at)
    # Who changed which word mattered while it was a draft; the versions that were reviewed stay.
    document.edits.all().delete()
    reach(tender, "notice_published", at=at)
    reach(tender, "tender_doc_sale_start", at=document.supply_from)
    for lot in lots:
        set_down(lot, "drafting", by=by, at=at, document=document.printed)
        set_down(lot, "publication", by=by, at=at, notice=document.notice)
    record(
        TenderPublished(
            tender=tender.number,
            notice=document.notice.number,
            document=document_digest(document),
            lots=[
                {
                    "lot": lot.key,
                    "code": lot.code or "",
                    "deadline": instant(lot.bids_due_at),
                    "policy": opening_policy(lot),
                    "policy_hash": policy_hash(lot),
                }
                for lot in lots
            ],
            rules_on=f"{tender.rules_on:%Y-%m-%d}",
            envelopes=list(document.envelopes),
        ),
        by=by,
    )
    return tender


def facts_of(tender, document, lots):
    """The notice's table of key facts."""
    project = tender.project
    facts = [
        ("招标人", project.owner.name),
        ("代理机构", project.agency.name if project.agency else "无"),
        ("资金来源", project.fund_source),
        ("建设地点", project.address),
    ]
    for lot in lots:
        facts.append((f"{lot.name}最高投标限价", f"{lot.price_limit:,.2f} 元"))
        facts.append((f"{lot.name}投标保证金", f"{lot.deposit:,.2f} 元"))
    return [
        *facts,
        ("文件获取", f"{shown(document.supply_from)} 至 {shown(document.supply_until)}，免费"),
        ("提问截止", shown(document.questions_until)),
        ("投标截止（开标）", shown(document.bids_due_at)),
        ("开标地点", document.opening_place),
        *method_facts(document),
        ("联合体", "接受" if document.consortium_allowed else "不接受"),
        ("投标文件", ENVELOPES[document.two_envelopes]),
        *([("技术部分", BLIND)] if document.blind_technical else []),
    ]


def method_facts(document):
    """The method in one line and its parameters in another."""
    first, *rest = described(document.method, document.method_settings)
    return [first, ("评标参数", "；".join(f"{label}：{value}" for label, value in rest))] if rest else [first]


def printable(document, lots):
    """The document as it goes to the printer and, with its attachments' digests, to those who hold it."""
    attachments = "\n".join(f"{row.title}：{row.file.name}，SHA-256 {row.file.sha256}" for row in document.attachments.all())
    sections = [list(row) for row in saying.sections_said(document)]
    dates = (
        f"文件获取：{shown(document.supply_from)} 至 {shown(document.supply_until)}\n"
        f"提问截止：{shown(document.questions_until)}\n投标截止（开标）：{shown(document.bids_due_at)}\n"
        f"投标有效期：{document.bid_validity_days} 日历天\n解密时限：{document.decrypt_minutes} 分钟\n"
        f"开标地点：{document.opening_place}\n联合体投标：{'接受' if document.consortium_allowed else '不接受'}\n"
        f"投标文件：{ENVELOPES[document.two_envelopes]}" + (f"\n技术部分：{BLIND}" if document.blind_technical else "")
    )
    return {
        "tender": document.tender.name,
        "sections": [["投标人须知前附表", dates], *sections, *([["附件", attachments]] if attachments else [])],
        "method": [list(row) for row in described(document.method, document.method_settings)],
        "lots": [
            {"name": lot.name, "content": lot.content, "price_limit": str(lot.price_limit), "deposit": str(lot.deposit)} for lot in lots
        ],
        "criteria": [
            {
                "part": row.get_part_display(),
                "title": row.title,
                "standard": row.standard,
                "points": str(row.points) if row.points else "合格制",
            }
            for row in document.criteria.order_by("no")
        ],
    }
