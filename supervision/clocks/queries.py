"""All running statutory clocks, as a supervisor sees them."""

from guardian.shortcuts import get_objects_for_user

from rulebook.workdays import one_calendar
from trading.procedures.timeline import Status
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE
from trading.tenders.queries import clock_of

RUNNING = (Tender.State.REGISTERED, Tender.State.PUBLISHED)
# A period that ends within so many days is shown as near.
NEAR_DAYS = 3


def running_tenders():
    rows = Tender.objects.filter(state__in=RUNNING).select_related("project__owner", "project__agency", "project__regulator")
    return rows.prefetch_related("lots").order_by("pk")


def clocks_of(tenders, *, on):
    """Every period of these tenders that runs or was missed, the nearest day first."""
    with one_calendar():
        rows = [each for tender in tenders for each in clock_of(tender, on=on, ended=False)]
    rows = [each for each in rows if each.row.is_running or each.row.status == Status.MISSED]
    return sorted(rows, key=lambda each: (each.row.permitted, each.tender.pk, each.row.rule.code))


def supervised_clocks(person, *, on):
    return clocks_of(get_objects_for_user(person, SUPERVISE, klass=running_tenders(), with_superuser=False), on=on)


def is_near(each, on):
    return each.row.is_running and (each.row.permitted - on).days <= NEAR_DAYS
