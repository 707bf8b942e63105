"""The debrief by the way in which the document ranks: two envelopes, evaluated prices."""

from rulebook.clock import database_now
from tests.evaluation.test_combining import chosen, in_two_envelopes, scored_with_weak, second_closed
from tests.factories.evaluation import members, shown
from trading.awards import actions as awards
from trading.awards.debriefing import debriefs_of
from trading.evaluation import actions


def test_who_misses_the_pass_mark_sees_its_points_and_that_its_price_stayed_sealed(lot, deliver, visit):
    in_two_envelopes(lot)
    evaluation = scored_with_weak(lot, 1)
    second_closed(lot)
    actions.judge_prices(evaluation, by=lot.city.staff, at=database_now())
    evaluation.refresh_from_db()
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    awards.publish_candidates(evaluation, by=lot.city.handler, at=database_now())
    deliver()
    bidder = evaluation.rejections.get().bid.bidder
    said = debriefs_of(lot, bidder).first().context
    assert said["sentence"].startswith("你单位技术商务得分低于通过线，没有参加排名。第一中标候选人为")
    assert said["fallen"]["reason"] == "技术商务得分 8.00 分，低于招标文件载明的通过线 18 分（满分 30 分的 60%）"
    assert {row["title"]: row["own"] for row in said["rows"]} == {
        "施工组织设计": "3.00", "类似业绩": "5.00", "信用评价": "没有评审", "投标报价": "没有评审",
    }  # fmt: skip
    assert said["facts"][0] == {"label": "投标报价（元）", "own": "没有开启", "winner": "30,000,000.00"}
    person = next(each.somebody for each in lot.city.bidders if each == bidder)
    assert "没有汇总" in visit(person, lot).content.decode()


def test_the_lowest_evaluated_price_is_told_in_prices_and_no_points(lot, deliver, visit):
    chosen(lot, "LOWEST_EVALUATED_PRICE", {}, day_value="100000")
    bids = list(lot.openings.get().bids.order_by("order"))
    # Planned are 420 days: the cheapest comes twenty-five days late.
    for bid, days in zip(bids, (445, 420, 420, 405), strict=True):
        bid.term_days = days
        bid.save()
    shown(lot)
    deliver()
    page = visit(lot.city.bidders[0].somebody, lot).content.decode()
    said = debriefs_of(lot, lot.city.bidders[0]).first().context
    first = lot.evaluations.get().results.get(rank=1)
    assert "你单位投标报价 30,000,000.00 元，评标价 32,500,000.00 元，排第" in page
    assert said["facts"][1] == {"label": "评标价（元）", "own": "32,500,000.00", "winner": first.shown}
    assert (said["rows"], said["total"]) == ([], None)
    # Its own evaluated price and the first one's, nobody else's.
    assert [line.split(" ")[0] for line in said["lines"] if line.startswith("评审价")] in (
        ["评审价：你单位", f"评审价：{first.bid.bidder.name}"], [f"评审价：{first.bid.bidder.name}", "评审价：你单位"],
    )  # fmt: skip
