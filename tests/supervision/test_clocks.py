"""The board of all clocks, reminders told once, missed limits as alerts, and a supervisor's waiver."""

from datetime import timedelta

import pytest
from django.urls import reverse

from disclosure.models import Notice
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.models import Holiday
from rulebook.refusals import Forbidden, Refused
from rulebook.workdays import is_workday, one_calendar
from supervision.alerts.models import Alert
from supervision.clocks.actions import watch_clocks
from supervision.clocks.queries import clocks_of, running_tenders
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import (
    accepted_tender,
    city,
    city_time,
    make_workday,
    organisation,
    published_lot,
    reviewed,
    written_document,
)
from trading.awards import actions as awards
from trading.procedures.models import Milestone
from trading.procedures.reaching import reach
from trading.tenders.actions import problems_of, publish_clarification, publish_tender, report_fact, waive_limit

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def report_received(lot, at):
    reach(lot.tender, "evaluation_report_received", at=at, lot=lot, reference="1")


def watch(at):
    watch_clocks(by=None, on=city_day(at), at=at)


def reminders(lot):
    return Message.objects.filter(person=lot.city.handler, key__contains="T-GC-11").count()


def due_on(lot, code):
    return next(each.row.permitted for each in clocks_of([lot.tender], on=city_day(database_now())) if each.row.rule.code == code)


def test_who_must_act_is_reminded_once_and_the_missed_day_is_an_alert():
    lot, now = published_lot(), database_now()
    report_received(lot, now)
    due = city_time(due_on(lot, "T-GC-11"))
    watch(due - timedelta(days=2))
    assert reminders(lot) == 0
    watch(due - timedelta(days=1))
    watch(due)
    assert (reminders(lot), Alert.objects.filter(rule="T-GC-11").count()) == (1, 0)
    watch(due + timedelta(days=1))
    watch(due + timedelta(days=2))
    alert = Alert.objects.get(rule="T-GC-11")
    assert (alert.kind, alert.about, alert.regulator, alert.settled_at) == ("limit", lot.tender.stream, lot.city.regulator, None)
    assert LedgerEntry.objects.filter(kind="alert.raised", stream=f"alert/{alert.number}").count() == 1
    reach(lot.tender, "candidates_published", at=due + timedelta(days=2), lot=lot, reference="1")
    watch(due + timedelta(days=3))
    alert.refresh_from_db()
    assert alert.settled_at == due + timedelta(days=3)
    assert Alert.objects.filter(rule="T-GC-11").count() == 1


def test_what_is_done_in_time_is_no_alert():
    lot, now = published_lot(), database_now()
    report_received(lot, now)
    reach(lot.tender, "candidates_published", at=now, lot=lot, reference="1")
    watch(now + timedelta(days=20))
    assert not Alert.objects.filter(rule="T-GC-11").exists()


def test_a_chance_of_others_reminds_nobody_and_alarms_nobody():
    lot = published_lot()
    watch(lot.bids_due_at)
    assert not Message.objects.filter(key__contains="T-GC-08").exists()
    assert not Alert.objects.filter(rule="T-GC-08").exists()


def test_the_board_shows_only_what_the_person_watches(client):
    lot = published_lot()
    report_received(lot, database_now() - timedelta(days=30))
    client.force_login(lot.city.supervisor, backend=BACKEND)
    page = client.get(reverse("supervision:clocks") + "?when=missed&actor=handler").content.decode()
    assert "中标候选人公示开始" in page and "已超期" in page
    assert "中标候选人公示开始" not in client.get(reverse("supervision:clocks") + "?when=near").content.decode()
    assert lot.tender.name in client.get(reverse("supervision:clock", args=[lot.tender.number])).content.decode()
    client.force_login(organisation("regulator").somebody, backend=BACKEND)
    assert "中标候选人公示开始" not in client.get(reverse("supervision:clocks")).content.decode()
    assert client.get(reverse("supervision:clock", args=[lot.tender.number])).status_code == 404
    assert client.get(reverse("supervision:waive", args=[lot.tender.number])).status_code == 404


def test_many_clocks_read_the_calendar_once(django_assert_max_num_queries):
    lot = published_lot()
    for reference in range(20):
        reach(lot.tender, "document_objection_filed", at=database_now(), lot=lot, reference=str(reference))
    tenders = list(running_tenders())
    with django_assert_max_num_queries(8):
        clocks_of(tenders, on=city_day(database_now()))


def test_within_one_calendar_the_table_still_rules():
    day = city_day(database_now()) + timedelta(days=1)
    Holiday.objects.create(date=day, kind="off", name="停电", source="测试")
    with one_calendar():
        assert not is_workday(day)


def test_the_public_sees_the_clock_without_what_is_not_public(client):
    lot = published_lot()
    report_received(lot, database_now())
    page = client.get(reverse("trading:tender", args=[lot.tender.number])).content.decode()
    assert "法定时限" in page and "《招标投标法》第二十四条" in page and "收到评标" not in page
    client.force_login(lot.city.handler, backend=BACKEND)
    page = client.get(reverse("trading:tender_clock", args=[lot.tender.number])).content.decode()
    assert "收到评标（评审）报告" in page


