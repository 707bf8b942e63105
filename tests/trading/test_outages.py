"""The platform measures itself; what it missed moves deadlines by rule, once, before any bid is locked."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Duty, Person
from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import CITY, city_day, database_now, pretend
from rulebook.models import Holiday
from rulebook.provisions import in_force
from rulebook.refusals import Refused
from tests.factories.bids import form_of
from tests.factories.trading import member, pdf, published_lot, stored
from tests.trading.test_tenders_concurrency import together
from trading.bidding.models import Bid
from trading.opening import reference
from trading.opening.actions import LOCK_AFTER, lock_lot
from trading.opening.tasks import advance_openings
from trading.outages.actions import declare_outage, doubt_outage, keep_watch, make_good, settle_declaration
from trading.outages.measuring import note_minute
from trading.outages.models import Component, Heartbeat, LotExtension, Outage
from trading.outages.queries import months_of, require_made_good
from trading.procedures.rules.local import DECLARATION_GRACE, OUTAGE_EXTENSION
from trading.projects.models import Lot
from trading.tenders.actions import suspend_lot

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"
RULE = OUTAGE_EXTENSION[-1]


def at(*parts):
    return datetime(*parts, tzinfo=CITY)


@pytest.mark.parametrize(
    ("began", "ended", "deadline", "touches"),
    [
        (at(2026, 11, 17, 9), at(2026, 11, 17, 9, 30), at(2026, 11, 18, 9, 30), False),  # ended exactly a day before
        (at(2026, 11, 17, 9), at(2026, 11, 17, 9, 31), at(2026, 11, 18, 9, 30), True),
        (at(2026, 11, 18, 9, 29), None, at(2026, 11, 18, 9, 30), True),
        (at(2026, 11, 18, 9, 30), None, at(2026, 11, 18, 9, 30), False),
    ],
)
def test_only_the_last_day_before_a_deadline_counts(began, ended, deadline, touches):
    assert RULE.touches(began, ended, deadline) is touches


@pytest.mark.parametrize(
    ("began", "ended", "deadline", "new"),
    [
        # up to two hours: two hours later; a minute more: a day
        (at(2026, 11, 18, 7), at(2026, 11, 18, 9), at(2026, 11, 18, 9, 30), at(2026, 11, 18, 11, 30)),
        (at(2026, 11, 18, 7), at(2026, 11, 18, 9, 1), at(2026, 11, 18, 9, 30), at(2026, 11, 19, 9, 30)),
        # over the deadline itself: from the end of the outage
        (at(2026, 11, 18, 9), at(2026, 11, 18, 10, 40), at(2026, 11, 18, 9, 30), at(2026, 11, 18, 12, 40)),
        # past office hours: the next working morning; a Saturday: Monday at the same hour
        (at(2026, 11, 18, 15), at(2026, 11, 18, 15, 30), at(2026, 11, 18, 16), at(2026, 11, 19, 9)),
        (at(2026, 11, 20, 5), at(2026, 11, 20, 9), at(2026, 11, 20, 9, 30), at(2026, 11, 23, 9, 30)),
        (at(2026, 11, 20, 15, 30), at(2026, 11, 20, 16, 30), at(2026, 11, 20, 16), at(2026, 11, 23, 9)),
        # restored at night: the same morning
        (at(2026, 11, 18, 16), at(2026, 11, 19, 2), at(2026, 11, 18, 17), at(2026, 11, 20, 9)),
        # the eve of National Day
        (at(2026, 9, 30, 5), at(2026, 9, 30, 9), at(2026, 9, 30, 9, 30), at(2026, 10, 8, 9, 30)),
    ],
)
def test_how_much_later_a_deadline_falls(began, ended, deadline, new):
    assert RULE.new_deadline(began, ended, deadline) == new


def test_the_rule_has_its_dates():
    assert in_force(OUTAGE_EXTENSION, city_day(database_now())) == RULE
    assert RULE.shortest == timedelta(minutes=5)


def beat(moment, *, component=Component.PLATFORM, ok=True):
    note_minute(component, ok=ok, at=moment)


NOW = at(2026, 11, 18, 9)


@pytest.mark.parametrize(("gap", "outages"), [(5, 0), (6, 1)])
def test_minutes_without_a_look_are_an_outage(gap, outages):
    beat(NOW)
    beat(NOW + gap * MINUTE)
    beat(NOW + gap * MINUTE + timedelta(seconds=30))
    assert Heartbeat.objects.count() == 2
    found = list(Outage.objects.values_list("began_at", "ended_at", "state"))
    assert found == [(NOW + MINUTE, NOW + gap * MINUTE, "confirmed")] * outages
    assert LedgerEntry.objects.filter(kind="outage.confirmed").count() == outages


def test_a_website_that_fails_is_an_open_outage_until_it_answers():
    for minute in range(9):
        beat(NOW + minute * MINUTE, component=Component.WEB, ok=minute < 2)
    outage = Outage.objects.get()
    assert (outage.state, outage.began_at, outage.ended_at) == ("open", NOW + 2 * MINUTE, None)
    beat(NOW + 9 * MINUTE, component=Component.WEB)
    outage.refresh_from_db()
    assert (outage.state, outage.minutes) == ("confirmed", 7)


def test_while_nobody_looked_nothing_is_known_of_the_website():
    beat(NOW, component=Component.WEB)
    beat(NOW + 50 * MINUTE, component=Component.WEB)
    assert not Outage.objects.exists()
    beat(NOW + 51 * MINUTE, component=Component.WEB, ok=False)
    beat(NOW + 90 * MINUTE, component=Component.WEB, ok=False)
    assert Outage.objects.get().began_at == NOW + 51 * MINUTE


@pytest.mark.usefixtures("committed")
@pytest.mark.django_db(transaction=True)
def test_moving_the_clock_of_a_demonstration_is_no_outage():
    beat(database_now())
    pretend(timedelta(days=20))
    beat(database_now())
    assert not Outage.objects.exists()


def outage_of(began, ended, **more):
    return Outage.objects.create(
        number=f"GZ2026-{Outage.objects.count() + 1:04d}", component=Component.PLATFORM, source="measured", state="confirmed",
        began_at=began, ended_at=ended, declared_at=ended, **more,
    )  # fmt: skip


def touched_lot(*, due_at=None, lots=({},), holders=2):
    """A lot due tomorrow morning or at `due_at`; the days around are working days, so that the arithmetic is plain."""
    lot = published_lot(due_in=timedelta(days=25), lots=lots, holders=holders)
    due_at = due_at or (database_now() + timedelta(days=1)).astimezone(CITY).replace(hour=10, minute=0, second=0, microsecond=0)
    for n in range(-2, 4):
        Holiday.objects.update_or_create(date=due_at.date() + timedelta(days=n), defaults={"kind": "work", "name": "x", "source": "测试"})
    Lot.objects.filter(tender=lot.tender).update(bids_due_at=due_at)
    lot.tender.document.bids_due_at = due_at
    lot.tender.document.save()
    where = lot.city
    lot = Lot.objects.select_related("tender__project", "tender__document").get(pk=lot.pk)
    lot.city = where
    lot.tender.published_at = due_at - timedelta(days=24)
    lot.tender.save()
    return lot


def watch(moment):
    keep_watch(by=Person.objects.platform(), at=moment)


def test_an_outage_moves_the_deadline_of_every_lot_and_tells_all_without_naming_them():
    lot = touched_lot(lots=({}, {}))
    old = lot.bids_due_at
    outage = outage_of(old - 3 * HOUR, old - 2 * HOUR)
    watch(old - HOUR)
    assert set(Lot.objects.values_list("bids_due_at", flat=True)) == {old + 2 * HOUR}
    lot.tender.document.refresh_from_db()
    assert lot.tender.document.bids_due_at == old + 2 * HOUR
    assert LedgerEntry.objects.filter(kind="lot.deadline_changed").count() == 2
    notice = Notice.objects.get(kind=Notice.Kind.POSTPONED)
    certificate = OfficialDocument.objects.get(kind="outage_certificate")
    assert certificate.check_code in notice.body
    assert [row.certificate for row in LotExtension.objects.filter(outage=outage)] == [certificate] * 2
    key = f"outage/{outage.pk}/{lot.tender.pk}"
    holders = lot.city.bidders[:2]
    assert all(Message.objects.filter(person=each.somebody, key=key).exists() for each in holders)
    assert not Message.objects.filter(person=lot.city.bidders[2].somebody, key=key).exists()
    assert not [each for each in lot.city.bidders if each.name in notice.body + str(notice.facts) + str(certificate.context)]


def test_the_same_outage_never_moves_a_deadline_twice():
    lot = touched_lot()
    old = lot.bids_due_at
    outage_of(old - 3 * HOUR, old - 2 * HOUR)
    watch(old - HOUR)
    watch(old - HOUR / 2)
    lot.refresh_from_db()
    assert (lot.bids_due_at, Notice.objects.filter(kind=Notice.Kind.POSTPONED).count()) == (old + 2 * HOUR, 1)


def test_outages_that_overlap_are_one():
    lot = touched_lot()
    old = lot.bids_due_at
    outage_of(old - 5 * HOUR, old - 4 * HOUR)
    watch(old - 3 * HOUR)
    outage_of(old - 5 * HOUR + MINUTE, old - 4 * HOUR)
    Outage.objects.filter(began_at=old - 5 * HOUR + MINUTE).update(component=Component.WEB)
    watch(old - 3 * HOUR)
    lot.refresh_from_db()
    assert lot.bids_due_at == old + 2 * HOUR
    assert [row.moved for row in LotExtension.objects.all()] == [True, False]
    # another one that lasts on makes the whole longer than two hours: a day, counted from the first deadline
    Outage.objects.create(
        number="GZ2026-9999", component=Component.WEB, source="measured", state="confirmed", began_at=old - 4 * HOUR - MINUTE,
        ended_at=old - 2 * HOUR, declared_at=old,
    )  # fmt: skip
    watch(old - HOUR)
    lot.refresh_from_db()
    assert lot.bids_due_at == old + 24 * HOUR


@pytest.mark.parametrize(("ended_before", "moves"), [(timedelta(hours=24), False), (timedelta(hours=23, minutes=59), True)])
def test_what_ended_a_day_before_the_deadline_moves_nothing(ended_before, moves):
    lot = touched_lot()
    old = lot.bids_due_at
    outage_of(old - ended_before - HOUR, old - ended_before)
    watch(old - HOUR)
    lot.refresh_from_db()
    assert (lot.bids_due_at > old) is moves


def test_a_suspended_lot_moves_too():
    lot = touched_lot()
    old = lot.bids_due_at
    suspend_lot(lot, cause="order", reference="X", reason="核查", by=lot.city.supervisor, at=database_now())
    outage_of(old - 3 * HOUR, old - 2 * HOUR)
    watch(old - HOUR)
    lot.refresh_from_db()
    assert lot.bids_due_at == old + 2 * HOUR


def test_a_deadline_that_passed_during_the_outage_is_set_anew():
    lot = touched_lot()
    old = lot.bids_due_at
    outage_of(old - HOUR / 2, old + HOUR)
    watch(old + HOUR)
    lot.refresh_from_db()
    assert lot.bids_due_at == old + 3 * HOUR
    assert list(LedgerEntry.objects.filter(kind__startswith="lot.deadline").values_list("kind", flat=True)) == ["lot.deadline_restored"]


@pytest.mark.parametrize("state", ["open", "confirmed"])
def test_nothing_is_locked_while_an_outage_has_not_moved_the_deadline(state):
    lot = touched_lot()
    old = lot.bids_due_at
    outage = outage_of(old - HOUR, old - HOUR / 2)
    Outage.objects.filter(pk=outage.pk).update(state=state, ended_at=None if state == "open" else outage.ended_at)
    with pytest.raises(Refused) as refusal:
        require_made_good(lot, old + LOCK_AFTER)
    assert refusal.value.code == "outage"
    outage.refresh_from_db()
    outage.state, outage.ended_at = "confirmed", outage.ended_at or old + MINUTE
    outage.save()
    make_good(outage, by=Person.objects.platform(), at=old + MINUTE)
    lot.refresh_from_db()
    require_made_good(lot, lot.bids_due_at + LOCK_AFTER)


@pytest.mark.parametrize(("silent", "held"), [(timedelta(minutes=5), False), (timedelta(minutes=6), True)])
def test_nothing_is_locked_over_minutes_that_nobody_measured(silent, held):
    lot = touched_lot()
    now = lot.bids_due_at + LOCK_AFTER
    beat(now - silent)
    if held:
        with pytest.raises(Refused):
            require_made_good(lot, now)
    else:
        require_made_good(lot, now)


def test_after_a_night_of_silence_the_deadline_moves_before_anything_is_locked(monkeypatch):
    """The first round after the platform came back: the old deadline lies behind, and no bid may be locked at it."""
    lot = touched_lot()
    old = lot.bids_due_at
    beat(old - 2 * HOUR)
    back = old + 3 * HOUR
    monkeypatch.setattr("trading.opening.tasks.database_now", lambda: back)
    monkeypatch.setattr("trading.opening.actions.database_now", lambda: back)
    advance_openings()
    lot.refresh_from_db()
    assert (lot.state, lot.bids_due_at) == (Lot.State.BIDDING, RULE.new_deadline(old - 2 * HOUR + MINUTE, back, old))


def declared(lot, *, by=None, ended=None):
    old = lot.bids_due_at
    by = by or lot.city.staff
    return declare_outage(
        component=Component.NETWORK, began_at=old - 5 * HOUR, ended_at=ended or old - 4 * HOUR, reason="运营商光缆中断",
        evidence=stored(by, lot.city.centre, "outage"), by=by, at=old - HOUR,
    )  # fmt: skip


def test_a_declared_outage_takes_two_people():
    lot = touched_lot()
    old = lot.bids_due_at
    outage = declared(lot)
    with pytest.raises(Refused) as refusal:
        settle_declaration(outage, accepted=True, by=lot.city.staff, at=old - HOUR)
    assert refusal.value.code == "second_person"
    settle_declaration(outage, accepted=True, by=member(lot.city.centre, duties=[Duty.OPENING]), at=old - HOUR)
    lot.refresh_from_db()
    assert lot.bids_due_at == old + 2 * HOUR


def test_a_refused_declaration_moves_nothing_and_holds_nothing_back():
    lot = touched_lot()
    old = lot.bids_due_at
    outage = declared(lot)
    with pytest.raises(Refused):
        require_made_good(lot, old - HOUR + DECLARATION_GRACE)
    require_made_good(lot, old - HOUR + DECLARATION_GRACE + MINUTE)
    settle_declaration(outage, accepted=False, by=member(lot.city.centre, duties=[Duty.OPENING]), at=old)
    lot.refresh_from_db()
    require_made_good(lot, old)
    assert lot.bids_due_at == old


@pytest.mark.parametrize(("minutes", "counts"), [(4, False), (5, True)])
def test_what_is_too_short_is_not_declared(minutes, counts):
    lot = touched_lot()
    ended = lot.bids_due_at - 5 * HOUR + minutes * MINUTE
    if counts:
        declared(lot, ended=ended)
    else:
        with pytest.raises(Refused) as refusal:
            declared(lot, ended=ended)
        assert refusal.value.code == "outage_short"


def test_an_outage_that_never_ends_is_doubted_by_one_and_settled_by_another():
    lot = touched_lot()
    old = lot.bids_due_at
    for minute in range(9):
        beat(old - HOUR + minute * MINUTE, component=Component.WEB, ok=minute < 2)
    outage = doubt_outage(Outage.objects.get(), reason="监测地址配置错误", by=lot.city.staff, at=old - HOUR / 2)
    with pytest.raises(Refused):
        require_made_good(lot, old + LOCK_AFTER)
    settle_declaration(outage, accepted=False, by=member(lot.city.centre, duties=[Duty.OPENING]), at=old - HOUR / 2)
    require_made_good(lot, old + LOCK_AFTER)
    beat(old, component=Component.WEB, ok=False)
    assert Outage.objects.count() == 1


def test_months_show_how_much_of_the_time_the_platform_was_there():
    beat(at(2026, 10, 31, 0))
    outage_of(at(2026, 11, 2, 9), at(2026, 11, 2, 10))
    outage_of(at(2026, 11, 2, 9, 30), at(2026, 11, 2, 10, 30))
    rows = months_of(at(2026, 11, 11, 0))
    assert [(row["month"], row["down"], round(row["share"], 3)) for row in rows] == [(11, 90, 99.375), (10, 0, 100)]


def test_the_staff_report_and_confirm_and_the_public_reads(client):
    lot = touched_lot()
    now = database_now().astimezone(CITY)
    client.force_login(lot.city.staff, backend=BACKEND)
    fields = {"component": "network", "reason": "光缆中断", "evidence": pdf()}
    times = {"began_at": f"{now - 2 * HOUR:%Y-%m-%dT%H:%M}", "ended_at": f"{now - HOUR:%Y-%m-%dT%H:%M}"}
    Lot.objects.update(bids_due_at=now + 20 * HOUR)
    page = client.post(reverse("trading:outages"), {**fields, **times}, follow=True).content.decode()
    assert "等待另一位工作人员复核" in page
    outage = Outage.objects.get()
    client.force_login(member(lot.city.centre, duties=[Duty.OPENING]), backend=BACKEND)
    client.post(reverse("trading:settle_outage", args=[outage.number]), {"move": "confirm"})
    client.logout()
    page = client.get(reverse("trading:availability")).content.decode()
    certificate = OfficialDocument.objects.get(kind="outage_certificate")
    assert outage.number in page and "顺延至" in page
    assert reverse("documents:document", args=[certificate.check_code]) in page
    assert "截止时间顺延公告" in client.get(reverse("trading:tender", args=[lot.tender.number])).content.decode()


def test_a_lot_that_is_locked_already_stays_as_it_is():
    lot = touched_lot()
    old = lot.bids_due_at
    Lot.objects.filter(pk=lot.pk).update(state=Lot.State.OPENING)
    outage_of(old - 3 * HOUR, old - 2 * HOUR)
    watch(old + HOUR)
    lot.refresh_from_db()
    assert (lot.bids_due_at, LotExtension.objects.count()) == (old, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
def test_who_submits_and_who_locks_wait_for_the_moving_deadline():
    """The old deadline passed eight seconds ago; while it is moved, a bid comes in and the lock's moment arrives."""
    lot = touched_lot(holders=3)
    bidder = lot.city.bidders[0]
    keys = reference.make_keys(bidder, by=bidder.somebody)
    sealed = reference.uploaded(lot, bidder, keys, form_of("30000000.00"), [], by=bidder.somebody)
    old = database_now() - timedelta(seconds=8)
    Lot.objects.update(bids_due_at=old)
    lot.tender.document.bids_due_at = old
    lot.tender.document.save()
    outage, moved = outage_of(old - HOUR, old + timedelta(seconds=4)), threading.Event()

    def move():
        with transaction.atomic():
            make_good(outage, by=Person.objects.platform(), at=database_now())
            moved.set()
            time.sleep(3)

    def submit():
        moved.wait()
        return reference.sign_and_submit(lot, bidder, keys, [sealed], by=bidder.somebody)

    def lock():
        moved.wait()
        return lock_lot(lot, by=Person.objects.platform(), at=database_now())

    _, bid, refusal = together(move, submit, lock)
    lot.refresh_from_db()
    assert (lot.state, lot.bids_due_at > database_now(), refusal.code) == (Lot.State.BIDDING, True, "not_due")
    assert (bid.state, bid.deadline) == (Bid.State.SUBMITTED, lot.bids_due_at)
