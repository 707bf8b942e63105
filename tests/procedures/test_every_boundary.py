"""Every period of the rule table, the day before, on and after its boundary, over ordinary days and both long holidays.

What is expected is counted by `naive`, a second calendar written by hand, from this second table, written by hand too.
"""

from datetime import date, datetime, timedelta

import pytest

from rulebook.clock import CITY
from rulebook.periods import CALENDAR, WORKING, ExactPeriod, MaximumPeriod, MinimumPeriod, Period, ShowingPeriod, StatedPeriod
from rulebook.refusals import Refused
from rulebook.workdays import is_workday
from tests.procedures import naive
from trading.procedures.registry import all_rules

pytestmark = pytest.mark.django_db

# code, at least (>=), at least before a fixed end (back), shown at least (show), at most (<=), exactly (=); amount; days, workdays, months
TABLE = """
T-GC-01 >= 5 d     T-GC-02 >= 5 d     T-GC-03 >= 5 d     T-GC-04 >= 20 d    T-GC-05 back 3 d   T-GC-06 back 15 d
T-GC-07 back 2 d   T-GC-08 back 10 d  T-GC-09 <= 3 d     T-GC-10 = 0 d      T-GC-11 <= 3 d     T-GC-12 show 3 d
T-GC-13 <= 3 d     T-GC-14 <= 30 d    T-GC-15 <= 15 d    T-GC-16 <= 5 d     T-GC-17 <= 5 d     T-GC-18 <= 10 d
T-GC-19 <= 3 w     T-GC-20 <= 30 w    T-GC-21 = 0 d      T-GC-23 = 0 d      T-GC-25 <= 1 w     T-GC-25 <= 3 w
T-GC-26 >= 120 m   T-GC-27 <= 3 w     T-GC-28 <= 20 w    T-GC-28 show 6 m   T-GC-29 <= 5 w
T-ZC-01 >= 30 d    T-ZC-02 = 5 w      T-ZC-03 >= 5 w     T-ZC-04 >= 20 d    T-ZC-05 back 15 d  T-ZC-06 back 3 d
T-ZC-07 >= 5 w     T-ZC-08 <= 2 w     T-ZC-09 <= 5 w     T-ZC-10 <= 2 w     T-ZC-10 <= 2 w     T-ZC-11 = 1 w
T-ZC-12 <= 30 d    T-ZC-13 <= 2 w     T-ZC-14 <= 7 w     T-ZC-15 <= 5 w     T-ZC-16 <= 5 w     T-ZC-17 <= 5 w
T-ZC-18 <= 5 w     T-ZC-19 <= 3 w     T-ZC-20 <= 7 w     T-ZC-21 <= 7 w     T-ZC-22 <= 15 w    T-ZC-23 <= 5 w
T-ZC-24 <= 3 w     T-ZC-25 <= 8 w     T-ZC-26 <= 5 w     T-ZC-27 <= 30 w    T-ZC-28 <= 30 d    T-ZC-30 >= 3 w
T-ZC-31 back 3 w   T-ZC-32 >= 3 w     T-ZC-33 back 3 w   T-ZC-34 >= 5 w     T-ZC-35 <= 5 w     T-ZC-36 >= 5 w
T-ZC-37 >= 10 d    T-ZC-38 back 5 d   T-ZC-39 <= 2 w     T-ZC-40 <= 5 w     T-ZC-41 <= 30 d    T-ZC-42 <= 7 w
T-ZC-43 <= 3 w     T-ZC-44 <= 2 w     T-ZC-45 <= 10 w    T-ZC-46 <= 1 w     T-ZC-47 <= 7 w     T-ZC-48 <= 2 w
T-ZC-49 <= 2 w     T-ZC-50 <= 12 m    T-ZC-51 <= 24 m    T-ZC-52 >= 180 m   T-ZC-53 <= 1 w     T-ZC-54 <= 2 w
T-ZC-55 <= 30 d    T-ZC-56 <= 10 w    T-ZC-57 <= 5 w
T-TD-01 >= 20 d    T-TD-02 >= 10 d    T-TD-03 <= 5 w     T-TD-04 <= 10 w    T-TD-05 <= 10 w    T-TD-06 <= 1 m
T-TD-07 <= 12 m    T-KY-01 >= 20 w    T-KY-02 >= 10 w    T-KY-03 show 10 w  T-KY-04 <= 5 w
T-CQ-01 >= 20 w    T-CQ-02 <= 10 w    T-CQ-03 >= 20 w    T-CQ-05 <= 12 m    T-CQ-06 <= 5 w     T-CQ-07 <= 12 m
T-CQ-08 show 5 w   T-CQ-09 >= 40 w    T-CQ-10 >= 10 w    T-CQ-11 >= 20 w    T-CQ-12 >= 5 w
T-PM-01 >= 7 d     T-PM-02 >= 2 d     T-PM-03 >= 60 m
T-ALL-01 <= 90 d   T-ALL-02 <= 5 w    T-ALL-03 >= 7 w    T-ALL-04 <= 15 d   T-ALL-05 <= 60 d   T-ALL-06 <= 20 w
T-ALL-07 <= 7 w    T-ALL-08 <= 24 m   T-ALL-08 <= 60 m   L-03 <= 90 d       L-04 <= 7 d
L-11 >= 3 w        L-12 show 3 d      L-13 >= 5 d        L-14 show 3 d
B-02 <= 5 d        B-03 <= 5 w        B-04 <= 1 w        B-05 <= 5 w
"""
WORDS = TABLE.split()
ROWS = sorted(zip(WORDS[::4], WORDS[1::4], (int(each) for each in WORDS[2::4]), WORDS[3::4], strict=True))
# Counted in hours, or stated by the document: tested with their own.
ELSEWHERE = {"T-GC-22", "T-GC-24"}
PERIODS = [rule for rule in all_rules() if isinstance(rule, Period) and rule.code not in ELSEWHERE]


