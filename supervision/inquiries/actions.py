"""Asking and answering about a procurement matter (《政府采购法》第五十一条, T-ZC-19)."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty, require_member
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from supervision.inquiries.events import InquiryAnswered, InquiryFiled
from supervision.inquiries.models import Inquiry
from trading.procedures.reaching import reach
from trading.procedures.rules.procurement import INQUIRY_REPLY
from trading.projects.models import Category, Tender
from trading.projects.permissions import require_handler
from trading.projects.queries import handlers_of, registrant
from trading.tenders.notices import shown
from trading.tenders.queries import bidders_named_in, require_sight


@transaction.atomic
def file_inquiry(tender, organisation, text, *, by, at):
    """A supplier asks; who works on the tender is told at once, and never learns who asked."""
    require_member(by, organisation)
    require_sight(by, organisation, tender)
    return enter(tender, organisation, text, Inquiry.Channel.ONLINE, by=by, at=at)


@transaction.atomic
def take_in_inquiry(tender, organisation, text, channel, *, by, at):
    """The centre takes in for the purchaser what a supplier asked by telephone, letter or in person."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.INTAKE)
    if channel == Inquiry.Channel.ONLINE:
        raise Refused("channel", "请选择询问是怎样收到的。", field="channel")
    return enter(tender, organisation, text, channel, by=by, at=at)


def enter(tender, organisation, text, channel, *, by, at):
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    if tender.project.category != Category.PROCUREMENT or tender.published_at is None:
        raise Refused(
            "no_procurement", "询问适用于已经公告的政府采购项目。", rule="《政府采购法》第五十一条",
            next_step="其他项目请在项目页面提问，或者依法提出异议。",
        )  # fmt: skip
    if not text.strip():
        raise Refused("no_text", "请写明询问事项。", field="text")
    refuse_names(text, tender, "text")
    year = city_day(at).year
    inquiry = Inquiry.objects.create(
        number=f"XW{year}-{next_number('inquiry', year):04d}", tender=tender, organisation=organisation, channel=channel, text=text.strip(),
        by=by, filed_at=at, due_at=INQUIRY_REPLY.due_at(at),
    )  # fmt: skip
    reach(tender, "inquiry_received", at=at, reference=inquiry.number)
    for person in handlers_of(tender):
        tell(
            person, f"收到询问：{tender.name}", f"请在 {shown(inquiry.due_at)} 前答复。", link=f"/work/inquiries/{inquiry.number}/",
            key=f"inquiry/{inquiry.pk}",
        )  # fmt: skip
    online = channel == Inquiry.Channel.ONLINE
    record(
        InquiryFiled(tender=tender.number, number=inquiry.number), by=None if online else by, role="bidder" if online else "staff",
        private={"by": by.pseudonym, "organisation": organisation.uscc, "text": inquiry.text},
    )  # fmt: skip
    return inquiry


def refuse_names(text, tender, field):
    """Refuse any registered bidder's name alike, so that the refusal itself tells nobody who asked."""
    if bidders_named_in([text], tender):
        raise Refused(
            "names_bidder", "内容将公开，不能写出供应商的名称。", field=field, rule=INQUIRY_REPLY.source, next_step="请删去单位名称。"
        )


@transaction.atomic
def answer_inquiry(inquiry, answer, *, by, at):
    """The purchaser's side answers; the answer is public, without the asker's name."""
    inquiry = (
        Inquiry.objects.select_for_update(of=["self"])
        .select_related("tender__project__owner", "tender__project__agency", "organisation")
        .get(pk=inquiry.pk)
    )
    tender = inquiry.tender
    require_handler(by, tender)
    if inquiry.answered_at:
        raise Refused("answered", "这件询问已经答复。", next_step="请刷新页面查看。")
    if not answer.strip():
        raise Refused("no_answer", "请填写答复。", field="answer")
    refuse_names(answer, tender, "answer")
    inquiry.answer, inquiry.answered_by, inquiry.answered_at = answer.strip(), by, at
    inquiry.save(update_fields=["answer", "answered_by", "answered_at"])
    reach(tender, "inquiry_replied", at=at, reference=inquiry.number)
    tell_members(
        inquiry.organisation,
        f"询问已答复：{tender.name}",
        inquiry.answer[:300],
        link=f"/tenders/{tender.number}/replies/",
        key=f"reply/{inquiry.pk}",
    )
    digest = b64u(HJ("inquiry-answer", {"v": 1, "question": inquiry.text, "answer": inquiry.answer}))
    record(InquiryAnswered(tender=tender.number, number=inquiry.number, digest=digest), by=by, role=role_of(by, tender))
    return inquiry


def role_of(person, tender):
    return (
        "agency"
        if tender.project.agency_id and registrant(tender.project).memberships.filter(person=person, until=None).exists()
        else "tenderee"
    )
