"""The worked examples of the evaluation rules, as they stand in the city's method library."""

from decimal import Decimal as D
from fractions import Fraction

import pytest

from trading.evaluation.methods import (
    LowPrices,
    Offer,
    Row,
    below_range,
    benchmark_points,
    brands_counted,
    combined_benchmark,
    combined_mark,
    consortium_credit,
    credit_points,
    deducted_price,
    deviation_share,
    draw_index,
    drawn_coefficient,
    drawn_lot,
    eliminated,
    entrants,
    evaluate,
    evaluated_price,
    first_of_brand,
    highest_bid,
    is_outlier,
    low_price_reasons,
    lowest_price_points,
    points,
    price_points,
    price_range,
    ranked,
    ranked_by_price,
    seed_of,
    trimmed,
    value_ratio,
)
from trading.evaluation.methods.drawing import digest_of
from trading.evaluation.methods.evaluating import Item
from trading.methods.rules import ONE_EACH, TIERED
from trading.procedures.rules.procurement import FRAMEWORK_ELIMINATED, FRAMEWORK_ELIMINATION, FRAMEWORK_ELIMINATION_INSTRUMENTS

PRICE = Item("price", "投标报价", D(30))


def named(pairs):
    return {D(price): D(points) for price, points in pairs.items()}


def totals(outcome):
    return [(row.key, str(row.total)) for row in outcome.rows]


def test_e1_goods_by_scoring():
    others = {"A": D(88), "B": D(95), "C": D(97)}
    offers = [
        Offer(key, D(price), {"技术商务": points(others[key] * D("0.7"))}) for key, price in (("A", 80), ("B", 85), ("C", 100))
    ]  # fmt: skip
    found = evaluate("COMPREHENSIVE_SCORING", {}, [Item("technical", "技术商务", D(70)), PRICE], offers)
    assert totals(found) == [("B", "94.74"), ("C", "91.90"), ("A", "91.60")]
    assert [row.parts["投标报价"] for row in found.rows] == ["28.24", "24.00", "30.00"]


def test_e2_a_small_firm_is_reckoned_at_less_and_paid_in_full():
    assert deducted_price(D(100), D(10)) == D("90.00")
    offers = [Offer("A", D(92)), Offer("B", D(100), small=True), Offer("C", D(110))]
    found = evaluate("COMPREHENSIVE_SCORING", {"deduction": "10"}, [PRICE], offers)
    assert {row.key: row.parts["投标报价"] for row in found.rows} == {"A": "29.35", "B": "30.00", "C": "24.55"}
    assert found.rows[0].key == "B" and found.workings["evaluated"]["B"] == "90.00"


def test_e3_consultation_by_final_quotes():
    found = lowest_price_points({D(quote): D(quote) for quote in (88, 95, 82, 105)}, D(30))
    assert list(found.points.values()) == [D("27.95"), D("25.89"), D("30.00"), D("23.43")]


def test_e4_reasonable_low_price_with_a_drawn_reduction():
    prices = {D(p): D(p) for p in ("950", "930", "910", "980", "900")}
    found = benchmark_points(prices, D(100), above=D(2), below=D(1), coefficient=D("0.98"), steps=ONE_EACH.steps)
    assert found.points == named({"950": "91.53", "930": "95.92", "910": "99.85", "980": "84.95", "900": "98.75"})
    assert found.workings["benchmark"] == "911.40"
    assert found.workings["deviations"] == {"950": "4.2352", "930": "2.0408", "910": "-0.1536", "980": "7.5269", "900": "-1.2508"}


def test_e5_benchmark_with_coefficient_k():
    prices = {D(p): D(p) for p in ("880", "900", "905", "910", "920", "930", "940", "960")}
    found = benchmark_points(prices, D(60), above=D("0.9"), below=D("0.6"), coefficient=D("0.97"), steps=TIERED.steps)
    assert found.workings["mean"] == "917.50" and found.workings["benchmark_exact"] == "889.9750"
    assert found.points == named(
        {"880": "59.33", "900": "58.99", "905": "58.48", "910": "57.97",
         "920": "56.96", "930": "55.95", "940": "54.94", "960": "52.92"}
    )  # fmt: skip