def shape(rule):
    if isinstance(rule, MaximumPeriod):
        bound = "<="
    elif isinstance(rule, ExactPeriod):
        bound = "="
    else:
        bound = "show" if isinstance(rule, ShowingPeriod) else "back" if rule.counts_back else ">="
    return (rule.code, bound, rule.months, "m") if rule.months else (rule.code, bound, rule.days, {CALENDAR: "d", WORKING: "w"}[rule.unit])


RULES = sorted(PERIODS, key=lambda rule: (*shape(rule), rule.end))

ANCHORS = [
    date(2026, 11, 2),  # an ordinary Monday
    date(2026, 2, 14),  # a worked Saturday, the eve of Spring Festival 2026
    date(2025, 1, 26),  # a worked Sunday, two days before Spring Festival 2025
    date(2025, 9, 30),  # the eve of eight days of National Day, with a worked Saturday after
    date(2026, 9, 30),  # the eve of seven days, with a worked Saturday after
    date(2026, 9, 18),  # before the worked Sunday, the Mid-Autumn days and National Day together
]
# Where something must come so long before a deadline, the deadline stands just behind the holiday.
DEADLINES = [date(2026, 11, 20), date(2026, 2, 24), date(2025, 2, 5), date(2025, 10, 9), date(2026, 10, 8), date(2026, 10, 12)]


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=CITY)


def allowed(check, start, end):
    try:
        check(noon(start), noon(end))
    except Refused:
        return False
    return True


def test_the_hand_written_calendar_is_the_platforms():
    first = date(2025, 1, 1)
    assert [day for n in range(730) if is_workday(day := first + timedelta(days=n)) != naive.works(day)] == []


def test_the_table_of_periods_is_complete_and_says_the_same():
    assert [shape(rule) for rule in RULES] == ROWS
    assert {rule.code for rule in all_rules() if isinstance(rule, StatedPeriod) or getattr(rule, "hours", 0)} == ELSEWHERE


@pytest.mark.parametrize(("rule", "row"), list(zip(RULES, ROWS, strict=True)), ids=[f"{rule.code}-{rule.end}" for rule in RULES])
def test_the_day_before_on_and_after_the_boundary(rule, row):
    _, bound, amount, unit = row
    for anchor in DEADLINES if bound == "back" else ANCHORS:
        before, on, past = sides(rule, bound, amount, unit, anchor)
        expected = {">=": (False, True, True), "show": (False, True, True), "=": (False, True, False)}.get(bound, (True, True, False))
        assert (before, on, past) == expected, f"{rule.code} from {anchor}"


def sides(rule, bound, amount, unit, anchor):
    """Whether the rule allows the day before, on and after the boundary that the second calendar finds."""
    assert isinstance(rule, MinimumPeriod | MaximumPeriod | ExactPeriod)
    if bound == "back":
        assert isinstance(rule, MinimumPeriod)
        edge = naive.last_start(anchor, amount, unit)
        assert rule.permitted_on(noon(anchor)) == edge
        return [allowed(rule.check_start, edge + n * naive.DAY, anchor) for n in (-1, 0, 1)]
    edge = naive.after(anchor, amount, unit)
    if bound == "<=" and unit != "w":
        edge = naive.moved_off_rest(edge)
    assert rule.permitted_on(noon(anchor)) == edge
    if isinstance(rule, ShowingPeriod):
        shown_until = edge if unit == "w" else naive.moved_off_rest(edge)
        assert rule.ends_at(noon(anchor)) == datetime(shown_until.year, shown_until.month, shown_until.day, 23, 59, 59, 999999, tzinfo=CITY)
    return [allowed(rule.check, anchor, edge + n * naive.DAY) for n in (-1, 0, 1)]


@pytest.mark.parametrize(
    ("code", "start", "edge"),
    [
        # worked by hand on paper, so that the second calendar is no oracle either
        ("T-GC-09", date(2026, 2, 12), date(2026, 2, 24)),  # Sunday 15th, holiday until the 23rd
        ("T-GC-11", date(2025, 9, 29), date(2025, 10, 9)),  # 2 October, holiday until the 8th
        ("T-GC-19", date(2026, 2, 13), date(2026, 2, 25)),  # Sat 14 worked, Tue 24, Wed 25
        ("T-GC-19", date(2025, 9, 26), date(2025, 9, 30)),  # Sun 28 worked, Mon 29, Tue 30
        ("T-ZC-09", date(2026, 9, 29), date(2026, 10, 12)),  # 30 Sep, 8, 9, Sat 10 worked, Mon 12
        ("T-ZC-08", date(2025, 10, 9), date(2025, 10, 11)),  # Fri 10, Sat 11 worked
        ("T-GC-14", date(2026, 1, 16), date(2026, 2, 24)),  # 15 February, holiday until the 23rd
        ("T-GC-04", date(2026, 1, 28), date(2026, 2, 17)),  # inside the holiday, and stays there
        ("T-ZC-02", date(2025, 9, 26), date(2025, 10, 10)),  # 28 worked, 29, 30, 9, 10
    ],
)
def test_days_worked_by_hand(code, start, edge):
    rule = next(rule for rule in RULES if rule.code == code)
    assert rule.permitted_on(noon(start)) == edge
