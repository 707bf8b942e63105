"""The gate of one committee: codes and cards checked seat by seat, without a name on the screen."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.evaluation import attendance, committee
from trading.evaluation.bounds import ARRIVAL
from trading.evaluation.forms import ArrivalForm
from trading.evaluation.models import CommitteeMember
from trading.evaluation.seats import SEATED
from trading.evaluation.views import lot_of
from trading.venues.queries import evaluation_room
from web.doors import open_to


@open_to("staff")
def sign_in(request, number, no):
    """Let in who bears a seat; the page shows which seats have come."""
    lot = lot_of(number, no)
    evaluation = committee.current_evaluation(lot)
    if evaluation is None or evaluation.draw_id is None:
        raise Http404
    room = evaluation_room(lot)
    form = ArrivalForm(request.POST or None, gate=room is not None)
    if request.method == "POST" and form.is_valid():
        try:
            seat = attendance.sign_in(evaluation, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{seat.order} 号席已签到，人、证、名单相符。")
            return redirect("trading:attendance", number, no)
    seats = CommitteeMember.called.filter(evaluation=evaluation, state__in=[SEATED, CommitteeMember.State.CALLED])
    return render(
        request, "trading/evaluation/attendance.html",
        {"lot": lot, "tender": lot.tender, "evaluation": evaluation, "form": form, "seats": seats, "room": room, "rule": ARRIVAL,
         "come": sum(seat.arrived_at is not None for seat in seats)},
    )  # fmt: skip
