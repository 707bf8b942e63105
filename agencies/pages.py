"""Who may see what of the agencies' room, and what waits for whom."""

from django.db.models import Q

from accounts.models import Organisation
from agencies.models import AgencyComplaint, AgencyContract, AgencyProfile, AgencyRequest, ControlPaper, Proposal
from agencies.queries import free_agencies, ratings_waiting
from rulebook.clock import city_day, database_now

K = Organisation.Kind
OFFICES = (K.CENTRE, K.REGULATOR)


def is_office(organisation):
    return organisation is not None and organisation.is_active and bool(set(organisation.kinds) & set(OFFICES))


def may_read_paper(person, organisation, file):
    """Papers of internal control: the agency's own by ownership; the centre and regulators besides."""
    return is_office(organisation)


def may_read_proposal(person, organisation, file):
    """A proposal's file: the tenderee's and the offices', once the time to propose is over."""
    rows = Proposal.objects.readable_at(database_now()).filter(file=file)
    if organisation is None or not rows.exists():
        return False
    return is_office(organisation) or rows.filter(request__owner=organisation).exists()


def may_read_contract(person, organisation, document):
    return is_office(organisation)


def may_read_complaint(person, organisation, file):
    """Proof of a complaint: its complainant's, and the office's that looks into it. The agency sees the facts alone."""
    rows = AgencyComplaint.objects.filter(evidence=file)
    return rows.filter(complainant=person).exists() or (is_office(organisation) and rows.filter(regulator=organisation).exists())


def open_complaints(request):
    return AgencyComplaint.objects.filter(regulator=request.organisation, state__in=AgencyComplaint.OPEN).count()


def waiting_at_centre(request):
    return AgencyProfile.objects.filter(state="submitted").count() + ControlPaper.objects.filter(state="declared").count()


def waiting_ratings(request):
    return ratings_waiting(request.organisation, database_now()).count()


def requests_for(organisation):
    """The requests that concern an organisation: its own, those it may propose for or was chosen for, all at the offices."""
    rows = AgencyRequest.objects.select_related("owner", "agency", "draw")
    if is_office(organisation):
        return rows
    concerned = Q(owner=organisation)
    if K.AGENCY in organisation.kinds:
        profile = AgencyProfile.objects.filter(agency=organisation).first()
        concerned |= Q(agency=organisation) | Q(proposals__agency=organisation)
        concerned |= Q(state=AgencyRequest.State.PROPOSING, service__in=profile.services if profile else [])
    return rows.filter(concerned).distinct()


def may_see_request(organisation, row):
    """Results of draws and competitions are public, whatever becomes of them; before that, and of a free choice, only who takes part sees."""
    if row.chosen_at is not None and row.way != AgencyRequest.Way.DIRECT:
        return True
    return organisation is not None and organisation.is_active and requests_for(organisation).filter(pk=row.pk).exists()


def may_propose(organisation, row, at):
    """Whether an agency may still hand in a proposal."""
    if organisation is None or row.state != AgencyRequest.State.PROPOSING or at >= row.due_at:
        return False
    return free_agencies(row.service, city_day(at)).filter(pk=organisation.pk).exists()


def contracts_for(organisation):
    rows = AgencyContract.objects.select_related("owner", "agency", "request")
    return rows if is_office(organisation) else rows.filter(Q(owner=organisation) | Q(agency=organisation))
