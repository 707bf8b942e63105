"""A lot in and after evaluation: opened bids, a committee that has confirmed, scores, a signed report, candidates."""

import re
from datetime import timedelta
from decimal import Decimal

from credit.queries import standing_of
from draws.actions import conclude
from draws.reference import contribute, disclose
from experts.models import Expert
from experts.privacy import keep
from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import city_day, database_now
from sealing.reference import enrolled
from tests.factories.trading import city, person, published_lot
from trading.awards import actions as awards
from trading.bidding.models import Bid
from trading.evaluation import actions
from trading.evaluation import answers as answers  # registers what a key press means
from trading.evaluation.attendance import sign_in
from trading.evaluation.committee import form_committee
from trading.evaluation.models import BidQuestion, CommitteeMember
from trading.evaluation.motions import vote
from trading.evaluation.questions import answer_question
from trading.opening.models import OpenedBid, Opening
from trading.procedures.versions import version_on
from trading.projects.models import Lot, Project, Tender

PRICES = ("30000000.00", "31000000.00", "32000000.00", "33000000.00")


def identity_of(person):
    """The identity number on the card of somebody these tests made."""
    return f"420101{person.pk:012d}"


def expert(number, **fields):
    made = Expert.objects.create(person=person(f"专家{number}"), number=f"ZJ{number:05d}", specialties=["A08"], **fields)
    keep(made.person, {"identity": identity_of(made.person)})
    return made


def evaluating_lot():
    """A lot whose opening has ended with four opened bids; the sealing itself has its own tests."""
    where = city(bidders=4)
    lot = published_lot(where, holders=4)
    lot.city = where
    return opened_lot(lot, PRICES)


def opened_lot(lot, prices, forms=()):
    """The lot as if its opening had ended with a bid of each of the city's bidders; `forms` are what their sealed forms say more."""
    where, now = lot.city, database_now()
    opening = Opening.objects.create(lot=lot, state=Opening.State.CLOSED, count=len(prices), locked_at=now)
    entry = LedgerEntry.objects.first()
    for place, (bidder, price) in enumerate(zip(where.bidders, prices, strict=True), start=1):
        other = LedgerEntry.objects.exclude(pk__in=Bid.objects.values("entry")).first() or entry
        bid = Bid.objects.create(
            lot=lot, bidder=bidder, rev=1, action="submit", manifest={}, manifest_hash=f"{lot.pk:020d}{place:023d}", signature="", signed_by=bidder.somebody,
            received_at=now, deadline=lot.bids_due_at, state=Bid.State.LOCKED, entry=other,
        )  # fmt: skip
        OpenedBid.objects.create(
            opening=opening,
            bid=bid,
            order=place,
            state=OpenedBid.State.OPENED,
            price=Decimal(price),
            term_days=400,
            manager="甲",
            form=forms[place - 1] if forms else {},
            credit=standing_of(bidder, city_day(lot.bids_due_at)),
        )
    lot.state = Lot.State.EVALUATING
    lot.save()
    return lot


def parties(where):
    """The keys of the three who draw: centre, supervisor and agency; made once."""
    if not hasattr(where, "parties"):
        people = [(where.staff, where.centre), (where.supervisor, where.regulator), (where.handler, where.agency)]
        where.parties = [enrolled(organisation, by=person, role="holder") for person, organisation in people]
    return where.parties


def begun(lot, size=5, **more):
    """A committee whose draw was begun: the list stands, no number was given yet."""
    parties(lot.city)
    given = {"owner_representatives": [], "specialties": ["A08"], "starts_at": database_now() + timedelta(hours=1), **more}
    return form_committee(
        lot, size=size, supervisor=lot.city.supervisor, tenderee=lot.city.handler, by=lot.city.staff, at=database_now(), **given
    )


def drawn(draw, keys):
    """All parties commit and reveal, and the draw is computed."""
    for each in keys:
        contribute(draw, each)
    for each in keys:
        disclose(draw, each)
    while sequence_once():
        pass
    conclude(draw)
    draw.refresh_from_db()
    return draw


def formed(lot, size=5, **more):
    """A committee whose seats were drawn and called."""
    evaluation = begun(lot, size, **more)
    drawn(evaluation.draw, parties(lot.city))
    return evaluation


