from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.awards import actions, forms
from trading.awards.drafting import draft_of
from trading.evaluation.models import Evaluation
from trading.procedures.rules import works
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from trading.tenders.actions import MANAGE
from web.doors import open_to


def managed_lot(request, number, no):
    lot = get_object_or_404(Lot.objects.select_related("tender__project__owner"), tender__number=number, no=no)
    if not request.user.has_perm(MANAGE, lot.tender):
        raise Http404
    return lot


AWARDING = {
    "candidates": "发布中标候选人公示", "pass_over": "候选人递补", "decide": "定标并发出中标通知书", "result": "公告中标结果",
    "contract": "合同备案公开", "report": "提交招标投标书面报告",
}  # fmt: skip


@open_to("agency", "tenderee")
@official_act(AWARDING, target="{number} 第 {no} 标段")
def award(request, number, no):
    """Candidates, award, result and contract of one lot: each step when the law lets it come."""
    lot = managed_lot(request, number, no)
    publicity = actions.current_publicity(lot)
    found = actions.current_award(lot)
    contract_form = forms.ContractForm(request.POST if request.POST.get("move") == "contract" else None, request.FILES or None)
    pass_form = forms.PassOverForm(request.POST if request.POST.get("move") == "pass_over" else None)
    report_form = forms.ReportForm(request.POST if request.POST.get("move") == "report" else None, request.FILES or None)
    if request.method == "POST":
        said = move(request, lot, publicity, found, contract_form, pass_form, report_form)
        if said:
            messages.success(request, said)
            return redirect("trading:award", number, no)
    signed = Evaluation.objects.filter(lot=lot, state=Evaluation.State.SIGNED).order_by("-round").first()
    return render(
        request, "trading/awards/award.html",
        {
            "lot": lot, "tender": lot.tender, "publicity": publicity, "direct": procedure_of(lot.tender).step_of("candidates") is None, "award": found, "evaluation": signed, "now": database_now(),
            "candidates": publicity.candidates.select_related("result__bid__bid__bidder") if publicity else [],
            "next": actions.first_of(lot, publicity) if publicity else None, "contract_form": contract_form, "pass_form": pass_form,
            "report_form": report_form, "reports": procedure_of(lot.tender).step_of("report") is not None, "report_due_on": report_due(found), "draft": draft_of(lot),
        },
    )  # fmt: skip


def report_due(award):
    return works.WRITTEN_REPORT.due_on(city_day(award.decided_at)) if award else None


def move(request, lot, publicity, found, contract_form, pass_form, report_form):
    """Carry out the asked step; the words to say when it is done, or None when a form needs correction."""
    now, wanted = database_now(), request.POST.get("move")
    if wanted == "candidates":
        evaluation = Evaluation.objects.filter(lot=lot).order_by("-round").first()
        if evaluation is None:
            raise Http404
        actions.publish_candidates(evaluation, by=request.user, at=now)
        return "候选人公示已发布。"
    if wanted == "pass_over" and pass_form.is_valid():
        actions.pass_over_first(lot, reason=pass_form.cleaned_data["reason"], by=request.user, at=now)
        return "已登记，由下一名候选人递补。"
    if wanted == "decide":
        actions.decide_award(lot, by=request.user, at=now)
        return "已定标，中标通知书已送达中标人。"
    if wanted == "result" and found is not None:
        actions.publish_result(found, by=request.user, at=now)
        return "中标结果已公告。"
    if wanted == "contract" and found is not None and contract_form.is_valid():
        data = dict(contract_form.cleaned_data)
        try:
            file = store_file(data.pop("file"), by=request.user, organisation=request.organisation, purpose="contract", at=now)
            actions.file_contract(found, data, file, by=request.user, at=now)
        except Refused as refusal:
            contract_form.add_refusal(refusal)
            return None
        return "合同要点已备案并公开。"
    if wanted == "report" and found is not None and report_form.is_valid():
        file = store_file(
            report_form.cleaned_data["report"], by=request.user, organisation=request.organisation, purpose="contract", at=now
        )
        actions.submit_written_report(found, file, by=request.user, at=now)
        return "书面报告已提交监督部门。"
    return None
