"""Emergency opening: who appoints the holders, what each may do, and every way in which one tries to spoil or to abuse it."""

import json
import os
from unittest.mock import patch

import pytest
from django.urls import reverse

from accounts.models import Person
from ledger.canonical import H, b64u, parse_jcs, unb64u
from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.hpke import open_sealed
from sealing.keys import revoke_key
from sealing.shares import combine, share_info, split
from tests.factories.bids import (
    PDF,
    decrypt,
    form_of,
    hand_in,
    hand_share,
    jump_to,
    make_holder,
    revealed,
    share_of,
    started_opening,
    with_holders,
)
from tests.factories.trading import member, organisation, published_lot
from trading.holders import actions as holding
from trading.holders.models import OpeningPolicy
from trading.holders.queries import opening_policy, policy_hash
from trading.opening import actions, fallback, reference
from trading.opening.models import Fallback, FallbackShare, OpenedBid, Opening

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
LOST = "密钥文件损坏"


@pytest.fixture
def lot():
    return with_holders(published_lot(holders=3))


@pytest.fixture
def opening(lot):
    """Three bids under a policy with holders; the hall is open and the first bidder has lost its key."""
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    return started_opening(lot)


def bid_of(opening, bidder):
    return OpenedBid.objects.select_related("opening__lot__tender", "bid__bidder", "bid__lot__tender").get(
        opening=opening, bid__bidder=bidder
    )


def ask(opening, bidder, reason=LOST):
    opened = bid_of(opening, bidder)
    signed = reference.signature(bidder.keys.signing, "fallback-request", fallback.request_object(opened, reason))
    return fallback.request_by_bidder(opening, bidder, reason, signed, by=bidder.somebody, at=database_now())


def approved(lot, opening, place=0):
    asked = ask(opening, lot.city.bidders[place])
    fallback.decide(asked, approve=True, reason="", by=lot.city.supervisor, at=database_now())
    asked.refresh_from_db()
    return asked


def refusal_of(act, *args, **more):
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    return refusal.value.code


def state_of(opening, bidder):
    return bid_of(opening, bidder).state


def test_holders_are_bound_by_the_handlers_signature_and_stand_in_the_ledger(lot):
    assert [row.role for row in lot.policy.holders.all()] == ["opener", "supervisor", "tenderee"]
    entry = parse_jcs(bytes(lot.policy.entry.data))
    assert (entry["k"], entry["d"]["policy_hash"], entry["d"]["policy"]) == ("lot.policy_signed", policy_hash(lot), opening_policy(lot))


@pytest.mark.parametrize(("k", "count"), [(1, 3), (4, 3), (2, 1), (3, 2)])
def test_thresholds_outside_the_rule_are_refused(lot, k, count):
    kids = [keys.kid for keys in lot.holders[:count]]
    assert refusal_of(holding.drafted_policy, lot, holding.chosen_keys(lot.tender, kids), k) == "bad_holders"


def test_no_organisation_may_open_alone(lot):
    second = make_holder(member(lot.city.agency), lot.city.agency)
    kids = [lot.holders[0].kid, lot.holders[2].kid, second.kid]
    chosen = holding.chosen_keys(lot.tender, kids)
    for k in (2, 3):
        assert refusal_of(holding.drafted_policy, lot, chosen, k) == "bad_holders"


def test_only_the_sides_of_this_tender_can_hold_and_only_with_keys_in_force(lot):
    stranger = organisation("agency")
    outsider = make_holder(stranger.somebody, stranger)
    assert refusal_of(holding.chosen_keys, lot.tender, [outsider.kid]) == "bad_holders"
    revoke_key(lot.policy.holders.first().key, reason="left", by=lot.city.staff, at=database_now())
    assert refusal_of(holding.chosen_keys, lot.tender, [lot.holders[0].kid]) == "bad_holders"


