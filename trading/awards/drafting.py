"""Writing the contract from tender document, bid and award; both sides confirm the same words; then it is filed."""

from django.db import transaction

from documents.actions import request_document
from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.money import capital
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from trading.awards.actions import about, current_award, deviations, enter_contract, happened, locked, require_agreement
from trading.awards.events import ContractConfirmed, ContractReturned
from trading.awards.models import Award, ContractConfirmation, ContractDraft
from trading.awards.rules import LONGEST_AGREED_PAYMENT, NO_SIDE_DEALS
from trading.awards.sides import DESK, TENDEREE, WINNER, require_side, winner_of
from trading.evaluation.declared import accepted_declaration
from trading.projects.models import Lot
from trading.projects.queries import handlers_of
from trading.tenders.queries import require_running

FACTS = ("number", "amount", "term_days", "manager", "quality", "starts_on", "payment", "payment_days", "small_firm", "additions")
PAYMENT = "按月计量支付，每期支付至应付款的百分之八十；竣工结算后支付至百分之九十七，余款为质量保证金。"


def contract_clauses(tender):
    """The published tender document's words about the contract: they go into it as they stand."""
    return [[row.title, row.published_text] for row in tender.document.sections.filter(title__contains="合同")]


def text_digest(draft):
    """What both sides confirm: every word of the contract, whatever page it was read on."""
    facts = {name: str(getattr(draft, name)) for name in FACTS} | {"amount": money(draft.amount)}
    project = draft.award.lot.tender.project
    parties = {"tenderee": project.owner.uscc, "winner": winner_of(draft.award).uscc}
    return b64u(HJ("contract-text", {"v": 1, **parties, "facts": facts, "clauses": draft.clauses}))


def held(draft):
    """The draft, its row locked, with what actions ask of it. The lot is locked first, as everywhere."""
    Lot.objects.select_for_update().get(pk=draft.award.lot_id)
    return (
        ContractDraft.objects.select_for_update(of=["self"])
        .select_related("award__lot__tender__project__owner", "award__lot__tender__project__regulator", "award__candidate__result__bid__bid__bidder")
        .get(pk=draft.pk)
    )  # fmt: skip


def require_state(draft, state):
    if draft.state != state:
        raise Refused("wrong_state", f"合同草案当前为“{draft.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看最新状态。")
    if draft.award.void_at is not None:
        raise Refused("award_void", "中标结果已被撤销，合同不能继续订立。")


@transaction.atomic
def draft_contract(award, *, by, at):
    """Begin the contract: everything the award and the documents already say stands in it."""
    lot = locked(award.lot, by, at)
    award = Award.objects.select_related("candidate__result__bid__bid__bidder").get(pk=award.pk)
    if lot.state != Lot.State.RESULT_PUBLIC or award.void_at is not None:
        raise Refused("wrong_state", f"标段当前为“{lot.get_state_display()}”，公告中标结果之后才能起草合同。")
    bid, year = award.candidate.result.bid, city_day(at).year
    draft, _ = ContractDraft.objects.get_or_create(
        award=award,
        defaults={
            "number": f"QJHT-{year}-{next_number('contract', year):04d}", "amount": award.candidate.result.price, "term_days": bid.term_days, "manager": bid.manager,
            "quality": bid.quality or lot.quality, "small_firm": bool(accepted_declaration(award.candidate.result.evaluation, bid.bidder)), "payment": PAYMENT, "clauses": contract_clauses(lot.tender), "written_by": by, "written_at": at,
        },
    )  # fmt: skip
    return draft


@transaction.atomic
def save_contract(draft, data, *, by, at):
    """Write down the editable facts and additions. What departs from tender and bid is refused."""
    draft = held(draft)
    require_side(by, draft.award, DESK)
    require_state(draft, ContractDraft.State.WRITING)
    for name in FACTS:
        setattr(draft, name, data[name])
    check_words(draft)
    draft.written_by, draft.written_at = by, at
    draft.save()
    return draft


def check_words(draft):
    """Refuse facts that differ from the bid, hidden agreements, and a term of payment that the law forbids."""
    require_agreement(deviations(draft.award, {name: getattr(draft, name) for name in FACTS}))
    for field in ("additions", "payment"):
        if word := NO_SIDE_DEALS.found_in(getattr(draft, field)):
            NO_SIDE_DEALS.refuse(f"“{word}”的约定背离招标文件和投标文件的实质性内容。", field=field, next_step="请删除或改写这一约定。")
    if draft.small_firm:
        LONGEST_AGREED_PAYMENT.check(draft.payment_days, field="payment_days")


