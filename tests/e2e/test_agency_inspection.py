"""An agency's yearly inspection at real browsers: drawn by three, looked into, failed, published, corrected, accepted."""

import re
from datetime import timedelta

import pytest

from agencies.actions import open_assessment
from agencies.conduct_data import load_conduct
from agencies.models import Inspection
from documents.models import OfficialDocument
from draws.models import Draw
from rulebook.clock import city_day, database_now
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password
from tests.factories.agencies import asked, carried_out, listed, mandate
from tests.factories.evaluation import parties
from tests.factories.trading import city, member
from trading.opening import reference

pytestmark = [pytest.mark.e2e]


def wait_for(page, found, seconds=90):
    for _ in range(seconds * 2):
        if answer := found():
            return answer
        page.wait_for_timeout(500)
    raise AssertionError("the workers did not come to it")


@pytest.fixture
def where(platform):
    found = city(bidders=0)
    load_conduct()
    listed(found, found.agency, "works", "cost", introduction="从事工程招标代理二十年。", historic_grade="A")
    member(found.agency, name="孙经办")
    return found


def test_a_yearly_inspection_from_the_draw_to_the_accepted_correction(where, user, tmp_path):
    tenders = carried_out(where, 5)
    contract = mandate(where)
    asked(where, "draw", service="cost")
    keys = parties(where)
    files = []
    for each in keys:
        path = tmp_path / f"{each.kid}.p12"
        path.write_bytes(reference.key_file(each, KEY_PASSWORD))
        files.append(path)
    staff, supervisor, agency = (
        user(name).sign_in(give_password(somebody), PASSWORD)
        for name, somebody in (("中心", where.staff), ("监督", where.supervisor), ("代理", where.handler))
    )
    for each, path in zip((staff, supervisor, agency), files, strict=True):
        each.signs_with(path, KEY_PASSWORD)
    public = user("公众")

    # The regulator sees the last year's business and begins, over an open list.
    page = supervisor.go("/supervision/agencies/")
    supervisor.look("agencies-oversight")
    page.get_by_role("link", name=re.compile("^发起检查")).click()
    page.get_by_label("交易中心参加人").select_option(str(where.staff.pk))
    page.get_by_label("招标人（代理机构）参加人").select_option(str(where.handler.pk))
    supervisor.look("agency-inspection-new")
    page.get_by_role("button", name="固定名单并发起抽取").click()
    page.get_by_text("名单已固定").wait_for()
    inspection = Inspection.objects.get()
    draw = inspection.draw
    listed_openly = public.page.request.get(f"/draws/{draw.number}/draw.json").json()["lists"][0]["items"]
    assert {row["candidate"]["tender"] for row in listed_openly} == {tender.number for tender in tenders}

    # Three browsers make the seed; anybody computes the result again.
    for done, (each, path) in enumerate(zip((staff, supervisor, agency), files, strict=True), start=1):
        page = each.go(f"/me/draws/{draw.number}/")
        page.get_by_label("密钥文件").set_input_files(path)
        page.get_by_label("密钥口令").fill(KEY_PASSWORD)
        page.get_by_role("button", name="产生随机数并提交承诺").click()
        wait_for(page, lambda done=done: draw.parties.exclude(commit="").count() == done)
    wait_for(staff.page, lambda: Draw.objects.get(pk=draw.pk).state == Draw.State.RESULT)
    page = public.go(f"/draws/{draw.number}/")
    page.get_by_role("button", name="在我的浏览器里重算").click()
    page.wait_for_selector("#again-said[data-done]")
    assert "不一致" not in page.locator("#again-said").inner_text()
    assert inspection.tenders.count() == 2

    # Each drawn tender has its record, then the result.
    for place in range(2):
        page = supervisor.go(f"/agency-inspections/{inspection.number}/")
        if place == 0:
            supervisor.look("agency-inspection-drawn")
        page.get_by_role("link", name=re.compile("^登记检查情况")).first.click()
        page.get_by_label("发现问题" if place else "未发现问题", exact=True).check()
        page.get_by_label("检查情况").fill("档案缺少评标报告原件。" if place else "资料齐全，程序合规。")
        page.get_by_role("button", name="登记", exact=True).click()
        page.get_by_text("检查情况已登记").wait_for()
    page.get_by_role("link", name="作出检查结果").click()
    page.get_by_label("不合格").check()
    page.get_by_label("检查意见").fill("未按规定保存档案，责令整改。")
    page.get_by_label("决定文书号").fill("清建检〔2026〕3 号")
    page.get_by_role("button", name="作出结果并公开").click()
    # Without a day for the correction nothing is decided, and what was typed stays.
    page.locator(".errsum").wait_for()
    assert page.get_by_label("检查意见").input_value().startswith("未按规定")
    page.get_by_label("整改期限").fill(f"{city_day(database_now()) + timedelta(days=30):%Y-%m-%d}")
    supervisor.look("agency-inspection-result")
    page.get_by_role("button", name="作出结果并公开").click()
    page.get_by_text("检查结果已公开").wait_for()

    # Everybody reads it, and the agency can begin nothing new.
    page = public.go("/notices/")
    page.get_by_role("link", name=re.compile("年度检查结果")).first.click()
    page.wait_for_url("**/notices/*/")
    assert "不合格" in page.content()
    public.look("agency-inspection-notice")
    public.go(f"/agencies/{where.agency.uscc}/")
    public.look("agency-public")
    public.go("/agencies/")
    public.look("agencies-register")
    public.go("/agencies/ranking/")
    public.look("agencies-ranking")
    page = agency.go("/work/")
    page.get_by_role("button", name="登记新项目").first.click()
    page.get_by_text("暂停承接新业务").first.wait_for()
    agency.problems.clear()  # The browser notes the refusal's status.
    agency.go("/me/agency/")
    agency.look("agency-own")

    # It corrects, the regulator accepts, and it works again.
    page = agency.go(f"/agency-inspections/{inspection.number}/")
    agency.look("agency-inspection-agency")
    page.get_by_role("link", name="报告整改情况").click()
    page.get_by_label("整改报告").fill("评标报告原件已归档，并修订档案制度。")
    page.get_by_role("button", name="提交整改报告").click()
    page.get_by_text("整改报告已提交").wait_for()
    page = supervisor.go(f"/agency-inspections/{inspection.number}/")
    page.get_by_role("link", name="复查整改").click()
    page.get_by_label("整改到位，解除限制").check()
    page.get_by_label("复查意见").fill("已整改到位。")
    page.get_by_role("button", name="登记复查结果").click()
    page.get_by_text("复查结果已登记").wait_for()
    supervisor.look("agency-inspection-corrected")
    page = agency.go("/work/")
    page.get_by_role("button", name="登记新项目").first.click()
    page.wait_for_url("**/work/projects/*/")

    # The other desks of the room.
    owner = user("招标人").sign_in(give_password(where.owner.somebody), PASSWORD)
    for each, path, name in (
        (owner, "/agency-requests/", "agency-requests"), (owner, "/agency-requests/new/", "agency-request-new"),
        (owner, f"/agency-contracts/{contract.number}/", "agency-contract"), (staff, "/staff/agencies/", "agencies-desk"),
        (staff, "/staff/agency-courses/new/", "agency-course-new"), (owner, "/agency-ratings/", "agency-ratings"),
    ):  # fmt: skip
        each.go(path)
        each.look(name)
    # One tender, one assessment: the owner rates, the agency reads the result.
    open_assessment(where.agency, tenders[0].number, tenders[0].name, [("tenderee", where.owner)], at=database_now())
    page = owner.go("/agency-ratings/")
    page.get_by_role("link", name=where.agency.name).click()
    owner.look("agency-rating")
    for label, mark in (("机构与人员", "90"), ("文件质量", "85"), ("程序规范", "95"), ("服务质量", "88")):
        page.get_by_label(re.compile(f"^{label}")).fill(mark)
    page.get_by_role("button", name="提交评价").click()
    page.get_by_text("评价已提交").wait_for()
    page = agency.go("/me/agency/assessments/")
    page.get_by_role("link", name=tenders[0].name).click()
    assert "90.10" in page.content()
    agency.look("agency-assessment")
    wait_for(staff.page, lambda: OfficialDocument.objects.get(pk=contract.document_id).sealed_id)
    for each in (staff, supervisor, agency, owner, public):
        assert each.problems == []
