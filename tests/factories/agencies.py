"""Agencies in the register, mandates, tenders that they carry out, and inspections with their draw."""

from datetime import datetime, timedelta
from decimal import Decimal

from agencies import actions
from agencies.models import AgencyProfile
from rulebook.clock import CITY, city_day, database_now
from sealing.reference import enrolled
from tests.factories.evaluation import drawn, parties
from tests.factories.trading import accepted_tender, organisation, stored
from trading.projects.models import Tender


def profile(agency, *services, **more):
    """What an agency writes of itself, with one of its people."""
    data = {"services": list(services) or ["works"], "historic_grade": "", "introduction": "", "takes_draws": True, **more}
    actions.save_profile(agency, data, by=agency.somebody)
    if not agency.agency_staff.exists():
        actions.add_staff(agency, agency.somebody, "项目负责人", by=agency.somebody)
    return AgencyProfile.objects.get(agency=agency)


def listed(where, agency=None, *services, **more):
    """An agency whose page was handed in and checked."""
    agency = agency or organisation("agency")
    row = profile(agency, *services, **more)
    actions.submit_profile(agency, by=agency.somebody, at=database_now())
    actions.check_profile(row, True, "", by=where.staff, at=database_now())
    agency.refresh_from_db()
    return agency


def asked(where, way="direct", *, agency=None, service="works", at=None, **more):
    """A tenderee's request."""
    data = {
        "service": service, "way": way, "project_name": "清江市第一小学综合楼新建工程", "scope": "施工招标代理", "fee_limit": None, "criteria": [],
        "due_at": None, **more,
    }  # fmt: skip
    return actions.make_request(where.owner, data, agency=agency, by=where.owner.somebody, at=at or database_now())


WORDS = {"scope": "施工招标的全部事务", "powers": "编制招标文件，组织开标评标", "fee_basis": "market", "payer": "owner", "additions": ""}


def offered(where, request, *, fee=Decimal("80000.00"), **more):
    """The mandate, written and signed by the tenderee."""
    contract, day = request.contracts.exclude(state="ended").get(), city_day(database_now())
    data = {**WORDS, "fee": fee, "starts_on": day, "ends_on": day + timedelta(days=365), **more}
    contract = actions.save_contract(contract, data, by=where.owner.somebody, at=database_now())
    return actions.offer_contract(contract, seen=actions.text_digest(contract), by=where.owner.somebody, at=database_now())


def mandate(where, agency=None, **more):
    """A signed mandate of the city's owner and its agency."""
    agency = agency or where.agency
    contract = offered(where, asked(where, agency=agency), **more)
    return actions.sign_contract(contract, seen=contract.digest, by=agency.somebody, at=database_now())


def drawing(where):
    """The keys of the centre, the regulator and the owner, who draw a mandate."""
    if not hasattr(where, "mandate_parties"):
        people = [(where.staff, where.centre), (where.supervisor, where.regulator), (where.owner.somebody, where.owner)]
        where.mandate_parties = [enrolled(office, by=person, role="holder") for person, office in people]
    return where.mandate_parties


def carried_out(where, count):
    """So many tenders of the city's agency, published in the last year; what a publication asks has its own tests."""
    found, then = [], datetime(city_day(database_now()).year - 1, 6, 1, 9, tzinfo=CITY)
    for number in range(count):
        tender = accepted_tender(where, name=f"清江市第{number + 1}中学改造工程")
        Tender.objects.filter(pk=tender.pk).update(state=Tender.State.PUBLISHED, published_at=then)
        found.append(tender)
    return found


def begun_inspection(where, count=5, **more):
    """A yearly inspection whose list stands and whose draw waits for numbers."""
    carried_out(where, count)
    parties(where)
    now = database_now()
    given = {"centre": where.staff, "third": where.handler, "by": where.supervisor, **more}
    return actions.begin_inspection(where.agency, city_day(now).year - 1, at=now, **given)


def drawn_inspection(where, count=5):
    inspection = begun_inspection(where, count)
    drawn(inspection.draw, parties(where))
    inspection.refresh_from_db()
    return inspection


def inspected(where, count=5, *, clean=True):
    """Every drawn tender has its record."""
    inspection = drawn_inspection(where, count)
    for row in inspection.tenders.all():
        actions.inspect_tender(row, clean=clean, findings="查阅了招标文件和开标评标资料。", by=where.supervisor, at=database_now())
    return inspection


def concluded(where, result="failed", **more):
    inspection = inspected(where, clean=result == "passed")
    day = city_day(database_now())
    given = {
        "opinion": "未按规定移交档案。", "correct_by": None if result == "passed" else day + timedelta(days=30), "order_number": "清建检〔2026〕3 号",
        "conduct": None, "evidence": None, **more,
    }  # fmt: skip
    return actions.conclude_inspection(inspection, result=result, **given, by=where.supervisor, at=database_now())


def paper(agency):
    return stored(agency.somebody, agency, "agency")