def test_a_policy_needs_its_handlers_own_signature_before_the_deadline(lot):
    kids = [keys.kid for keys in lot.holders[:2]]
    policy = holding.drafted_policy(lot, holding.chosen_keys(lot.tender, kids), 2)
    by_another = reference.signature(lot.holders[0].signing, "opening-policy", policy)
    assert refusal_of(holding.sign_policy, lot, kids, 2, by_another, by=lot.city.handler) == "bad_signature"
    assert refusal_of(holding.sign_policy, lot, kids, 2, by_another, by=lot.city.staff) == "no_permission"
    other_k = reference.signature(lot.holders[2].signing, "opening-policy", {**policy, "k": 3})
    assert refusal_of(holding.sign_policy, lot, kids, 2, other_k, by=lot.city.handler) == "bad_signature"
    right = reference.signature(lot.holders[2].signing, "opening-policy", policy)
    lot.refresh_from_db()
    jump_to(lot.bids_due_at)
    assert refusal_of(holding.sign_policy, lot, kids, 2, right, by=lot.city.handler) == "deadline_passed"
    assert OpeningPolicy.objects.count() == 1


def test_new_bids_need_the_newest_policy_and_older_ones_keep_theirs(lot):
    first, second = lot.city.bidders[:2]
    hand_in(lot, first)
    kids = [keys.kid for keys in lot.holders[:2]]
    policy = holding.drafted_policy(lot, holding.chosen_keys(lot.tender, kids), 2)
    old = policy_hash(lot)
    holding.sign_policy(lot, kids, 2, reference.signature(lot.holders[2].signing, "opening-policy", policy), by=lot.city.handler)
    assert policy_hash(lot) != old
    hand_in(lot, second)
    hand_in(lot, lot.city.bidders[2])
    opening = started_opening(lot)
    assert len(fallback.policy_for(bid_of(opening, first))["holders"]) == 3
    assert len(fallback.policy_for(bid_of(opening, second))["holders"]) == 2
    asked = approved(lot, opening, 0)
    hand_share(asked, lot.holders[1])
    hand_share(asked, lot.holders[2])
    assert state_of(opening, first) == OpenedBid.State.FALLBACK_OK
    asked = approved(lot, opening, 1)
    with pytest.raises(Forbidden):
        fallback.own_key(asked, lot.holders[2].person)


def test_a_bid_that_leaves_a_holder_out_is_not_taken(lot):
    """The bidder's own programme seals without the shares that the policy demands."""
    bidder = lot.city.bidders[0]
    bidder.keys = reference.make_keys(bidder, by=bidder.somebody)
    plain = {**opening_policy(lot), "fallback": "none", "holders": []}
    assert refusal_of(seal_and_submit, lot, bidder, policy=plain) == "not_encrypted"
    swapped = {**opening_policy(lot), "holders": list(reversed(opening_policy(lot)["holders"]))}
    assert refusal_of(seal_and_submit, lot, bidder, policy=swapped) == "not_encrypted"
    seal_and_submit(lot, bidder, policy=opening_policy(lot))


def seal_and_submit(lot, bidder, *, policy):
    with patch.object(reference, "opening_policy", lambda lot: policy):
        return reference.submit(lot, bidder, bidder.keys, form_of("30000000.00"), [PDF], by=bidder.somebody)


def test_drills_show_before_the_deadline_that_a_key_is_at_hand(lot):
    place, keys = lot.policy.holders.first(), lot.holders[0]
    asked = holding.begin_drill(place, by=keys.person)
    secret = open_sealed(keys.encryption, share_info(holding.DRILL, unb64u(asked["bound_to"])), unb64u(asked["enc"]), unb64u(asked["body"]))
    digest = b64u(H("drill", secret))
    signed = reference.signature(keys.signing, "holder-ready", holding.ready_object(place, digest))
    wrong = reference.signature(keys.signing, "holder-ready", holding.ready_object(place, "A" * 43))
    assert refusal_of(holding.end_drill, place, "A" * 43, wrong, by=keys.person, at=database_now()) == "wrong_key"
    assert refusal_of(holding.end_drill, place, digest, wrong, by=keys.person, at=database_now()) == "bad_signature"
    assert refusal_of(holding.begin_drill, place, by=lot.holders[1].person) == "not_holder"
    holding.end_drill(place, digest, signed, by=keys.person, at=database_now())
    place.refresh_from_db()
    assert place.drilled_at is not None
    assert LedgerEntry.objects.filter(kind="holder.ready", stream=f"tender/{lot.tender.number}").count() == 1
    # The same answer is worth nothing a second time.
    assert refusal_of(holding.end_drill, place, digest, signed, by=keys.person, at=database_now()) == "wrong_key"


