from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from guardian.shortcuts import get_objects_for_user

from rulebook.clock import city_day, database_now
from supervision.clocks.queries import NEAR_DAYS, is_near, supervised_clocks
from trading.procedures.timeline import Status
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE
from trading.tenders.queries import clock_of
from web.doors import open_to

ACTORS = {"handler": "招标人、代理机构", "regulator": "监督部门", "centre": "交易中心", "party": "投标人"}
CHOICES = {"": "全部", "near": f"{NEAR_DAYS} 日内到期", "missed": "已超期或不符合"}


@open_to("supervisor")
@require_safe
def clocks(request):
    """All statutory clocks of the tenders that the person watches."""
    now = database_now()
    on, when, actor = city_day(now), request.GET.get("when", ""), request.GET.get("actor", "")
    everything = supervised_clocks(request.user, on=on)
    rows = everything
    if when == "near":
        rows = [each for each in rows if is_near(each, on)]
    elif when == "missed":
        rows = [each for each in rows if each.row.status == Status.MISSED]
    if actor in ACTORS:
        rows = [each for each in rows if each.row.actor == actor]
    return render(
        request, "supervision/clocks/clocks.html",
        {
            "page": Paginator(rows, 30).get_page(request.GET.get("page")), "choices": CHOICES.items(), "actors": ACTORS, "when": when,
            "actor": actor, "now": now, "near": sum(is_near(each, on) for each in everything),
            "missed": sum(each.row.status == Status.MISSED for each in everything),
        },
    )  # fmt: skip


@open_to("supervisor")
@require_safe
def clock(request, number):
    """The whole clock of one tender."""
    mine = get_objects_for_user(request.user, SUPERVISE, klass=Tender, with_superuser=False)
    tender = get_object_or_404(mine.select_related("project__owner", "project__agency"), number=number)
    now = database_now()
    return render(
        request, "supervision/clocks/clock.html",
        {"tender": tender, "clock": clock_of(tender, on=city_day(now)), "now": now, "actors": ACTORS},
    )  # fmt: skip
