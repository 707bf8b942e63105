"""The demo city's agencies: their pages in the register, a training, mandates, and what is thought of their work."""

from datetime import timedelta
from decimal import Decimal

from agencies import actions
from agencies.models import AgencyProfile, Rating
from agencies.rules import ITEMS
from agencies.tasks import close_assessments
from config.demo.days import at, workday
from rulebook.clock import city_day, database_now

GRADES = ("A", "A", "B", "B", "P", "", "", "")
CONTROL = "编制、审核、发布由不同人员办理，开标评标资料当日归档，涉密资料专人保管。"


def keep_register(city):
    """A story: the agencies register and are checked, one waits today; a training is held, and a mandate waits for its signature."""
    yield city.settled_at + timedelta(hours=1)
    for place, agency in enumerate(city.agencies):
        services = ["works", "procurement"] if place % 2 == 0 else ["works"]
        if place > 4:
            services.append("cost")
        write(agency, services, GRADES[place])
    for agency in city.agencies[:-1]:
        hand_in(city, agency)
        declare(city, agency)
    course = actions.hold_course(
        {
            "title": "公共资源交易规则培训", "content": "招标投标法律制度、平台操作和廉洁从业", "place": "交易中心三楼培训室",
            "held_on": city_day(city.settled_at) + timedelta(days=7), "hours": 8, "pass_mark": 60, "valid_months": 24,
        },
        by=city.staff, at=database_now(),
    )  # fmt: skip
    seats = [actions.sign_up(course, agency.agency_staff.get(), by=agency.handler, at=database_now()) for agency in city.agencies[:6]]
    yield city.settled_at + timedelta(days=8)
    for place, seat in enumerate(seats):
        actions.record_result(seat, place != 5, Decimal(92 - 5 * place) if place != 5 else None, by=city.staff, at=database_now())
    yield at(workday(city.today, -1), 10)
    actions.submit_profile(city.agencies[-1], by=city.agencies[-1].handler, at=database_now())
    ask(city)


def write(agency, services, grade):
    data = {"services": services, "historic_grade": grade, "introduction": "从事工程招标代理和政府采购代理业务。", "takes_draws": True}
    actions.save_profile(agency, data, by=agency.handler)
    actions.add_staff(agency, agency.handler, "项目负责人", by=agency.handler)


def hand_in(city, agency):
    actions.submit_profile(agency, by=agency.handler, at=database_now())
    actions.check_profile(AgencyProfile.objects.get(agency=agency), True, "", by=city.staff, at=database_now())


def declare(city, agency):
    paper = city.file("内部控制制度", by=agency.handler, organisation=agency, purpose="agency", lines=[CONTROL])
    row = actions.declare_control_paper(agency, "separation", CONTROL, paper, by=agency.handler, at=database_now())
    actions.check_control_paper(row, True, "", by=city.staff, at=database_now())


def ask(city):
    """Today an owner has chosen an agency and signed, and another has asked for a draw of a cost consultant."""
    owner, now = city.owners[0], database_now()
    data: dict[str, object] = {
        "service": "works", "way": "direct", "project_name": "清江市职业学校实训楼工程", "scope": "施工、监理招标代理", "fee_limit": None,
        "criteria": [], "due_at": None,
    }  # fmt: skip
    request = actions.make_request(owner, data, agency=city.agencies[0], by=owner.handler, at=now)
    day = city_day(now)
    words = {
        "scope": "施工、监理招标的全部事务", "powers": request.contracts.get().powers, "fee": Decimal(126_000), "fee_basis": "market", "payer": "owner",
        "starts_on": day, "ends_on": day + timedelta(days=365), "additions": "",
    }  # fmt: skip
    contract = actions.save_contract(request.contracts.get(), words, by=owner.handler, at=now)
    actions.offer_contract(contract, seen=actions.text_digest(contract), by=owner.handler, at=now)
    other = city.owners[1]
    drawn = {"service": "cost", "way": "draw", "project_name": "清江水厂扩建工程预算审核", "scope": "施工图预算编制与审核"}
    actions.make_request(other, {**data, **drawn}, by=other.handler, at=now)


def rate_agencies(city):
    """A story that goes on: whoever was asked rates, most of them; what is over is closed. The newest wait for the demo's people."""
    moment = city.settled_at + timedelta(days=1)
    while moment < city.now - timedelta(days=1):
        yield moment
        now = database_now()
        waiting = Rating.objects.filter(at=None, assessment__closed_at=None, assessment__due_at__gte=now)
        for place, rating in enumerate(waiting.select_related("organisation", "assessment")):
            if rating.side != Rating.Side.BIDDER or place % 2:
                best = city.random.randint(82, 98)
                marks = {name: Decimal(max(60, best - city.random.randint(0, 8))) for name in ITEMS}
                member = rating.organisation.memberships.filter(until=None).earliest("pk")
                actions.rate(rating, marks, "", by=member.person, at=now)
        close_assessments()
        moment += timedelta(days=2)