def test_e5b_trimming_of_eleven():
    prices = [D(p) for p in (870, 880, 885, 890, 900, 905, 915, 925, 940, 955, 965)]
    kept, dropped = trimmed(prices, TIERED.steps)
    assert dropped == [870, 880, 955, 965]
    assert f"{sum(kept) / len(kept):.4f}" == "908.5714"


@pytest.mark.parametrize(("count", "left_out"), [(1, 0), (6, 0), (7, 2), (9, 2), (10, 4), (12, 4), (13, 6), (20, 8)])
def test_how_many_prices_leave_the_mean(count, left_out):
    assert len(trimmed(list(range(count)), TIERED.steps)[1]) == left_out


@pytest.mark.parametrize(("count", "left_out"), [(4, 0), (5, 2), (30, 2)])
def test_road_works_leave_out_one_each_from_five_on(count, left_out):
    assert len(trimmed(list(range(count)), ONE_EACH.steps)[1]) == left_out


def test_e6_combined_benchmark():
    prices = {p: D(p) for p in ("880", "900", "905", "910", "920", "930", "940", "960")}
    found = combined_benchmark(prices, D(1000), discount=D(8), k1=D("0.96"), q1=D("0.35"), k2=D("0.98"), steps=TIERED.steps)
    assert found.value == Fraction("893.5675")
    assert (found.workings["reduced"], found.workings["mean"], found.workings["q2"]) == ("920.00", "917.50", "0.65")


def test_the_coefficient_is_drawn_by_a_text_that_anybody_can_digest():
    seed = seed_of("2026-11-20", "SECTION-001", "salt-7f3a")
    drawn = drawn_coefficient([D(each) for each in ("95.0", "95.5", "96.0", "96.5", "97.0", "97.5", "98.0")], seed)
    assert drawn.workings["text"] == "2026-11-20|SECTION-001|salt-7f3a|K" and drawn.workings["digest"].startswith("e8367e07")
    assert (drawn.workings["index"], drawn.value) == (2, D("96.0"))
    assert draw_index("2026-11-20|SECTION-001|salt-7f3a|K", 7) == 2


def test_the_lot_is_drawn_among_the_codes_in_their_order():
    codes = ["91420000MA4K00010L", "913602000000000001", "914208000000000002", "914200000000000003", "914203000000000004"]
    seed = seed_of("2026-11-20", "SECTION-001", "salt-7f3a")
    assert digest_of(f"{seed}|{','.join(codes)}").startswith("66c8e6f9")
    assert drawn_lot(codes, seed) == 4
    offers = [Offer(code, D(1), code=code) for code in codes]
    assert evaluate("LOT", {}, [], offers, seed=seed).rows[0].key == codes[4]


@pytest.mark.requirement("R104")
@pytest.mark.parametrize(
    ("way", "credit", "total"),
    [
        ("ABSOLUTE", {"A": "27.60", "B": "23.40", "C": "29.40"}, [("A", "96.01"), ("C", "95.92"), ("B", "93.40")]),
        ("RELATIVE", {"A": "28.16", "B": "23.88", "C": "30.00"}, [("A", "96.57"), ("C", "96.52"), ("B", "93.88")]),
    ],
)
def test_e7_the_lowest_bidder_with_weak_credit_loses(way, credit, total):
    offers = [Offer("A", D(880), credit=D(92)), Offer("B", D(860), credit=D(78)), Offer("C", D(905), credit=D(98))]
    items = [Item("credit", "信用评价", D(30)), Item("price", "投标报价", D(70))]
    found = evaluate("CREDIT_BUSINESS", {"formula": "LOWEST", "credit": way}, items, offers)
    assert totals(found) == total
    assert {row.key: row.parts["信用评价"] for row in found.rows} == credit
    assert {row.key: row.parts["投标报价"] for row in found.rows} == {"A": "68.41", "B": "70.00", "C": "66.52"}


def test_a_credit_mark_of_ten_points():
    scores = {"A": D(92), "C": D(98), "B": D(78)}
    assert list(credit_points(scores, D(10), relative=True).points.values()) == [D("9.39"), D("10.00"), D("7.96")]
    assert list(credit_points(scores, D(10)).points.values()) == [D("9.20"), D("9.80"), D("7.80")]
    assert consortium_credit([D(92), D(78)]) == D(78)


