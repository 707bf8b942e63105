"""The desk of the supervising expert: stages, and which seats have handed in; no bid, no mark."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import actions, monitoring, offsite
from trading.evaluation.models import CommitteeMember, Evaluation
from web.doors import open_to

DONE = {"remark": "监标记录已写入。", "report": "监标报告已提交。"}


@open_to("expert")
def desk(request, pk):
    """Watch the committee, seat by seat, without names or marks."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("lot__tender"), pk=pk)
    seat = CommitteeMember.monitors.filter(evaluation=evaluation, state=actions.SEATED).of(request.user).first()
    if seat is None or evaluation.state == Evaluation.State.FORMING:
        raise Http404
    refusal = None
    if request.method == "POST":
        move = request.POST.get("move")
        try:
            work(evaluation, move, request.POST.get("text", ""), by=request.user, at=database_now())
        except Refused as refused:
            refusal = refused
        else:
            if move in DONE:
                messages.success(request, DONE[move])
            return redirect("trading:monitor_desk", pk)
    return render(
        request, "trading/evaluation/monitor_desk.html",
        {
            "evaluation": evaluation, "seat": seat, "lot": evaluation.lot, "tender": evaluation.lot.tender, "seats": actions.seated(evaluation),
            "notes": seat.notes.all(), "reported": seat.notes.filter(report=True).exists(), "refusal": refusal,
            "given": request.POST.get("text", ""), "reports": evaluation.state in monitoring.REPORTABLE,
            "remarks": evaluation.state in monitoring.AT_WORK, **offsite.desk_words(evaluation, seat, database_now()),
        },
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def work(evaluation, move, text, *, by, at):
    if move == "pledge":
        monitoring.pledge_monitor(evaluation, by=by, at=at)
    elif move == "remark":
        monitoring.add_remark(evaluation, text, by=by, at=at)
    elif move == "report":
        monitoring.hand_in_report(evaluation, text, by=by, at=at)
