"""From a stranger's first line to a certificate: the applicant, the regulator and the centre, each at a browser of their own."""

import re
from datetime import timedelta

import pytest

from experts.models import Expert, ExpertApplication, PersonalDataLook, Proof, Question
from rulebook.clock import city_day, database_now
from tests.e2e.walk import PAPER, PASSWORD, give_password, local
from tests.factories.bids import jump_to
from tests.factories.experts import bank, identity_number
from tests.factories.trading import city, person

pytestmark = [pytest.mark.e2e]
PAGE = "/me/expert-application/"


def fill_in(page, number):
    page.get_by_label("申请行业").select_option(label="工程建设")
    page.get_by_label(re.compile(r"^职称\*?$")).fill("高级工程师")
    page.get_by_label("职称等级").select_option(label="高级职称")
    page.get_by_label("从事本专业工作起始日期").fill("2005-07-01")
    page.get_by_label(re.compile(r"^学历\*?$")).select_option(label="大学本科")
    page.get_by_label("毕业院校").fill("清江大学")
    page.get_by_label("主专业").select_option(value="A0830")
    page.get_by_label("专业 2").select_option(value="A0402")
    page.get_by_label("清江市本级").check()
    page.get_by_label("身份证号").fill(number)
    page.get_by_label("通讯地址").fill("清江市学府路 9 号")
    page.get_by_label("开户银行").fill("清江市商业银行（虚构）")
    page.get_by_label("银行账号").fill("6222000011112222")


def add_proof(page, kind):
    page.get_by_label("材料类型").select_option(kind)
    page.locator("#id_proof-file").set_input_files(PAPER)
    page.get_by_role("button", name="上传").click()
    page.wait_for_load_state()


def test_an_application_to_appointment(platform, user):
    where = city(bidders=0)
    where.supervisor.name, where.staff.name = "冯监督", "秦中心"
    where.supervisor.save()
    where.staff.save()
    bank()
    who, number = person("贺知章"), identity_number("19790312")
    applicant = user("申请人").sign_in(give_password(who), PASSWORD)
    regulator = user("监督").sign_in(give_password(where.supervisor), PASSWORD)
    centre = user("中心").sign_in(give_password(where.staff), PASSWORD)

    page = applicant.go(PAGE)
    applicant.look("expert-start")
    page.get_by_role("button", name="开始申请").click()
    page.get_by_label(re.compile(r"^职称\*?$")).fill("高级工程师")
    page.get_by_role("button", name="保存并提交申请").click()
    page.locator(".errsum").wait_for()
    assert "请填写身份证号" in page.content() and "请上传身份证件" in page.content()
    applicant.look("expert-gaps")
    fill_in(page, number)
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存").wait_for()

    # The session ends; the draft is there after the next sign-in.
    page.get_by_role("button", name="退出").click()
    applicant.sign_in(who.mobile, PASSWORD)
    page = applicant.go(PAGE)
    assert page.get_by_label("身份证号").input_value() == number
    for kind in Proof.REQUIRED:
        add_proof(page, kind)
    page.get_by_label("工作单位").fill("清江设计院")
    page.locator("#id_employment-since").fill("2005-07-01")
    page.locator("form", has=page.locator("#id_employment-since")).get_by_role("button", name="添加").click()
    page.get_by_text("工作经历已添加").wait_for()
    applicant.look("expert-draft")
    page.get_by_label("本人郑重承诺").check()
    page.get_by_role("button", name="保存并提交申请").click()
    page.get_by_label("推荐单位经办人").fill("人事处")
    page.get_by_label("单位推荐意见").fill("同意推荐。")
    page.locator("#id_recommend-file").set_input_files(PAPER)
    applicant.look("expert-recommend")
    page.get_by_role("button", name="提交单位推荐").click()
    page.get_by_text("单位推荐已提交").wait_for()

    desk = regulator.go("/supervision/experts/")
    regulator.look("expert-regulator-desk")
    desk.get_by_role("link", name="贺知章").click()
    regulator.look("expert-review")
    desk.get_by_label("查看事由").fill("核对身份")
    desk.get_by_role("button", name="查看", exact=True).last.click()
    desk.get_by_text(number).wait_for()
    regulator.look("expert-looked")
    desk.go_back()
    desk.get_by_label("通过", exact=True).check()
    desk.get_by_role("button", name="登记审核结果").click()
    desk.get_by_text("审核结果已登记").wait_for()

    train(centre, applicant, where.staff, who)

    desk = regulator.go(f"/supervision/experts/applications/{ExpertApplication.objects.get().pk}/")
    desk.get_by_role("button", name="聘任").click()
    desk.get_by_text("已聘任，专家编号").wait_for()
    regulator.look("expert-file")
    expert = Expert.objects.get()
    assert expert.state == "active" and expert.person == who

    page = applicant.go("/expert/archive/")
    assert expert.number in page.content() and "冯监督" in page.content() and "核对身份" in page.content()
    applicant.look("expert-archive")
    start = city_day(database_now()) + timedelta(days=3)
    page.get_by_label("开始时间").fill(f"{start}T09:00")
    page.get_by_label("结束时间").fill(f"{start}T18:00")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_text("这段时间不会抽取到你").wait_for()
    assert expert.absences.count() == 1 and PersonalDataLook.objects.count() == 1

    user("公众").go("/experts/")
    for each in (applicant, regulator, centre):
        assert each.problems == []


