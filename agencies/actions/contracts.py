"""The mandate: the tenderee writes it, both sides sign the same words, and it is printed as an official document."""

from django.db import transaction

from accounts.permissions import require_member
from agencies.actions.register import require_agency, require_text
from agencies.actions.selection import go_on_without
from agencies.events import AgencyContractEnded, AgencyContractOffered, AgencyContractReturned, AgencyContractSigned
from agencies.models import AgencyContract, AgencyRequest, MandateUse
from agencies.queries import require_free
from agencies.rules import CONTRACT_ASKED, FEE_BASES, category_of
from documents.actions import request_document, void_document
from ledger.acts import record
from ledger.canonical import HJ, b64u, money
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.money import capital
from rulebook.refusals import Refused

S = AgencyContract.State
FACTS = ("scope", "powers", "fee", "fee_basis", "payer", "starts_on", "ends_on", "additions")


def link_of(contract):
    return f"/agency-contracts/{contract.number}/"


def locked(contract, *states):
    contract = AgencyContract.objects.select_for_update(of=["self"]).select_related("owner", "agency", "request").get(pk=contract.pk)
    if contract.state not in states:
        raise Refused(
            "wrong_state", f"委托合同当前为“{contract.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看最新状态。"
        )
    return contract


def text_digest(contract):
    """What both sides sign: every word of the mandate."""
    facts = {name: str(getattr(contract, name)) for name in FACTS} | {"fee": "" if contract.fee is None else money(contract.fee)}
    about = {"number": contract.number, "owner": contract.owner.uscc, "agency": contract.agency.uscc, "project": contract.project_name}
    return b64u(HJ("agency-contract", {"v": 1, **about, "service": str(contract.service), "facts": facts}))


def require_seen(contract, seen):
    """Whoever signs binds the words that stood before them, and no others."""
    if seen != text_digest(contract):
        raise Refused("text_changed", "合同文字在你查看后有改动。", next_step="请重新阅读合同内容后再签署。")


@transaction.atomic
def save_contract(contract, data, *, by, at):
    """Write the mandate down. A quoted fee stands as it was quoted."""
    contract = locked(contract, S.WRITING)
    require_member(by, contract.owner)
    quoted = contract.request.proposals.filter(agency=contract.agency).first()
    if quoted is not None and data["fee"] != quoted.fee:
        raise Refused("other_fee", f"服务费应与选定方案的报价 {quoted.fee:,.2f} 元一致。", field="fee")
    for name in FACTS:
        setattr(contract, name, data[name])
    contract.written_by, contract.written_at = by, at
    contract.save()
    return contract


@transaction.atomic
def offer_contract(contract, *, seen, by, at):
    """The tenderee signs the mandate as it was `seen` (its digest) and hands it to the agency."""
    contract = locked(contract, S.WRITING)
    require_member(by, contract.owner)
    require_seen(contract, seen)
    for field, label in CONTRACT_ASKED:
        if getattr(contract, field) in (None, ""):
            raise Refused("incomplete", f"请填写{label}。", field=field, status=400)
    if contract.ends_on < contract.starts_on or contract.ends_on < city_day(at):
        raise Refused("term", "委托期限的终止日期应晚于开始日期和今天。", field="ends_on")
    require_free(contract.agency, city_day(at), category_of(contract.service))
    contract.state, contract.offered_by, contract.offered_at, contract.returned_reason = S.OFFERED, by, at, ""
    contract.digest = text_digest(contract)
    contract.save()
    tell_members(
        contract.agency,
        f"委托合同待签署：{contract.project_name}",
        link=link_of(contract),
        key=f"agency-contract/{contract.number}/{contract.digest[:12]}",
    )
    record(AgencyContractOffered(contract=contract.number, digest=contract.digest), by=by, role="tenderee")
    return contract


