"""From sealed bids to the opening record, and how the way bends: too few bids, no decryption, a stopped or ended tender."""

import os
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Person
from credit.models import Exclusion
from disclosure.models import Notice
from ledger.canonical import H, b64u
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from sealing.context import context_hash
from sealing.models import VaultFile
from tests.factories.bids import decrypt, form_of, hand_in, jump_to, locked_opening, revealed, started_opening, state_of
from tests.factories.trading import published_lot
from trading.bidding.models import Bid
from trading.evaluation import actions as evaluation
from trading.holders.queries import opening_policy
from trading.opening import actions, reference
from trading.opening.models import OpenedBid, OpenedFile, Opening
from trading.projects.models import Lot
from trading.tenders.actions import open_next_round, suspend_lot, terminate_tender
from trading.tenders.models import Suspension

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
PRICES = ("30000000.00", "31000000.00", "32000000.00")


@pytest.fixture
def sealed():
    """A lot with three sealed bids."""
    lot = published_lot(holders=3)
    for bidder, price in zip(lot.city.bidders, PRICES, strict=True):
        hand_in(lot, bidder, price)
    return lot


def opened(lot):
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    return revealed(opening)


def closed(lot, opening):
    actions.close_opening(opening, by=lot.city.staff, at=database_now())
    opening.refresh_from_db()
    return opening


@pytest.mark.requirement("R098")
def test_three_bids_are_opened_read_out_and_recorded(sealed):
    opening = closed(sealed, opened(sealed))
    assert sorted(bid.price for bid in opening.bids.all()) == [Decimal(price) for price in PRICES]
    assert state_of(sealed) == Lot.State.EVALUATING
    assert all(price in Notice.objects.get(kind=Notice.Kind.OPENING).body for price in ("30,000,000.00", "32,000,000.00"))


def test_a_bid_stays_unreadable_until_its_bidder_opens_it(sealed):
    opening = started_opening(sealed)
    first = opening.bids.get(bid__bidder=sealed.city.bidders[0])
    assert PRICES[0].encode() not in first.sealed.upload.path.read_bytes()
    stream = [bytes(row.data) for row in LedgerEntry.objects.filter(stream=sealed.bid_stream)]
    assert not any(sealed.city.bidders[0].uscc.encode() in data for data in stream)
    decrypt(opening, sealed.city.bidders[0])
    first.refresh_from_db()
    # Released, but not read out before all are settled.
    assert (first.state, first.price) == (OpenedBid.State.KEY_OK, None)


def test_with_fewer_than_three_bids_nothing_is_opened_and_the_lot_fails():
    lot = published_lot(holders=3)
    for bidder in lot.city.bidders[:2]:
        hand_in(lot, bidder)
    reference.withdraw(lot, lot.city.bidders[0], lot.city.bidders[0].keys, by=lot.city.bidders[0].somebody)
    opening = locked_opening(lot)
    assert (opening.state, opening.count, state_of(lot)) == (Opening.State.FAILED, 1, Lot.State.FAILED)
    with pytest.raises(Refused):
        actions.start_opening(opening, by=lot.city.staff, at=database_now())
    assert "少于三个" in Notice.objects.get(kind=Notice.Kind.FAILURE).body
    assert not VaultFile.objects.exists()
    lot.refresh_from_db()
    again = open_next_round(lot, by=lot.city.handler, at=database_now())
    assert (again.round, again.previous) == (2, lot.tender)


def test_who_does_not_decrypt_in_time_counts_as_revoked(sealed):
    opening = started_opening(sealed)
    for bidder in sealed.city.bidders[:2]:
        decrypt(opening, bidder)
    with pytest.raises(Refused) as refusal:
        actions.settle_keys(opening, by=Person.objects.platform(), at=database_now())
    assert refusal.value.code == "keys_open"
    opening = closed(sealed, revealed(opening))
    silent = opening.bids.get(bid__bidder=sealed.city.bidders[2])
    assert (silent.state, silent.price) == (OpenedBid.State.UNOPENED_BIDDER, None)
    assert "《电子招标投标办法》第三十一条" in silent.reason
    # Two readable bids are left: whether that is competition is for the committee to judge.
    assert state_of(sealed) == Lot.State.EVALUATING
    with pytest.raises(Refused) as refusal:
        decrypt(opening, sealed.city.bidders[2])
    assert refusal.value.code == "keys_closed"


def test_without_a_single_readable_bid_the_lot_fails(sealed):
    closed(sealed, revealed(started_opening(sealed)))
    assert state_of(sealed) == Lot.State.FAILED


