"""Submitting, replacing and withdrawing at the edges of the protocol, and what each kind of user can find out too early."""

import json
import os
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse

from ledger.canonical import H, b64u
from ledger.sequencer import sequence_once
from rulebook.clock import database_now
from rulebook.refusals import Refused
from sealing.context import context_hash
from sealing.reference import enrolled, signature
from tests.factories.bids import PDF, decrypt, form_of, hand_in, jump_to, locked_opening, started_opening
from tests.factories.evaluation import expert
from tests.factories.trading import published_lot
from trading.bidding.actions import submit_bid
from trading.bidding.models import Bid
from trading.bidding.queries import receipt_of
from trading.opening import actions, reference
from trading.opening.models import OpenedBid
from trading.projects.models import Lot

BACKEND = "django.contrib.auth.backends.ModelBackend"
PRICE = "30123456.78"


def refusal_of(act, *args, **more):
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    return refusal.value.code


def ready(lot, bidder):
    """A bid sealed and uploaded, and the manifest that would hand it in, signed."""
    bidder.keys = getattr(bidder, "keys", None) or enrolled(bidder, by=bidder.somebody)
    envelope = reference.uploaded(lot, bidder, bidder.keys, form_of(PRICE), [PDF], by=bidder.somebody)
    manifest = reference.manifest_of(lot, bidder, [envelope])
    return manifest, signature(bidder.keys.signing, "bid-manifest", manifest)


@pytest.fixture
def lot(db):
    return published_lot(holders=3)


def at_deadline(lot, before):
    lot.refresh_from_db()
    jump_to(lot.bids_due_at - before)


def test_a_bid_before_the_deadline_counts_and_one_at_it_does_not(lot):
    first, second = lot.city.bidders[:2]
    at_deadline(lot, timedelta(minutes=1))
    early, late = ready(lot, first), ready(lot, second)
    at_deadline(lot, timedelta(seconds=2))
    submit_bid(lot, first, *early, by=first.somebody)
    at_deadline(lot, timedelta(0))
    assert refusal_of(submit_bid, lot, second, *late, by=second.somebody) == "deadline_passed"
    at_deadline(lot, timedelta(milliseconds=-1))
    assert refusal_of(submit_bid, lot, second, *late, by=second.somebody) == "deadline_passed"
    assert list(Bid.objects.values_list("bidder", flat=True)) == [first.pk]


def test_the_same_manifest_again_is_the_same_bid_also_after_the_deadline(lot):
    bidder = lot.city.bidders[0]
    given = ready(lot, bidder)
    bid, ack = submit_bid(lot, bidder, *given, by=bidder.somebody)
    again, same = submit_bid(lot, bidder, *given, by=bidder.somebody)
    assert (again.pk, same["ack"]) == (bid.pk, ack["ack"])
    at_deadline(lot, timedelta(0))
    late, _ = submit_bid(lot, bidder, *given, by=bidder.somebody)
    assert (late.pk, late.received_at) == (bid.pk, bid.received_at)
    assert Bid.objects.count() == 1


def test_an_old_revision_cannot_come_back(lot):
    """What was replaced or withdrawn is history: its manifest, sent again, changes nothing; its seal serves no second time."""
    bidder = lot.city.bidders[0]
    given = ready(lot, bidder)
    first, _ = submit_bid(lot, bidder, *given, by=bidder.somebody)
    second, _ = submit_bid(lot, bidder, *ready(lot, bidder), by=bidder.somebody)
    submit_bid(lot, bidder, *given, by=bidder.somebody)
    assert [(bid.rev, bid.state) for bid in Bid.objects.order_by("rev")] == [(1, "superseded"), (2, "submitted")]
    again = {**given[0], "rev": 3, "prev": second.manifest_hash}
    assert (
        refusal_of(submit_bid, lot, bidder, again, signature(bidder.keys.signing, "bid-manifest", again), by=bidder.somebody) == "seal_used"
    )
    stale = {**given[0], "rev": 2, "prev": first.manifest_hash}
    code = refusal_of(submit_bid, lot, bidder, stale, signature(bidder.keys.signing, "bid-manifest", stale), by=bidder.somebody)
    assert code in ("stale_revision", "seal_used")
    reference.withdraw(lot, bidder, bidder.keys, by=bidder.somebody)
    assert refusal_of(reference.withdraw, lot, bidder, bidder.keys, by=bidder.somebody) == "stale_revision"
    third, _ = submit_bid(lot, bidder, *ready(lot, bidder), by=bidder.somebody)
    assert (third.rev, third.state) == (4, "submitted")


def test_a_manifest_is_good_for_its_own_bidder_lot_and_signer(lot):
    first, second = lot.city.bidders[:2]
    manifest, signed = ready(lot, first)
    second.keys = enrolled(second, by=second.somebody)
    assert refusal_of(submit_bid, lot, second, manifest, signed, by=second.somebody) == "bad_manifest"
    own = {**manifest, "bidder": second.uscc}
    assert refusal_of(submit_bid, lot, second, own, signature(second.keys.signing, "bid-manifest", own), by=second.somebody) == "no_upload"
    assert (
        refusal_of(submit_bid, lot, first, manifest, signature(second.keys.signing, "bid-manifest", manifest), by=first.somebody)
        == "bad_signature"
    )
    wrong_label = signature(first.keys.signing, "key-release", manifest)
    assert refusal_of(submit_bid, lot, first, manifest, wrong_label, by=first.somebody) == "bad_signature"
    assert not Bid.objects.exists()


