"""A committee from the draw to the signed report: telephones answered at the console, five experts at five browsers."""

import re
from datetime import timedelta

import pytest
import redis
from django.conf import settings

from accounts.models import Person
from documents.models import OfficialDocument
from draws.models import Draw
from draws.reference import contribute, disclose
from postbox.models import Dispatch
from rulebook.clock import database_now
from tests.e2e.test_trust import key_file, wait_for
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password, local, sign_in_at_gate
from tests.factories.evaluation import evaluating_lot, expert, members, parties
from tests.factories.reading import answering, give_file, pdf_of
from trading.evaluation.models import BidQuestion, BidRejection, CommitteeMember, Evaluation
from trading.evaluation.reading import asked_of
from trading.projects.models import Lot
from trading.tenders.models import TenderDocument

pytestmark = [pytest.mark.e2e]
State = CommitteeMember.State


def in_redis():
    """All that lies in Redis: queues, caches and whatever else, as bytes."""
    client = redis.from_url(settings.REDIS_URL)
    return b"\n".join(client.dump(key) or b"" for key in client.keys("*"))


def answer(console, member, key):
    """The called expert presses a key, or with none lets it ring."""
    console.go("/outbox/")
    number = Dispatch.objects.get(key=f"committee/{member.pk}").pk
    name = f"按 {key}" if key else "无人接听"
    console.page.locator(f"form[action*='/{number}/']").get_by_role("button", name=name).click()
    console.page.wait_for_load_state()


def draw(evaluation, lot, page):
    for each in parties(lot.city):
        contribute(evaluation.draw, each)
    for each in parties(lot.city):
        disclose(evaluation.draw, each)
    wait_for(page, lambda: Draw.objects.get(pk=evaluation.draw_id).state == Draw.State.RESULT or None)
    wait_for(page, lambda: evaluation.members.count() == 5 or None)


def seat(evaluation, order):
    return evaluation.members.get(order=order)


@pytest.fixture
def lot(committed, house):
    """Four opened bids whose technical parts are blind. Made before the platform runs: its sequencer would be a second one."""
    lot = evaluating_lot()
    TenderDocument.objects.filter(tender=lot.tender).update(blind_technical=True)
    lot.tender.document.refresh_from_db()
    key = next(row.key for row in asked_of(lot.tender.document) if row.part == "technical")
    for bid in lot.openings.get().bids.all():
        own = pdf_of("施工总体部署", f"质量保证 {bid.bidder.name}", "进度计划", author=bid.bidder.name)
        give_file(bid, f"{bid.bidder.name}技术方案.pdf", own)
        answering(bid, {key: (1, 2)})
    return lot