def test_credit_over_a_hundred_earns_no_more_than_all_points_and_none_at_all_earns_nothing():
    assert credit_points({"A": D(110)}, D(10)).points == {"A": D(10)}
    assert credit_points({"A": D(0)}, D(10), relative=True).points == {"A": D("0.00")}


def test_value_ratio():
    offers = [Offer("A", D(92), {"综合": D("86.5")}), Offer("B", D(85), {"综合": D(82)}), Offer("C", D(104), {"综合": D(91)})]
    found = evaluate("VALUE_RATIO", {}, [Item("technical", "综合", D(100))], offers)
    assert totals(found) == [("B", "0.9647"), ("A", "0.9402"), ("C", "0.8750")]
    assert value_ratio(D(91), D(104)) == Fraction(7, 8)


def test_e10_the_lowest_bid_is_not_the_lowest_evaluated_price():
    assert evaluated_price(D(985), days=10, day_value=D("0.5"), months=2, month_share=D(1)) == D("1009.70")
    offers = [Offer("A", D(1000)), Offer("B", D(985), days=10, months=2), Offer("C", D(1010), days=-5)]
    found = evaluate("LOWEST_EVALUATED_PRICE", {"day_value": "0.5", "month_share": "1"}, [], offers)
    assert [(row.key, str(row.price)) for row in found.rows] == [("A", "1000.00"), ("C", "1007.50"), ("B", "1009.70")]
    assert evaluated_price(D(100), others=[D("3.20"), D("-1")]) == D("102.20")


PROCUREMENT = LowPrices(mean=D(50), second=D(50), limit=D(45))


def test_e11_a_price_may_be_low_by_one_rule_or_by_all():
    one = low_price_reasons({"A": D(41), "B": D(78), "C": D(80), "D": D(89)}, D(100), PROCUREMENT)
    assert one == {"A": ["低于最高限价的 45%"]}
    every = low_price_reasons({"A": D(30), "B": D(70), "C": D(75), "D": D(80)}, D(100), PROCUREMENT)
    assert every == {"A": ["低于有效投标平均价的 50%", "低于次低报价的 50%", "低于最高限价的 45%"]}


WORKS = LowPrices(mean=D(85), limit=D(80))


@pytest.mark.parametrize(
    ("prices", "low"),
    [((60, 100, 98), ["0"]), ((95, 96, 97), ["0"]), ((97, 98), []), ((96, 96), []), ((), []), ((50,), ["0"])],
)
def test_a_price_far_below_the_others_or_the_limit_asks_for_an_explanation(prices, low):
    assert list(low_price_reasons({str(place): D(price) for place, price in enumerate(prices)}, D(120), WORKS)) == low


def test_without_a_limit_only_the_others_count():
    assert low_price_reasons({"A": D(10), "B": D(11)}, None, WORKS) == {}


def test_the_winning_price_range_is_taken_from_quantiles_of_the_past():
    past = [D(ratio) / 100 for ratio in range(80, 101)]
    assert price_range(past, low=D(10), high=D(90)) == (D("0.8200"), D("0.9800"))
    assert below_range({"A": D("81.99"), "B": D(82)}, D(100), D("0.82")) == ["A"]


def test_marks_are_averaged_and_trimmed_only_in_large_committees():
    marks = [D(m) for m in ("88", "90", "91", "60", "89")]
    assert combined_mark(marks) == D("83.60")
    assert combined_mark(marks, trim_from=5) == D("89.00")
    assert deviation_share(D(60), marks) == D("28.23")


@pytest.mark.parametrize(("mark", "expected"), [("60", True), ("70", False), ("88", False)])
def test_a_mark_far_from_the_mean_asks_for_an_explanation(mark, expected):
    assert is_outlier(D(mark), [D(m) for m in ("88", "90", "91", "60", "89")]) is expected


@pytest.mark.parametrize(("ties", "order", "by"), [
    (("price", "technical"), [4, 3, 2, 1], ["technical", "price"]),
    (("price",), [4, 2, 3, 1], ["open", "price"]),
])  # fmt: skip
def test_equal_totals_are_told_apart_as_the_document_says(ties, order, by):
    rows = [
        Row(1, D(100), D(90), D(30)), Row(2, D(99), D(90), D(20)), Row(3, D(99), D(90), D(25)), Row(4, D(120), D(91), D(10)),
    ]  # fmt: skip
    found = ranked(rows, ties=ties)
    assert [row.key for row in found.rows] == order
    assert [tie["by"] for tie in found.ties] == by


