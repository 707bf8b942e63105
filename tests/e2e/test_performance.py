"""A contract from its draft to the release of the key persons, each side in a browser of its own."""

from datetime import timedelta

import pytest

from credit.rules_data import load_rules
from rulebook.clock import CITY, city_day, database_now
from tests.e2e.walk import give_password
from tests.factories.bids import jump_to
from tests.factories.evaluation import evaluating_lot
from tests.factories.performance import awarded, key_person, with_team
from trading.awards.models import Contract
from trading.performance.models import Custody, Post
from trading.performance.rules import TEAM

pytestmark = [pytest.mark.e2e]
PASSWORD = "Qingjiang-2026"


def test_from_draft_to_release(platform, user):
    load_rules()
    lot = evaluating_lot()
    award = awarded(lot)
    jump_to(award.at + timedelta(minutes=1))
    where, firm = lot.city, award.winner
    sides = {"代理": where.handler, "招标人": where.owner.somebody, "中标人": firm.somebody, "监督": where.supervisor, "中心": where.staff}
    desks = {name: user(name).sign_in(give_password(person), PASSWORD) for name, person in sides.items()}
    agency, owner, winner, regulator = (desks[name] for name in ("代理", "招标人", "中标人", "监督"))
    number = lot.tender.number
    draft, home = f"/work/contracts/{number}/1/draft/", f"/work/contracts/{number}/1/"

    def press(desk, address, button, **fields):
        page = desk.go(address)
        for label, value in fields.items():
            page.get_by_label(label).fill(value)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_selector("[role=status]")
        return page

    def step(desk, name, button, target="", **fields):
        return press(desk, f"{home}steps/{name}/?target={target}", button, **fields)

    # Draft, both confirm, filed
    press(agency, draft, "起草合同")
    agency.go(draft).get_by_label("合同金额（元）").fill("29,000,000")
    agency.page.get_by_role("button", name="保存", exact=True).click()
    agency.page.wait_for_selector(".errsum")
    assert "第五十七条" in agency.page.content()
    agency.look("contract-draft")
    press(owner, draft, "确认并送中标人")
    winner.go(draft)
    winner.look("contract-to-sign")
    press(winner, draft, "确认并签订")
    press(agency, draft, "备案并公开合同要点")
    contract = Contract.objects.get()

    # Team: one person through the page, the others as they would be
    winner.go("/me/key-people/")
    page = press(
        winner,
        "/me/key-people/",
        "登记",
        姓名=contract.manager,
        证书编号="鄂220200001",
        有效期至=f"{city_day(database_now()) + timedelta(days=700)}",
    )
    winner.look("key-people")
    page = winner.go(f"{home}steps/name_member/")
    page.get_by_label("人员").select_option(index=1)
    page.get_by_role("button", name="登记关键人员").click()
    page.wait_for_selector("[role=status]")
    contract.firm, contract.city, contract.at = firm, where, database_now()
    with_team(contract, [post for post in TEAM["works"] if post != Post.MANAGER])
    key_person(firm, "候补", Post.SAFETY)

    # Bond, change, attendance
    step(
        agency,
        "ask_bond",
        "要求履约保证金",
        **{"履约保证金金额（元）": "150 万元", "提交期限": f"{city_day(database_now()) + timedelta(days=30)}"},
    )
    step(agency, "propose_change", "提出合同变更", 变更事项="增加管线保护", 变更理由="现场发现既有管线", **{"价款增减（元）": "30 万元"})
    step(winner, "agree_change", "确认合同变更", target=contract.changes.get().pk)
    owner.go(f"{home}site-screen/")
    owner.look("site-screen")
    code = owner.page.get_by_label("六位现场码").text_content()
    page = winner.go(f"{home}steps/check_in/")
    page.get_by_label("人员").select_option(label="项目经理 甲")
    page.get_by_label("现场码").fill(code)
    winner.look("check-in")
    page.get_by_role("button", name="到岗签到").click()
    page.wait_for_selector("[role=status]")

    # Inspection and deduction
    regulator.go("/supervision/performance-settings/")
    regulator.look("performance-settings")
    at = (database_now() + timedelta(minutes=5)).astimezone(CITY)
    step(regulator, "plan_inspection", "安排标后检查", 检查时间=f"{at:%Y-%m-%dT%H:%M}")
    page = regulator.go(f"{home}steps/hold_inspection/?target={contract.inspections.get().pk}")
    page.get_by_label("检查人员").fill("赵检查、钱检查")
    page.get_by_label("检查记录").fill("到场抽查人员到岗。")
    page.get_by_label("材料员 戊材料").check()
    regulator.look("inspection")
    page.get_by_role("button", name="登记检查结果").click()
    page.wait_for_selector("[role=status]")
    step(regulator, "deduct_inspection", "发出检查缺岗扣款通知", target=contract.inspections.get().pk)
    deduction = contract.deductions.get()
    step(winner, "reply_deduction", "对扣款陈述申辩", target=deduction.pk, 陈述申辩="当日外出验收材料")
    page = regulator.go(f"{home}steps/decide_deduction/?target={deduction.pk}")
    page.get_by_label("确认扣款").check()
    page.get_by_label("处理意见").fill("未请假，确认扣款")
    page.get_by_role("button", name="决定缺岗扣款").click()
    page.wait_for_selector("[role=status]")
    step(
        winner,
        "request_payment",
        "申请付款",
        完成情况="完成基础工程",
        **{"交付（计量）日期": f"{city_day(database_now())}", "申请金额（元）": "300 万元"},
    )
    for desk, name in ((regulator, "contracts-regulator"), (winner, "contracts-winner")):
        desk.go("/work/contracts/")
        desk.look(name)
        desk.go(home)
        desk.look(name.replace("contracts", "contract"))

    # Acceptance and release
    step(winner, "apply_acceptance", "申请验收", 完成情况="全部完成", **{"完工（交付）日期": f"{city_day(database_now())}"})
    page = owner.go(f"{home}steps/hold_acceptance/")
    page.get_by_label("验收组成员").fill("王验收 清江市质监站")
    page.get_by_label("合格", exact=True).check()
    page.get_by_label("验收意见").fill("合格")
    page.get_by_role("button", name="登记验收结论").click()
    page.wait_for_selector("[role=status]")
    assert not Custody.objects.filter(released_at=None).exists()
    owner.go(home)
    owner.look("contract-accepted")
    public = user("公众")
    public.go(f"/contracts/{number}/1/")
    public.look("contract-public")
    for desk in (*desks.values(), public):
        assert [line for line in desk.problems if "Content Security Policy" in line] == []