@pytest.mark.parametrize("places", [(0, 1), (0, 2), (1, 2), (2, 1)])
def test_any_two_of_three_holders_open_a_bid(lot, opening, places):
    asked = approved(lot, opening)
    for place in places:
        hand_share(asked, lot.holders[place])
    for bidder in lot.city.bidders[1:]:
        decrypt(opening, bidder)
    done = revealed(opening)
    found = bid_of(done, lot.city.bidders[0])
    assert (found.state, str(found.price)) == (OpenedBid.State.OPENED, "30000000.00")
    assert not FallbackShare.objects.exclude(wrapped=None).exists()
    told = [parse_jcs(bytes(row.data))["d"] for row in LedgerEntry.objects.filter(kind="blind.opened")]
    kinds = [each["body"]["k"] for d in told for each in d["entries"]]
    wanted = ["fallback.requested", "fallback.approved", "fallback.share", "fallback.share", "fallback.opened"]
    assert [kind for kind in kinds if kind.startswith("fallback.")] == wanted


def test_one_share_opens_nothing_and_says_nothing(lot, opening):
    asked = approved(lot, opening)
    hand_share(asked, lot.holders[0])
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.PENDING
    share = share_of(asked.opened, lot.holders[0])
    with asked.opened.sealed.upload.open() as sealed:
        assert combine([share, os.urandom(16) + b"\x07"]) not in sealed.read()
    # The same holder twice is still one.
    assert refusal_of(hand_share, asked, lot.holders[0]) == "share_given"
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.PENDING


def test_a_bad_share_is_refused_on_record_and_the_others_still_open(lot, opening):
    asked = approved(lot, opening)
    assert refusal_of(hand_share, asked, lot.holders[0], os.urandom(17)) == "bad_share"
    other = bid_of(opening, lot.city.bidders[1])
    assert refusal_of(hand_share, asked, lot.holders[0], share_of(other, lot.holders[0])) == "bad_share"
    assert asked.shares.filter(right=False).count() == 2
    bad = [row for row in LedgerEntry.objects.filter(stream=lot.bid_stream) if row.inner["k"] == "fallback.bad_share"]
    assert {row.inner["d"]["holder"] for row in bad} == {lot.holders[0].kid}
    assert all(len(row.inner["d"]["signature"]) == 86 for row in bad)
    hand_share(asked, lot.holders[1])
    hand_share(asked, lot.holders[2])
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.FALLBACK_OK


def test_a_share_needs_the_holders_own_signature_over_it(lot, opening):
    asked = approved(lot, opening)
    share = share_of(asked.opened, lot.holders[0])
    signed_by_other = reference.signature(
        lot.holders[1].signing, "fallback-share", fallback.share_object(asked.opened, lot.holders[0].kid, "x")
    )
    act = (asked, b64u(share), signed_by_other)
    assert refusal_of(fallback.give_share, *act, by=lot.holders[0].person, at=database_now()) == "bad_signature"
    assert refusal_of(fallback.give_share, *act, by=lot.city.bidders[1].somebody, at=database_now()) == "not_holder"
    assert not asked.shares.exists()


def test_nothing_is_opened_before_a_supervisor_of_this_tender_approves(lot, opening):
    asked = ask(opening, lot.city.bidders[0])
    assert refusal_of(hand_share, asked, lot.holders[0]) == "not_approved"
    for stranger in (lot.city.staff, lot.city.handler, lot.city.bidders[0].somebody):
        assert refusal_of(fallback.decide, asked, approve=True, reason="", by=stranger, at=database_now()) == "no_permission"
    assert refusal_of(fallback.decide, asked, approve=False, reason=" ", by=lot.city.supervisor, at=database_now()) == "no_reason"
    fallback.decide(asked, approve=False, reason="投标人可自行解密", by=lot.city.supervisor, at=database_now())
    assert refusal_of(hand_share, asked, lot.holders[0]) == "not_approved"
    assert refusal_of(fallback.decide, asked, approve=True, reason="", by=lot.city.supervisor, at=database_now()) == "decided"
    # Refused, the bidder may still use its own key in time.
    decrypt(opening, lot.city.bidders[0])
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.KEY_OK


