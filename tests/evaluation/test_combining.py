"""An evaluation combines by the method of its document: points, evaluated prices, ties, pass marks, and what it drew."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from ledger.canonical import HJ, b64u
from rulebook.clock import city_day, database_now
from tests.factories.evaluation import end_of, evaluating_lot, explain, judge_reasons, marks, members, review, scored, shown, started
from trading.awards import actions as awards
from trading.evaluation import actions
from trading.evaluation.combining import past_ratios, range_for, seed_for
from trading.evaluation.methods.drawing import digest_of
from trading.evaluation.models import Evaluation
from trading.methods import rules
from trading.methods.registry import METHODS
from trading.opening.actions import table_of
from trading.opening.models import OpenedBid, Opening
from trading.tenders.models import Criterion, Envelope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lot():
    return evaluating_lot()


def chosen(lot, method, parts=None, **settings):
    """The lot's document as if it had been published with another method; `parts` are full points by part."""
    document = lot.tender.document
    document.method, document.method_settings = method, METHODS[method].defaults() | settings
    document.save()
    if parts is not None:
        document.criteria.exclude(part__in=Criterion.CHECKS).delete()
        for no, (part, points) in enumerate(parts.items(), start=90):
            Criterion.objects.create(document=document, part=part, no=no, title=Criterion.Part(part).label, points=points)
    return document


def names(evaluation):
    return [row.bid.bidder.name[2:4] for row in evaluation.results.select_related("bid__bid__bidder")]


def lines(evaluation):
    return actions.report_of(evaluation)["workings"]


@pytest.mark.requirement("R104")
def test_the_business_integrity_method_adds_price_and_credit(lot):
    chosen(lot, "CREDIT_BUSINESS", {"credit": 30, "price": 70}, formula="LOWEST", credit="RELATIVE")
    scores = iter(("60", "90", "80", "70"))
    for bid in lot.openings.get().bids.all():
        bid.credit = {**bid.credit, "score": next(scores)}
        bid.save()
    evaluation = scored(lot)
    # The lowest price has the weakest credit, and loses.
    assert names(evaluation) == ["乌有", "南柯", "子虚", "蜃楼"]
    assert [dict(row.parts) for row in evaluation.results.all()][0] == {"信用分": "30.00", "价格分": "67.74"}
    assert "与最高信用评分 90 相比折算" in "".join(lines(evaluation))


def test_the_lowest_evaluated_price_counts_days_and_gives_no_points(lot):
    chosen(lot, "LOWEST_EVALUATED_PRICE", {}, day_value="100000")
    bids = list(lot.openings.get().bids.order_by("order"))
    # Planned are 420 days: the cheapest comes twenty-five days late, the dearest fifteen days early.
    for bid, days in zip(bids, (445, 420, 420, 405), strict=True):
        bid.term_days = days
        bid.save()
    evaluation = scored(lot)
    assert names(evaluation) == ["乌有", "蜃楼", "南柯", "子虚"]
    first = evaluation.results.first()
    assert (first.evaluated, first.said, first.total) == ("31000000.00", "评标价 31,000,000.00 元", D(0))
    assert [row.evaluated for row in evaluation.results.all()] == ["31000000.00", "31500000.00", "32000000.00", "32500000.00"]
    publicity = shown_after(evaluation, lot)
    assert dict(publicity.notice.facts)["第 1 名"].endswith("评标价 31,000,000.00 元")


def shown_after(evaluation, lot):
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return awards.publish_candidates(evaluation, by=lot.city.handler, at=database_now())


def test_equal_evaluated_prices_are_drawn_by_what_the_ledger_holds(lot):
    chosen(lot, "LOWEST_EVALUATED_PRICE", {}, ties="draw")
    lot.openings.get().bids.update(price=D("30000000.00"))
    evaluation = scored(lot)
    seed = seed_for(lot, lot.openings.get())
    codes = [row.bid.bidder.uscc for row in evaluation.results.select_related("bid__bid__bidder")]
    assert codes == sorted(codes, key=lambda code: digest_of(f"{seed}|T|{code}"))
    assert [tie["by"] for tie in evaluation.workings["ties"]] == ["draw"] * 3
    assert any("抽签确定先后" in line for line in lines(evaluation))