def confirm_all(evaluation):
    while rows := list(Dispatch.objects.filter(channel="voice").exclude(state__in=Dispatch.ENDED)):
        for row in rows:
            answer_call(row, "1")


def code_of(seat):
    """The code that the bearer of a seat got by SMS."""
    return re.search(r"签到码 (\d{6})", Dispatch.objects.get(key=f"committee/{seat.pk}/confirmed").words)[1]


def arrive(evaluation, staff):
    """Everybody who confirmed and has not come yet signs in at the gate."""
    for seat in CommitteeMember.called.filter(evaluation=evaluation, state="accepted", arrived_at=None):
        sign_in(
            evaluation, code=code_of(seat), identity=identity_of(seat.person), matched=True, locker="", by=staff, at=database_now()
        )  # fmt: skip


def started(lot):
    for number in range(9):
        expert(number)
    return at_work(formed(lot), lot.city.staff)


def at_work(evaluation, staff):
    """A committee that was called has confirmed, begun, and pledged."""
    confirm_all(evaluation)
    arrive(evaluation, staff)
    actions.start_evaluation(evaluation, by=staff, at=database_now())
    seats = members(evaluation)
    for member in seats:
        actions.make_pledge(evaluation, by=member.person, at=database_now())
        actions.elect_chair(evaluation, seats[0], by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def members(evaluation):
    return list(evaluation.members.filter(state="accepted"))


def review(evaluation, member, *, failing=(), reason="资质证书过期", doubting=()):
    """One member's checks: bids in `failing` fail all of them, the declarations of those in `doubting` are not believed."""
    opinions = {}
    for bid in actions.bids_of(evaluation):
        for check in actions.checks_for(evaluation, bid):
            fails = bid.pk in (failing if check.pk else doubting)
            opinions[bid.pk, check.pk] = (not fails, reason if fails else "")
    actions.submit_review(evaluation, opinions, by=member.person, at=database_now())
    evaluation.refresh_from_db()


def marks(evaluation, technical=None):
    """Five points for what is objective, else `technical`, or sixteen where the criterion gives as many."""
    return {
        (bid.pk, row.pk): (Decimal(5) if row.objective else Decimal(technical or min(16, row.points)), "")
        for bid in actions.valid_bids(evaluation) for row in actions.judged_criteria(evaluation)
    }  # fmt: skip


def scored(lot, failing=()):
    """An evaluation in which all members have handed in their checks (`failing`: ids of bids that fail) and their scores."""
    return worked(started(lot), failing)


def worked(evaluation, failing=()):
    for member in members(evaluation):
        review(evaluation, member, failing=failing)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def explain(evaluation, text="采用自有设备和库存材料，附成本构成分析。"):
    """Every bidder that is asked about its price explains it."""
    for question in BidQuestion.objects.filter(evaluation=evaluation, matter="low_price", answered_at=None):
        bidder = question.bid.bidder
        answer_question(question, bidder, answer=text, proof=None, by=bidder.memberships.get().person, at=database_now())


def judge_reasons(evaluation, *, unproved, reason="与本市同类项目近一年的成交价相比"):
    """The committee votes on every explanation: more than half find it unproved, or all find the price reasonable."""
    for motion in evaluation.motions.filter(state="open").exclude(question=None):
        for member in members(evaluation):
            motion.refresh_from_db()
            if motion.state == "open":
                vote(motion, agrees=unproved, reason=reason, by=member.person, at=database_now())
    evaluation.refresh_from_db()


def signed(lot):
    evaluation = scored(lot)
    for member in members(evaluation):
        actions.sign_report(evaluation, by=member.person, at=database_now())
    evaluation.refresh_from_db()
    return evaluation


def shown(lot):
    return awards.publish_candidates(signed(lot), by=lot.city.handler, at=database_now())


def as_procurement():
    """What was built as a works tender is an open tender of government procurement."""
    Project.objects.update(category="ZC")
    Tender.objects.update(procedure="ZC-OT", procedure_since=version_on("ZC-OT", city_day(database_now())).since)


def published_procurement(lot, at):
    """The award of an open procurement whose result was announced at that moment; the second bidder wins."""
    signed(lot)
    as_procurement()
    award = awards.decide_award(Lot.objects.get(pk=lot.pk), by=lot.city.handler, at=at)
    return awards.publish_result(award, by=lot.city.handler, at=at)


def end_of(publicity):
    return publicity.until + timedelta(seconds=1)