def test_a_request_is_the_bidders_own_or_the_hosts_and_only_while_keys_are_taken(lot, opening):
    first, second = lot.city.bidders[:2]
    opened = bid_of(opening, first)
    by_other = reference.signature(second.keys.signing, "fallback-request", fallback.request_object(opened, LOST))
    request = (opening, first, LOST, by_other)
    assert refusal_of(fallback.request_by_bidder, *request, by=first.somebody, at=database_now()) == "bad_signature"
    assert refusal_of(fallback.request_by_host, opened, LOST, by=lot.city.handler, at=database_now()) == "no_duty"
    assert refusal_of(fallback.request_by_host, opened, " ", by=lot.city.staff, at=database_now()) == "no_reason"
    decrypt(opening, second)
    assert refusal_of(fallback.request_by_host, bid_of(opening, second), LOST, by=lot.city.staff, at=database_now()) == "no_fallback"
    fallback.request_by_host(opened, LOST, by=lot.city.staff, at=database_now())
    assert refusal_of(ask, opening, first) == "no_fallback"
    jump_to(opening.keys_until)
    assert refusal_of(ask, opening, lot.city.bidders[2]) == "keys_closed"


def test_without_holders_there_is_no_other_way_than_the_bidders_key():
    lot = published_lot(holders=3)
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    assert refusal_of(ask, started_opening(lot), lot.city.bidders[0]) == "no_holders"


def test_absent_holders_leave_the_bid_closed_by_the_platforms_fault(lot, opening):
    asked = approved(lot, opening)
    hand_share(asked, lot.holders[0])
    for bidder in lot.city.bidders[1:]:
        decrypt(opening, bidder)
    done = revealed(opening)
    found = bid_of(done, lot.city.bidders[0])
    assert (found.state, found.price) == (OpenedBid.State.UNOPENED_PLATFORM, None)
    assert not FallbackShare.objects.exclude(wrapped=None).exists()


def test_a_longer_window_needs_host_and_supervisor_and_comes_twice_at_most(lot, opening):
    until = opening.keys_until

    def propose():
        actions.propose_extension(opening, minutes=10, reason="持钥人在途", by=lot.city.staff, at=database_now())

    assert refusal_of(actions.agree_extension, opening, by=lot.city.supervisor, at=database_now()) == "nothing_proposed"
    propose()
    opening.refresh_from_db()
    assert opening.keys_until == until
    for stranger in (lot.city.staff, lot.city.handler):
        assert refusal_of(actions.agree_extension, opening, by=stranger, at=database_now()) == "no_permission"
    actions.agree_extension(opening, by=lot.city.supervisor, at=database_now())
    propose()
    actions.agree_extension(opening, by=lot.city.supervisor, at=database_now())
    opening.refresh_from_db()
    assert (opening.keys_until - until).total_seconds() == 1200
    assert refusal_of(propose) == "extended_enough"


def forged_bid(lot, bidder, shares_of):
    """A bid whose sealed shares are not those of its file key: `shares_of(file_key, k, n)` gives what is sealed instead."""
    with patch("sealing.seal.split", shares_of):
        return hand_in(lot, bidder)


def test_shares_that_do_not_make_the_key_are_the_bidders_fault(lot):
    first = lot.city.bidders[0]
    forged_bid(lot, first, lambda key, k, n: split(os.urandom(16), k, n))
    for bidder in lot.city.bidders[1:]:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    asked = approved(lot, opening)
    hand_share(asked, lot.holders[0])
    hand_share(asked, lot.holders[1])
    asked.refresh_from_db()
    assert (asked.state, state_of(opening, first)) == (Fallback.State.FAILED, OpenedBid.State.UNOPENED_BIDDER)
    assert "无效份额" in bid_of(opening, first).reason


def test_shares_that_nobody_can_open_are_the_bidders_fault_but_one_holders_word_is_not_enough(lot, opening):
    asked = approved(lot, opening)
    assert refusal_of(hand_share, asked, lot.holders[0], b"") == "bad_share"
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.PENDING
    assert refusal_of(hand_share, asked, lot.holders[1], b"") == "bad_share"
    asked.refresh_from_db()
    assert (asked.state, state_of(opening, lot.city.bidders[0])) == (Fallback.State.FAILED, OpenedBid.State.UNOPENED_BIDDER)
    assert LedgerEntry.objects.filter(stream=lot.bid_stream, kind="fallback.failed").count() == 1


