"""What pages and the rooms above want to know of agencies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db.models import Avg, Case, Count, Q, When

from accounts.models import Organisation
from agencies.models import AgencyContract, AgencyProfile, AgencyStaff, Assessment, MandateUse, Rating, Restriction
from agencies.rules import AGENCY_SERVICES, RANKED_FROM, RANKED_MONTHS, RESTRICTED, category_of, rounded, sectors_of, services_for
from credit.models import Exclusion
from rulebook.clock import CITY
from rulebook.periods import add_months
from rulebook.refusals import Refused


@dataclass(frozen=True)
class Business:
    """One tender that an agency carries out, as the room of tenders tells of it."""

    number: str
    name: str
    category: str


# Rooms above tell what agencies do: function(agencies, year) -> {agency id: [Business]}; and how much there is: function() -> {agency id: count}.
_businesses: list[Callable] = []
_counts: list[Callable] = []


def businesses(function):
    """Register who knows the tenders of agencies in a year; used as a decorator."""
    _businesses.append(function)
    return function


def business_counts(function):
    """Register who counts all tenders by agency; used as a decorator."""
    _counts.append(function)
    return function


def business_by_agency(agencies, year, categories):
    """{agency id: its tenders of a year in these categories, in the order of their numbers}."""
    told = [function(agencies, year) for function in _businesses]
    found = {each.pk: [row for rows in told for row in rows.get(each.pk, []) if row.category in categories] for each in agencies}
    return {agency: sorted(rows, key=lambda row: row.number) for agency, rows in found.items()}


def business_of(agency, year, categories):
    """One agency's tenders of a year in these categories."""
    return business_by_agency([agency], year, categories)[agency.pk]


def counts_by_agency():
    """{agency id: tenders ever carried out}."""
    found: dict[int, int] = {}
    for function in _counts:
        for agency, count in function().items():
            found[agency] = found.get(agency, 0) + count
    return found


def restriction_of(agency, on):
    """The restriction that keeps an agency from new business on a day, or None."""
    return Restriction.objects.filter(agency=agency).in_force(on).select_related("regulator").first()


def exclusions_on(on, category):
    """The decisions that ban from a category of trade on a day; without one, from any."""
    rows = Exclusion.objects.in_force(on)
    return rows.filter(category=category) if category else rows


def require_free(agency, on, category=""):
    """Refuse new business in a category of trade for an agency that is restricted in it, or banned from it by a decision."""
    if exclusions_on(on, category).filter(organisation=agency).exists():
        raise Refused("agency_excluded", f"“{agency.name}”处于禁止从事代理业务的期限内。", rule="依法作出的处理决定", status=403)
    found = Restriction.objects.filter(agency=agency).binding(on, sectors_of(category)).first()
    if found is not None:
        until = f"，至 {found.until:%Y-%m-%d} 止" if found.until else "，整改经复查通过后解除"
        raise Refused(
            "agency_restricted", f"“{agency.name}”因{found.get_kind_display()}（{found.order_number}）暂停承接新业务{until}。",
            rule=f"{RESTRICTED.source}：{RESTRICTED.says}", next_step="正在办理的业务可以继续；对决定不服的，可以依法申请复议。", status=403,
        )  # fmt: skip


def is_free(agency, on, category=""):
    """Whether an agency may take on new business in a category."""
    try:
        require_free(agency, on, category)
    except Refused:
        return False
    return True


def require_some_service(agency, on):
    """Refuse an agency that may take on nothing new in any of the services that it offers."""
    profile = AgencyProfile.objects.filter(agency=agency).first()
    services = [each for each in AGENCY_SERVICES if profile is None or each in profile.services] or AGENCY_SERVICES
    if not any(is_free(agency, on, category_of(each)) for each in services):
        require_free(agency, on, category_of(services[0]))


def free_agencies(service, on):
    """Agencies of the register for a service that may take on something new."""
    category = category_of(service)
    return (
        Organisation.objects.active()
        .filter(agency_profile__state=AgencyProfile.State.LISTED, agency_profile__services__contains=[service])
        .exclude(pk__in=Restriction.objects.binding(on, sectors_of(category)).values("agency"))
        .exclude(pk__in=exclusions_on(on, category).values("organisation"))
    )