def test_a_receipt_is_made_once_and_only_with_its_proof(lot):
    bidder = lot.city.bidders[0]
    bid, _ = submit_bid(lot, bidder, *ready(lot, bidder), by=bidder.somebody)
    assert receipt_of(bid) is None
    while sequence_once():
        pass
    assert receipt_of(bid) == receipt_of(Bid.objects.get(pk=bid.pk))


@pytest.mark.django_db(transaction=True)
def test_a_deadline_that_moves_waits_for_the_bid_that_is_being_taken_in(committed):
    """Whoever changes the lot takes it for itself; a bid on its way holds it: one of the two comes first, never both at once."""
    lot = published_lot(holders=3)
    bidder = lot.city.bidders[0]
    given = ready(lot, bidder)
    holds, go, order = Event(), Event(), []

    def move():
        with transaction.atomic():
            row = Lot.objects.select_for_update().get(pk=lot.pk)
            holds.set()
            go.wait(20)
            row.bids_due_at = database_now() - timedelta(seconds=1)
            row.save(update_fields=["bids_due_at"])
            order.append("moved")
        connection.close()

    def submit():
        try:
            submit_bid(lot, bidder, *given, by=bidder.somebody)
            order.append("taken")
        except Refused as refusal:
            order.append(refusal.code)
        connection.close()

    mover, submitter = Thread(target=move), Thread(target=submit)
    mover.start()
    holds.wait(20)
    submitter.start()
    submitter.join(0.5)
    assert order == []
    go.set()
    mover.join(20)
    submitter.join(20)
    assert order == ["moved", "deadline_passed"]
    assert not Bid.objects.exists()


def pages_of(lot):
    where = [lot.tender.number, lot.no]
    return [reverse("trading:hall", args=where), reverse("trading:hall_live", args=where), reverse("trading:tender", args=where[:1])]


def test_no_price_before_all_bids_are_settled_whoever_asks_and_however(client, lot):
    """Keys of two are in, the third is still waited for: nobody finds a price, a share of one, or who has decrypted."""
    for bidder in lot.city.bidders:
        hand_in(lot, bidder, PRICE)
    opening = started_opening(lot)
    for bidder in lot.city.bidders[:2]:
        decrypt(opening, bidder)
    judge = expert(1)
    people = {
        "public": None, "rival": lot.city.bidders[2].somebody, "agency": lot.city.handler, "tenderee": lot.city.owner.somebody,
        "staff": lot.city.staff, "supervisor": lot.city.supervisor, "expert": judge.person,
    }  # fmt: skip
    for name, person in people.items():
        client.logout()
        if person is not None:
            client.force_login(person, backend=BACKEND)
        for page in pages_of(lot):
            seen = client.get(page).content.decode()
            assert "30,123,456.78" not in seen and PRICE not in seen, (name, page)
            assert "密钥已核对" not in seen, (name, page)
    assert not OpenedBid.objects.exclude(price=None).exists()
    assert not any(OpenedBid.objects.values_list("form", flat=True))


def test_keys_are_taken_only_between_the_announcement_and_the_end_of_the_window(lot):
    for bidder in lot.city.bidders:
        hand_in(lot, bidder, PRICE)
    opening = locked_opening(lot)
    first = lot.city.bidders[0]
    assert refusal_of(decrypt, opening, first) == "keys_closed"
    opening = actions.start_opening(opening, by=lot.city.staff, at=database_now())
    opened = opening.bids.get(bid__bidder=first)
    digest = b64u(H("file-key", context_hash(actions.context_of(opened)) + bytes(16)))
    wrong = signature(first.keys.signing, "key-release", actions.release_object(opened, digest))
    assert refusal_of(actions.release_key, opened, b64u(bytes(16)), wrong, by=first.somebody, at=database_now()) == "wrong_key"
    decrypt(opening, first)
    jump_to(opening.keys_until)
    assert refusal_of(decrypt, opening, lot.city.bidders[1]) == "keys_closed"


def test_hostile_bodies_change_nothing(client, lot):
    bidder = lot.city.bidders[0]
    manifest, signed = ready(lot, bidder)
    client.force_login(bidder.somebody, backend=BACKEND)
    url = reverse("trading:submit_bid", args=[lot.tender.number, lot.no])
    bodies = [
        b"", b"null", b"[]", b"{}", b'{"manifest":null,"signature":null}', os.urandom(64),
        json.dumps({"manifest": {**manifest, "rev": 1.5}, "signature": signed}).encode(),
        json.dumps({"manifest": {**manifest, "more": 1}, "signature": signed}).encode(),
        json.dumps({"manifest": {**manifest, "rev": True}, "signature": signed}).encode(),
        json.dumps({"manifest": {**manifest, "envelopes": [manifest["envelopes"][0]] * 2}, "signature": signed}).encode(),
        json.dumps({"manifest": manifest, "signature": signed[:-1]}).encode(),
        b"[" * 100_000,
    ]  # fmt: skip
    for body in bodies:
        answer = client.post(url, body, content_type="application/json", headers={"Accept": "application/json"})
        assert answer.status_code in (400, 403, 409), (body[:60], answer.status_code)
        assert answer.json()["message"]
    assert not Bid.objects.exists()
