"""Setting down statutory events as they happen, and reading them back."""

from django.db.models import Q

from trading.procedures.milestones import MILESTONES
from trading.procedures.models import LimitWaiver, Milestone
from trading.procedures.timeline import Occurrence


def reach(tender, name, *, at, lot=None, reference=""):
    """Set down that a statutory event happened (called by the action that makes it happen, in its transaction).

    The first report of an occurrence stands: doing the same again changes nothing. ValueError for an unknown name.
    """
    if name not in MILESTONES:
        raise ValueError(f"{name} is no milestone")
    row, _ = Milestone.objects.get_or_create(tender=tender, lot=lot, name=name, reference=reference, defaults={"at": at})
    return row


def milestones_of(tender, lot=None):
    """The latest occurrence of each event of a tender: {name: moment}. With a lot, its own events count too."""
    rows = Milestone.objects.filter(tender=tender).filter(Q(lot=None) | Q(lot=lot) if lot else Q(lot=None))
    return {row.name: row.at for row in rows.order_by("at", "pk")}


def occurrences_of(tender, lot=None):
    """Every occurrence of every event of a tender, in order; with a lot, its own events too."""
    rows = Milestone.objects.filter(tender=tender).filter(Q(lot=None) | Q(lot=lot) if lot else Q(lot=None))
    return [Occurrence(row.name, row.at, row.reference) for row in rows.order_by("at", "pk")]


def waivers_of(tender):
    """The waivers of a tender: {rule code: the latest waiver of it}."""
    return {row.rule: row for row in LimitWaiver.objects.filter(tender=tender).select_related("by", "notice").order_by("at", "pk")}
