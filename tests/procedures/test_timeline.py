"""The statutory timeline of a tender."""

from datetime import date, datetime

import pytest

from rulebook.clock import CITY
from trading.procedures.timeline import Status, statutory_timeline
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
    assert (rows[0].since_label, rows[0].event_label, rows[0].status_label) == ("招标文件开始发出", "招标文件停止发出", "符合")