def test_a_document_that_says_nothing_of_equals_leaves_them_to_the_tenderee(lot):
    document = lot.tender.document
    document.method_settings = {"formula": "LOWEST"}
    document.save()
    lot.openings.get().bids.update(price=D("30000000.00"))
    evaluation = scored(lot)
    assert {tie["by"] for tie in evaluation.workings["ties"]} == {"open"}
    assert any("须由招标人依法确定" in line for line in lines(evaluation))


def test_the_coefficient_is_drawn_from_the_table_that_was_read_out(lot):
    chosen(lot, "COMPREHENSIVE_ASSESSMENT", k="DRAWN", candidates="0.95 0.96 0.97")
    evaluation = scored(lot)
    drawn = evaluation.workings["price"]["drawn"]
    table = b64u(HJ("opening-table", table_of(lot.openings.get().bids.select_related("bid__bidder"))))
    assert drawn["text"] == f"{city_day(lot.bids_due_at):%Y-%m-%d}|{lot.tender.number}/1|{table}|K"
    assert drawn["index"] == int(digest_of(drawn["text"]), 16) % 3
    assert evaluation.workings["price"]["coefficient"] == drawn["candidates"][drawn["index"]]
    assert any(line.startswith("系数抽取") and drawn["digest"] in line for line in lines(evaluation))


def test_the_combined_benchmark_takes_the_limit_in(lot):
    chosen(lot, "COMPREHENSIVE_ASSESSMENT", formula="COMBINED", discount="8", k1="0.96", q1="0.35", k2="0.98", trimming="NONE")
    evaluation = scored(lot)
    price = evaluation.workings["price"]
    reduced = lot.price_limit * D("0.92")
    assert D(price["benchmark"]) == (reduced * D("0.96") * D("0.35") + D("31500000") * D("0.98") * D("0.65")).quantize(D("0.01"))
    assert any("下浮 8%" in line for line in lines(evaluation))


def test_the_reasonable_low_price_knows_the_price_alone(lot):
    chosen(lot, "REASONABLE_LOW_PRICE", {"price": 100}, coefficient="0.98")
    evaluation = scored(lot)
    # Benchmark 31.5 m x 0.98 = 30.87 m: the second lowest is nearest.
    assert names(evaluation) == ["乌有", "子虚", "南柯", "蜃楼"]
    assert all(list(row.parts) == ["价格分"] for row in evaluation.results.all())


def in_two_envelopes(lot):
    """The lot as if only the technical envelopes had been opened: nobody knows a price."""
    document = chosen(lot, "DOUBLE_ENVELOPE", pass_mark="60")
    document.two_envelopes = True
    document.save()
    opening = lot.openings.get()
    opening.envelope = Envelope.TECHNICAL
    opening.save()
    opening.bids.update(price=None)


