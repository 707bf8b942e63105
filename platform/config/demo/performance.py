"""How a contract of the demo city is signed on the platform and carried out, as far as the goal says."""

from datetime import timedelta
from decimal import Decimal

from config.demo.days import at, workday
from rulebook.clock import city_day, database_now
from trading.awards import drafting
from trading.performance import actions
from trading.performance.models import KeyPerson, Post
from trading.performance.rules import CERTIFICATES, TEAM

# Tenders that go on after the contract; the demo's bidder wins the first of each.
GOALS = ("signing", "performing", "completed")
SUNDAY = 6


def sign_on_platform(life, day):
    """Drafted, confirmed by the tenderee, signed by the winner, filed; a goal of "signing" ends with the winner's turn."""
    winner = life.award.candidate.result.bid.bidder
    life.winner = next(row for row in life.bidders if row.pk == winner.pk)
    yield life.on(day, 14)
    draft = drafting.draft_contract(life.award, by=life.by, at=database_now())
    facts = {name: getattr(draft, name) for name in drafting.FACTS}
    facts |= {"starts_on": workday(day, 4), "small_firm": True, "additions": "竣工后双方共同组织一次质量回访。"}
    drafting.save_contract(draft, facts, by=life.by, at=database_now())
    yield life.on(day, 16)
    drafting.offer_contract(draft, by=life.owner.handler, at=database_now())
    if life.goal == "signing":
        return True
    yield life.on(workday(day, 1), 10)
    drafting.sign_contract(draft, by=life.winner.handler, at=database_now())
    yield life.on(workday(day, 2), 14)
    life.held = drafting.file_signed_contract(draft, by=life.by, at=database_now())
    return (yield from perform(life, workday(day, 3)))


def perform(life, day):
    """Bond, team, daily check-ins; on their days a change, payments, an inspection; at the end, for some, acceptance."""
    contract, firm, owner = life.held, life.winner.handler, life.owner.handler
    yield life.on(day, 9)
    now = database_now()
    actions.ask_bond(contract, amount=(contract.amount / 20).quantize(Decimal(1)), due_on=workday(day, 15), by=life.by, at=now)
    paper = life.city.file("证据材料", by=firm, organisation=life.winner, purpose="performance")
    bond = {"form": "guarantee", "reference": f"QJBH-{life.number:04d}", "valid_until": day + timedelta(days=500)}
    actions.put_up_bond(contract, data=bond, proof=paper, by=firm, at=now)
    actions.confirm_bond(contract, by=life.city.staff, at=now)
    for title, share in (("预付款", 10), ("主体完工", 50), ("竣工结算", 37)):
        planned = (contract.amount * share / 100).quantize(Decimal("0.01"))
        actions.plan_payment(contract, title=title, amount=planned, planned_on=None, by=life.by, at=now)
    team = {post: register(life, post, now) for post in TEAM["works"]}
    events = {workday(day, 8): change, workday(day, 12): pay, workday(day, 16): inspect}
    if life.goal == "completed":
        events = {workday(day, 6): pay, workday(day, 10): finish}
    today = workday(day, 1)
    while today < life.city.today:
        if today.weekday() != SUNDAY:
            yield at(today, 8, life.minute % 30)
            for custody in present(life, team, today):
                actions.check_in(contract, custody, way="face", site="项目部", by=firm, at=database_now())
        if today in events:
            yield life.on(today, 15)
            events[today](life, contract, team, firm, owner)
            if life.goal == "completed" and events[today] is finish:
                return True
        today += timedelta(days=1)
    return True


def register(life, post, now):
    """A key person of the winner, by the name the bid gave where it is the manager, held for this contract."""
    name = life.held.manager if post == Post.MANAGER else life.city.random_name(life.random)
    data = {
        "name": name, "certificate": CERTIFICATES[post], "level": KeyPerson.Level.SECOND, "number": f"鄂2{life.number:05d}{list(Post).index(post):03d}",
        "valid_until": city_day(now) + timedelta(days=800),
    }  # fmt: skip
    person = actions.register_key_person(life.winner, data, by=life.winner.handler, at=now)
    return actions.name_team_member(life.held, person, post, by=life.winner.handler, at=now)