@transaction.atomic
def return_contract(contract, reason, *, by, at):
    """The agency sends the words back; the tenderee's signature falls."""
    contract = locked(contract, S.OFFERED)
    require_agency(by, contract.agency)
    require_text(reason, "reason", "退回意见")
    record(AgencyContractReturned(contract=contract.number, digest=contract.digest), by=by, role="agency", private={"reason": reason})
    contract.state, contract.returned_reason, contract.digest = S.WRITING, reason, ""
    contract.save()
    tell_members(
        contract.owner, f"代理机构退回委托合同：{contract.project_name}", reason, link=link_of(contract),
        key=f"agency-contract/{contract.number}/returned/{at.timestamp()}",
    )  # fmt: skip
    return contract


@transaction.atomic
def sign_contract(contract, *, seen, by, at):
    """The agency signs the same words, as they were `seen` (their digest): the mandate stands and is printed."""
    contract = locked(contract, S.OFFERED)
    require_agency(by, contract.agency)
    require_seen(contract, seen)
    require_free(contract.agency, city_day(at), category_of(contract.service))
    if text_digest(contract) != contract.digest:
        raise Refused("text_changed", "合同文字与委托人签署的不一致。", next_step="请退回委托人重新签署。")
    basis = FEE_BASES[contract.fee_basis]
    contract.document = request_document(
        "agency_contract", subject=f"agency-contract/{contract.number}", title=f"{contract.project_name}委托代理协议", by=by, at=at,
        readers=[contract.owner, contract.agency],
        context={
            "number": contract.number, "owner": contract.owner.name, "agency": contract.agency.name, "project": contract.project_name,
            "service": contract.get_service_display(), "way": contract.request.get_way_display(), "scope": contract.scope, "powers": contract.powers,
            "fee": money(contract.fee), "capital": capital(contract.fee), "basis": f"{basis.says}（{basis.source}）", "payer": contract.get_payer_display(),
            "starts_on": contract.starts_on.isoformat(), "ends_on": contract.ends_on.isoformat(), "additions": contract.additions,
            "digest": contract.digest, "offered_on": city_day(contract.offered_at).isoformat(), "signed_on": city_day(at).isoformat(),
        },
    )  # fmt: skip
    contract.state, contract.signed_by, contract.signed_at = S.SIGNED, by, at
    contract.save()
    tell_members(
        contract.owner, f"委托合同已签订：{contract.project_name}", link=link_of(contract), key=f"agency-contract/{contract.number}/signed"
    )
    record(AgencyContractSigned(contract=contract.number, digest=contract.digest), by=by, role="agency")
    return contract


@transaction.atomic
def end_contract(contract, reason, *, by, at):
    """The tenderee ends a mandate; what was done under it stays done.

    Before both have signed, the next of a drawn order comes: a draw is not repeated until the wanted one is drawn.
    """
    # Whoever declines locks in this order too.
    request = AgencyRequest.objects.select_for_update(of=["self"]).select_related("owner", "draw").get(pk=contract.request_id)
    contract = locked(contract, S.SIGNED, S.WRITING, S.OFFERED)
    require_member(by, contract.owner)
    require_text(reason, "reason", "终止原因")
    goes_on = request.draw is not None and contract.state != S.SIGNED
    contract.state, contract.ended_at, contract.ended_reason = S.ENDED, at, reason
    contract.save()
    if contract.document is not None:
        void_document(contract.document, reason=f"委托合同终止：{reason}", by=by, at=at)
    tell_members(
        contract.agency,
        f"委托合同终止：{contract.project_name}",
        reason,
        link=link_of(contract),
        key=f"agency-contract/{contract.number}/ended",
    )
    record(AgencyContractEnded(contract=contract.number, digest=contract.digest), by=by, role="tenderee")
    if goes_on:
        go_on_without(request, contract.agency, "ended", by=by, at=at)
    else:
        request.state = request.State.CLOSED
        request.save(update_fields=["state"])
    return contract


def use_contract(contract, subject, *, at):
    """Something is registered on the strength of the contract; the caller has decided that it covers it."""
    MandateUse.objects.update_or_create(subject=subject, defaults={"contract": contract, "at": at})


def drop_use(subject):
    """What was registered on the strength of a contract is handed in anew without one."""
    MandateUse.objects.filter(subject=subject).delete()
