"""What was handed over and not yet taken note of, and what the centre failed to say in time."""

from datetime import timedelta

from agencies.models import Rating
from experts.models import SessionRating
from supervision.feedback.models import CentreFeedback
from trading.projects.models import Tender

# How far back the centre's missed ratings are shown.
SHOWN = timedelta(days=90)


def feedback_for(regulator):
    rows = CentreFeedback.objects.filter(regulator=regulator) if regulator else CentreFeedback.objects.all()
    return rows.select_related("expert__person", "agency", "regulator").order_by("acknowledged_at", "due_at")


def open_feedback(request):
    return feedback_for(request.organisation).filter(acknowledged_at=None).count()


def missed_by_centre(regulator, at):
    """[(what, title, due)] of ratings that the centre owed in this regulator's tenders and did not give in time."""
    mine = Tender.objects.filter(project__regulator=regulator) if regulator else Tender.objects.all()
    since = at - SHOWN
    numbers = mine.filter(published_at__isnull=False).values("number")
    experts = SessionRating.objects.filter(
        role=SessionRating.Role.CENTRE,
        at=None,
        assessment__due_at__lt=at,
        assessment__due_at__gt=since,
        assessment__tender_number__in=numbers,
    ).select_related("assessment__expert__person")
    agencies = Rating.objects.filter(
        side=Rating.Side.CENTRE, at=None, assessment__due_at__lt=at, assessment__due_at__gt=since, assessment__tender_number__in=numbers
    ).select_related("assessment__agency")
    found = [(f"专家 {row.assessment.expert.person.name}", row.assessment.title, row.assessment.due_at) for row in experts]
    return found + [(row.assessment.agency.name, row.assessment.tender_name, row.assessment.due_at) for row in agencies]