def test_a_mistake_can_be_mended_by_the_same_holder(lot, opening):
    asked = approved(lot, opening)
    assert refusal_of(hand_share, asked, lot.holders[0], b"") == "bad_share"
    hand_share(asked, lot.holders[0])
    assert refusal_of(hand_share, asked, lot.holders[1], b"") == "bad_share"
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.PENDING
    hand_share(asked, lot.holders[2])
    assert state_of(opening, lot.city.bidders[0]) == OpenedBid.State.FALLBACK_OK


def test_before_the_reveal_nobody_learns_of_it_who_has_no_part_in_it(client, lot, opening):
    """Neither the hall's pages nor the public log tell another bidder that somebody's key was lost."""
    approved(lot, opening)
    url = reverse("trading:hall", args=[lot.tender.number, lot.no])
    seen = {}
    for name, person in (
        ("asker", lot.city.bidders[0].somebody),
        ("rival", lot.city.bidders[1].somebody),
        ("supervisor", lot.city.supervisor),
        ("host", lot.city.staff),
    ):
        client.force_login(person, backend=BACKEND)
        seen[name] = client.get(url).content.decode()
    assert LOST not in seen["rival"]
    assert "等待持钥人" not in seen["rival"]
    assert LOST in seen["supervisor"] and LOST in seen["host"]
    assert "已有 0/2 名持钥人确认" in seen["asker"]
    sequence_once()
    assert not any(b'"fallback.' in bytes(row.data) for row in LedgerEntry.objects.all())


def test_the_doors_refuse_who_has_no_part(client, lot, opening):
    asked = approved(lot, opening)
    base = [lot.tender.number, lot.no]
    share = reverse("trading:give_share", args=[*base, asked.pk])
    header = reverse("trading:fallback_header", args=[*base, asked.pk])
    client.force_login(lot.holders[0].person, backend=BACKEND)
    assert client.get(header).content.startswith(b"age-encryption.org/v1\n")
    assert client.post(share, "{}", content_type="application/json").status_code == 400
    bad = json.dumps({"share": b64u(b"short"), "signature": "x"})
    answer = client.post(share, bad, content_type="application/json", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_share")
    outsider = member(lot.city.centre, duties=["intake"])
    client.force_login(outsider, backend=BACKEND)
    assert client.get(header).status_code == 403
    client.force_login(lot.city.bidders[1].somebody, backend=BACKEND)
    assert client.get(header).status_code == 403
    assert Opening.objects.get().state == Opening.State.KEYS


def test_a_settled_opening_takes_no_more_shares(lot, opening):
    asked = approved(lot, opening)
    for bidder in lot.city.bidders[1:]:
        decrypt(opening, bidder)
    jump_to(opening.keys_until)
    actions.settle_keys(opening, by=Person.objects.platform(), at=database_now())
    assert refusal_of(hand_share, asked, lot.holders[0]) == "keys_closed"


def test_who_asks_for_a_key_before_the_lock_is_refused_and_sets_off_an_alarm(client, lot, monkeypatch):
    from ledger import alarms

    raised = []
    monkeypatch.setattr("trading.opening.views.raise_alarm", lambda kind, about, text, private: raised.append((kind, about, private)))
    hand_in(lot, lot.city.bidders[0])
    client.force_login(lot.city.bidders[0].somebody, backend=BACKEND)
    where = [lot.tender.number, lot.no]
    assert client.get(reverse("trading:bid_header", args=where)).status_code == 403
    body = json.dumps({"file_key": "A" * 22, "signature": "A"})
    answer = client.post(
        reverse("trading:release_key", args=where), body, content_type="application/json", headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_locked")
    assert [row[:2] for row in raised] == [("key.early", f"{lot.tender.number}/{lot.no}")] * 2
    assert raised[0][2]["person"] == lot.city.bidders[0].somebody.pseudonym
    assert "key.early" in alarms.NAMES