def test_what_nothing_tells_apart_is_drawn_by_the_seed():
    rows = [Row(code, D(99), D(90), code=code) for code in ("A", "B", "C")]
    drawn = {tuple(row.key for row in ranked(rows, ties=("price", "draw"), seed=str(seed)).rows) for seed in range(60)}
    assert len(drawn) == 6
    again = ranked(list(reversed(rows)), ties=("price", "draw"), seed="5")
    assert [row.key for row in again.rows] == [row.key for row in ranked(rows, ties=("price", "draw"), seed="5").rows]
    assert {tie["by"] for tie in again.ties} == {"draw"}


def test_of_one_brand_only_the_cheapest_is_evaluated_or_the_best_scorer_stays():
    rows = [Row("A", D(90), D(80)), Row("B", D(95), D(88)), Row("C", D(99), D(85)), Row("D", D(70), D(60))]
    brands = {"A": "甲牌", "B": "甲牌", "C": "乙牌"}
    assert first_of_brand(ranked_by_price(rows, ties=("draw",)).rows, brands) == {"B": "A"}
    assert first_of_brand(ranked(rows, ties=("draw",)).rows, brands) == {"A": "B"}
    assert brands_counted([row.key for row in rows], brands) == 3


@pytest.mark.parametrize(("count", "share", "leave"), [
    (3, FRAMEWORK_ELIMINATION, 1), (5, FRAMEWORK_ELIMINATION, 1), (6, FRAMEWORK_ELIMINATION, 2), (5, FRAMEWORK_ELIMINATION_INSTRUMENTS, 2),
])  # fmt: skip
def test_frameworks_let_the_last_go(count, share, leave):
    assert eliminated(count, share, FRAMEWORK_ELIMINATED.minimum) == leave


def test_who_equals_the_last_entrant_enters_too():
    rows = [Row(key, D(price)) for key, price in (("A", 10), ("B", 12), ("C", 14), ("D", 14), ("E", 15), ("F", 16))]
    enter, leave = entrants(rows, FRAMEWORK_ELIMINATION_INSTRUMENTS, 1, lambda row: row.price)
    assert ([row.key for row in enter], [row.key for row in leave]) == (["A", "B", "C", "D"], ["E", "F"])


def test_the_highest_bid_wins_and_must_reach_the_reserve():
    rows = [Row("A", D(100)), Row("B", D(130)), Row("C", D(130))]
    assert highest_bid(rows).key == "B"
    assert highest_bid(rows, D(131)) is None and highest_bid([]) is None
    assert [row.key for row in ranked_by_price(rows, ties=(), highest=True).rows] == ["B", "C", "A"]


def test_the_document_chooses_the_formula():
    prices = {"A": D(80), "B": D(100)}
    assert price_points(prices, D(30), {"formula": "LOWEST"}).points == {"A": D("30.00"), "B": D("24.00")}
    settings = {"formula": "BENCHMARK", "above": "1", "below": "0.5", "coefficient": "1", "trimming": "NONE"}
    assert price_points(prices, D(30), settings).workings["method"] == "BENCHMARK"
    drawn = price_points(prices, D(30), {**settings, "k": "DRAWN", "candidates": "0.95 0.96 0.97"}, seed="s").workings
    assert drawn["drawn"]["value"] == drawn["coefficient"]


def test_points_are_rounded_half_up_once():
    assert [points(Fraction(each)) for each in ("0.125", "0.12499999", "-0.125", "59.995")] == [
        D("0.13"),
        D("0.12"),
        D("-0.13"),
        D("60.00"),
    ]


@pytest.mark.parametrize(("size", "owner", "allowed"), [
    (5, 1, True), (5, 2, False), (6, 1, False), (7, 2, True), (7, 3, False), (9, 3, True), (3, 1, False),
])  # fmt: skip
def test_the_composition_of_a_committee_of_works(size, owner, allowed):
    from rulebook.refusals import Refused
    from trading.evaluation.committee import check_composition

    try:
        check_composition(size, owner)
    except Refused:
        assert not allowed
    else:
        assert allowed
