"""The worked examples of the evaluation rules."""

from decimal import Decimal as D

import pytest

from trading.evaluation.methods import (
    benchmark_points,
    combined_mark,
    credit_points,
    is_outlier,
    low_price_alarms,
    lowest_price_points,
    price_points,
    ranked,
)


def named(pairs):
    return {D(price): D(points) for price, points in pairs.items()}


def test_reasonable_low_price_with_a_drawn_reduction():
    prices = {D(p): D(p) for p in ("950", "930", "910", "980", "900")}
    found = benchmark_points(prices, D(100), above=D(2), below=D(1), coefficient=D("0.98"))
    assert found.points == named({"950": "91.53", "930": "95.92", "910": "99.85", "980": "84.95", "900": "98.75"})
    assert found.workings["benchmark"] == "911.40"
    assert found.workings["deviations"]["950"] == "4.2352"


def test_benchmark_with_coefficient_k():
    prices = {D(p): D(p) for p in ("880", "900", "905", "910", "920", "930", "940", "960")}
    found = benchmark_points(prices, D(60), above=D("0.9"), below=D("0.6"), coefficient=D("0.97"), trim_from=7)
    assert found.points == named(
        {"880": "59.33", "900": "58.99", "905": "58.48", "910": "57.97",
         "920": "56.96", "930": "55.95", "940": "54.94", "960": "52.92"}
    )  # fmt: skip


def test_lowest_price_first():
    assert lowest_price_points({"A": D(80), "B": D(85), "C": D(100)}, D(30)).points == {
        "A": D("30.00"),
        "B": D("28.24"),
        "C": D("24.00"),
    }


def test_the_document_chooses_the_formula():
    prices = {"A": D(80), "B": D(100)}
    assert price_points(prices, D(30), {"formula": "LOWEST"}).points == {"A": D("30.00"), "B": D("24.00")}
    assert price_points(prices, D(30), {"above": "1", "below": "0.5"}).workings["method"] == "BENCHMARK"
    assert price_points({}, D(30), {}).points == {}


@pytest.mark.parametrize(("relative", "expected"), [(False, ("27.60", "23.40", "29.40")), (True, ("28.16", "23.88", "30.00"))])
def test_credit_takes_its_share(relative, expected):
    found = credit_points({"A": D(92), "B": D(78), "C": D(98)}, D(30), relative=relative).points
    assert tuple(str(found[key]) for key in "ABC") == expected


def test_credit_over_a_hundred_earns_no_more_than_all_points():
    assert credit_points({"A": D(110)}, D(10)).points == {"A": D(10)}


def test_marks_are_averaged_and_trimmed_only_in_large_committees():
    marks = [D(m) for m in ("88", "90", "91", "60", "89")]
    assert combined_mark(marks) == D("83.60")
    assert combined_mark(marks, trim_from=5) == D("89.00")


@pytest.mark.parametrize(("mark", "expected"), [("60", True), ("70", False), ("88", False)])
def test_a_mark_far_from_the_mean_asks_for_an_explanation(mark, expected):
    assert is_outlier(D(mark), [D(m) for m in ("88", "90", "91", "60", "89")]) is expected


def test_equal_totals_go_to_the_lower_price_and_then_to_the_better_technical_part():
    rows = [
        {"bid": 1, "total": D(90), "price": D(100), "technical": D(30)},
        {"bid": 2, "total": D(90), "price": D(99), "technical": D(20)},
        {"bid": 3, "total": D(90), "price": D(99), "technical": D(25)},
        {"bid": 4, "total": D(91), "price": D(120), "technical": D(10)},
    ]
    assert [row["bid"] for row in ranked(rows)] == [4, 3, 2, 1]


def test_a_price_far_below_the_others_asks_for_an_explanation():
    assert list(low_price_alarms({"A": D(60), "B": D(100), "C": D(98)}, D(120))) == ["A"]
    assert list(low_price_alarms({"A": D(95), "B": D(96), "C": D(97)}, D(120))) == ["A"]
    assert low_price_alarms({"A": D(97), "B": D(98)}, D(120)) == {}
    assert low_price_alarms({}, D(120)) == {}
