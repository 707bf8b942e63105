"""The statutory timeline of a tender."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from rulebook.clock import CITY
from trading.procedures.timeline import Occurrence, Status, statutory_timeline
from trading.procedures.versions import version_on

pytestmark = pytest.mark.django_db

OPEN_TENDER = version_on("GC-OT", date(2026, 11, 1))
PLANNED = {
    "tender_doc_sale_start": datetime(2026, 11, 2, 9, tzinfo=CITY),
    "tender_doc_sale_end": date(2026, 11, 7),
    "bid_deadline": datetime(2026, 11, 23, 9, 30, tzinfo=CITY),
}


def seen(events, *, on):
    rows = statutory_timeline(events, OPEN_TENDER, on=on)
    return {row.rule.code: (row.bound, row.permitted, row.actual, row.status) for row in rows}


def test_a_published_tender_shows_what_is_kept_and_what_is_still_possible():
    assert seen(PLANNED, on=date(2026, 11, 3)) == {
        "T-GC-02": ("不早于", date(2026, 11, 7), date(2026, 11, 7), Status.OK),
        "T-GC-04": ("不早于", date(2026, 11, 22), date(2026, 11, 23), Status.OK),
        "T-GC-06": ("不晚于", date(2026, 11, 8), None, Status.DUE),
        "T-GC-08": ("不晚于", date(2026, 11, 13), None, Status.DUE),
        "T-GC-21": ("应为", date(2026, 11, 23), None, Status.DUE),
    }


def test_chances_pass_and_duties_are_missed():
    rows = seen(PLANNED | {"document_objection_filed": date(2026, 11, 10)}, on=date(2026, 11, 24))
    assert rows["T-GC-06"][3] == Status.OVER
    assert rows["T-GC-08"][2:] == (date(2026, 11, 10), Status.OK)
    assert rows["T-GC-09"] == ("不晚于", date(2026, 11, 13), None, Status.MISSED)
    assert rows["T-GC-21"][3] == Status.MISSED


@pytest.mark.parametrize(("replied", "status"), [(date(2026, 11, 13), Status.OK), (date(2026, 11, 14), Status.MISSED)])
def test_a_reply_counts_by_its_day(replied, status):
    events = {"document_objection_filed": date(2026, 11, 10), "document_objection_replied": replied}
    assert seen(events, on=date(2026, 11, 20))["T-GC-09"][3] == status


@pytest.mark.parametrize(("shown", "status"), [(date(2026, 11, 12), Status.MISSED), (date(2026, 11, 13), Status.OK)])
def test_candidates_shown_too_short_are_seen(shown, status):
    events = {"candidates_published": date(2026, 11, 10), "candidate_publicity_end": shown}
    assert seen(events, on=date(2026, 11, 20))["T-GC-12"] == ("不早于", date(2026, 11, 13), shown, status)


def test_the_law_of_the_publication_holds():
    events = {"tender_doc_sale_start": date(2011, 3, 1), "tender_doc_sale_end": date(2011, 3, 3)}
    today = date(2026, 11, 20)
    held = [row.rule.code for row in statutory_timeline(events, OPEN_TENDER, on=today, law_of=date(2011, 3, 1))]
    assert held == ["T-GC-04"]  # the regulation with its five days of supply came in 2012
    assert [row.rule.code for row in statutory_timeline(events, OPEN_TENDER, on=today)] == ["T-GC-02", "T-GC-04"]


def test_rows_come_by_day_and_speak_chinese():
    rows = statutory_timeline(PLANNED, OPEN_TENDER, on=date(2026, 11, 3))
    assert [row.permitted for row in rows] == sorted(row.permitted for row in rows)
    assert (rows[0].since_label, rows[0].event_label, rows[0].status_label) == ("招标文件开始发出", "招标文件停止发出", "计划符合")


def test_each_objection_runs_its_own_period_and_the_latest_of_other_events_counts():
    noon = datetime(2026, 11, 10, 12, tzinfo=CITY)
    events = [
        Occurrence("result_objection_filed", noon, "YY1"),
        Occurrence("result_objection_filed", noon + timedelta(days=1), "YY2"),
        Occurrence("result_objection_filed", noon, "YY3"),
        Occurrence("objection_withdrawn", noon, "YY3"),
        Occurrence("result_objection_replied", noon + timedelta(days=1), "YY2"),
        Occurrence("evaluation_report_received", noon - timedelta(days=60), "1"),
        Occurrence("candidates_published", noon - timedelta(days=59), "1"),
        Occurrence("evaluation_report_received", noon, "2"),
    ]
    rows = statutory_timeline(events, OPEN_TENDER, on=date(2026, 11, 16))
    assert {(row.rule.code, row.reference): (row.actual, row.status) for row in rows if row.rule.code in ("T-GC-11", "T-GC-13")} == {
        ("T-GC-13", "YY1"): (None, Status.MISSED),
        ("T-GC-13", "YY2"): (date(2026, 11, 11), Status.OK),
        ("T-GC-11", "2"): (None, Status.MISSED),
    }


@pytest.mark.parametrize(
    ("ended", "permitted", "paused"),
    [
        (None, date(2026, 12, 23), 7),  # still going on the 20th: 12th to 20th November are 7 working days
        (date(2026, 11, 13), date(2026, 12, 16), 2),
        (date(2026, 11, 11), date(2026, 12, 14), 0),
    ],
)
def test_the_time_of_an_inspection_is_not_counted(ended, permitted, paused):
    events = [
        Occurrence("complaint_accepted", datetime(2026, 11, 2, 9, tzinfo=CITY), "TS1"),
        Occurrence("inspection_started", datetime(2026, 11, 11, 9, tzinfo=CITY), "TS1/1"),
        Occurrence("inspection_started", datetime(2026, 11, 11, 9, tzinfo=CITY), "TS2/1"),  # of another complaint
    ]
    if ended:
        events.append(Occurrence("inspection_ended", datetime(ended.year, ended.month, ended.day, 18, tzinfo=CITY), "TS1/1"))
    row = next(row for row in statutory_timeline(events, OPEN_TENDER, on=date(2026, 11, 20)) if row.rule.code == "T-GC-20")
    assert (row.permitted, row.paused) == (permitted, paused)


def test_two_pauses_at_once_are_left_out_once():
    events = [
        Occurrence("harm_known", datetime(2026, 11, 2, 9, tzinfo=CITY)),
        Occurrence("document_objection_filed", datetime(2026, 11, 3, 9, tzinfo=CITY), "YY1"),
        Occurrence("document_objection_replied", datetime(2026, 11, 6, 9, tzinfo=CITY), "YY1"),
        Occurrence("result_objection_filed", datetime(2026, 11, 4, 9, tzinfo=CITY), "YY2"),
        Occurrence("result_objection_replied", datetime(2026, 11, 7, 9, tzinfo=CITY), "YY2"),
    ]
    row = next(row for row in statutory_timeline(events, OPEN_TENDER, on=date(2026, 11, 20)) if row.rule.code == "T-GC-18")
    assert (row.permitted, row.paused) == (date(2026, 11, 16), 4)


def test_a_waiver_sets_another_day():
    events = {"award_notice_sent": date(2026, 10, 9), "contract_signed": date(2026, 11, 20)}
    waiver = SimpleNamespace(until=date(2026, 11, 30))
    rows = [statutory_timeline(events, OPEN_TENDER, on=date(2026, 11, 28), waivers=given) for given in ({}, {"T-GC-14": waiver})]
    found = [next(row for row in each if row.rule.code == "T-GC-14") for each in rows]
    assert [(row.permitted, row.status, row.waived) for row in found] == [
        (date(2026, 11, 9), Status.MISSED, None), (date(2026, 11, 30), Status.OK, waiver),
    ]  # fmt: skip
