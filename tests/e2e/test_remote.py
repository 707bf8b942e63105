"""A committee in two cities: the host's own browser, a draw from both regions, two gates, a broken line, words between the seats."""

import re
from datetime import timedelta

import pytest

from experts.models import Expert
from rulebook.clock import database_now
from sealing.reference import enrolled
from tests.e2e.test_committee import draw
from tests.e2e.test_trust import key_file
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password, local, sign_in_at_gate
from tests.factories.evaluation import confirm_all, evaluating_lot, members, parties
from tests.factories.remote import REGION, a_host, off_site, pool
from trading.evaluation import offsite
from trading.evaluation.models import Evaluation
from trading.remote.models import RemoteSession

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def lot(committed, house):
    lot = evaluating_lot()
    lot.host = a_host()
    pool()
    return lot


@pytest.mark.requirement("R100")
@pytest.mark.requirement("R167")
def test_a_committee_in_two_cities(lot, platform, user, tmp_path):
    where, number = lot.city, lot.tender.number
    keys = parties(where)
    staff = user("主场").sign_in(give_password(where.staff), PASSWORD)
    staff.signs_with(key_file(tmp_path, keys[0]), KEY_PASSWORD)
    host = user("副场").sign_in(give_password(lot.host.somebody), PASSWORD)
    host.signs_with(key_file(tmp_path, enrolled(lot.host, by=lot.host.somebody, role="holder")), KEY_PASSWORD)

    # The centre asks, the host confirms two of its desks.
    page = staff.go(f"/staff/committees/{number}/1/")
    page.get_by_role("link", name="远程异地评标").first.click()
    begins = database_now() + timedelta(minutes=30)
    page.get_by_label("副场").select_option(index=1)
    page.get_by_label("异地席位数").fill("2")
    page.get_by_label("评标事项").fill("工程施工评标")
    page.get_by_label("评标开始时间").fill(local(begins))
    page.get_by_label("预计结束时间").fill(local(begins + timedelta(hours=8)))
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("申请已发给副场").wait_for()
    staff.look("remote-asked")
    page = host.go("/host/")
    host.look("remote-host-desk")
    page.get_by_role("link", name="工程施工评标").first.click()
    for desk in ("1 号工位", "2 号工位"):
        page.get_by_label(desk).check()
    page.get_by_role("button", name="确认承接").click()
    page.get_by_text("副场已确认").first.wait_for()
    session = RemoteSession.objects.get()

    # One draw, two groups; each gate signs in its own seats.
    page = staff.go(f"/staff/committees/{number}/1/")
    page.get_by_label("工程施工").check()
    page.get_by_label("评标时间").fill(local(begins + timedelta(minutes=30)))
    page.get_by_label("监督部门参加人").select_option(label=where.supervisor.name)
    page.get_by_label("招标人参加人").select_option(label=where.handler.name)
    page.get_by_role("button", name="发起抽取").click()
    page.get_by_text("抽取已发起").wait_for()
    evaluation = Evaluation.objects.get(lot=lot)
    draw(evaluation, lot, page)
    confirm_all(evaluation)
    away = off_site(evaluation)
    assert len(away) == 2 and all(seat.expert.region_code == REGION for seat in away)
    page = host.go(f"/host/sessions/{session.pk}/arrivals/")
    for seat in away:
        sign_in_at_gate(page, seat)
    host.look("remote-host-gate")
    content = page.content()
    assert not any(each.person.name in content or each.number in content for each in Expert.objects.all())
    page = staff.go(f"/staff/committees/{number}/1/attendance/")
    for seat in offsite.main_seats(evaluation):
        sign_in_at_gate(page, seat)
    page = staff.go(f"/staff/committees/{number}/1/")
    staff.look("remote-committee")
    page.get_by_role("button", name="开始评标").click()
    page.get_by_text("评标已开始").wait_for()

    # Words between the seats, and the simulated meeting room.
    experts = {seat.order: user(f"{seat.order} 号席").sign_in(give_password(seat.person), PASSWORD) for seat in members(evaluation)}
    desk, chair = f"/expert/evaluations/{evaluation.pk}/", min(experts)
    for each in experts.values():
        each.go(desk).get_by_role("button", name="签署承诺").click()
        each.page.get_by_label(f"{chair} 号席").check()
        each.page.get_by_role("button", name="推举").click()
        each.page.get_by_text("已推举").first.wait_for()
    far, near = experts[away[0].order], next(each for order, each in experts.items() if order not in {seat.order for seat in away})
    page = far.go(desk)
    page.get_by_role("link", name="文字会商").click()
    page.get_by_label("发言").fill("请核对第二份投标文件的工期。")
    page.get_by_role("button", name="发言").click()
    page = near.go(f"{desk}discussion/")
    page.get_by_text("请核对第二份投标文件的工期。").wait_for()
    near.look("remote-discussion")
    page = far.go(f"{desk}meeting/")
    page.get_by_role("button", name="进入会议室").click()
    page.get_by_role("button", name="共享我的屏幕").click()
    page.get_by_text("正在共享屏幕").wait_for()
    far.look("remote-meeting")

    # The line breaks: nothing can be handed in until the main venue says that it is back.
    page = host.go(f"/host/sessions/{session.pk}/")
    page.get_by_label("中断情况").fill("专线断开")
    page.get_by_role("button", name="报告中断，暂停评标").click()
    page.get_by_text("连接中断，评标桌面已暂停").wait_for()
    host.look("remote-host-broken")
    page = near.go(desk)
    page.get_by_text(re.compile("连接已中断")).first.wait_for()
    near.look("remote-desk-broken")
    page = staff.go(f"/staff/committees/{number}/1/remote/")
    staff.look("remote-staff-broken")
    page.get_by_role("button", name="宣布恢复").click()
    page.get_by_text("已宣布恢复").wait_for()
    assert "连接已中断" not in near.go(desk).content()
    staff.go("/remote-evaluation/")
    staff.look("remote-public")
    assert not [line for each in (staff, host, *experts.values()) for line in each.problems]
