from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Refused
from trading.projects.models import Lot, Tender
from trading.projects.queries import MANAGE
from trading.venues import actions, calendars, forms
from trading.venues.models import Venue, VenueBooking
from trading.venues.queries import next_free, venues_for
from trading.venues.rules import LENDING
from web.doors import open_to

OVER = (Lot.State.ARCHIVED, Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.CONTRACTED)


def asked_day(request, otherwise):
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return otherwise


@open_to("public")
@require_safe
def openings(request):
    """The openings of a week, or of one day of it."""
    now = database_now()
    today = city_day(now)
    day = asked_day(request, today)
    week = calendars.openings_by_day(calendars.monday_of(day), calendars.WEEK)
    chosen = day if request.GET.get("view") == "day" else None
    soonest = Lot.objects.filter(
        state=Lot.State.BIDDING, tender__private=False, bids_due_at__gt=week[-1].rows[-1].bids_due_at if week[-1].rows else now
    )
    return render(
        request, "trading/venues/openings.html",
        {
            "nav": "openings", "now": now, "today": today, "week": week, "chosen": chosen,
            "days": [row for row in week if row.rows and chosen in (None, row.day)],
            "before": week[0].day - timedelta(days=1), "after": week[-1].day + timedelta(days=1),
            "soonest": soonest.order_by("bids_due_at").first(),
        },
    )  # fmt: skip


