"""Both sides of every time limit of a works tender, around Spring Festival and National Day too."""

import re
from datetime import date, datetime, timedelta

import pytest

from rulebook.clock import CITY
from rulebook.periods import ExactPeriod, MaximumPeriod, MinimumPeriod, Period
from rulebook.refusals import Refused
from trading.procedures.registry import rules_of
from trading.procedures.rules import works

pytestmark = pytest.mark.django_db


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=CITY)


def refusal_of(act, *args, **more):
    with pytest.raises(Refused) as refused:
        act(*args, **more)
    return refused.value


START = date(2026, 11, 2)  # a Monday

# What may end on which first day when it starts on that Monday.
EARLIEST = {
    "T-GC-01": date(2026, 11, 7),
    "T-GC-02": date(2026, 11, 7),
    "T-GC-03": date(2026, 11, 7),
    "T-GC-04": date(2026, 11, 22),
    "T-GC-05": date(2026, 11, 5),
    "T-GC-06": date(2026, 11, 17),
    "T-GC-07": date(2026, 11, 4),
    "T-GC-08": date(2026, 11, 12),
    "T-GC-12": date(2026, 11, 5),
    "T-GC-26": date(2036, 11, 2),
}
# What must be done by when if it starts on that Monday; a Saturday or Sunday moves to Monday.
LATEST = {
    "T-GC-09": date(2026, 11, 5),
    "T-GC-11": date(2026, 11, 5),
    "T-GC-13": date(2026, 11, 5),
    "T-GC-14": date(2026, 12, 2),
    "T-GC-15": date(2026, 11, 17),
    "T-GC-16": date(2026, 11, 9),
    "T-GC-17": date(2026, 11, 9),
    "T-GC-18": date(2026, 11, 12),
    "T-GC-19": date(2026, 11, 5),
    "T-GC-20": date(2026, 12, 14),
    "T-GC-25": date(2026, 11, 3),
    "T-GC-27": date(2026, 11, 5),
    "T-GC-28": date(2026, 11, 30),
    "T-GC-29": date(2026, 11, 9),
}
EXACT = {"T-GC-10": START, "T-GC-21": START, "T-GC-23": START}
# Of two provisions with one code the first stands here; every entry is tested in test_every_boundary.
RULES = {rule.code: rule for rule in reversed(rules_of(works)) if isinstance(rule, Period)}


def test_every_period_of_the_table_stands_here():
    assert sorted(RULES) == [f"T-GC-{n:02d}" for n in range(1, 30)]
    assert sorted({*EARLIEST, *LATEST, *EXACT, "T-GC-22", "T-GC-24"}) == sorted(RULES)


@pytest.mark.parametrize("code", EARLIEST)
def test_what_needs_time_is_refused_a_day_early(code):
    rule, first = RULES[code], EARLIEST[code]
    assert isinstance(rule, MinimumPeriod)
    rule.check(noon(START), noon(first))
    refusal = refusal_of(rule.check, noon(START), noon(first - timedelta(days=1)), subject="截止时间", field="until")
    assert refusal.code == code
    assert refusal.rule == f"{rule.source}：{rule.says}"
    assert refusal.message == f"截止时间不得早于 {first:%Y-%m-%d}（{rule.says}）"
    assert refusal.next_step == f"请改为 {first:%Y-%m-%d} 或以后。"
    assert refusal.field == "until"


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if getattr(rule, "counts_back", False)])
def test_what_must_come_before_a_deadline_is_refused_a_day_late(code):
    rule, deadline = RULES[code], EARLIEST[code]
    assert rule.latest_start(deadline) == START
    rule.check_start(noon(START), noon(deadline))
    refusal = refusal_of(rule.check_start, noon(START + timedelta(days=1)), noon(deadline))
    assert refusal.code == code
    assert f"{START:%Y-%m-%d}" in refusal.message


@pytest.mark.parametrize("code", LATEST)
def test_what_has_a_last_day_may_use_it_whole_and_no_more(code):
    rule, last = RULES[code], LATEST[code]
    assert isinstance(rule, MaximumPeriod)
    end = datetime(last.year, last.month, last.day, 23, 59, 59, 999999, tzinfo=CITY)
    assert rule.due_at(noon(START)) == end
    rule.check(noon(START), end)
    refusal = refusal_of(rule.check, noon(START), end + timedelta(microseconds=1))
    assert refusal.code == code
    assert refusal.message == f"时间不得晚于 {last:%Y-%m-%d}（{rule.says}）"


@pytest.mark.parametrize("code", EXACT)
def test_what_belongs_to_the_same_day_is_refused_on_the_next(code):
    rule, day = RULES[code], EXACT[code]
    assert isinstance(rule, ExactPeriod)
    rule.check(noon(START), noon(day))
    for other in (day - timedelta(days=1), day + timedelta(days=1)):
        assert refusal_of(rule.check, noon(START), noon(other)).code == code


