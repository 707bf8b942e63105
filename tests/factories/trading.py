"""A small city and its tenders, built through the real actions. Plain functions; every name in it is invented."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Duty, Membership, Organisation, Person
from documents.actions import store_file
from rulebook.clock import CITY, city_day, database_now
from rulebook.identifiers import make_uscc
from rulebook.models import Holiday
from rulebook.workdays import is_workday
from trading.catalogue.data import load_catalogue
from trading.catalogue.queries import decide
from trading.projects.actions import (
    attach_paper,
    review_project,
    save_lot,
    save_project,
    start_project,
    submit_project,
)
from trading.projects.models import ProjectReview
from trading.projects.queries import required_papers
from trading.standards.data import load_templates
from trading.standards.pattern_data import load_patterns
from trading.tenders.actions import (
    draft_document,
    obtain_document,
    problems_of,
    publish_tender,
    review_document,
    save_document,
    submit_document,
)

_serial = count(1)

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def person(name="测试人员", **fields):
    """Somebody who can sign in with `client.force_login`."""
    return Person.objects.create(mobile=f"139{next(_serial):08d}", name=name, mobile_verified_at=database_now(), **fields)


def organisation(kind, name="", *, duties=(Duty.MANAGER, Duty.HANDLER), state=Organisation.State.ACTIVE, **fields):
    """An organisation of one kind with one member; `organisation.somebody` is that person."""
    serial = next(_serial)
    made = Organisation.objects.create(
        uscc=make_uscc("91", "429900", f"MA4{serial:05d}"),
        name=name or f"清江{Organisation.Kind(kind).label}第{serial}号有限公司",
        kinds=[kind],
        state=state,
        **fields,
    )
    made.somebody = member(made, duties=duties)
    return made


def member(organisation, *, duties=(Duty.HANDLER,), name="经办人"):
    """One more person who acts for the organisation."""
    made = person(f"{name}{next(_serial)}")
    Membership.objects.create(person=made, organisation=organisation, duties=list(duties))
    return made


@dataclass
class City:
    """The parties of a tender; `staff` holds every duty of the centre."""

    centre: Organisation
    regulator: Organisation
    owner: Organisation
    agency: Organisation
    bidders: list[Organisation] = field(default_factory=list)

    @property
    def staff(self):
        return self.centre.somebody

    @property
    def supervisor(self):
        return self.regulator.somebody

    @property
    def handler(self):
        return self.agency.somebody


def city(bidders=3):
    """The centre, one regulator of works, an owner, an agency and some bidders, each with a member."""
    load_catalogue()
    load_templates()
    load_patterns()
    return City(
        centre=organisation("centre", "清江市公共资源交易中心", duties=[Duty.MANAGER, *Duty.values]),
        regulator=organisation("regulator", "清江市住房和城乡建设局", duties=[Duty.MANAGER, Duty.COMPLAINTS, Duty.CREDIT], sectors=["GC"]),
        owner=organisation("tenderee", "清江市教育局基建办公室"),
        agency=organisation("agency", "清江蓬莱工程咨询有限公司"),
        bidders=[organisation("bidder", f"清江{name}建设有限公司") for name in _names(bidders)],
    )


def _names(wanted):
    base = ("子虚", "乌有", "南柯", "蜃楼", "蓬壶", "方丈", "瀛洲", "桃源", "华胥", "赤水")
    return [base[place % len(base)] + ("" if place < len(base) else f"第{place}") for place in range(wanted)]


def pdf(name="材料.pdf"):
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


PROJECT = {
    "name": "清江市第一小学综合楼新建工程",
    "kind": "works",
    "classification": "A01",
    "address": "清江市滨江新区学府路",
    "scale": "新建综合楼一栋，建筑面积 8600 平方米",
    "fund_source": "市财政资金 100%",
    "estimate": Decimal("38600000.00"),
    "approval_name": "关于第一小学综合楼项目建议书的批复",
    "approval_number": "清发改审〔2026〕64 号",
    "approval_authority": "清江市发展和改革委员会",
    "contact_name": "何经办",
    "contact_phone": "0999-555-0111",
}
LOT = {
    "name": "一标段",
    "content": "综合楼土建、安装及室外工程",
    "estimate": Decimal("38600000.00"),
    "term_days": 420,
    "quality": "合格",
    "qualification": "具备建筑工程施工总承包二级及以上资质和有效的安全生产许可证",
}


def filled_project(where: City, *, lots=({},), by=None, **fields):
    """A registration with everything filled in and every paper attached, not yet handed in."""
    by = by or where.handler
    agency = where.agency
    project = start_project(agency, by=by)
    data = {**PROJECT, "owner": where.owner, **fields}
    if "organisation_form" not in data:
        data["organisation_form"] = form_of(data)
    save_project(project, data, by=by)
    tender = project.tenders.get()
    share = ((fields.get("estimate") or PROJECT["estimate"]) / len(lots)).quantize(Decimal(1))
    for no, more in enumerate(lots, start=1):
        name = LOT["name"] if no == 1 else f"第{no}标段"
        found = tender.lots.filter(no=no).first()
        save_lot(project, {**LOT, "name": name, "estimate": share, **more}, by=by, lot=found)
    project.refresh_from_db()
    for kind in required_papers(project):
        attach_paper(project, kind, stored(by, agency, "project"), by=by)
    return project


def form_of(data):
    """How an agency's purchase off the central list is organised; nothing where the question does not arise."""
    decision = decide(data.get("category", "GC"), data["kind"], data["estimate"], on=city_day(database_now()))
    return "agency" if decision and decision.forms else ""


