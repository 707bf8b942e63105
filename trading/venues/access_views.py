"""The door of a session: its list, who is inside, and who was turned away."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.venues import actions, forms
from trading.venues.models import VenueBooking, Zone
from trading.venues.rules import ACCESS
from web.doors import number_in, open_to

DONE = {"list": "已列入进场名单。", "turn": "已登记不予进场。"}
KEEPS = {"phone": "已登记寄存。", "no_phone": "已登记未带手机。"}
MOVES = {
    "admit": (actions.admit, "已登记进场。"),
    "leave": (actions.let_out, "已登记离场。"),
    "phone_back": (actions.return_phone, "已登记归还。"),
    "strike": (actions.strike_visitor, "已从名单中划去。"),
}


@open_to("staff")
def access(request, pk):
    """Keep the list of a session, let people in and out, and note who was not let in."""
    booking = get_object_or_404(VenueBooking.objects.select_related("venue", "tender", "lot").exclude(venue=None), pk=pk)
    move = request.POST.get("move", "")
    given = {
        "list": forms.VisitorForm(request.POST if move == "list" else None, zone=booking.venue.zone, prefix="v"),
        "turn": forms.TurnAwayForm(request.POST if move == "turn" else None, prefix="t"),
    }
    if request.method == "POST" and move in MOVES:
        act, said = MOVES[move]
        act(get_object_or_404(booking.admissions, pk=number_in(request.POST, "visitor")), by=request.user, at=database_now())
        messages.success(request, said)
        return redirect("trading:access", pk)
    if request.method == "POST" and move in KEEPS:
        locker = request.POST.get("locker", "").strip()[:10]
        if move == "phone" and not locker:
            raise Refused("no_locker_number", "请填写寄存柜号。", field="locker", next_step="没有携带的，请登记“未带手机”。", status=400)
        row = get_object_or_404(booking.admissions, pk=number_in(request.POST, "visitor"))
        actions.keep_phone(row, locker=locker if move == "phone" else "", by=request.user, at=database_now())
        messages.success(request, KEEPS[move])
        return redirect("trading:access", pk)
    if request.method == "POST" and move in given and given[move].is_valid():
        act = actions.list_visitor if move == "list" else actions.turn_away
        try:
            act(booking, **given[move].cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            given[move].add_refusal(refusal)
        else:
            messages.success(request, DONE[move])
            return redirect("trading:access", pk)
    rows = booking.admissions.filter(struck_at=None)
    return render(
        request, "trading/venues/access.html",
        {
            "booking": booking, "lockers": booking.venue.zone == Zone.EVALUATION, "forms": given, "rule": ACCESS, "turned": booking.turned_away.all(), "inside": sum(row.is_inside for row in rows),
            "rows": [(row, ACCESS.wears[row.capacity]) for row in rows],
            "allowed": [(label, ACCESS.wears[capacity]) for capacity, label in given["list"].fields["capacity"].choices],
        },
    )  # fmt: skip
