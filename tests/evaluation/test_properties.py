"""What must hold of every method, whatever the numbers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

from hypothesis import assume, given
from hypothesis import strategies as st

from trading.evaluation.methods import (
    Item,
    LowPrices,
    Offer,
    Row,
    benchmark_points,
    combined_mark,
    credit_points,
    evaluate,
    first_of_brand,
    is_outlier,
    low_price_reasons,
    lowest_price_points,
    price_range,
    ranked,
    trimmed,
)
from trading.methods.choosing import asked, kept, problem_of, settled
from trading.methods.registry import METHODS
from trading.methods.rules import ONE_EACH, TIERED

price = st.decimals(min_value=D("0.01"), max_value=D("9999999999.99"), places=2)
# Far apart enough that two places still tell them from each other.
common = st.integers(min_value=500_000, max_value=1_500_000).map(D)
mark = st.decimals(min_value=0, max_value=100, places=2)
bids = st.lists(price, min_size=1, max_size=14).map(lambda rows: dict(enumerate(rows)))
usual = st.lists(common, min_size=1, max_size=14).map(lambda rows: dict(enumerate(rows)))
steps = st.sampled_from([(), ONE_EACH.steps, TIERED.steps])
full = st.integers(min_value=1, max_value=100).map(D)


def offers_of(prices):
    return [Offer(key, each, {"方案": D(20)}, credit=D(70 + key), code=f"{key:03d}") for key, each in prices.items()]


ITEMS = [Item("technical", "方案", D(30)), Item("credit", "信用评价", D(10)), Item("price", "投标报价", D(60))]
SETTINGS = st.sampled_from([
    {"formula": "LOWEST"}, {"formula": "BENCHMARK", "above": "2", "below": "1"}, {"formula": "BENCHMARK", "k": "DRAWN", "trimming": "TIERED"},
    {"formula": "COMBINED", "trimming": "TIERED"}, {"formula": "LOWEST", "credit": "RELATIVE", "ties": "price,technical,credit,draw"},
])  # fmt: skip


@given(bids, full)
def test_the_lowest_price_gets_all_points_and_nobody_more(prices, points):
    found = lowest_price_points(prices, points).points
    assert all(found[key] == points for key, each in prices.items() if each == min(prices.values()))
    assert all(0 <= value <= points for value in found.values())


@given(bids, full)
def test_a_lower_price_never_gets_fewer_points_where_the_lowest_leads(prices, points):
    found = lowest_price_points(prices, points).points
    ordered = sorted(prices, key=prices.__getitem__)
    assert [found[key] for key in ordered] == sorted((found[key] for key in ordered), reverse=True)


@given(usual, full, steps)
def test_points_fall_with_the_distance_from_the_benchmark_on_either_side(prices, points, trim):
    found = benchmark_points(prices, points, above=D(2), below=D(1), steps=trim)
    benchmark = D(found.workings["benchmark_exact"])
    above = sorted((each, -found.points[key]) for key, each in prices.items() if each > benchmark)
    below = sorted((-each, -found.points[key]) for key, each in prices.items() if each < benchmark)
    for side in (above, below):
        assert [value for _, value in side] == sorted(value for _, value in side)


@given(usual, full, steps, st.integers(0, 20).map(D))
def test_no_price_falls_under_the_floor_or_gets_over_the_full_points(prices, points, trim, floor):
    assume(floor <= points)
    found = benchmark_points(prices, points, above=D(10), below=D(10), steps=trim, floor=floor).points
    assert all(floor <= value <= points for value in found.values())


@given(usual, st.integers(2, 10_000).map(D), steps)
def test_points_do_not_depend_on_the_unit_of_money(prices, factor, trim):
    larger = {key: each * factor for key, each in prices.items()}
    assert lowest_price_points(prices, D(60)).points == lowest_price_points(larger, D(60)).points
    one, other = (benchmark_points(each, D(60), above=D("0.9"), below=D("0.6"), steps=trim) for each in (prices, larger))
    assert one.points == other.points and one.workings["deviations"] == other.workings["deviations"]


@given(st.lists(price, min_size=1, max_size=40), steps)
def test_trimming_never_empties_takes_as_many_at_each_end_and_loses_nothing(values, trim):
    kept_values, dropped = trimmed(values, trim)
    assert kept_values and len(dropped) % 2 == 0
    assert sorted([*kept_values, *dropped]) == sorted(values)
    if dropped:
        assert max(dropped[: len(dropped) // 2]) <= min(kept_values) and max(kept_values) <= min(dropped[len(dropped) // 2 :])


@given(usual, SETTINGS, st.randoms())
def test_the_order_in_which_bids_are_read_changes_nothing(prices, settings, random):
    offers = offers_of(prices)
    shuffled = random.sample(offers, len(offers))
    ways = [evaluate("COMPREHENSIVE_ASSESSMENT", {"ties": "price,technical,draw", **settings}, ITEMS, rows, limit=D(2_000_000), seed="s")
            for rows in (offers, shuffled)]  # fmt: skip
    assert ways[0].rows == ways[1].rows


@given(usual, SETTINGS)
def test_parts_add_up_to_the_total_and_never_exceed_their_weight(prices, settings):
    found = evaluate("COMPREHENSIVE_ASSESSMENT", settings, ITEMS, offers_of(prices), limit=D(2_000_000), seed="s")
    for row in found.rows:
        assert sum(map(D, row.parts.values())) == row.total
        assert all(0 <= D(row.parts[item.title]) <= item.full for item in ITEMS)
    assert [row.rank for row in found.rows] == list(range(1, len(prices) + 1))
    assert [row.total for row in found.rows] == sorted((row.total for row in found.rows), reverse=True)


@given(usual, SETTINGS)
def test_the_same_inputs_give_the_same_result_to_the_cent(prices, settings):
    once, again = (evaluate("COMPREHENSIVE_ASSESSMENT", settings, ITEMS, offers_of(prices), limit=D(2_000_000), seed="s") for _ in range(2))
    assert once == again


@given(st.lists(st.tuples(st.integers(80, 82), st.integers(90, 92), st.integers(20, 22)), min_size=2, max_size=9))
def test_equal_totals_never_rank_the_dearer_bid_first(rows):
    found = ranked([Row(key, D(p), D(t), D(s)) for key, (p, t, s) in enumerate(rows)], ties=("price", "technical", "draw"), seed="s")
    for before, after in zip(found.rows, found.rows[1:], strict=False):
        assert before.total >= after.total
        if before.total == after.total:
            assert (before.price, -before.technical) <= (after.price, -after.technical)
    # Each pair of equals has its reason.
    assert len(found.ties) == sum(a.total == b.total for a, b in zip(found.rows, found.rows[1:], strict=False))


@given(usual)
def test_the_lowest_bid_wins_where_price_alone_counts(prices):
    found = evaluate("LOWEST_PRICE", {}, [], offers_of(prices), seed="s")
    assert found.rows[0].price == min(prices.values())
    assert [row.price for row in found.rows] == sorted(prices.values())


@given(st.lists(mark, min_size=1, max_size=15), st.integers(0, 15))
def test_a_combined_mark_lies_between_the_lowest_and_the_highest(marks, start):
    assert min(marks) <= combined_mark(marks, trim_from=start) <= max(marks)


@given(st.lists(mark, min_size=2, max_size=9).filter(lambda marks: len(set(marks)) == 1))
def test_equal_marks_are_never_far_from_the_mean(marks):
    assert not any(is_outlier(each, marks) for each in marks)


@given(st.dictionaries(st.integers(0, 20), st.decimals(min_value=0, max_value=130, places=2), min_size=1), full, st.booleans())
def test_credit_never_earns_more_than_its_weight_and_rises_with_the_score(scores, points, relative):
    found = credit_points(scores, points, relative=relative).points
    ordered = sorted(scores, key=scores.__getitem__)
    assert [found[key] for key in ordered] == sorted(found.values())
    assert all(0 <= value <= points for value in found.values())


@given(usual, common)
def test_a_higher_price_is_never_low_while_a_lower_one_is_not(prices, limit):
    found = low_price_reasons(prices, limit, LowPrices(mean=D(85), second=D(50), limit=D(80)))
    highest = max((prices[key] for key in found), default=D(0))
    assert all(each >= highest for key, each in prices.items() if key not in found)


@given(st.lists(st.decimals(min_value=D("0.5"), max_value=1, places=4), min_size=1, max_size=30))
def test_the_price_range_lies_within_what_was_seen(ratios):
    low, high = price_range(ratios, low=D(10), high=D(90))
    assert min(ratios) <= low <= high <= max(ratios)


@given(usual, st.lists(st.sampled_from(["甲", "乙", ""]), min_size=14, max_size=14))
def test_every_brand_keeps_a_bidder(prices, names):
    rows = [Row(key, each) for key, each in prices.items()]
    brands = {key: names[key] for key in prices}
    aside = first_of_brand(ranked(rows, ties=("price", "draw")).rows, brands)
    stay = [row for row in rows if row.key not in aside]
    assert {brands[row.key] for row in stay} == {brands[row.key] for row in rows}
    assert all(brands[key] == brands[first] and first not in aside and brands[key] for key, first in aside.items())
    assert len([row for row in stay if brands[row.key]]) == len({name for name in brands.values() if name})


@given(
    usual,
    st.integers(min_value=0, max_value=13),
    st.sampled_from(["10", "12.5", "20"]),
    st.sampled_from(["COMPREHENSIVE_SCORING", "LOWEST_PRICE"]),
)
def test_a_deduction_never_worsens_the_rank_of_the_small_firm(prices, chosen, percent, code):
    assume(chosen in prices)
    items = [] if code == "LOWEST_PRICE" else [Item("technical", "方案", D(70)), Item("price", "投标报价", D(30))]
    settings = METHODS[code].defaults() | {"deduction": percent}

    def rank(small):
        offers = [replace(offer, small=small and offer.key == chosen, marks={"方案": D(20 + offer.key)}) for offer in offers_of(prices)]
        return next(row.rank for row in evaluate(code, settings, items, offers, seed="甲").rows if row.key == chosen)

    assert rank(True) <= rank(False)


@given(st.sampled_from(sorted(METHODS)), st.dates(min_value=date(2026, 3, 1)))
def test_the_defaults_of_every_method_are_lawful_and_survive_being_kept(code, day):
    method = METHODS[code]
    assert all(not problem_of(each, each.default, day=day) for each in asked(method, method.defaults()))
    values = kept(method, method.defaults())
    assert kept(method, settled(method, values)) == values
