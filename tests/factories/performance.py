"""Contracts that are being carried out, built through the real actions: drafted, signed by both, filed, with a team."""

from datetime import timedelta

from documents.actions import store_file
from rulebook.clock import city_day, database_now
from tests.factories.evaluation import end_of, evaluating_lot
from tests.factories.trading import pdf
from trading.awards import actions as awards
from trading.awards import drafting
from trading.awards.models import Contract
from trading.bidding.models import Bid
from trading.evaluation.models import BidResult, Evaluation
from trading.opening.models import OpenedBid
from trading.performance import actions
from trading.performance.models import KeyPerson, Post
from trading.performance.queries import PARTIES
from trading.performance.rules import CERTIFICATES, TEAM
from trading.projects.models import Lot
from trading.tenders.models import Criterion

NAMES = {Post.CONSTRUCTION: "乙施工", Post.QUALITY: "丙质量", Post.SAFETY: "丁安全", Post.MATERIALS: "戊材料", Post.DOCUMENTS: "己资料"}


def ranked(lot):
    """A signed evaluation that ranks the bids as they were opened; how one comes about has its own tests."""
    evaluation = Evaluation.objects.create(lot=lot, state=Evaluation.State.SIGNED)
    scored = list(lot.tender.document.criteria.exclude(part__in=Criterion.CHECKS))
    for rank, bid in enumerate(OpenedBid.objects.filter(opening__lot=lot).order_by("order"), start=1):
        # Full marks but for one item, which costs as many points as the rank.
        marks = [row.points for row in scored]
        marks[0] -= rank
        parts = {row.title: f"{mark:.2f}" for row, mark in zip(scored, marks, strict=True)}
        BidResult.objects.create(evaluation=evaluation, bid=bid, parts=parts, total=sum(marks), rank=rank, price=bid.price)
    lot.state = Lot.State.EVALUATED
    lot.save()
    return evaluation


def awarded(lot):
    """The lot's award, its result public; `award.at` is that moment, `award.winner` the firm (with `.somebody`)."""
    publicity = awards.publish_candidates(ranked(lot), by=lot.city.handler, at=database_now())
    at, by = end_of(publicity), lot.city.handler
    award = awards.publish_result(awards.decide_award(lot, by=by, at=at), by=by, at=at)
    award.at = at
    award.winner = next(row for row in lot.city.bidders if row.pk == award.candidate.result.bid.bidder.pk)
    return award


def drafted(award, **changes):
    """A draft with everything written down."""
    lot = award.lot
    by = lot.tender.project.created_by
    draft = drafting.draft_contract(award, by=by, at=award.at)
    facts = {name: getattr(draft, name) for name in drafting.FACTS} | {"payment": "按月计量支付。", **changes}
    return drafting.save_contract(draft, facts, by=by, at=award.at)


def signed_contract(lot, **changes):
    """Confirmed by both sides and filed; `contract.at` is the moment, `contract.city` its parties, `contract.firm` the winner."""
    award = awarded(lot)
    draft = drafted(award, **changes)
    drafting.offer_contract(draft, by=lot.city.owner.somebody, at=award.at)
    drafting.sign_contract(draft, by=award.winner.somebody, at=award.at)
    made = drafting.file_signed_contract(draft, by=lot.city.handler, at=award.at)
    return dressed(made.pk, lot.city, award.winner, award.at)


def dressed(pk, city, firm, at):
    """The contract fresh from the database, with what tests want at hand."""
    contract = Contract.objects.select_related(*PARTIES).get(pk=pk)
    contract.city, contract.firm, contract.at = city, firm, at
    return contract


def again(contract):
    return dressed(contract.pk, contract.city, contract.firm, contract.at)


def key_person(firm, name="甲", post=Post.MANAGER, *, number="", level=KeyPerson.Level.SECOND, at=None):
    """Somebody of the firm with the certificate that the post asks for."""
    at = at or database_now()
    data = {
        "name": name, "certificate": CERTIFICATES[post], "level": level, "number": number or f"鄂2{KeyPerson.objects.count():08d}",
        "valid_until": city_day(at) + timedelta(days=900),
    }  # fmt: skip
    return actions.register_key_person(firm, data, by=firm.somebody, at=at)


def with_team(contract, posts=TEAM["works"], at=None):
    """The manager and the five officers, held for the contract's lot; {post: custody}."""
    at, held = at or contract.at, {}
    for post in posts:
        name = contract.manager if post == Post.MANAGER else NAMES.get(post, "庚某")
        person = key_person(contract.firm, name, post)
        held[post] = actions.name_team_member(contract, person, post, by=contract.firm.somebody, at=at)
    return held


def photo(contract, name="现场.pdf"):
    by = contract.city.supervisor
    return store_file(pdf(name), by=by, organisation=contract.city.regulator, purpose="performance", at=contract.at)


def found_absent(contract, custodies, at, findings=()):
    """An inspection that found these people absent."""
    by = contract.city.supervisor
    planned = actions.plan_inspection(contract, kind="planned", planned_at=at, units="", by=by, at=at)
    return actions.hold_inspection(
        planned, inspectors="赵检查、钱检查", text="到场检查", absent=custodies, findings=list(findings), photo=None, by=by, at=at
    )


def accepted(contract, at, **more):
    """Applied for and passed."""
    actions.apply_for_acceptance(contract, statement="已按合同完成", finished_on=city_day(at), proof=None, by=contract.firm.somebody, at=at)
    given = {"result": "passed", "panel": [["王验收", "清江市质监站"]], "opinion": "符合合同约定", **more}
    return actions.hold_acceptance(contract, **given, by=contract.city.owner.somebody, at=at)


def second_lot(firm):
    """A lot of another tender, in evaluation, for which the same firm has made the best bid."""
    lot = evaluating_lot()
    Bid.objects.filter(opened__opening__lot=lot, opened__order=1).update(bidder=firm)
    lot.city.bidders[0] = firm
    return lot