def stored(by, organisation, purpose, name="材料.pdf"):
    return store_file(pdf(name), by=by, organisation=organisation, purpose=purpose, at=database_now())


def submitted_project(where, *, at=None, **fields):
    project = filled_project(where, **fields)
    submit_project(project, by=fields.get("by") or where.handler, at=at or database_now())
    project.refresh_from_db()
    return project


def accepted_tender(where, *, at=None, **fields):
    """A tender that the centre has taken in: it has its numbers, and the agency's handler may work on it."""
    at = at or database_now()
    project = submitted_project(where, at=at, **fields)
    review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=where.staff, at=at)
    return project.tenders.select_related("project__owner", "project__agency", "project__regulator").get()


SECTION_TEXT = "按施工图纸和工程量清单所示的全部内容，具体范围以图纸为准。"


def written_document(tender, *, by, published_at, due_at, **fields):
    """A tender document ready to be published at that moment."""
    document = draft_document(tender, by=by)
    sections = {row.no: row.text or SECTION_TEXT for row in document.sections.filter(fixed=False)}
    lots = {
        lot.no: {
            "price_limit": (lot.estimate * Decimal("0.96")).quantize(Decimal(1)),
            "deposit": min(Decimal(200_000), (lot.estimate * Decimal("0.02")).quantize(Decimal("0.01"))),
        }
        for lot in tender.lots.all()
    }
    dates = {
        "supply_from": published_at,
        "supply_until": due_at,
        "questions_until": due_at - timedelta(days=16) if due_at - timedelta(days=16) > published_at else due_at,
        "bids_due_at": due_at,
        **fields,
    }
    save_document(document, data=dates, sections=sections, lots=lots, by=by)
    document.refresh_from_db()
    if document.two_envelopes:
        # Who judges the first envelope knows no price to check.
        document.criteria.filter(title__contains="报价").exclude(part="price").delete()
    if not problems_of(document, published_at=published_at):
        reviewed(document, by=by, at=published_at)
    return document


def reviewed(document, *, by, at):
    """The document as it stands goes through its review: confirmed by the owner, filed by the regulator."""
    version = submit_document(document, by=by, at=at)
    project = document.tender.project
    for organisation in [project.owner] if project.agency_id else []:
        review_document(version, by=acting_for(organisation), at=at)
    if project.regulator_id:
        review_document(version, by=acting_for(project.regulator), at=at)
    return version


def acting_for(organisation):
    return organisation.memberships.filter(until=None).order_by("pk").first().person


def make_workday(day):
    """Tests run on any day: a rest day becomes a make-up working day, as the State Council's table may have it."""
    if not is_workday(day):
        Holiday.objects.update_or_create(date=day, defaults={"kind": Holiday.Kind.WORK, "name": "调休上班", "source": "测试用日历"})


def national_day():
    """1 to 7 October are holidays, made up for on Saturday the 10th, as the State Council arranged for 2026."""
    off, work = Holiday.Kind.OFF, Holiday.Kind.WORK
    for day in range(1, 8):
        Holiday.objects.update_or_create(date=date(2026, 10, day), defaults={"kind": off, "name": "国庆节", "source": "测试用日历"})
    for day in [date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30), *(date(2026, 10, each) for each in (8, 9, 10, 12, 13, 14, 15))]:
        Holiday.objects.update_or_create(date=day, defaults={"kind": work, "name": "上班", "source": "测试用日历"})


def published_tender(where, *, due_in=timedelta(days=25), published_ago=None, document=None, **fields):
    """A published tender whose deadline is `due_in` from now; published long enough before to be lawful."""
    now = database_now()
    due_at = now + due_in
    ago = published_ago if published_ago is not None else max(timedelta(days=22) - due_in, timedelta(0))
    at = now - ago
    make_workday(city_day(due_at))
    tender = accepted_tender(where, at=at - timedelta(hours=1), **fields)
    written_document(tender, by=where.handler, published_at=at, due_at=due_at, **(document or {}))
    return publish_tender(tender, by=where.handler, at=at)


def published_lot(where=None, *, due_in=timedelta(days=25), holders=0, **fields):
    """The first lot of a published tender; `holders` of the city's bidders have taken the document."""
    where = where or city(bidders=max(3, holders))
    tender = published_tender(where, due_in=due_in, **fields)
    lot = tender.lots.select_related("tender__project").order_by("no").first()
    for bidder in where.bidders[:holders]:
        obtain_document(tender, bidder, by=bidder.somebody, at=tender.published_at + timedelta(minutes=1))
    lot.city = where
    return lot


def city_time(day, hour=9, minute=30):
    """That hour in the city, as an aware moment."""
    return datetime.combine(day, time(hour, minute), tzinfo=CITY)