@open_to("public")
@require_safe
def openings_ics(request):
    answer = HttpResponse(calendars.openings_feed(database_now()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="openings.ics"'
    return answer


@open_to("staff")
@require_safe
def calendar(request):
    """All rooms for a week or a day, with every free time a link to book it."""
    now = database_now()
    day = asked_day(request, city_day(now))
    kind = request.GET.get("kind", "")
    kind = kind if kind in Venue.Kind.values else ""
    by_day = request.GET.get("view") == "day"
    monday = calendars.monday_of(day)
    step = timedelta(days=1 if by_day else calendars.WEEK)
    waiting = VenueBooking.objects.filter(state__in=[VenueBooking.State.REQUESTED, VenueBooking.State.UNPLACED])
    return render(
        request, "trading/venues/calendar.html",
        {
            "day": day, "today": city_day(now), "kind": kind, "kinds": Venue.Kind.choices, "by_day": by_day, "monday": monday,
            "sunday": monday + timedelta(days=6), "days": [monday + timedelta(days=n) for n in range(calendars.WEEK)], "hours": calendars.hours(),
            "rooms": calendars.day_of_rooms(day, kind) if by_day else calendars.week_of_rooms(monday, kind),
            "before": (day if by_day else monday) - step, "after": (day if by_day else monday) + step,
            "waiting": waiting.select_related("tender", "lot", "venue").order_by("period"), "now": now,
        },
    )  # fmt: skip


@open_to("staff")
@require_safe
def venues(request):
    rows = Venue.objects.select_related("centre").annotate(open_faults=Count("faults", filter=Q(faults__repaired_at=None)))
    return render(request, "trading/venues/venues.html", {"venues": rows})


@open_to("staff")
def edit_venue(request, pk=None):
    venue = get_object_or_404(Venue, pk=pk) if pk else None
    form = forms.VenueForm(request.POST or None, instance=venue)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_venue(form.save(commit=False), by=request.user)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "场地已保存。")
            return redirect("trading:venues")
    return render(request, "trading/venues/venue.html", {"form": form, "venue": venue})


def bookable_lots():
    return Lot.objects.exclude(state__in=OVER).filter(tender__number__isnull=False).select_related("tender").order_by("-tender__pk", "no")


def asked_period(request):
    """What the calendar's link says: the room, the day and the time that was free."""
    given = {name: request.GET[name] for name in ("venue", "day", "starts", "purpose", "lot") if name in request.GET}
    try:
        starts = datetime.strptime(given.get("starts", ""), "%H:%M").replace(tzinfo=CITY)
    except ValueError:
        return given
    return {**given, "ends": f"{starts + LENDING.opening_takes:%H:%M}"}


@open_to("staff")
@official_act("安排场地", target="场地安排")
def new_booking(request):
    form = forms.BookingForm(request.POST or None, initial=asked_period(request), lots=bookable_lots())
    now = database_now()
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        try:
            made = actions.book_venue(
                good["venue"], good["purpose"], *form.period(), lot=good["lot"], note=good["note"], by=request.user, at=now
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "场地已安排。")
            return redirect("trading:booking", made.pk)
    return render(request, "trading/venues/new_booking.html", {"form": form, "free": free_times(form, now)})


def free_times(form, now):
    """When each room is next free for as long as an opening takes, to choose from."""
    rooms = form.fields["venue"].queryset
    return [(room, next_free(room, LENDING.opening_takes, now)) for room in rooms]


MOVES = {"move": "调整场地", "cancel": "取消场地安排", "answer": "答复场地申请"}


@open_to("staff")
@official_act(MOVES, target="场地安排 {pk}")
def booking(request, pk):
    """One booking: who has the room, and moving it, giving it back or answering the request."""
    found = get_object_or_404(VenueBooking.objects.select_related("venue", "tender", "lot", "booked_by", "ended_by"), pk=pk)
    wanted = request.POST.get("move", "")
    starts, ends = found.starts_at.astimezone(CITY), found.ends_at.astimezone(CITY)
    initial = {"venue": found.venue_id, "day": starts.date(), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}
    given = {
        "move": forms.MoveForm(request.POST if wanted == "move" else None, initial=initial, prefix="m"),
        "cancel": forms.ReasonForm(request.POST if wanted == "cancel" else None, prefix="c"),
        "answer": forms.AnswerForm(request.POST if wanted == "answer" else None, initial={"granted": "1"}, prefix="a"),
    }
    given["move"].fields["venue"].queryset = venues_for(found.purpose)
    if request.method == "POST" and wanted in given and given[wanted].is_valid():
        try:
            made = carry_out(wanted, found, given[wanted], {"by": request.user, "at": database_now()})
        except Refused as refusal:
            given[wanted].add_refusal(refusal)
        else:
            messages.success(request, "已办理。")
            return redirect("trading:booking", made.pk)
    return render(request, "trading/venues/booking.html", {"booking": found, "forms": given, "now": database_now()})


def carry_out(move, found, form, act):
    good = form.cleaned_data
    if move == "move":
        return actions.move_booking(found, good["venue"], *form.period(), reason=good["reason"], **act)
    if move == "cancel":
        return actions.cancel_booking(found, reason=good["reason"], **act)
    return actions.decide_request(found, good["granted"] == "1", reason=good["reason"], **act)


def own_lots(request):
    handled = get_objects_for_user(request.user, MANAGE, klass=Tender, with_superuser=False)
    return bookable_lots().filter(tender__in=handled)


@open_to("agency", "tenderee")
@require_safe
def own_bookings(request):
    """The rooms that my side's tenders have, and what was asked for."""
    handled = get_objects_for_user(request.user, MANAGE, klass=Tender, with_superuser=False)
    rows = VenueBooking.objects.filter(tender__in=handled).select_related("tender", "lot", "venue").order_by("-period")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "trading/venues/own.html", {"page": page, "now": database_now()})


@open_to("agency", "tenderee")
@official_act("申请场地", target="场地申请")
def request_booking(request):
    form = forms.RequestForm(request.POST or None, initial=asked_period(request), lots=own_lots(request))
    now = database_now()
    if request.method == "POST" and form.is_valid():
        good = form.cleaned_data
        try:
            actions.request_venue(
                good["venue"], good["purpose"], *form.period(), tender=good["lot"].tender, lot=good["lot"], note=good["note"],
                by=request.user, at=now,
            )  # fmt: skip
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "申请已提交，场地已为你暂留，等待交易中心确认。")
            return redirect("trading:own_bookings")
    return render(request, "trading/venues/request.html", {"form": form, "free": free_times(form, now)})


@open_to("agency", "tenderee")
@require_POST
def withdraw_request(request, pk):
    found = get_object_or_404(VenueBooking, pk=pk, booked_by=request.user, state=VenueBooking.State.REQUESTED)
    actions.cancel_booking(found, reason="申请方撤回", by=request.user, at=database_now())
    messages.success(request, "申请已撤回，场地已释放。")
    return redirect("trading:own_bookings")
