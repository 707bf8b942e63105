"""Alerts for those who may look at them."""

from datetime import timedelta

from accounts.models import Organisation
from rulebook.clock import city_day
from supervision.alerts.models import SplittingAlert
from supervision.alerts.rules import SPLITTING
from trading.catalogue.queries import decide
from trading.projects.models import Project

HANDED_IN = (Project.State.SUBMITTED, Project.State.ACCEPTED)


def alerts_for(organisation):
    """A regulator sees the categories it supervises, the centre all."""
    rows = SplittingAlert.objects.select_related("project__owner")
    if organisation is None:
        return rows.none()
    if Organisation.Kind.REGULATOR in organisation.kinds:
        return rows.filter(project__category__in=organisation.sectors)
    return rows if Organisation.Kind.CENTRE in organisation.kinds else rows.none()


def open_alerts(organisation):
    return alerts_for(organisation).filter(state=SplittingAlert.State.OPEN)


def split_with(project):
    """(other projects, their sum with this one, what the catalogue says of it) where a split looks likely; else None."""
    since = project.submitted_at - timedelta(days=SPLITTING.days)
    others = list(
        Project.objects.filter(
            owner=project.owner, category=project.category, kind=project.kind, classification=project.classification, state__in=HANDED_IN,
            submitted_at__gte=since, submitted_at__lte=project.submitted_at,
        ).exclude(pk=project.pk)
    )  # fmt: skip
    day = city_day(project.submitted_at)
    total = project.estimate + sum(row.estimate for row in others)
    together = decide(project.category, project.kind, total, on=day)
    if together is None or len(others) + 1 < SPLITTING.projects or project.estimate >= together.minimum:
        return None
    below = [row for row in others if row.estimate < together.minimum]
    total = project.estimate + sum(row.estimate for row in below)
    return (below, total, together) if below and total >= together.minimum else None
