"""The engine: who may, in which order, within which limits, and where the way bends."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now, pretend
from rulebook.periods import WORKING
from rulebook.refusals import Forbidden, Refused
from rulebook.workdays import add_workdays
from tests.factories.bids import jump_to
from tests.factories.documents import place_entries
from tests.factories.procedures import SUBJECTS, lot_under, take, take_as_bidder, take_until, trading_city
from tests.factories.trading import accepted_tender, city_time, stored
from trading.conduct.actions import bend_way, complete_step, titled
from trading.conduct.special import quotes_of
from trading.procedures.models import StepRecord
from trading.procedures.reaching import milestones_of
from trading.procedures.rules import procurement, state_property
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, ProjectPaper, Tender, ToleratedPaper
from trading.projects.rules import TOLERANCE
from trading.tenders.actions import lapse_tolerance, supply_paper
from trading.tenders.models import Suspension

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def refusal_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def step_of(lot, code):
    return procedure_of(lot.tender).step(code)


def fresh(lot):
    return Lot.objects.get(pk=lot.pk)


# ---- order and people


@pytest.mark.requirement("R045")
def test_steps_are_taken_in_order_and_once_by_their_actors_only():
    lot = lot_under("ZC-DY")
    early = refusal_of(lambda: take(lot, step_of(lot, "demand")))
    assert (early.code, early.next_step) == ("not_yet", "请先办理“采购预算与实施计划备案”。")
    take(lot, step_of(lot, "plan"))
    assert refusal_of(lambda: take(lot, step_of(lot, "plan"))).code == "taken"
    with pytest.raises(Forbidden, match="需求调查、确定采购需求”由采购人、代理机构办理"):
        take(lot, step_of(lot, "demand"), by=lot.city.bidders[0].somebody)
    with pytest.raises(Forbidden):
        take(lot, step_of(lot, "method_approval"), by=lot.city.handler)


@pytest.mark.parametrize("side", ["owner", "agency"])
def test_who_tenders_applies_for_nothing(side):
    lot = at_disclosure()
    take(lot, step_of(lot, "disclosure"))
    own = getattr(lot.city, side)
    own.kinds = [*own.kinds, "bidder"]
    own.save()
    refusal = refusal_of(lambda: take_as_bidder(lot, step_of(lot, "buyers"), own, 0))
    assert (refusal.code, refusal.rule) == ("own_side", "《招标投标法实施条例》第十三条、第三十四条")
    assert not StepRecord.objects.filter(step="buyers").exists()
    take_as_bidder(lot, step_of(lot, "buyers"), lot.city.bidders[0], 0)


def test_a_step_is_on_record_and_in_the_ledger():
    lot = lot_under("ZC-DY")
    row = take(lot, step_of(lot, "plan"))
    assert row.data["budget"] == "3000000.00"
    entry = LedgerEntry.objects.filter(kind="step.taken").get()
    assert row.digest in bytes(entry.data).decode()
    assert "备案" not in bytes(entry.data).decode()


def test_what_a_form_lacks_or_invents_is_refused():
    lot = lot_under("ZC-DY")
    missing = refusal_of(lambda: complete_step(lot, "plan", {"number": "1"}, by=lot.city.handler, at=database_now()))
    assert (missing.code, missing.field) == ("missing", "budget")
    with pytest.raises(ValueError, match="asks for no"):
        complete_step(lot, "plan", {"colour": "red"}, by=lot.city.handler, at=database_now())


def test_a_suspended_lot_waits():
    lot = lot_under("ZC-DY")
    take(lot, step_of(lot, "plan"))
    take(lot, step_of(lot, "demand"))
    stop = bend_way(lot, "suspend", reason="核查投诉", by=lot.city.supervisor, at=database_now())
    assert stop.cause == Suspension.Cause.ORDER
    assert refusal_of(lambda: take(lot, step_of(lot, "uniqueness"))).code == "suspended"


def promise_of(lot, state):
    return ToleratedPaper.objects.create(
        project=lot.tender.project, kind=ProjectPaper.Kind.POLICY, due_on=city_day(database_now()), promise="按期补齐", state=state,
        promised_by=lot.city.handler, promised_at=database_now(),
    )  # fmt: skip


@pytest.mark.requirement("R054")
def test_a_broken_promise_keeps_the_first_notice_back_until_the_paper_comes():
    lot = at_publicity()
    handler, now = lot.city.handler, database_now()
    promise = promise_of(lot, ToleratedPaper.State.GRANTED)
    lapse_tolerance(promise, by=None, at=now + timedelta(days=1))
    refusal = refusal_of(lambda: take(lot, step_of(lot, "publicity")))
    assert refusal.code == "tolerance_broken" and "逾期未补，不能发布" in refusal.message
    assert (refusal.rule, refusal.next_step) == (f"{TOLERANCE.source}：{TOLERANCE.says}", "请在项目登记页补交。")
    assert Tender.objects.get(pk=lot.tender_id).published_at is None
    supply_paper(promise, stored(handler, lot.city.agency, "project"), by=handler, at=now)
    assert take(lot, step_of(lot, "publicity")).notice


def test_a_promise_that_still_runs_keeps_no_notice_back():
    lot = at_publicity()
    promise_of(lot, ToleratedPaper.State.GRANTED)
    assert take(lot, step_of(lot, "publicity")).notice


def test_a_broken_promise_keeps_back_nothing_but_the_notice():
    lot = lot_under("ZC-DY")
    promise_of(lot, ToleratedPaper.State.BROKEN)
    take_until(lot, "publicity")
    assert refusal_of(lambda: take(lot, step_of(lot, "publicity"))).code == "tolerance_broken"


@pytest.mark.parametrize(
    ("code", "application", "check"),
    [("GC-LOT", "sign_up", "sign_up_check"), ("CJ-P", "sign_up", "sign_up_check"), ("GC-PQ", "prequal_applications", "prequal_review")],
)
def test_nobody_is_found_qualified_who_has_not_applied(code, application, check):
    lot = lot_under(code)
    step, (*applicants, stranger) = take_until(lot, application), lot.city.bidders
    for place, bidder in enumerate(applicants):
        take_as_bidder(lot, step, bidder, place)
    refusal = refusal_of(lambda: take(lot, step_of(lot, check), qualified=[*applicants, stranger]))
    assert (refusal.code, refusal.field) == ("not_among", "qualified") and stranger.name in refusal.message
    assert take(lot, step_of(lot, check), qualified=applicants).data["qualified"] == [each.uscc for each in applicants]


# ---- single source


def at_publicity():
    lot = lot_under("ZC-DY")
    take_until(lot, "publicity")
    return lot


@pytest.mark.requirement("R125")
def test_the_publicity_of_a_single_source_lasts_five_working_days():
    lot = at_publicity()
    rule, step = procurement.SINGLE_SOURCE_PUBLICITY, step_of(lot, "publicity")
    assert rule.unit == WORKING
    first = add_workdays(city_day(database_now()), rule.days)
    late_enough = city_time(first)
    short = refusal_of(lambda: take(lot, step, until=late_enough - timedelta(days=1)))
    assert (short.code, short.field) == ("T-ZC-34", "until")
    assert f"{first:%Y-%m-%d}" in short.message and "《政府采购法实施条例》第三十八条" in short.rule
    row = take(lot, step, until=late_enough)
    assert row.notice.kind == "ZC_SINGLE"
    tender = Tender.objects.get(pk=lot.tender_id)
    assert (tender.state, tender.rules_on) == ("published", city_day(row.at))


@pytest.mark.requirement("R125")
@pytest.mark.parametrize(
    ("code", "step", "field", "cases"), [("ZC-DY", "uniqueness", "case", 3), ("ZC-TP", "plan", "ground", 4), ("ZC-CS", "plan", "ground", 5)]
)
def test_another_method_than_the_open_tender_is_chosen_for_a_case_of_the_law(code, step, field, cases):
    lot = lot_under(code)
    take_until(lot, step)
    assert len(step_of(lot, step).field(field).choices) == cases
    own = refusal_of(lambda: take(lot, step_of(lot, step), **{field: "领导同意"}))
    assert (own.code, own.field) == ("choice", field)
    missing = refusal_of(lambda: take(lot, step_of(lot, step), **{field: ""}))
    assert (missing.code, missing.field) == ("missing", field)
    chosen = step_of(lot, step).field(field).choices[-1]
    assert take(lot, step_of(lot, step), **{field: chosen}).data[field] == chosen


@pytest.mark.requirement("R125")
def test_a_single_source_is_approved_by_the_regulator_before_the_talks():
    lot = lot_under("ZC-DY")
    goes_only_after(lot, "document", "method_approval")
    approved = StepRecord.objects.get(lot=lot, step="method_approval")
    assert approved.by == lot.city.supervisor and approved.data["number"] and approved.data["reason"]


@pytest.mark.requirement("R125")
def test_nothing_goes_on_before_the_publicity_ends_nor_while_an_objection_is_unanswered():
    lot = at_publicity()
    take(lot, step_of(lot, "publicity"))
    place_entries()
    handler, now = lot.city.handler, database_now()
    early = refusal_of(lambda: complete_step(lot, "publicity_end", {"summary": "无"}, by=handler, at=now))
    assert early.code == "too_early"
    bidder = lot.city.bidders[1]
    complete_step(lot, "publicity_objection", {"text": "我单位也能供货"}, by=bidder.somebody, at=now, organisation=bidder)
    jump_to(now + timedelta(days=20))
    waits = refusal_of(lambda: take(lot, step_of(lot, "publicity_end")))
    assert (waits.code, waits.next_step) == ("unanswered", "请先办理“补充论证”。")
    late = take(lot, step_of(lot, "reasoning"))
    assert late.overran == ["T-ZC-35"]
    take(lot, step_of(lot, "publicity_end"))
    after = refusal_of(
        lambda: complete_step(lot, "publicity_objection", {"text": "再提"}, by=bidder.somebody, at=database_now(), organisation=bidder)
    )
    assert after.code == "closed"


def test_a_single_source_price_stays_within_the_budget():
    lot = at_publicity()
    take_until(lot, "talks")
    budget = lot.estimate
    over = refusal_of(lambda: take(lot, step_of(lot, "talks"), price=budget + Decimal("0.01")))
    assert (over.code, over.field) == ("beyond", "price")
    assert take(lot, step_of(lot, "talks"), price=budget).data["price"] == "3000000.00"
    stranger = refusal_of(
        lambda: (take(lot, step_of(lot, "deal_report")), take(lot, step_of(lot, "deal_decision"), winner=[lot.city.bidders[2]]))
    )
    assert (stranger.code, stranger.field) == ("not_among", "winner")


# ---- state property


def at_disclosure(code="CQ-L"):
    lot = lot_under(code)
    take_until(lot, "disclosure")
    return lot


def test_a_list_price_below_nine_tenths_of_the_valuation_needs_written_consent():
    lot = at_disclosure()
    value = Decimal("1000000.00")
    bound = value * state_property.LOW_PRICE.numerator / state_property.LOW_PRICE.denominator
    step = step_of(lot, "disclosure")
    low = refusal_of(lambda: take(lot, step, price=bound - Decimal("0.01")))
    assert (low.code, low.field) == ("T-CQ-04", "consent")
    assert take(lot, step, price=bound).notice.kind == "CQ_NOTICE"


def test_a_low_price_with_consent_is_disclosed():
    lot = at_disclosure()
    consent = stored(lot.city.handler, lot.city.agency, "step")
    assert take(lot, step_of(lot, "disclosure"), price=Decimal("500000.00"), consent=consent, deposit=Decimal("100000.00")).notice


def test_the_deposit_for_property_is_at_most_three_tenths_of_the_price():
    lot = at_disclosure()
    price = Decimal("1000000.00")
    most = price * state_property.DEPOSIT.share
    over = refusal_of(lambda: take(lot, step_of(lot, "disclosure"), price=price, deposit=most + Decimal("0.01")))
    assert (over.code, over.field) == ("T-CQ-13", "deposit")
    assert take(lot, step_of(lot, "disclosure"), price=price, deposit=most)


def test_a_change_of_control_asks_for_the_pre_disclosure():
    lot = lot_under("CQ-L")
    take(lot, step_of(lot, "decision"), control="是")
    take(lot, step_of(lot, "appraisal"))
    assert refusal_of(lambda: take(lot, step_of(lot, "disclosure"))).next_step == "请先办理“信息预披露”。"


def with_buyers(count):
    """A listing whose disclosure has ended with so many qualified buyers."""
    lot = at_disclosure()
    take(lot, step_of(lot, "disclosure"))
    for place, bidder in enumerate(lot.city.bidders[:count]):
        take_as_bidder(lot, step_of(lot, "buyers"), bidder, place)
    take(lot, step_of(lot, "deposit_check"))
    take(lot, step_of(lot, "qualification"))
    return lot


def test_who_asks_to_buy_is_secret_until_the_disclosure_ends():
    lot = at_disclosure()
    take(lot, step_of(lot, "disclosure"))
    row = take_as_bidder(lot, step_of(lot, "buyers"), lot.city.bidders[0], 0)
    assert (row.data, row.sealed is not None) == ({}, True)
    early = refusal_of(lambda: complete_step(lot, "deposit_check", {}, by=lot.city.staff, at=database_now()))
    assert early.code == "too_early"
    assert not any(
        lot.city.bidders[0].uscc in bytes(each.data).decode() for each in LedgerEntry.objects.filter(stream__startswith="steps/")
    )
    take(lot, step_of(lot, "deposit_check"))
    row.refresh_from_db()
    assert row.data["statement"]


def test_one_buyer_agrees_at_no_less_than_the_list_price_and_holds_no_bidding():
    lot = with_buyers(1)
    assert refusal_of(lambda: take(lot, step_of(lot, "session"))).code == "miscount"
    low = refusal_of(lambda: take(lot, step_of(lot, "agreement"), price=Decimal("999999.99")))
    assert (low.code, low.field) == ("beyond", "price")
    row = take(lot, step_of(lot, "agreement"), price=Decimal("1000000.00"))
    assert row.document.title.endswith("成交确认书")
    assert refusal_of(lambda: take(lot, step_of(lot, "session"))).code == "other_way"
    take(lot, step_of(lot, "deal_contract"))


def test_two_buyers_bid_against_each_other():
    lot = with_buyers(2)
    assert refusal_of(lambda: take(lot, step_of(lot, "agreement"))).code == "miscount"
    assert refusal_of(lambda: take(lot, step_of(lot, "session"), winner=[lot.city.bidders[2]])).code == "not_among"
    take(lot, step_of(lot, "session"))
    assert fresh(lot).state == "opening"


def test_a_disclosure_without_buyers_is_extended_by_five_working_days_or_ends():
    lot = at_disclosure()
    disclosed = take(lot, step_of(lot, "disclosure"))
    from datetime import datetime

    end = datetime.fromisoformat(disclosed.data["until"])
    jump_to(end + timedelta(minutes=1))
    step = step_of(lot, "extension")
    assert refusal_of(lambda: take(lot, step, until=end + timedelta(days=2))).code == "T-CQ-12"
    take(lot, step)
    take_as_bidder(lot, step_of(lot, "buyers"), lot.city.bidders[0], 0)
    assert refusal_of(lambda: complete_step(lot, "deposit_check", {}, by=lot.city.staff, at=database_now())).code == "too_early"


# ---- consultation and negotiation


def at_quotes(code, bidders=3):
    lot = lot_under(code)
    take_until(lot, "quote_call")
    take(lot, step_of(lot, "quote_call"))
    for place, bidder in enumerate(lot.city.bidders[:bidders]):
        take_as_bidder(lot, step_of(lot, "final_quote"), bidder, place)
    return lot


def test_final_quotes_stay_sealed_are_given_once_and_fix_the_order_and_the_price():
    lot = at_quotes("ZC-TP")
    step, first = step_of(lot, "final_quote"), lot.city.bidders[0]
    assert quotes_of(lot) == {}
    assert refusal_of(lambda: take_as_bidder(lot, step, first, 0)).code == "taken"
    wrong = refusal_of(lambda: take(lot, step_of(lot, "ranking"), candidates=[lot.city.bidders[1], first, lot.city.bidders[2]]))
    assert (wrong.code, wrong.field) == ("not_lowest_first", "candidates")
    take(lot, step_of(lot, "ranking"), candidates=lot.city.bidders[:3])
    take(lot, step_of(lot, "deal_report"))
    decide = step_of(lot, "deal_decision")
    assert refusal_of(lambda: take(lot, decide, price=Decimal("500000.01"))).code == "not_its_quote"
    assert refusal_of(lambda: take(lot, decide, winner=[lot.city.bidders[1]], price=Decimal("501000.00"))).code == "not_first"
    assert take(lot, decide).data["price"] == "500000.00"


def test_a_quote_after_the_deadline_is_refused():
    lot = at_quotes("ZC-CS", bidders=0)
    jump_to(database_now() + timedelta(hours=2))
    assert refusal_of(lambda: take_as_bidder(lot, step_of(lot, "final_quote"), lot.city.bidders[0], 0)).code == "closed"


@pytest.mark.parametrize(("code", "rule"), [("ZC-TP", procurement.NEGOTIATING), ("ZC-CS", procurement.CONSULTED)])
def test_fewer_final_quotes_than_the_law_asks_end_the_procurement(code, rule):
    lot = at_quotes(code, bidders=rule.minimum - 1)
    few = refusal_of(lambda: take(lot, step_of(lot, "ranking"), candidates=lot.city.bidders[: rule.minimum - 1]))
    assert few.code in (rule.code, "A-21")
    bend_way(fresh(lot), "none_left", reason="只有两家报价", by=lot.city.handler, at=database_now())
    assert fresh(lot).state == "failed"


def noticed(code, notice, due_at=None):
    """A lot whose notice is out, with this end of its responses."""
    lot = lot_under(code)
    take_until(lot, notice)
    take(lot, step_of(lot, notice), **({"deadline": due_at} if due_at else {}))
    return lot


def deadline_of(lot):
    return milestones_of(lot.tender, lot)["response_deadline"]


def secret_step(lot):
    return next(step for step in procedure_of(lot.tender).steps if step.secret and step.closes_at == "response_deadline")


CHANGES = [
    ("ZC-TP", "negotiation_notice", procurement.NEGOTIATION_CLARIFICATION),
    ("ZC-XJ", "inquiry_notice", procurement.INQUIRY_CLARIFICATION),
    ("ZC-CS", "consultation_notice", procurement.CONSULTATION_CLARIFICATION),
]


@pytest.mark.parametrize(("code", "notice", "rule"), CHANGES)
def test_a_change_in_time_leaves_the_deadline_and_a_late_one_puts_it_off_far_enough(code, notice, rule):
    due_at = city_time(add_workdays(city_day(database_now()), 12))
    lot = noticed(code, notice, due_at)
    step, last = step_of(lot, "response_change"), rule.latest_start(city_day(due_at))
    jump_to(city_time(last))
    take(lot, step)
    assert deadline_of(lot) == due_at
    late = add_workdays(last, 1) if rule.unit == WORKING else last + timedelta(days=1)
    jump_to(city_time(late))
    first = rule.earliest(late)
    stays = refusal_of(lambda: take(lot, step))
    assert (stays.code, stays.field) == (rule.code, "until") and rule.says in stays.message
    assert refusal_of(lambda: take(lot, step, until=city_time(first) - timedelta(days=1))).code == rule.code
    back = refusal_of(lambda: take(lot, step, until=due_at - timedelta(minutes=1)))
    assert (back.code, back.field) == ("moved_back", "until") and rule.says in back.rule
    row = take(lot, step, until=city_time(first))
    assert (deadline_of(lot), row.notice.due_at, row.overran) == (city_time(first), city_time(first), [])
    jump_to(due_at + timedelta(minutes=1))
    take_as_bidder(lot, secret_step(lot), lot.city.bidders[0], 0)
    early = refusal_of(lambda: complete_step(lot, "response_check", {}, by=lot.city.handler, at=database_now()))
    assert early.code == "too_early"
    jump_to(city_time(first) + timedelta(minutes=1))
    assert refusal_of(lambda: take_as_bidder(lot, secret_step(lot), lot.city.bidders[1], 1)).code == "closed"


def test_a_land_notice_puts_off_applications_and_session_and_never_brings_them_forward():
    lot = noticed("TD-L", "transfer_notice")
    step, held = step_of(lot, "notice_change"), milestones_of(lot.tender, lot)
    for field, name in (("until", "response_deadline"), ("starts", "session_start")):
        back = refusal_of(lambda field=field, name=name: take(lot, step, **{field: held[name] - timedelta(minutes=1)}))
        assert (back.code, back.field) == ("moved_back", field)
    later = {name: held[name] + timedelta(days=3) for name in ("response_deadline", "session_start")}
    take(lot, step, until=later["response_deadline"], starts=later["session_start"])
    assert {name: milestones_of(lot.tender, lot)[name] for name in later} == later
    jump_to(held["response_deadline"] + timedelta(minutes=1))
    take_as_bidder(lot, step_of(lot, "buyers"), lot.city.bidders[0], 0)


def test_each_supplier_is_talked_with_before_quotes_are_asked_for():
    lot = lot_under("ZC-CS")
    take_until(lot, "talks")
    take(lot, step_of(lot, "talks"), supplier=[lot.city.bidders[0]])
    assert refusal_of(lambda: take(lot, step_of(lot, "quote_call"))).code == "no_talks"


# ---- framework


def at_entrants():
    lot = lot_under("ZC-KJ")
    take_until(lot, "entrants")
    return lot


def test_a_framework_eliminates_a_fifth_and_one_at_least_from_the_end_of_the_ranking():
    lot = at_entrants()
    everybody, step = lot.city.bidders, step_of(lot, "entrants")
    assert refusal_of(lambda: take(lot, step, ranked=everybody, entrants=everybody)).code == "A-18"
    assert refusal_of(lambda: take(lot, step, ranked=everybody, entrants=everybody[1:])).code == "not_by_rank"
    assert refusal_of(lambda: take(lot, step, ranked=everybody[:3], entrants=everybody[:2])).code == "not_all_ranked"
    take(lot, step, ranked=everybody, entrants=everybody[:3])


def test_call_offs_follow_the_announced_way_and_the_rotation():
    lot = lot_under("ZC-KJ")
    take_until(lot, "collection")
    take(lot, step_of(lot, "collection"), second="顺序轮候")
    take_until(lot, "call_off")
    step, order = step_of(lot, "call_off"), lot.city.bidders[:3]
    assert refusal_of(lambda: take(lot, step, **asked(order[0], way="直接选定"))).code == "other_way"
    for entrant in (*order, order[0]):
        others = [each for each in order if each != entrant]
        assert refusal_of(lambda others=others: take(lot, step, **asked(others[0]))).code == "not_its_turn"
        assert take(lot, step, **asked(entrant)).notice.kind == "ZC_DEAL"
    assert StepRecord.objects.filter(lot=lot, step="call_off").count() == 4


def asked(winner, way="顺序轮候"):
    return {"winner": [winner], "way": way, "unit_price": Decimal("900.00"), "decided": city_day(database_now())}


# ---- bends


def test_a_failed_procurement_begins_again_in_a_new_round_on_the_version_of_that_day():
    lot = lot_under("ZC-XJ")
    take_until(lot, "inquiry_notice")
    take(lot, step_of(lot, "inquiry_notice"))
    bend_way(lot, "none_left", reason="无人响应", by=lot.city.handler, at=database_now())
    assert fresh(lot).state == "failed"
    again = bend_way(fresh(lot), "retender", reason="重新采购", by=lot.city.handler, at=database_now())
    assert (again.round, again.procedure, again.procedure_since) == (2, "ZC-XJ", procedure_of(lot.tender).since)
    assert {row.step for row in again.lots.get().steps.all()} == {"registration"}


def test_an_upheld_challenge_leads_back_and_what_it_undid_stays_to_be_read():
    lot = lot_under("ZC-DY")
    take_until(lot, "deal_result")
    with pytest.raises(Forbidden):
        bend_way(fresh(lot), "challenge_upheld", reason="质疑成立", by=lot.city.bidders[0].somebody, at=database_now())
    bend_way(fresh(lot), "challenge_upheld", reason="质疑成立", by=lot.city.supervisor, at=database_now())
    assert fresh(lot).state == "bidding"
    undone = StepRecord.objects.filter(lot=lot).exclude(void_at=None)
    assert {row.step for row in undone} == {"talks", "deal_report", "deal_decision"}
    take(lot, step_of(lot, "talks"))
    assert StepRecord.objects.filter(lot=lot, step="talks").count() == 2


def test_ending_needs_a_reason_and_a_moment_in_which_it_may_happen():
    lot = lot_under("CQ-L")
    assert refusal_of(lambda: bend_way(lot, "cancel", reason=" ", by=lot.city.handler, at=database_now())).code == "no_reason"
    assert refusal_of(lambda: bend_way(lot, "no_buyer", reason="无人", by=lot.city.handler, at=database_now())).code == "not_now"
    bend_way(lot, "cancel", reason="标的权属争议", by=lot.city.handler, at=database_now())
    assert fresh(lot).state == "terminated"
    assert refusal_of(lambda: take(lot, step_of(lot, "decision"))).code == "over"


def test_ending_one_lot_at_its_desk_leaves_the_others():
    where, half = trading_city("CQ"), {"estimate": Decimal(10_000_000)}
    tender = accepted_tender(where, category="CQ", procedure="CQ-L", **{**SUBJECTS["CQ-L"], "lots": (half, half)})
    one, two = tender.lots.order_by("no")
    one.city = where
    bend_way(two, "cancel", reason="标的权属争议", by=where.handler, at=database_now())
    assert (fresh(one).state, fresh(two).state) == ("registered", "terminated")
    assert Tender.objects.get(pk=tender.pk).state == "registered"
    take(one, step_of(one, "decision"))
    bend_way(one, "cancel", reason="不再转让", by=where.handler, at=database_now())
    assert Tender.objects.get(pk=tender.pk).state == "terminated"


# ---- the group, and how many suppliers are enough


def with_budget(code, budget, **fields):
    """A lot whose plan names a budget, ready for its group."""
    lot = lot_under(code, **fields)
    take_until(lot, "plan")
    take(lot, step_of(lot, "plan"), budget=Decimal(budget))
    take_until(lot, "group")
    return lot


def grouped(lot, size, experts):
    return take(lot, step_of(lot, "group"), size=size, experts=experts)


GOODS = {"kind": "goods", "estimate": Decimal("2000000.00"), "lots": ({"estimate": Decimal("2000000.00")},)}


@pytest.mark.parametrize("code", ["ZC-TP", "ZC-XJ"])
def test_below_the_open_tender_sum_three_are_a_group_and_two_are_none(code):
    lot = with_budget(code, "799999.99", **{**GOODS, "estimate": Decimal(800_000), "lots": ({"estimate": Decimal(800_000)},)})
    few = refusal_of(lambda: grouped(lot, 2, 2))
    assert (few.code, few.field, few.next_step) == ("M-06", "size", "请增加小组成员。") and "第七条" in few.rule
    assert refusal_of(lambda: grouped(lot, 4, 4)).message == "小组人数应为单数。"
    assert refusal_of(lambda: grouped(lot, 3, 4)).code == "too_many_experts"
    share = refusal_of(lambda: grouped(lot, 3, 1))
    assert (share.code, share.field) == ("M-06", "experts")
    grouped(lot, 3, 2)


@pytest.mark.parametrize(("budget", "enough"), [("1999999.99", 3), ("2000000.00", 5)])
def test_from_the_open_tender_sum_on_a_negotiation_group_has_five(budget, enough):
    lot = with_budget("ZC-TP", budget, **GOODS)
    if enough == 5:
        few = refusal_of(lambda: grouped(lot, 3, 2))
        assert few.code == "M-06" and "五人以上单数" in few.rule
        assert refusal_of(lambda: grouped(lot, 5, 3)).field == "experts"
    grouped(lot, enough, 2 if enough == 3 else 4)


def test_a_consultation_group_has_three_whatever_the_budget():
    lot = with_budget("ZC-CS", "3000000.00")
    assert (refusal_of(lambda: grouped(lot, 1, 1)).code, refusal_of(lambda: grouped(lot, 3, 1)).code) == ("M-16", "M-16")
    grouped(lot, 3, 2)


def consulted(responding, **notice):
    """A consultation after its notice, with so many responses handed in, at the check of them."""
    lot = lot_under("ZC-CS")
    take_until(lot, "consultation_notice")
    take(lot, step_of(lot, "consultation_notice"), **notice)
    for place, bidder in enumerate(lot.city.bidders[:responding]):
        take_as_bidder(lot, step_of(lot, "responses"), bidder, place)
    return lot


EXCEPTION = {"exception": "政府购买服务项目", "exception_reason": "本地只有两家机构能够承接该项公共服务。"}


def check(lot, count):
    return take(lot, step_of(lot, "response_check"), qualified=lot.city.bidders[:count])


def test_without_the_declared_exception_two_suppliers_are_too_few_and_three_enough():
    lot = consulted(3)
    few = refusal_of(lambda: check(lot, 2))
    assert few.code == "C-10" and procurement.CONSULTED.says in few.rule and few.next_step
    check(lot, 3)


def test_with_the_declared_exception_two_suffice_to_the_end_and_one_does_not():
    lot = consulted(2, **EXCEPTION)
    assert "只有两家机构" in StepRecord.objects.get(lot=lot, step="consultation_notice").notice.text
    few = refusal_of(lambda: check(lot, 1))
    assert few.code == "C-10" and procurement.CONSULTED_EXCEPTION.says in few.rule
    check(lot, 2)
    for bidder in lot.city.bidders[:2]:
        take(lot, step_of(lot, "talks"), supplier=[bidder])
    take(lot, step_of(lot, "quote_call"))
    for place, bidder in enumerate(lot.city.bidders[:2]):
        take_as_bidder(lot, step_of(lot, "final_quote"), bidder, place)
    take(lot, step_of(lot, "ranking"), candidates=lot.city.bidders[:2])
    assert fresh(lot).state == "evaluated"


def test_the_exception_wants_a_reason_and_services():
    assert refusal_of(lambda: consulted(0, exception="市场竞争不充分的科研项目")).field == "exception_reason"
    works = {"kind": "works", "estimate": Decimal(800_000), "lots": ({"estimate": Decimal(800_000)},)}
    lot = lot_under("ZC-CS", **works)
    take_until(lot, "consultation_notice")
    refusal = refusal_of(lambda: take(lot, step_of(lot, "consultation_notice"), **EXCEPTION))
    assert (refusal.code, refusal.field) == ("C-10", "exception")


@pytest.mark.parametrize(
    ("price", "least", "rule"),
    [("1000000.00", 0, ""), ("1000000.01", 10, "T-CQ-10"), ("10000000.00", 10, "T-CQ-10"), ("10000000.01", 20, "T-CQ-11")],
)
def test_the_notice_of_an_asset_is_as_long_as_its_price_asks(price, least, rule):
    lot = lot_under("CQ-NB")
    take_until(lot, "disclosure")
    StepRecord.objects.filter(lot=lot, step="appraisal").update(data={"value": price, "number": "1", "report": "x"})
    step, said = step_of(lot, "disclosure"), {"price": Decimal(price), "deposit": Decimal("1000.00")}
    if least:
        first = add_workdays(city_day(database_now()), least)
        refused = refusal_of(lambda: take(lot, step, until=city_time(first) - timedelta(days=1), **said))
        assert (refused.code, refused.field) == (rule, "until")
    else:
        first = city_day(database_now()) + timedelta(days=1)
    assert take(lot, step, until=city_time(first), **said).notice


def goes_only_after(lot, code, *before):
    """Take the steps before one by one; as long as any is left, the step is refused and names it."""
    for each in before:
        take_until(lot, each)
        refused = refusal_of(lambda: take(lot, step_of(lot, code)))
        assert refused.code == "not_yet" and step_of(lot, each).label in refused.message
        take(lot, step_of(lot, each))


@pytest.mark.requirement("R114")
def test_land_is_announced_only_after_its_conditions_are_filed_and_its_prices_jointly_decided():
    lot = lot_under("TD-L")
    goes_only_after(lot, "transfer_notice", "conditions", "joint_decision")
    filed = StepRecord.objects.get(lot=lot, step="conditions")
    assert filed.by == lot.city.supervisor and filed.data["number"]
    decided = StepRecord.objects.get(lot=lot, step="joint_decision")
    assert {"start", "deposit", "step", "minutes"} <= set(decided.data)
    assert take(lot, step_of(lot, "transfer_notice")).notice.kind == "TD_NOTICE"


@pytest.mark.requirement("R110")
def test_a_village_deal_passes_village_meeting_and_township_before_its_notice():
    lot = lot_under("CJ-A")
    notice = procedure_of(lot.tender).stages[1].steps[0].code
    goes_only_after(lot, notice, "proposal", "vote", "township_review")
    assert take(lot, step_of(lot, notice)).notice


@pytest.mark.requirement("R112")
def test_an_auction_of_land_has_fifteen_nodes_up_to_the_price_in_the_treasury():
    lot = lot_under("TD-A")
    # Sealing the reserve is part of deciding it.
    codes = [step.code for step in procedure_of(lot.tender).steps if step.code != "reserve"]
    assert codes.index("full_payment") - codes.index("auction_service") + 1 == 15
    assert codes.index("auction_service") < codes.index("conditions") < codes.index("transfer_notice")
    goes_only_after(lot, "handover", "full_payment")


@pytest.mark.parametrize(
    ("name", "kind", "title"),
    [
        ("G07 地块挂牌出让", "出让公告", "G07 地块挂牌出让公告"),
        ("办公用品框架协议采购", "采购意向", "办公用品框架协议采购意向"),
        ("道路养护服务", "采购公告", "道路养护服务采购公告"),
    ],
)
def test_a_notice_says_no_word_twice(name, kind, title):
    assert titled(name, kind) == title