@transaction.atomic
def offer_contract(draft, *, by, at):
    """The tenderee confirms the words and hands them to the winner."""
    draft = held(draft)
    require_side(by, draft.award, TENDEREE)
    require_running(draft.award.lot, at)
    require_state(draft, ContractDraft.State.WRITING)
    check_words(draft)
    draft.state = ContractDraft.State.OFFERED
    draft.save(update_fields=["state"])
    digest = confirm(draft, ContractConfirmation.Side.TENDEREE, by, at)
    tell_members(
        winner_of(draft.award), f"合同待确认：{draft.award.lot.tender.name}", f"请在 {draft.award.contract_due_on:%Y-%m-%d} 前确认或退回。",
        link=link_of(draft), key=f"contract-offered/{draft.pk}/{digest[:12]}",
    )  # fmt: skip
    record(ContractConfirmed(**about(draft.award.lot), side="tenderee", digest=digest), by=by, role="tenderee")


def link_of(draft):
    return f"/work/contracts/{draft.award.lot.tender.number}/{draft.award.lot.no}/draft/"


def confirm(draft, side, by, at):
    digest = text_digest(draft)
    ContractConfirmation.objects.create(draft=draft, side=side, digest=digest, by=by, at=at)
    return digest


@transaction.atomic
def return_contract(draft, reason, *, by, at):
    """The winner sends the words back with its remarks; the tenderee's confirmation falls."""
    draft = held(draft)
    require_side(by, draft.award, WINNER)
    require_state(draft, ContractDraft.State.OFFERED)
    if not reason.strip():
        raise Refused("no_reason", "请写明退回的理由。", field="reason")
    standing = draft.confirmations.get(void_at=None)
    standing.void_at, standing.void_reason = at, reason
    standing.save(update_fields=["void_at", "void_reason"])
    draft.state = ContractDraft.State.WRITING
    draft.save(update_fields=["state"])
    for person in handlers_of(draft.award.lot.tender):
        tell(
            person,
            f"中标人退回合同草案：{draft.award.lot.tender.name}",
            reason,
            link=link_of(draft),
            key=f"contract-returned/{standing.pk}",
        )
    record(ContractReturned(**about(draft.award.lot), digest=standing.digest), by=by, role="bidder", private={"reason": reason})


@transaction.atomic
def sign_contract(draft, *, by, at):
    """The winner confirms the same words: the contract is concluded, and printed as an official document."""
    draft = held(draft)
    winner, lot = require_side(by, draft.award, WINNER), draft.award.lot
    require_running(lot, at)
    require_state(draft, ContractDraft.State.OFFERED)
    digest = confirm(draft, ContractConfirmation.Side.WINNER, by, at)
    if draft.confirmations.get(side=ContractConfirmation.Side.TENDEREE, void_at=None).digest != digest:
        raise Refused("text_changed", "合同文字与招标人确认的不一致。", next_step="请退回招标人重新确认。")
    project = lot.tender.project
    draft.document = request_document(
        "contract", subject=lot.tender.stream, title=f"{lot.tender.name}{lot.name}合同", by=by, at=at,
        readers=[row for row in (winner, project.owner, project.agency, project.regulator) if row is not None],
        context={
            "tender": lot.tender.name, "lot": lot.name, "number": draft.number, "owner": project.owner.name, "winner": winner.name,
            "amount": money(draft.amount), "capital": capital(draft.amount), "term_days": draft.term_days, "manager": draft.manager,
            "quality": draft.quality, "starts_on": draft.starts_on.isoformat() if draft.starts_on else "", "payment": draft.payment,
            "payment_days": draft.payment_days, "clauses": draft.clauses, "additions": draft.additions, "digest": digest,
            "signed_on": city_day(at).isoformat(),
        },
    )  # fmt: skip
    draft.state, draft.signed_at = ContractDraft.State.SIGNED, at
    draft.save(update_fields=["state", "signed_at", "document"])
    happened(lot, draft.award.candidate.publicity, "contract_signed", at=at)
    for person in handlers_of(lot.tender):
        tell(person, f"合同已签订，请备案：{lot.tender.name}", link=link_of(draft), key=f"contract-signed/{draft.pk}")
    record(ContractConfirmed(**about(lot), side="winner", digest=digest), by=by, role="bidder")
    return draft


@transaction.atomic
def file_signed_contract(draft, *, by, at):
    """Report the concluded contract to the regulator and make its key facts public."""
    draft = held(draft)
    lot = locked(draft.award.lot, by, at)
    require_state(draft, ContractDraft.State.SIGNED)
    facts = {name: getattr(draft, name) for name in ("number", "amount", "term_days", "manager", "quality", "payment_days", "small_firm")}
    return enter_contract(draft.award, lot, {**facts, "signed_on": city_day(draft.signed_at)}, document=draft.document, by=by, at=at)


def draft_of(lot):
    """The draft of the lot's standing award, or None."""
    award = current_award(lot)
    return ContractDraft.objects.filter(award=award).select_related("document").first() if award else None