def present(life, team, day):
    """In the first tender the materials officer is seldom there; in the others only the heads are shown day by day."""
    if not life.first or life.goal == "completed":
        return [team[Post.MANAGER], team[Post.SAFETY]]
    return [custody for post, custody in team.items() if post != Post.MATERIALS or day.weekday() == 0]


def change(life, contract, team, firm, owner):
    """A change in force; in the first tender a larger one waits for the regulator."""
    now = database_now()
    small = {"title": "增加既有管线保护", "reason": "现场发现未标注的既有管线，须增加保护措施。", "days": 10}
    made = actions.propose_change(
        contract, data={**small, "amount": (contract.amount * 3 / 100).quantize(Decimal(1))}, proof=None, by=life.by, at=now
    )
    actions.agree_change(contract, made, by=firm, at=now)
    if life.first:
        large = {"title": "软基处理方案调整", "reason": "地质条件与勘察报告不符，经设计复核须换填处理。", "days": 15}
        amount = (contract.amount * 9 / 100).quantize(Decimal(1))
        made = actions.propose_change(contract, data={**large, "amount": amount}, proof=None, by=life.by, at=now)
        actions.agree_change(contract, made, by=firm, at=now)


def pay(life, contract, team, firm, owner):
    """The first payment is made; in the first tender another waits for the tenderee."""
    now = database_now()
    asked = {"progress": "人员、设备进场，临时设施搭设完成。", "delivered_on": city_day(now), "proof": None}
    amount = (contract.amount / 10).quantize(Decimal("0.01"))
    row = actions.request_payment(contract, milestone=contract.payment_plan.first(), amount=amount, **asked, by=firm, at=now)
    actions.approve_payment(contract, row, approved=amount, remark="", by=owner, at=now)
    actions.record_payment(contract, row, paid_on=city_day(now), by=owner, at=now)
    if life.first and life.goal == "performing":
        asked["progress"] = "完成沟槽开挖及管道基础约百分之三十。"
        actions.request_payment(contract, milestone=None, amount=amount / 2, **asked, by=firm, at=now)


def inspect(life, contract, team, firm, owner):
    """An inspection with a finding and absent people; its deduction is replied to in the first tender, confirmed in others."""
    now, official = database_now(), life.city.official
    row = actions.plan_inspection(contract, kind="flight", planned_at=now, units="", by=official, at=now)
    finding = ("临边防护缺失两处。", "按方案补设防护栏杆并报告。", workday(city_day(now), 5))
    absent = [team[Post.MATERIALS]] if life.first else [team[Post.MANAGER], team[Post.QUALITY]]
    row = actions.hold_inspection(
        row, inspectors=f"{official.name}、{life.city.colleague.name}", text="到场抽查人员到岗、临边防护和材料堆放。", absent=absent, findings=[finding],
        photo=None, by=official, at=now,
    )  # fmt: skip
    deduction = actions.issue_inspection_deduction(contract, row, by=official, at=now)
    actions.reply_to_deduction(contract, deduction, reply="当日外出验收进场材料，有送货单为证。", by=firm, at=now)
    if not life.first:
        actions.decide_deduction(contract, deduction, confirmed=True, decision="外出未履行请假手续，确认扣款。", by=official, at=now)
        actions.report_rectified(contract, row.findings.get(), reply="已补设防护栏杆。", proof=None, by=firm, at=now)


def finish(life, contract, team, firm, owner):
    """Done early, accepted at the first time, and rated by both sides."""
    now = database_now()
    actions.apply_for_acceptance(contract, statement="合同内容全部完成，资料齐全。", finished_on=city_day(now), proof=None, by=firm, at=now)
    panel = [["王工", "清江市质量安全监督站"], ["李工", "设计单位"], ["周工", "监理单位"]]
    actions.hold_acceptance(contract, result="passed", panel=panel, opinion="工程质量符合设计和合同要求，同意验收。", by=owner, at=now)
    marks = {"quality": 28, "progress": 19, "people": 17, "cost": 14, "service": 14}
    actions.rate_performance(contract, "tenderee", marks, remark="组织有序，配合较好。", by=owner, at=now)
    actions.rate_performance(contract, "winner", {"payment": 38, "conditions": 27, "conduct": 29}, remark="", by=firm, at=now)