def test_a_handler_reports_what_was_done_outside_once(lot, client):
    publicity = shown(lot)
    with pytest.raises(Refused) as refusal:
        report_fact(lot.tender, lot, "loser_deposit_refunded", city_day(database_now()), by=lot.city.handler, at=database_now())
    assert refusal.value.code == "too_early"
    award_at = end_of(publicity)
    awards.decide_award(lot, by=lot.city.handler, at=award_at)
    day = city_day(award_at)
    with pytest.raises(Refused) as refusal:
        report_fact(lot.tender, lot, "opening", day, by=lot.city.handler, at=award_at)
    assert refusal.value.code == "not_reportable"
    with pytest.raises(Refused) as refusal:
        report_fact(lot.tender, lot, "loser_deposit_refunded", day + timedelta(days=1), by=lot.city.handler, at=award_at)
    assert refusal.value.code == "future"
    report_fact(lot.tender, lot, "loser_deposit_refunded", day, by=lot.city.handler, at=award_at)
    with pytest.raises(Refused) as refusal:
        report_fact(lot.tender, lot, "loser_deposit_refunded", day, by=lot.city.handler, at=award_at)
    assert refusal.value.code == "reported"
    assert Milestone.objects.get(name="loser_deposit_refunded").reference == "1"
    with pytest.raises(Forbidden):
        report_fact(lot.tender, lot, "bid_deposit_refunded", day, by=lot.city.supervisor, at=award_at)


WHY = {"reason": "不可抗力", "basis": "市政府会议纪要"}


def test_a_waiver_is_published_and_honoured_by_the_clock():
    lot, now = published_lot(), database_now()
    report_received(lot, now - timedelta(days=30))
    until = city_day(now) + timedelta(days=9)
    waiver = waive_limit(lot.tender, "T-GC-11", until=until, **WHY, by=lot.city.supervisor, at=now)
    row = next(each.row for each in clocks_of([lot.tender], on=city_day(now)) if each.row.rule.code == "T-GC-11")
    assert (row.permitted, row.is_running, row.waived) == (until, True, waiver)
    watch(now)
    assert not Alert.objects.filter(rule="T-GC-11").exists()
    notice = Notice.objects.get(kind=Notice.Kind.WAIVER)
    assert WHY["reason"] in notice.body and WHY["basis"] in notice.body
    assert LedgerEntry.objects.filter(kind="limit.waived").count() == 1
    assert Message.objects.filter(person=lot.city.handler, key=f"waiver/{waiver.pk}").exists()


@pytest.mark.parametrize(
    ("code", "change", "refused"),
    [("T-GC-04", {}, "not_waivable"), ("T-GC-12", {}, "not_waivable"), ("X", {}, "not_waivable"), ("T-GC-11", {"reason": " "}, "no_reason"),
     ("T-GC-11", {"basis": ""}, "no_basis"), ("T-GC-11", {"until": timedelta(days=-1)}, "past")],
)  # fmt: skip
def test_what_a_waiver_needs(code, change, refused):
    lot, now = published_lot(), database_now()
    until = city_day(now) + change.pop("until", timedelta(days=1))
    with pytest.raises(Refused) as refusal:
        waive_limit(lot.tender, code, until=until, **{**WHY, **change}, by=lot.city.supervisor, at=now)
    assert refusal.value.code == refused


def test_only_the_supervisor_of_the_tender_waives(client):
    lot, now = published_lot(), database_now()
    stranger = organisation("regulator", duties=["manager", "complaints"]).somebody
    for person in (stranger, lot.city.handler):
        with pytest.raises(Forbidden):
            waive_limit(lot.tender, "T-GC-11", until=city_day(now), **WHY, by=person, at=now)
    client.force_login(lot.city.supervisor, backend=BACKEND)
    page = reverse("supervision:waive", args=[lot.tender.number])
    assert "最短不得少于二十日" not in client.get(page).content.decode()
    answer = client.post(page, {"rule": "T-GC-11", "until": f"{city_day(now):%Y-%m-%d}", **WHY}, follow=True)
    assert "已豁免" in answer.content.decode()


def rest_day_after(day):
    while is_workday(day):
        day += timedelta(days=1)
    return day


def test_a_waived_rest_day_is_a_lawful_opening_day():
    where, now = city(), database_now()
    rest = rest_day_after(city_day(now) + timedelta(days=25))
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=city_time(rest))
    assert [row.code for row in problems_of(document, published_at=now)] == ["deadline_on_rest_day"]
    with pytest.raises(Refused):
        publish_tender(tender, by=where.handler, at=now)
    waive_limit(tender, "L-01", until=rest, **WHY, by=where.supervisor, at=now)
    assert problems_of(document, published_at=now) == []
    reviewed(document, by=where.handler, at=now)
    publish_tender(tender, by=where.handler, at=now)


@pytest.mark.parametrize(("days", "allowed"), [(14, False), (15, True)])
def test_a_late_clarification_forces_the_deadline_to_a_permitted_day(days, allowed):
    lot, now = published_lot(due_in=timedelta(days=9)), database_now()
    later = now + timedelta(days=days)
    make_workday(city_day(later))
    act = {"text": "图纸更正", "answers": {}, "affects_bids": True, "new_bids_due_at": later, "by": lot.city.handler, "at": now}
    if allowed:
        publish_clarification(lot.tender, **act)
        assert Milestone.objects.filter(name="tender_clarification_sent").count() == 1
    else:
        with pytest.raises(Refused) as refusal:
            publish_clarification(lot.tender, **act)
        assert (refusal.value.code, refusal.value.field) == ("T-GC-06", "new_bids_due_at")
        assert f"{city_day(now) + timedelta(days=15):%Y-%m-%d}" in refusal.value.next_step
