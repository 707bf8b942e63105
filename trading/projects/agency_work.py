"""What the agencies' room is told of the tenders that agencies carry out."""

from datetime import datetime, time

from django.db.models import Count

from agencies.queries import Business, business_counts, businesses
from rulebook.clock import CITY
from trading.projects.models import Tender


@businesses
def tenders_of(agencies, year):
    """The tenders of agencies that were published in a year; of one that is not public, the number alone."""
    since, until = (datetime.combine(datetime(each, 1, 1).date(), time(), tzinfo=CITY) for each in (year, year + 1))
    rows = Tender.objects.filter(project__agency__in=agencies, published_at__gte=since, published_at__lt=until).select_related("project")
    found: dict[int, list[Business]] = {}
    for row in rows:
        told = Business(row.number, "邀请招标项目" if row.private else row.name, row.project.category)
        found.setdefault(row.project.agency_id, []).append(told)
    return found


@business_counts
def tender_counts():
    """How many published tenders each agency has carried out."""
    rows = Tender.objects.filter(project__agency__isnull=False, published_at__isnull=False)
    return dict(rows.values_list("project__agency").annotate(Count("pk")))
