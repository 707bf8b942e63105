"""Bidders with keys of their own, who seal, submit and decrypt as their browsers would."""

from datetime import UTC, datetime

from accounts.models import Person
from ledger.sequencer import sequence_once
from rulebook.clock import database_now, pretend
from trading.opening import actions, reference
from trading.opening.models import OpenedBid, Opening
from trading.projects.models import Lot

PDF = ("施工组织设计.pdf", "application/pdf", b"%PDF-1.4 plan")


def jump_to(moment):
    """Official time is that moment now, and runs on from there."""
    pretend(moment - datetime.now(UTC))


def form_of(price):
    return {"price": price, "term_days": 400, "quality": "合格", "manager": "甲"}


def hand_in(lot, bidder, price="30000000.00", *, form=None):
    """The bidder makes keys, seals and submits; keeps `bidder.keys`."""
    bidder.keys = reference.make_keys(bidder, by=bidder.somebody)
    return reference.submit(lot, bidder, bidder.keys, form or form_of(price), [PDF], by=bidder.somebody)


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
    if opening.bids.filter(state=OpenedBid.State.PENDING).exists():
        jump_to(opening.keys_until)
    actions.settle_keys(opening, by=platform, at=database_now())
    for opened in opening.bids.filter(state=OpenedBid.State.KEY_OK):
        actions.decrypt_bid(opened, at=database_now())
    while sequence_once():
        pass
    actions.reveal(opening, by=platform, at=database_now())
    return Opening.objects.get(pk=opening.pk)


def state_of(lot):
    return Lot.objects.get(pk=lot.pk).state
