"""What every action on a contract begins with: the contract's row locked, and its parties at hand."""

from postbox.actions import tell, tell_members
from rulebook.refusals import Refused
from trading.awards.models import Contract
from trading.projects.queries import handlers_of


def held(contract):
    """The contract, locked, with lot, parties and winner."""
    return (
        Contract.objects.select_for_update(of=["self"])
        .select_related("award__lot__tender__project__owner", "award__lot__tender__project__agency", "award__lot__tender__project__regulator",
                        "award__candidate__result__bid__bid__bidder")
        .get(pk=contract.pk)
    )  # fmt: skip


def about(lot):
    return {"tender": lot.tender.number, "lot": lot.key}


def link_to(lot):
    return f"/work/contracts/{lot.tender.number}/{lot.no}/"


def subject_of(lot, words):
    return f"{words}：{lot.tender.name}{lot.name}"


def tell_winner(contract, words, body="", *, key):
    tell_members(contract.winner, subject_of(contract.lot, words), body, link=link_to(contract.lot), key=key)


def tell_desk(contract, words, body="", *, key):
    """Those who handle the tender, and the tenderee's own people."""
    lot = contract.lot
    tell_members(lot.tender.project.owner, subject_of(lot, words), body, link=link_to(lot), key=key)
    for person in handlers_of(lot.tender):
        tell(person, subject_of(lot, words), body, link=link_to(lot), key=key)


def tell_regulator(lot, words, body="", *, key):
    if lot.tender.project.regulator is not None:
        tell_members(lot.tender.project.regulator, subject_of(lot, words), body, link=link_to(lot), key=key)


def is_accepted(contract):
    return contract.acceptances.filter(state="passed").exists()


def require_running(contract):
    """Refuse once the contract was accepted: what was carried out is no longer changed."""
    if is_accepted(contract):
        raise Refused("accepted", "合同已经验收合格，不能再办理此事。")


def require_state(row, *states):
    if row.state not in states:
        raise Refused("wrong_state", f"当前为“{row.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看最新状态。")


def require_text(text, field, label):
    if not text.strip():
        raise Refused("no_text", f"请写明{label}。", field=field)
