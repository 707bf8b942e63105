"""After a reveal: does a bid name a person whom another lot holds, or who is offered to another lot that is under way?

Before the reveal nobody may know who bids with whom, so nothing is checked then.
"""

from django.db import transaction

from ledger.acts import record
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.awards.sides import SUPERVISOR, require_side
from trading.opening.models import OpenedBid
from trading.performance.actions.custody import take
from trading.performance.actions.holding import about, require_text, subject_of, tell_regulator
from trading.performance.events import CustodyConflictFound
from trading.performance.models import Custody, CustodyConflict, KeyPerson, Post
from trading.performance.rules import CERTIFICATES, CUSTODY_FROM, values_on
from trading.projects.models import Lot
from trading.projects.queries import handlers_of

# From the reveal to the contract a lot still needs the people its bids name.
UNDER_WAY = (
    Lot.State.OPENING, Lot.State.EVALUATING, Lot.State.EVALUATED, Lot.State.CANDIDATES_PUBLIC, Lot.State.AWARD_DECIDED, Lot.State.RESULT_PUBLIC,
)  # fmt: skip


def needs_custody(lot, values):
    """Whether the city asks for custody on this lot, by its values of the day: works from a certain size on."""
    return lot.tender.project.is_construction and lot.estimate >= values[CUSTODY_FROM].value


def find_conflicts(lot, *, at):
    """Look at every opened bid of a revealed lot; the conflicts newly found. Told to tenderee, regulator and bidder."""
    found = []
    for opened in (
        OpenedBid.objects.filter(opening__lot=lot, state=OpenedBid.State.OPENED).exclude(manager="").select_related("bid__bidder")
    ):
        bidder, name = opened.bidder, opened.manager
        for other in holding_lots(bidder, name, lot):
            found += note(CustodyConflict.Kind.HELD, lot, other, bidder, name, at)
        for other in offered_lots(bidder, name, lot):
            found += note(CustodyConflict.Kind.OFFERED, lot, other, bidder, name, at)
    return found


def holding_lots(bidder, name, lot):
    rows = Custody.objects.filter(key_person__organisation=bidder, key_person__name=name, released_at=None).exclude(lot=lot)
    return [row.lot for row in rows.select_related("lot__tender__project")]


def offered_lots(bidder, name, lot):
    """Other revealed lots under way to which the same firm offers the same person."""
    rows = OpenedBid.objects.filter(
        bid__bidder=bidder,
        manager=name,
        state=OpenedBid.State.OPENED,
        opening__revealed_at__isnull=False,
        opening__lot__state__in=UNDER_WAY,
    ).exclude(opening__lot=lot)
    return [row.opening.lot for row in rows.select_related("opening__lot__tender__project")]


def note(kind, lot, other, bidder, name, at):
    known = CustodyConflict.objects.filter(lot__in=[lot, other], other__in=[lot, other], bidder=bidder, name=name)
    if known.exists():
        return []
    row = CustodyConflict.objects.create(kind=kind, lot=lot, other=other, bidder=bidder, name=name, found_at=at)
    body = f"{bidder.name}拟派的{name}：{row.get_kind_display()}“{other.tender.name}{other.name}”。"
    for person in handlers_of(lot.tender):
        tell(person, subject_of(lot, "关键人员冲突"), body, key=f"custody-conflict/{row.pk}")
    tell_regulator(lot, "关键人员冲突", body, key=f"custody-conflict/{row.pk}")
    tell_members(bidder, subject_of(lot, "关键人员冲突"), body + "中标后同一人员只能在一个项目任职。", key=f"custody-conflict/{row.pk}")
    record(CustodyConflictFound(**about(lot), other=f"{other.tender.number}/{other.no}", why=kind), by=None)
    return [row]


def hold_manager(award, *, by, at):
    """At the award: the manager whom the bid names is taken into custody, if the firm has registered that person.

    What stands in the way (held elsewhere, two of that name, none) is left to the winner's team page and the board.
    """
    lot, bid = award.lot, award.candidate.result.bid
    if not needs_custody(lot, values_on(city_day(at))):
        return None
    people = KeyPerson.objects.filter(
        organisation=bid.bidder, name=bid.manager, certificate=CERTIFICATES[Post.MANAGER], withdrawn_at=None, valid_until__gte=city_day(at)
    )
    if people.count() != 1:
        return None
    try:
        with transaction.atomic():
            return take(lot, bid.bidder, people.get(), Post.MANAGER, by=by, at=at)
    except Refused:
        for other in holding_lots(bid.bidder, bid.manager, lot):
            note(CustodyConflict.Kind.HELD, lot, other, bid.bidder, bid.manager, at)
        return None


@transaction.atomic
def settle_conflict(contract, row, *, remark, by, at):
    """The regulator says how a conflict was settled."""
    require_side(by, contract.award, SUPERVISOR)
    require_text(remark, "remark", "处理说明")
    row = CustodyConflict.objects.select_for_update().get(pk=row.pk, settled_at=None)
    row.settled_at, row.settled_by, row.remark = at, by, remark
    row.save(update_fields=["settled_at", "settled_by", "remark"])
    record(
        CustodyConflictFound(**about(contract.lot), other=f"{row.other.tender.number}/{row.other.no}", why="settled"),
        by=by,
        role="supervisor",
    )