def drawn_from(request, on):
    """Among whom a request is drawn: free agencies of the service that wish to be drawn, never the tenderee itself."""
    return free_agencies(request.service, on).filter(agency_profile__takes_draws=True).exclude(pk=request.owner_id).order_by("uscc")


def standing_contract(owner, agency, category, on, name):
    """The signed contract under which the agency works for the owner in a category on a day, or None; first that of the project's name."""
    rows = AgencyContract.objects.in_force(on).filter(owner=owner, agency=agency, service__in=services_for(category))
    return rows.select_related("document").order_by(Case(When(project_name=name, then=0), default=1), "-signed_at").first()


def used_contract(subject):
    """The contract on which something was registered, or None."""
    use = MandateUse.objects.filter(subject=subject).select_related("contract__document").first()
    return use.contract if use else None


def staff_of(agency, on):
    """The people of an agency who are there now, with whether their training holds."""
    rows = AgencyStaff.objects.filter(agency=agency, left_at=None).select_related("person")
    return [{"row": row, "trained": row.is_trained(on)} for row in rows]


def statistics(on):
    """The counts of the register: agencies, their tenders, people, and how many of them are trained."""
    listed = AgencyProfile.objects.listed()
    people = AgencyStaff.objects.filter(left_at=None, agency__in=listed.values("agency"))
    counts, known = counts_by_agency(), set(listed.values_list("agency_id", flat=True))
    return {
        "agencies": listed.count(),
        "tenders": sum(counts.values()),
        "people": people.count(),
        "trained": people.filter(trained_until__gte=on).count(),
        "ever_trained": AgencyStaff.objects.filter(attendances__passed=True).distinct().count(),
        "restricted": Restriction.objects.in_force(on).filter(agency__in=known).values("agency").distinct().count(),
    }


def historic_grades():
    """[(service, {grade: count})] of works and procurement agencies: history, without any effect today."""
    rows = AgencyProfile.objects.listed().exclude(historic_grade="")
    return [
        (service, [(grade.label, rows.filter(services__contains=[service], historic_grade=grade).count()) for grade in AgencyProfile.Grade])
        for service in services_for("")[:2]
    ]


def ranked_since(on):
    """From when on assessments count in the ranking of a day."""
    return datetime.combine(add_months(on, -RANKED_MONTHS), time(), tzinfo=CITY)


def ranking(on):
    """Every agency that was ever listed in order of its mean score, restricted ones last, those with too few assessments unranked.

    Each row says what made it: the number of assessments and the mean of each side.
    """
    restricted = set(Restriction.objects.in_force(on).values_list("agency_id", flat=True))
    counted = Q(assessments__closed_at__gte=ranked_since(on), assessments__score__isnull=False)
    agencies = (
        Organisation.objects.active()
        .filter(agency_profile__checked_at__isnull=False)
        .annotate(mean=Avg("assessments__score", filter=counted), times=Count("assessments", filter=counted))
        .select_related("agency_profile")
    )
    rows = [
        {
            "agency": row,
            "profile": row.agency_profile,
            "times": row.times,
            "score": rounded(Decimal(row.mean)) if row.mean is not None else None,
            "ranked": row.times >= RANKED_FROM,
            "restricted": row.pk in restricted,
        }
        for row in agencies
    ]
    rows.sort(key=lambda row: (row["restricted"], not row["ranked"], -(row["score"] or 0), row["agency"].uscc))
    place = 0
    for row in rows:
        row["place"] = None
        if row["ranked"] and not row["restricted"]:
            place += 1
            row["place"] = place
    return rows


def assessments_counted(agency, on):
    """The lines behind an agency's place."""
    return Assessment.objects.counted().filter(agency=agency, closed_at__gte=ranked_since(on))


def ratings_waiting(organisation, at):
    """What an organisation is still asked to rate."""
    rows = Rating.objects.filter(organisation=organisation, at=None, assessment__closed_at=None, assessment__due_at__gte=at)
    return rows.select_related("assessment__agency")