@pytest.mark.requirement("R168")
def test_a_committee_from_the_draw_to_the_signed_report(lot, platform, user, tmp_path):
    people = [expert(number) for number in range(200, 211)]
    keys = parties(lot.city)
    staff = user("中心").sign_in(give_password(lot.city.staff), PASSWORD)
    staff.signs_with(key_file(tmp_path, keys[0]), KEY_PASSWORD)
    page = staff.go(f"/staff/committees/{lot.tender.number}/1/")
    page.get_by_label("工程施工").check()
    page.get_by_label("评标时间").fill(local(database_now() + timedelta(hours=1)))
    page.get_by_label("监督部门参加人").select_option(label=lot.city.supervisor.name)
    page.get_by_label("招标人参加人").select_option(label=lot.city.handler.name)
    page.get_by_role("button", name="发起抽取").click()
    page.get_by_text("抽取已发起").wait_for()
    evaluation = Evaluation.objects.get(lot=lot)
    draw(evaluation, lot, page)

    # Two refuse by telephone, one does not take the call, and each time the next in order is called at once, without any staff.
    console = user("电话")
    answer(console, seat(evaluation, 1), "2")
    assert seat(evaluation, 6).state == State.CALLED
    answer(console, seat(evaluation, 2), "4")
    assert seat(evaluation, 7).state == State.CALLED
    answer(console, seat(evaluation, 3), "")
    for order in (4, 5, 6, 7, 8):
        answer(console, seat(evaluation, order), "1")
    console.look("outbox-committee")
    # One who had accepted stays away.
    page = staff.go(f"/staff/committees/{lot.tender.number}/1/")
    page.get_by_role("row", name="4 号席").get_by_role("button", name="缺席补抽").click()
    page.get_by_text("已更换，并按抽取顺序通知候补专家").wait_for()
    answer(console, seat(evaluation, 9), "1")
    came = [State.REFUSED, State.RECUSED, State.NO_ANSWER, State.ABSENT] + [State.ACCEPTED] * 5
    assert [row.state for row in evaluation.members.order_by("order")] == came
    page = staff.go(f"/staff/committees/{lot.tender.number}/1/attendance/")
    for each in members(evaluation):
        sign_in_at_gate(page, each)
    staff.look("committee-gate")
    page = staff.go(f"/staff/committees/{lot.tender.number}/1/")
    staff.look("committee-seats")
    for each in people:
        assert each.person.name not in page.content() and each.number not in page.content()
        assert each.person.name.encode() not in in_redis() and each.person.mobile.encode() not in in_redis()
    page.get_by_role("button", name="开始评标").click()
    page.get_by_text("评标已开始").wait_for()

    seats = members(evaluation)
    experts = [user(f"{each.order} 号席").sign_in(give_password(each.person), PASSWORD) for each in seats]
    desk, committee = f"/expert/evaluations/{evaluation.pk}/", f"/expert/evaluations/{evaluation.pk}/questions/"
    for each in experts:
        each.go(desk).get_by_role("button", name="签署承诺").click()
        each.page.get_by_label("6 号席").check()
        each.page.get_by_role("button", name="推举").click()
        each.page.get_by_text("已推举").first.wait_for()
    assert seat(evaluation, 6).chair

    # The technical parts are marked blind: by codes, in copies without names, and nothing else before all have handed in.
    names = [bid.bidder.name for bid in lot.openings.get().bids.all()]
    for place, each in enumerate(experts):
        page = each.go(desk)
        assert "投标人甲" in page.content() and not any(name in page.content() for name in names)
        assert each.page.context.request.get(committee).url.endswith(desk)
        if place == 0:
            viewer = page.get_by_role("region", name="投标文件阅读")
            page.get_by_role("link", name="对应第 2 页").first.click()
            wait_for(page, lambda viewer=viewer: viewer.get_attribute("data-open") or None)
            viewer.locator(".page canvas").first.wait_for()
            each.look("committee-blind")
        for box in page.get_by_label(re.compile("得分$")).all():
            box.fill(str(15 + place % 3))
        page.get_by_role("button", name="提交技术评分").click()
        page.get_by_text("技术（暗标）评分已提交").first.wait_for()
    assert not any(name.encode() in in_redis() for name in (each.person.name for each in people))

    # A question to a bidder, who answers at a browser of its own.
    first, second, *_ = lot.openings.get().bids.order_by("order")
    page = experts[0].go(committee)
    asking = page.locator("form", has=page.get_by_role("button", name="向投标人提出"))
    asking.get_by_label("投标人").select_option(label=first.bidder.name)
    asking.get_by_label("要求澄清、说明的内容").fill("请说明第 3 章所列机械的进场顺序。")
    asking.get_by_label("答复时间").fill("60")
    asking.get_by_role("button", name="向投标人提出").click()
    page.get_by_text("已向投标人提出").wait_for()
    asked = BidQuestion.objects.get()
    bidder = user("投标人").sign_in(give_password(Person.objects.get(memberships__organisation=first.bidder)), PASSWORD)
    page = bidder.go(f"/me/questions/{asked.pk}/")
    bidder.look("bid-question")
    page.locator("form textarea").fill("先土方机械，后起重机械。")
    page.get_by_role("button", name="提交答复").click()
    page.get_by_text("答复已提交").wait_for()
    assert "先土方机械，后起重机械。" in experts[3].go(committee).content()

    # Another bid is rejected by a vote of three to one.
    page = experts[1].go(committee)
    moving = page.locator("form", has=page.get_by_role("button", name="提议并投同意票"))
    moving.get_by_label("投标人").select_option(label=second.bidder.name)
    moving.get_by_label("情形").select_option(label="没有响应招标文件的实质性要求和条件")
    moving.get_by_label("条款").fill("第三章 2.1.3")
    moving.get_by_label("理由").fill("工期承诺长于招标文件的要求。")
    moving.get_by_role("button", name="提议并投同意票").click()
    page.get_by_text("提议已提交").wait_for()
    for each, agrees in ((experts[0], True), (experts[2], False), (experts[4], True)):
        page = each.go(committee)
        if not agrees:
            each.look("motion-vote")
        page.get_by_label("同意否决" if agrees else "不同意", exact=True).check()
        if not agrees:
            page.get_by_role("textbox", name="意见", exact=True).fill("可以澄清后再定。")
        page.get_by_role("button", name="提交表决").click()
        page.get_by_text("已表决。").wait_for()
    assert BidRejection.objects.get().bid == second

    for each in experts:
        page = each.go(desk)
        for choice in page.locator("input[type=radio][value='1']").all():
            choice.check()
        page.get_by_role("button", name="提交初步评审意见").click()
        page.wait_for_load_state()
    for place, each in enumerate(experts):
        page = each.go(desk)
        assert second.bidder.name not in page.locator("main form").first.inner_text()
        for box in page.get_by_label("类似业绩得分").all():
            box.fill("5")
        page.get_by_role("button", name="提交评分").click()
        page.wait_for_load_state()
        assert bool(page.get_by_role("heading", name="评分汇总").count()) == (place == len(experts) - 1)
    for place, each in enumerate(experts):
        page = each.go(desk)
        if place == 0:
            page.get_by_label("不同意见").fill("第一名的施工组织设计还可以更细。")
            each.look("committee-report")
        page.get_by_role("button", name="签署评标报告").click()
        page.wait_for_load_state()
    evaluation.refresh_from_db()
    lot.refresh_from_db()
    assert (evaluation.state, lot.state) == (Evaluation.State.SIGNED, Lot.State.EVALUATED)
    document = OfficialDocument.objects.get(kind="evaluation_report")
    wait_for(page, lambda: OfficialDocument.objects.get(pk=document.pk).file or None)
    assert [row["name"] for row in document.context["signatures"]] == [each.person.name for each in seats]
    for each in (staff, bidder, *experts):
        assert each.problems == [], each.name