def train(centre, applicant, staff, who):
    """The centre teaches and examines; the applicant attends and passes."""
    now = database_now()
    page = centre.go("/staff/experts/")
    centre.look("expert-centre-desk")
    page.get_by_role("link", name="举办培训").click()
    page.get_by_label("培训名称").fill("第一批岗前培训")
    page.get_by_label("学时").fill("8")
    for topic in ("法律法规", "廉洁纪律", "评审业务"):
        page.get_by_label(topic).check()
    page.get_by_label("地点").fill("交易中心培训室")
    page.get_by_label("开始时间").fill(local(now + timedelta(minutes=5)))
    page.get_by_label("结束时间").fill(local(now + timedelta(hours=9)))
    page.get_by_role("button", name="公布培训").click()
    page.get_by_text("培训已公布").wait_for()
    course = page.url

    own = applicant.go("/me/expert-training/")
    applicant.look("expert-training")
    own.get_by_role("button", name=re.compile("报名")).click()
    own.get_by_text("已报名。").wait_for()
    jump_to(now + timedelta(hours=10))

    # Half an hour without a request ends a session, and ten have gone by.
    for each, mobile in ((centre, staff.mobile), (applicant, who.mobile)):
        if "/sign-in/" in each.go("/me/expert-training/").url:
            each.sign_in(mobile, PASSWORD)
    page = centre.go(course)
    page.get_by_label("贺知章的出勤学时").fill("8")
    centre.look("expert-course")
    page.get_by_role("button", name="保存并结束培训").click()
    page.get_by_text("培训已结束，结果已生效").wait_for()
    page = centre.go("/staff/experts/exams/new/")
    page.get_by_label("考试名称").fill("岗前考试")
    page.get_by_label("类别").select_option(label="岗前培训")
    for kind, count in (("单选题数", "3"), ("多选题数", "1"), ("判断题数", "1")):
        page.get_by_label(kind).fill(count)
    page.get_by_label("考试时长").fill("60")
    page.get_by_label("开放时间").fill(local(database_now() - timedelta(minutes=5)))
    page.get_by_label("截止时间").fill(local(database_now() + timedelta(days=1)))
    page.get_by_role("button", name="公布考试").click()
    page.get_by_text("考试已公布").wait_for()

    own = applicant.go("/me/expert-training/")
    own.get_by_role("link", name="岗前考试").click()
    own.get_by_role("button", name="开始考试").click()
    own.get_by_role("button", name="提交试卷").wait_for()
    applicant.look("expert-exam")
    for line in own.locator("fieldset").all():
        question = Question.objects.get(text=re.sub(r"^\d+\. | (单选|多选|判断)$", "", line.locator("legend").inner_text().strip()).strip())
        for place in question.answer:
            line.get_by_label(question.options[place], exact=True).check()
    own.get_by_role("button", name="提交试卷").click()
    own.get_by_text("试卷已提交").wait_for()
    assert "100.00 分" in own.content()
    applicant.look("expert-exam-done")