def scored_with_weak(lot, weak):
    """All members have scored; the bids at these places (from the end) got three points for their plan."""
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member)
    worst = [bid.pk for bid in list(actions.valid_bids(evaluation))[-weak:]]
    for member in members(evaluation):
        sheet = {
            (bid, criterion): (D(3) if bid in worst and value == 16 else value, remark)
            for (bid, criterion), (value, remark) in marks(evaluation).items()
        }
        actions.submit_scores(evaluation, sheet, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def second_closed(lot):
    second = lot.openings.get(envelope=Envelope.COMMERCIAL)
    second.bids.update(state=OpenedBid.State.OPENED, price=D("30000000.00"))
    second.state = Opening.State.CLOSED
    second.save()


def test_what_falls_below_the_pass_mark_goes_no_further(lot):
    in_two_envelopes(lot)
    evaluation = scored_with_weak(lot, 1)
    rejected = evaluation.rejections.get()
    assert (evaluation.state, rejected.code) == (Evaluation.State.PRICING, "BELOW_PASS_MARK")
    assert rejected.reason == "技术商务得分 8.00 分，低于招标文件载明的通过线 18 分（满分 30 分的 60%）"
    assert lot.openings.get(envelope=Envelope.COMMERCIAL).count == 3
    second_closed(lot)
    actions.judge_prices(evaluation, by=lot.city.staff, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED and evaluation.results.count() == 3


def test_where_the_pass_mark_leaves_few_the_chair_says_whether_they_compete(lot):
    in_two_envelopes(lot)
    evaluation = scored_with_weak(lot, 2)
    second_closed(lot)
    actions.judge_prices(evaluation, by=lot.city.staff, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.PRICING and actions.must_judge_competition(evaluation)
    chair = evaluation.members.get(chair=True).person
    actions.judge_competition(evaluation, goes_on=True, opinion="两家报价均低于限价，仍有竞争", by=chair, at=database_now())
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED and evaluation.results.count() == 2


def test_where_nobody_reaches_the_pass_mark_the_lot_fails(lot):
    in_two_envelopes(lot)
    evaluation = scored_with_weak(lot, 4)
    lot.refresh_from_db()
    assert (evaluation.state, lot.state) == (Evaluation.State.FAILED, "failed")
    assert not lot.openings.filter(envelope=Envelope.COMMERCIAL).exists()


@pytest.mark.requirement("R103")
def test_public_results_are_counted_by_class(client, lot):
    assert past_ratios(lot) == [] and range_for(lot, {1: D(1)}) == {}
    award = awards.decide_award(lot, by=lot.city.handler, at=end_of(shown(lot)))
    awards.publish_result(award, by=lot.city.handler, at=database_now())
    price = award.candidate.result.bid.price
    lot = evaluating_lot()
    assert past_ratios(lot) == [price / lot.price_limit] and range_for(lot, {1: D(1)}) == {}
    page = client.get(reverse("trading:methods")).content.decode()
    assert "工程建设·工程施工" in page and "数量不足" in page and rules.PRICE_RANGE.says in page


@pytest.mark.requirement("R103")
def test_a_price_below_the_range_of_past_winners_is_asked_about_and_never_rejected_by_itself(lot, monkeypatch):
    monkeypatch.setattr("trading.evaluation.combining.past_ratios", lambda lot: [D(ratio) / 100 for ratio in range(85, 96)])
    evaluation = started(lot)
    for member in members(evaluation):
        review(evaluation, member)
    # 86 % of 37.056 m is 31.868 m: two bid less.
    asked = list(evaluation.questions.order_by("bid__order"))
    assert [row.bid.price for row in asked] == [D("30000000.00"), D("31000000.00")]
    assert all(row.details["reasons"] == ["低于同类 11 个项目中标价区间的下限（最高限价的 86%）"] for row in asked)
    explain(evaluation)
    judge_reasons(evaluation, unproved=False)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    found = evaluation.workings["range"]
    assert (found["low"], found["high"], found["count"]) == ("0.8600", "0.9400", 11)
    assert len(found["below"]) == 2
    assert evaluation.state == Evaluation.State.COMBINED and evaluation.results.count() == 4 and not evaluation.rejections.exists()
    assert sum("低于中标价区间" in line for line in lines(evaluation)) == 2


def test_the_notice_of_candidates_says_how_the_points_came_about(lot):
    publicity = shown(lot)
    facts = dict(publicity.notice.facts)
    assert facts["价格分（投标报价）"] == "评标基准价 31,500,000.0000 元，满分 60 分，每高于基准价 1% 扣 1 分，每低于 1% 扣 0.5 分"
    assert facts["第 1 名各项得分"].startswith("施工组织设计 16.00、类似业绩 5.00、信用评价 ")
