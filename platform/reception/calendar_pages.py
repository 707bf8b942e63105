"""The administrator's table of working days: what the calendar library does not know yet, or the city has changed."""

from datetime import date

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.permissions import audiences
from accounts.stepup import official_act
from ledger.acts import record
from reception.events import CalendarChanged
from rulebook.clock import city_day, database_now
from rulebook.models import Holiday
from rulebook.refusals import Forbidden, Refused
from rulebook.workdays import is_announced
from web.doors import open_to
from web.forms import HouseForm

YEARS_AHEAD = 2


class HolidayForm(HouseForm, forms.Form):
    """A day, or all days from a first to a last."""

    first = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="至（含）", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="只有一天的不填")
    kind = forms.ChoiceField(label="类型", choices=Holiday.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="名称", max_length=60, help_text="如“国庆节”“春节调休”")
    source = forms.CharField(label="依据", max_length=200, help_text="通知名称和文号")


def require_administrator(by):
    if not by.is_superuser and "admin" not in audiences(by, None):
        raise Forbidden("not_administrator", "只有平台管理员可以调整工作日历。")


@transaction.atomic
def set_days(*, first, last, kind, name, source, by, at):
    """Enter days as off or worked, with their source; days of the past stay as they were counted."""
    require_administrator(by)
    last = last or first
    if first <= city_day(at):
        raise Refused("past_day", "只能调整今天以后的日期，已经过去的期限不重新计算。", field="first")
    if not 0 <= (last - first).days < 40:
        raise Refused("bad_range", "结束日期应在开始日期之后，且不超过四十天。", field="last")
    for n in range((last - first).days + 1):
        day = date.fromordinal(first.toordinal() + n)
        Holiday.objects.update_or_create(date=day, defaults={"kind": kind, "name": name, "source": source})
    record(CalendarChanged(first=first.isoformat(), last=last.isoformat(), day_kind=kind, source=source), by=by, role="admin")


@transaction.atomic
def remove_day(row, *, by, at):
    """Take a future day out of the table: the library's calendar holds for it again."""
    require_administrator(by)
    if row.date <= city_day(at):
        raise Refused("past_day", "已经过去的日期不能移除。")
    record(CalendarChanged(first=row.date.isoformat(), last=row.date.isoformat(), day_kind="", source=row.source), by=by, role="admin")
    row.delete()


@open_to("admin")
@official_act("调整工作日历", target="工作日历")
def calendar(request):
    now = database_now()
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_days(**form.cleaned_data, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "工作日历已调整，正在计算的期限随之更新。")
            return redirect("accounts:calendar")
    year = city_day(now).year
    years = [(each, is_announced(each)) for each in range(year, year + YEARS_AHEAD)]
    rows = Holiday.objects.filter(date__year__gte=year).order_by("date")
    return render(request, "reception/calendar.html", {"form": form, "rows": rows, "years": years, "today": city_day(now)})


@open_to("admin")
@require_POST
@official_act("调整工作日历", target="工作日历第 {pk} 项")
def remove_holiday(request, pk):
    remove_day(get_object_or_404(Holiday, pk=pk), by=request.user, at=database_now())
    messages.success(request, "已移除。")
    return redirect("accounts:calendar")
