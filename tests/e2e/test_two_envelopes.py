"""A bid in two envelopes, from the browser that seals them to the result in which both count."""

import pytest

from draws.models import Draw
from draws.reference import contribute, disclose
from sealing.reference import enrolled
from tests.e2e.test_trust import fill_key, key_file, wait_for
from tests.e2e.walk import KEY_PASSWORD, PASSWORD, give_password
from tests.factories.bids import decrypt, hand_in, started_opening, two_envelope_lot
from tests.factories.evaluation import at_work, begun, expert, members, parties, worked
from trading.bidding.models import Bid
from trading.evaluation.models import Evaluation
from trading.opening.models import Opening

pytestmark = [pytest.mark.e2e]

PRICE = "30,123,456.78"


def sealed_in_browser(bidder, lot, file):
    page = bidder.go(f"/me/bids/{lot.tender.number}/{lot.no}/")
    page.get_by_label("工期（日历天）").fill("400")
    page.get_by_label("项目经理").fill("甲")
    page.get_by_label("投标报价（元）").fill("30123456.78")
    page.get_by_label("密钥文件").set_input_files(file)
    page.get_by_label("密钥口令").fill(KEY_PASSWORD)
    second = {"name": "已标价清单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 y"}
    page.get_by_label("第二信封文件").set_input_files(second)
    # What looks like a price does not go into the envelope that is opened first.
    page.get_by_label("第一信封文件").set_input_files({**second, "name": "投标报价表.pdf"})
    page.get_by_role("button", name="封存并递交").click()
    page.get_by_text("像是报价文件").wait_for()
    page.get_by_label("第一信封文件").set_input_files({**second, "name": "施工组织设计.pdf"})
    bidder.look("two-envelopes-bid")
    page.get_by_role("button", name="封存并递交").click()
    # The page goes on by itself to show the receipt: whoever leaves before that is taken back.
    page.get_by_text("第 1 版：递交").wait_for()
    return Bid.objects.get(lot=lot, bidder__memberships__person__mobile=bidder.mobile)


def release(bidder, lot, file, name):
    page = bidder.go(f"/openings/{lot.tender.number}/{lot.no}/")
    fill_key(page.locator("#key-form"), file)
    bidder.look(f"two-envelopes-{name}")
    page.get_by_role("button", name="解密我的").click()
    page.get_by_text("密钥已核对").first.wait_for()


def host(staff, lot, button):
    page = staff.go(f"/openings/{lot.tender.number}/{lot.no}/")
    page.get_by_role("button", name=button).click()
    return page


def until_revealed(page, opening):
    wait_for(page, lambda: Opening.objects.get(pk=opening.pk).state == Opening.State.REVEALED or None)


def committee(lot, page):
    """Drawn by three parties, called, at work."""
    for number in range(7):
        expert(number)
    evaluation = begun(lot)
    for each in parties(lot.city):
        contribute(evaluation.draw, each)
    for each in parties(lot.city):
        disclose(evaluation.draw, each)
    wait_for(page, lambda: Draw.objects.get(pk=evaluation.draw_id).state == Draw.State.RESULT or None)
    wait_for(page, lambda: evaluation.members.count() == 5 or None)
    return at_work(evaluation, lot.city.staff)


def test_two_envelopes_from_sealing_to_the_combined_result(platform, user, tmp_path):
    lot = two_envelope_lot()
    owner, *others = lot.city.bidders
    for other, price in zip(others, ("31000000.00", "32000000.00"), strict=True):
        hand_in(lot, other, price)
    file = key_file(tmp_path, enrolled(owner, by=owner.somebody))
    bidder = user("投标人").sign_in(give_password(owner.somebody), PASSWORD)
    bidder.mobile = owner.somebody.mobile
    bid = sealed_in_browser(bidder, lot, file)
    assert [row.name for row in bid.envelopes.all()] == ["technical", "commercial"]

    first = started_opening(lot)
    for other in others:
        decrypt(first, other)
    release(bidder, lot, file, "first-keys")
    until_revealed(bidder.page, first)
    staff = user("中心").sign_in(give_password(lot.city.staff), PASSWORD)
    staff.signs_with(key_file(tmp_path, parties(lot.city)[0]), KEY_PASSWORD)
    page = staff.go(f"/openings/{lot.tender.number}/{lot.no}/")
    assert "报价仍封存在第二信封里" in page.content() and "30,123" not in page.content()
    staff.look("two-envelopes-first-revealed")
    host(staff, lot, "结束开标并公布记录").get_by_text("第一信封（技术）已开启，等待评标委员会评审").wait_for()

    evaluation = committee(lot, page)
    member = members(evaluation)[0].person
    judge = user("专家").sign_in(give_password(member), PASSWORD)
    page = judge.go(f"/expert/evaluations/{evaluation.pk}/")
    assert "报价仍封存在第二信封" in page.content()
    judge.look("two-envelopes-review")
    worked(evaluation)
    page = judge.go(f"/expert/evaluations/{evaluation.pk}/")
    page.get_by_text("等待第二信封（商务和报价）开标").first.wait_for()
    judge.look("two-envelopes-waiting")

    staff.go(f"/openings/{lot.tender.number}/{lot.no}/")
    staff.look("two-envelopes-second")
    host(staff, lot, "宣布开标").get_by_text("解密剩余").wait_for()
    second = Opening.objects.get(lot=lot, envelope="commercial")
    for other in others:
        decrypt(second, other)
    release(bidder, lot, file, "second-keys")
    until_revealed(bidder.page, second)
    page = bidder.go(f"/openings/{lot.tender.number}/{lot.no}/")
    assert PRICE in page.content()
    bidder.look("two-envelopes-second-revealed")
    host(staff, lot, "结束开标并公布记录").get_by_text("开标已结束").wait_for()
    wait_for(staff.page, lambda: Evaluation.objects.get(pk=evaluation.pk).state == Evaluation.State.COMBINED or None)
    page = judge.go(f"/expert/evaluations/{evaluation.pk}/")
    assert PRICE in page.content()
    judge.look("two-envelopes-result")
    for each in (bidder, staff, judge):
        assert [line for line in each.problems if "Content Security Policy" in line] == []