def test_a_foreign_key_opens_nothing_and_may_be_tried_again(sealed):
    opening = started_opening(sealed)
    first, second = sealed.city.bidders[:2]
    row = opening.bids.get(bid__bidder=first)
    with pytest.raises(ValueError):
        reference.file_key_of(row, second.keys)
    wrong = os.urandom(16)
    digest = b64u(H("file-key", context_hash(actions.context_of(row)) + wrong))
    signed = reference.signature(first.keys.signing, "key-release", actions.release_object(row, digest))
    with pytest.raises(Refused) as refusal:
        actions.release_key(row, b64u(wrong), signed, by=first.somebody, at=database_now())
    assert refusal.value.code == "wrong_key"
    row.refresh_from_db()
    assert (row.state, row.failed_keys) == (OpenedBid.State.PENDING, 1)
    decrypt(opening, first)


def test_what_is_not_a_bid_form_is_the_bidders_failure():
    lot = published_lot(holders=3)
    good, _, bad = lot.city.bidders
    hand_in(lot, good)
    hand_in(lot, lot.city.bidders[1])
    hand_in(lot, bad, form={**form_of("1.00"), "price": "一百元"})
    opening = opened(lot)
    assert opening.bids.get(bid__bidder=bad).state == OpenedBid.State.CORRUPT
    assert opening.bids.filter(state=OpenedBid.State.OPENED).count() == 2


def test_what_the_platform_lost_is_the_platforms_failure(sealed):
    opening = started_opening(sealed)
    for bidder in sealed.city.bidders:
        decrypt(opening, bidder)
    victim = opening.bids.get(bid__bidder=sealed.city.bidders[0])
    data = bytearray(victim.sealed.upload.path.read_bytes())
    data[-1] ^= 1
    victim.sealed.upload.path.write_bytes(data)
    opening = revealed(opening)
    victim.refresh_from_db()
    assert victim.state == OpenedBid.State.UNOPENED_PLATFORM
    assert "责任在平台" in victim.reason


