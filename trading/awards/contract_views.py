"""The desk at which a contract is written, confirmed by both sides, and filed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.awards import drafting, forms
from trading.awards.models import Award, ContractDraft
from trading.awards.rules import contract_rules
from trading.awards.sides import DESK, TENDEREE, WINNER, sides_of
from web.doors import open_to

MOVES = {
    "draft": (DESK, "起草合同"), "save": (DESK, None), "offer": (TENDEREE, "招标人确认合同"), "return": (WINNER, "退回合同草案"),
    "sign": (WINNER, "中标人签订合同"), "file": (DESK, "合同备案公开"),
}  # fmt: skip
DONE = {
    "draft": "合同草案已生成，请核对后由招标人确认。", "save": "已保存。", "offer": "招标人已确认，等待中标人签订。", "return": "已退回招标人。",
    "sign": "合同已签订，正在印制正式文本。", "file": "合同已备案，要点已公开。",
}  # fmt: skip


@open_to("agency", "tenderee", "bidder", "supervisor")
@official_act({name: label for name, (_, label) in MOVES.items()}, target="{number} 第 {no} 标段合同")
def contract_draft(request, number, no):
    """Draft, confirmation by each side, filing: one page, on which each side sees what is its turn."""
    rows = Award.objects.select_related(
        "lot__tender__project__owner",
        "lot__tender__project__agency",
        "lot__tender__project__regulator",
        "candidate__result__bid__bid__bidder",
    )
    award = get_object_or_404(rows, lot__tender__number=number, lot__no=no, void_at=None)
    sides = sides_of(request.user, request.organisation, award)
    draft = ContractDraft.objects.filter(award=award).select_related("document").first()
    # The winner sees the words only once they were offered.
    if not sides or (sides == {WINNER} and draft is None):
        raise Http404
    move = request.POST.get("move")
    form = forms.DraftForm(request.POST if move == "save" else None, instance=draft)
    returned = forms.ReturnForm(request.POST if move == "return" else None)
    if request.method == "POST" and carry_out(request, move, award, draft, sides, form, returned):
        messages.success(request, DONE[move])
        return redirect("trading:contract_draft", number, no)
    hidden = sides == {WINNER} and draft.state == ContractDraft.State.WRITING
    return render(
        request, "trading/awards/contract.html",
        {
            "award": award, "lot": award.lot, "tender": award.lot.tender, "draft": draft, "sides": sides, "form": form, "returned": returned,
            "hidden": hidden, "now": database_now(), "rules": contract_rules(award.lot.tender.project.category), "bid": award.candidate.result.bid,
            "confirmations": draft.confirmations.select_related("by") if draft else [], "filed": getattr(award, "contract", None),
            "digest": drafting.text_digest(draft) if draft else "",
        },
    )  # fmt: skip


def carry_out(request, move, award, draft, sides, form, returned):
    """Do what was asked; True when done, False when a form needs correction."""
    if move not in MOVES or MOVES[move][0] not in sides or (draft is None) != (move == "draft"):
        raise Http404
    by = {"by": request.user, "at": database_now()}
    if move == "draft":
        drafting.draft_contract(award, **by)
    elif move == "save":
        return tried(form, lambda data: drafting.save_contract(draft, data, **by))
    elif move == "offer":
        drafting.offer_contract(draft, **by)
    elif move == "return":
        return tried(returned, lambda data: drafting.return_contract(draft, data["reason"], **by))
    elif move == "sign":
        drafting.sign_contract(draft, **by)
    else:
        drafting.file_signed_contract(draft, **by)
    return True


def tried(form, act):
    """Carry out with the form's data; a refusal lands beside its field."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return False
    return True
