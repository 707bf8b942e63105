"""Bidders with keys of their own, who seal, submit and decrypt as their browsers would."""

from datetime import UTC, datetime

from accounts.models import Person
from ledger.canonical import b64u
from ledger.sequencer import sequence_once
from rulebook.clock import database_now, pretend
from sealing.age import parse_header
from sealing.context import context_hash
from sealing.reference import enrolled
from sealing.shares import commitment, open_share
from tests.factories.trading import published_lot
from trading.holders.actions import chosen_keys, drafted_policy, sign_policy
from trading.opening import actions, fallback, reference
from trading.opening.models import READY, OpenedBid, Opening
from trading.projects.models import Lot

PDF = ("施工组织设计.pdf", "application/pdf", b"%PDF-1.4 plan")


def jump_to(moment):
    """Official time is that moment now, and runs on from there."""
    pretend(moment - datetime.now(UTC))


def form_of(price):
    return {"price": price, "term_days": 400, "quality": "合格", "manager": "甲"}


def hand_in(lot, bidder, price="30000000.00", *, form=None, recovery=""):
    """The bidder makes keys, seals and submits; keeps `bidder.keys`."""
    bidder.keys = reference.make_keys(bidder, by=bidder.somebody, recovery=recovery)
    return reference.submit(lot, bidder, bidder.keys, form or form_of(price), [PDF], by=bidder.somebody)


def two_envelope_lot(bidders=3):
    """A published lot whose bids come in two envelopes; `bidders` have taken the document."""
    return published_lot(holders=bidders, document={"two_envelopes": True})


def locked_opening(lot):
    """The deadline passes and the platform locks the bids."""
    lot.refresh_from_db()
    jump_to(lot.bids_due_at + actions.LOCK_AFTER)
    return actions.lock_lot(lot, by=Person.objects.platform(), at=database_now())


def started_opening(lot):
    return actions.start_opening(locked_opening(lot), by=lot.city.staff, at=database_now())


def decrypt(opening, bidder, *, keys=None):
    opened = OpenedBid.objects.get(opening=opening, bid__bidder=bidder)
    reference.release(opened, keys or bidder.keys, by=bidder.somebody, at=database_now())


def revealed(opening):
    """The window for keys has ended; what was released is read and shown."""
    platform = Person.objects.platform()
    opening.refresh_from_db()
    if opening.bids.filter(state=OpenedBid.State.PENDING).exists():
        jump_to(opening.keys_until)
    actions.settle_keys(opening, by=platform, at=database_now())
    for opened in opening.bids.filter(state__in=READY):
        actions.decrypt_bid(opened, at=database_now())
    while sequence_once():
        pass
    actions.reveal(opening, by=platform, at=database_now())
    return Opening.objects.get(pk=opening.pk)


def state_of(lot):
    return Lot.objects.get(pk=lot.pk).state


def make_holder(person, organisation):
    """A holder's keys for somebody of an organisation, enrolled."""
    return enrolled(organisation, by=person, role="holder")


def with_holders(lot, k=2):
    """The lot under a policy with three holders: centre, regulator and agency; `lot.holders` are their keys, in that order."""
    city = lot.city
    sides = [(city.staff, city.centre), (city.supervisor, city.regulator), (city.handler, city.agency)]
    lot.holders = [make_holder(person, organisation) for person, organisation in sides]
    kids = [keys.kid for keys in lot.holders]
    policy = drafted_policy(lot, chosen_keys(lot.tender, kids), k)
    signed = reference.signature(lot.holders[2].signing, "opening-policy", policy)
    lot.policy = sign_policy(lot, kids, k, signed, by=city.handler)
    return lot


def share_of(opened, keys):
    """A holder's share of a bid, opened with its key."""
    with opened.sealed.upload.open() as sealed:
        stanzas = parse_header(sealed).stanzas
    stanza = next(each for each in stanzas if each.args[:2] == ("etp/share", keys.kid))
    return open_share(keys.encryption, stanza, context_hash(actions.context_of(opened)))


def hand_share(asked, keys, share=None):
    """A holder hands in a share (its own, or the bytes given; b"" for "cannot open it"), signed."""
    opened = asked.opened
    share = share_of(opened, keys) if share is None else share
    digest = b64u(commitment(context_hash(actions.context_of(opened)), share)) if share else ""
    signed = reference.signature(keys.signing, "fallback-share", fallback.share_object(opened, keys.kid, digest))
    fallback.give_share(asked, b64u(share), signed, by=keys.person, at=database_now())