def test_nothing_comes_in_after_the_deadline(sealed):
    late = sealed.city.bidders[0]
    jump_to(sealed.bids_due_at)
    for act in (
        lambda: reference.submit(sealed, late, late.keys, form_of("1.00"), [], by=late.somebody),
        lambda: reference.withdraw(sealed, late, late.keys, by=late.somebody),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "deadline_passed"
    assert Bid.objects.filter(lot=sealed).heads().count() == 3


def test_a_barred_bidder_is_refused():
    lot = published_lot(holders=3)
    barred = lot.city.bidders[0]
    today = city_day(database_now())
    Exclusion.objects.create(
        organisation=barred, category="GC", decision_number="清住建罚〔2026〕1 号", basis="《招标投标法》第五十四条", since=today,
        until=today + timedelta(days=365), by=lot.city.supervisor,
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        hand_in(lot, barred)
    assert refusal.value.code == "excluded"


def test_a_bid_over_the_limit_is_rejected_at_the_desk_whoever_likes_it():
    from tests.factories.evaluation import members, review, started

    lot = published_lot(holders=4)
    bidders = lot.city.bidders
    for bidder, price in zip(bidders, (*PRICES, "99000000.00"), strict=True):
        hand_in(lot, bidder, price)
    closed(lot, opened(lot))
    lot.refresh_from_db()
    found = started(lot)
    for member in members(found):
        review(found, member)
    assert [row.bid.bidder for row in found.rejections.all()] == [bidders[3]]
    assert found.rejections.get().code == "PRICE_OVER_LIMIT"
    assert evaluation.valid_bids(found).count() == 3


def test_a_stopped_lot_is_not_opened(sealed):
    suspend_lot(sealed, cause=Suspension.Cause.ORDER, reference="TS-1", reason="调查", by=sealed.city.supervisor, at=database_now())
    opening = locked_opening(sealed)
    with pytest.raises(Refused) as refusal:
        actions.start_opening(opening, by=sealed.city.staff, at=database_now())
    assert refusal.value.code == "suspended"


def test_an_ended_tender_leaves_its_bids_sealed_for_good(sealed, client):
    terminate_tender(sealed.tender, reason="规划调整，项目取消。", by=sealed.city.handler, at=database_now())
    jump_to(sealed.bids_due_at + actions.LOCK_AFTER)
    with pytest.raises(Refused):
        actions.lock_lot(sealed, by=Person.objects.platform(), at=database_now())
    assert not Opening.objects.exists()
    late = sealed.city.bidders[0]
    with pytest.raises(Refused):
        reference.submit(sealed, late, late.keys, form_of("1.00"), [], by=late.somebody)
    client.force_login(sealed.city.staff, backend=BACKEND)
    page = client.get(reverse("trading:hall", args=[sealed.tender.number, 1])).content.decode()
    assert "30,000,000.00" not in page
    assert "规划调整" in Notice.objects.get(kind=Notice.Kind.TERMINATION).body


def test_an_unanswered_objection_keeps_the_opening_open(sealed):
    opening = opened(sealed)
    bidder = sealed.city.bidders[0]
    objection = actions.object_in_hall(opening, bidder, "请核对签到。", by=bidder.somebody, at=database_now())
    with pytest.raises(Refused) as refusal:
        closed(sealed, opening)
    assert refusal.value.code == "unanswered"
    actions.answer_objection(objection, "已核对。", by=sealed.city.staff, at=database_now())
    actions.confirm_record(opening, bidder, by=bidder.somebody, at=database_now())
    assert closed(sealed, opening).record.context["confirmations"] == [bidder.name]


def test_the_window_that_the_document_states_is_sealed_into_the_policy():
    lot = published_lot(document={"decrypt_minutes": 45}, holders=3)
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    assert opening_policy(lot)["window_min"] == 45
    opening = started_opening(lot)
    assert timedelta(minutes=44) < opening.keys_until - database_now() <= timedelta(minutes=45)


def stores(text):
    """The tables in which a text stands in any column."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@contextmanager
def ended(lot, deliver, callbacks):
    """The tender has ended, and no worker has heard of it yet; after that they have."""
    terminate_tender(lot.tender, reason="规划调整，项目取消。", by=lot.city.handler, at=database_now())
    yield
    with callbacks(execute=True):
        deliver()


def check_stopped(lot, client):
    """Keys, prices and files are gone, and the hall says so to those who look."""
    opening = lot.openings.get()
    assert opening.state == Opening.State.STOPPED
    assert not opening.bids.exclude(wrapped_key=None).exists()
    assert not OpenedFile.objects.exists() and not VaultFile.objects.exists()
    assert not any(stores(price) for price in PRICES)
    assert not Notice.objects.filter(kind=Notice.Kind.OPENING).exists()
    client.force_login(lot.city.staff, backend=BACKEND)
    page = client.get(reverse("trading:hall", args=[lot.tender.number, 1])).content.decode()
    assert "开标停止" in page and "30,000,000.00" not in page


def test_a_tender_that_ends_in_the_window_takes_no_more_keys_and_forgets_those_it_has(
    sealed, client, deliver, django_capture_on_commit_callbacks
):
    opening, (first, second, _) = started_opening(sealed), sealed.city.bidders
    decrypt(opening, first)
    with ended(sealed, deliver, django_capture_on_commit_callbacks):
        # Before any worker has heard of it, too.
        with pytest.raises(Refused) as refusal:
            decrypt(opening, second)
        assert refusal.value.code == "lot_over"
        with pytest.raises(Refused) as refusal:
            actions.settle_keys(opening, by=Person.objects.platform(), at=opening.keys_until)
        assert refusal.value.code == "lot_over"
    check_stopped(sealed, client)


def test_a_lot_that_ends_alone_stops_its_own_opening(deliver, django_capture_on_commit_callbacks):
    lot = published_lot(lots=({}, {}), holders=3)
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    decrypt(opening, lot.city.bidders[0])
    terminate_tender(lot.tender, lot=lot, reason="规划调整", by=lot.city.handler, at=database_now())
    with django_capture_on_commit_callbacks(execute=True):
        deliver()
    opening.refresh_from_db()
    assert opening.state == Opening.State.STOPPED and not opening.bids.exclude(wrapped_key=None).exists()
    assert list(lot.tender.lots.order_by("no").values_list("state", flat=True)) == ["terminated", "bidding"]


def test_a_tender_that_ends_while_bids_are_read_shows_none_and_forgets_what_was_read(
    sealed, client, deliver, django_capture_on_commit_callbacks
):
    opening, platform = started_opening(sealed), Person.objects.platform()
    for bidder in sealed.city.bidders:
        decrypt(opening, bidder)
    actions.settle_keys(opening, by=platform, at=database_now())
    waiting = opening.bids.last()
    for opened_bid in opening.bids.all():
        actions.decrypt_bid(opened_bid, at=database_now())
    paths = [file.vault.path for file in OpenedFile.objects.filter(bid__opening=opening)]
    assert opening.bids.filter(price=None).count() == 0 and all(path.exists() for path in paths)
    with ended(sealed, deliver, django_capture_on_commit_callbacks):
        with pytest.raises(Refused) as refusal:
            actions.reveal(opening, by=platform, at=database_now())
        assert refusal.value.code == "lot_over"
    check_stopped(sealed, client)
    assert not any(path.exists() for path in paths)
    # A worker that was reading when it ended keeps nothing either.
    actions.settle_bid(waiting, OpenedBid.State.OPENED, {"price": Decimal(PRICES[0])}, [])
    actions.decrypt_bid(waiting, at=database_now())
    check_stopped(sealed, client)