def test_the_length_of_bid_validity_is_the_documents_to_state():
    assert works.BID_VALIDITY.until_day(START, 90) == START + timedelta(days=90)
    assert refusal_of(works.BID_VALIDITY.check, 0).code == "T-GC-22"


def test_media_publish_within_twelve_hours():
    start = datetime(2026, 11, 2, 20, 0, tzinfo=CITY)
    due = datetime(2026, 11, 3, 8, 0, tzinfo=CITY)
    assert works.NOTICE_BY_MEDIA.due_at(start) == due
    works.NOTICE_BY_MEDIA.check(start, due)
    refusal = refusal_of(works.NOTICE_BY_MEDIA.check, start, due + timedelta(seconds=1))
    assert "2026-11-03 08:00" in refusal.message


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        # calendar days that end inside a holiday move to the first working day after it
        (works.DOCUMENT_OBJECTION_REPLY, date(2025, 9, 28), date(2025, 10, 9)),
        (works.DOCUMENT_OBJECTION_REPLY, date(2025, 9, 27), date(2025, 9, 30)),
        (works.DOCUMENT_OBJECTION_REPLY, date(2026, 2, 12), date(2026, 2, 24)),
        (works.DOCUMENT_OBJECTION_REPLY, date(2026, 2, 11), date(2026, 2, 14)),
        (works.RESULT_OBJECTION_REPLY, date(2026, 9, 28), date(2026, 10, 8)),
        (works.RESULT_OBJECTION_REPLY, date(2026, 10, 7), date(2026, 10, 10)),
        (works.COMPLAINT_FILING, date(2026, 2, 10), date(2026, 2, 24)),
        (works.CONTRACT_DUE, date(2025, 9, 5), date(2025, 10, 9)),
        (works.WRITTEN_REPORT, date(2026, 2, 5), date(2026, 2, 24)),
        (works.DEPOSIT_REFUND, date(2026, 9, 29), date(2026, 10, 8)),
        (works.CANDIDATES_DUE, date(2026, 9, 30), date(2026, 10, 8)),
        # working days leave the holiday out and count the worked weekends
        (works.COMPLAINT_ACCEPTANCE, date(2025, 9, 30), date(2025, 10, 11)),
        (works.COMPLAINT_ACCEPTANCE, date(2026, 2, 13), date(2026, 2, 25)),
        (works.COMPLAINT_ACCEPTANCE, date(2026, 9, 30), date(2026, 10, 10)),
        (works.COMPLAINT_DECISION, date(2026, 1, 30), date(2026, 3, 19)),
        (works.COMPLAINT_DECISION, date(2026, 9, 1), date(2026, 10, 19)),
    ],
)
def test_holidays_move_the_last_day(rule, start, due):
    assert rule.due_on(start) == due


@pytest.mark.parametrize(
    ("rule", "start", "first"),
    [
        (works.BID_PREPARATION, date(2025, 9, 12), date(2025, 10, 2)),
        (works.BID_PREPARATION, date(2026, 1, 28), date(2026, 2, 17)),
        (works.DOCUMENT_SUPPLY, date(2026, 9, 28), date(2026, 10, 3)),
        (works.CLARIFICATION, date(2026, 2, 3), date(2026, 2, 18)),
    ],
)
def test_holidays_do_not_lengthen_what_is_counted_up_to_a_deadline(rule, start, first):
    assert rule.earliest(start) == first


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 11, 2), date(2026, 11, 5)),
        (date(2026, 11, 4), date(2026, 11, 9)),
        (date(2025, 9, 28), date(2025, 10, 9)),
        (date(2026, 2, 12), date(2026, 2, 24)),
        (date(2026, 10, 7), date(2026, 10, 10)),
    ],
)
def test_candidates_are_shown_three_days_that_end_on_a_working_day(start, end):
    shown = works.CANDIDATES_SHOWN.ends_at(noon(start))
    assert shown == datetime(end.year, end.month, end.day, 23, 59, 59, 999999, tzinfo=CITY)


def test_the_day_is_the_citys_not_that_of_greenwich():
    late = datetime(2026, 11, 2, 23, 30, tzinfo=CITY)
    assert works.DOCUMENT_OBJECTION_REPLY.due_at(late).date() == date(2026, 11, 5)
    after_midnight = datetime(2026, 11, 3, 0, 30, tzinfo=CITY)
    assert works.DOCUMENT_OBJECTION_REPLY.due_at(after_midnight).date() == date(2026, 11, 6)


def test_no_text_of_a_rule_is_english():
    for rule in rules_of(works):
        assert not re.search(r"[A-Za-z]{2,}", rule.says + rule.source)
