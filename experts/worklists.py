"""What waits for whom: the regulator's, the centre's and the raters' lists, and the numbers beside their menu entries."""

from django.db.models import Q

from accounts.models import Duty, Membership, Organisation
from experts.actions.ratings import POST
from experts.models import ChangeRequest, CheckedSitting, ConductRecord, Expert, ExpertApplication, SessionRating


def may_read_certificate(person, organisation, document):
    """The expert, and the regulator and the centre that look after the pool."""
    if Expert.objects.filter(person=person, certificate=document).exists():
        return True
    offices = {Organisation.Kind.REGULATOR, Organisation.Kind.CENTRE}
    return organisation is not None and organisation.is_active and bool(offices & set(organisation.kinds))


def to_review(organisation):
    State = ExpertApplication.State
    return (
        ExpertApplication.objects.filter(sector__in=organisation.sectors, state=State.RECOMMENDED)
        .select_related("person")
        .order_by("recommended_at")
    )


def accepted(organisation):
    State = ExpertApplication.State
    return (
        ExpertApplication.objects.filter(sector__in=organisation.sectors, state=State.ACCEPTED)
        .select_related("person")
        .order_by("submitted_at")
    )


def changes_waiting(organisation):
    rows = ChangeRequest.objects.filter(expert__sector__in=organisation.sectors, state=ChangeRequest.State.WAITING)
    return rows.select_related("expert__person", "proof").order_by("asked_at")


def checks_open(organisation):
    """The drawn sittings that wait for the regulator: not yet concluded, or a correction to look at again."""
    open_now = Q(concluded_at=None) | Q(correction=CheckedSitting.Correction.REPORTED)
    rows = CheckedSitting.objects.filter(open_now, check_of__regulator=organisation)
    return rows.select_related("check_of", "sitting__expert__person").order_by("check_of__due_at", "place")


def waiting_for_regulator(request):
    office = request.organisation
    return to_review(office).count() + changes_waiting(office).count() + checks_open(office).count() if office else 0


def ratings_for(organisation, person):
    """What the person may rate for the organisation: only whoever holds the post that rates for the side sees it."""
    rows = Membership.objects.filter(person=person, organisation=organisation, until=None).values_list("duties", flat=True)
    held = {duty for duties in rows for duty in duties}
    roles = [role for role, post in POST.items() if held & {post, Duty.MANAGER}]
    return SessionRating.objects.filter(organisation=organisation, role__in=roles).select_related("assessment__expert__person")


def open_ratings(organisation, person):
    return (
        ratings_for(organisation, person)
        .filter(at=None, assessment__closed_at=None)
        .order_by("assessment__due_at", "assessment__expert__number")
    )


def waiting_ratings(request):
    return open_ratings(request.organisation, request.user).count() if request.organisation else 0


def roster(organisation, *, question="", state="", specialty="", pool=""):
    """The experts an office looks after: the centre all, a regulator those of its sectors."""
    rows = Expert.objects.select_related("person")
    if Organisation.Kind.CENTRE not in organisation.kinds:
        rows = rows.filter(sector__in=organisation.sectors)
    if question:
        rows = rows.filter(Q(person__name__icontains=question) | Q(number=question.upper()) | Q(employer__icontains=question))
    if state:
        rows = rows.filter(state=state)
    if specialty:
        rows = rows.filter(specialty_keys__contains=[specialty])
    if pool:
        rows = rows.filter(pool=pool)
    return rows.order_by("number")


def published_sanctions(day):
    return ConductRecord.objects.filter(published_until__gte=day, withdrawn_at=None).select_related(
        "expert__person", "regulator", "decision"
    )
