"""Who may be drawn and who may not, each with the reason; frequency, refusals, one of an employer."""

from datetime import timedelta

import pytest

from draws.actions import opened
from draws.order import permutation
from experts import rules
from experts.actions import appointment, changes, sessions
from experts.models import AvoidedOrganisation, Employment, Expert, Sitting
from experts.queries import BARRIERS, Need, barriers, candidates, eligible, kept_out, with_reasons
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.identifiers import make_uscc
from tests.factories.evaluation import expert, formed
from tests.factories.trading import city

pytestmark = pytest.mark.django_db
SIDE = make_uscc("91", "429900", "MA4XXXX1")
OTHER = make_uscc("91", "429900", "MA4XXXX2")


def need(**more):
    return Need(**{"specialties": ("A08",), "starts_at": database_now() + timedelta(days=2), **more})


def numbers(asked):
    return [row["expert"] for row in candidates(asked)]


def first_of_each_employer(rows, seed, take):
    """The draw's own rule: in drawn order, a second expert of one employer is passed over."""
    taken = []
    for place in permutation(seed, len(rows)):
        row = rows[place]
        if not row["employer"] or row["employer"] not in {each["employer"] for each in taken}:
            taken.append(row)
    return taken[:take]


def test_the_vector_of_twelve():
    """Twelve: two of a bidder, one suspended, two of one firm: nine are eligible, of the two at most one is taken."""
    where = city(bidders=1)
    bidder = where.bidders[0].uscc
    for number in range(7):
        expert(number)
    for number in (7, 8):
        expert(number, employer_uscc=OTHER)
    for number in (9, 10):
        expert(number, employer_uscc=bidder)
    appointment.suspend(expert(11), "other", "配合调查", until=None, by=where.supervisor, at=database_now())
    rows = candidates(need(interested=frozenset([bidder])))
    assert [row["expert"] for row in rows] == [f"ZJ{number:05d}" for number in range(9)]
    for byte in range(40):
        seed = bytes([byte]) * 32
        five = first_of_each_employer(rows, seed, 5)
        assert len(five) == 5 and sum(row["employer"] == OTHER for row in five) <= 1
        assert five == first_of_each_employer(rows, seed, 5)


def absent(who):
    start = database_now() + timedelta(days=1)
    changes.add_absence(
        who, {"kind": "busy", "since": start, "until": start + timedelta(days=3), "note": ""}, by=who.person, at=database_now()
    )


def sitting(who, number, *, days=2, owner="", answer="accepted"):
    now = database_now()
    sessions.note_call(
        who, key=f"t/{number}", request_key="", tender_number="T", lot_key="1", title="某标段", owner_uscc=owner,
        starts_at=now + timedelta(days=days), at=now,
    )  # fmt: skip
    sessions.note_answer(f"t/{number}", answer, at=now)


def three_for_one_owner(who):
    for number in range(rules.FREQUENCY.most):
        sitting(who, number, days=-10 * number - 1, owner=SIDE)


def declare(who):
    AvoidedOrganisation.objects.create(expert=who, uscc=SIDE, kind="shares", reason="持股")


def worked_there(who, years=2):
    today = city_day(database_now())
    Employment.objects.create(
        person=who.person, employer="老单位", uscc=SIDE, since=today - timedelta(days=3000), until=today - timedelta(days=365 * years)
    )


CASES = {
    "not_active": (lambda who: Expert.objects.filter(pk=who.pk).update(state="dismissed"), {}),
    "wrong_pool": (lambda who: Expert.objects.filter(pk=who.pk).update(pool="village"), {}),
    "wrong_specialty": (lambda who: Expert.objects.filter(pk=who.pk).update(specialties=["A04", "B01"]), {}),
    "other_trade": (lambda who: Expert.objects.filter(pk=who.pk).update(trades=["ZC"]), {"trade": "GC"}),
    "other_region": (lambda who: Expert.objects.filter(pk=who.pk).update(region_code="110000"), {"region": "429900"}),
    "term_over": (lambda who: Expert.objects.filter(pk=who.pk).update(term_until=city_day(database_now())), {}),
    "untrained": (lambda who: Expert.objects.filter(pk=who.pk).update(trained_until=city_day(database_now())), {}),
    "absent": (absent, {}),
    "elsewhere": (lambda who: sitting(who, 1), {}),
    "employed": (lambda who: Expert.objects.filter(pk=who.pk).update(employer_uscc=SIDE), {}),
    "formerly_employed": (worked_there, {}),
    "declared": (declare, {}),
    "too_frequent": (three_for_one_owner, {"owner": SIDE}),
    "set_aside": (lambda who: None, {"without": frozenset(["ZJ00003"])}),
}


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_keeps_out_and_names_itself(reason):
    spoil, more = CASES[reason]
    expert(1), expert(2)
    spoilt = expert(3)
    spoil(spoilt)
    asked = need(**{"interested": frozenset([SIDE]), **more})
    assert numbers(asked) == ["ZJ00001", "ZJ00002"]
    assert [(row.number, row.reason) for row in with_reasons(asked).order_by("number")] == [
        ("ZJ00001", ""), ("ZJ00002", ""), ("ZJ00003", reason),
    ]  # fmt: skip
    assert kept_out(asked) == [{"code": reason, "words": BARRIERS[reason], "count": 1}]


def test_every_reason_has_its_words_and_its_test():
    asked = need(interested=frozenset([SIDE]), owner=SIDE, trade="GC", region="4299", without=frozenset(["X"]))
    assert list(barriers(asked)) == list(BARRIERS)
    assert set(BARRIERS) - set(CASES) == {"suspended"}


def test_a_suspension_in_force_keeps_out_whatever_the_state_says():
    who, now = expert(1), database_now()
    where = city(bidders=0)
    appointment.suspend(who, "other", "调查", until=None, by=where.supervisor, at=now)
    Expert.objects.update(state="active")
    assert [row.reason for row in with_reasons(need())] == ["suspended"]


def test_what_is_over_or_lies_elsewhere_keeps_nobody_out():
    who = expert(1)
    worked_there(who, years=4)
    sitting(who, 1, days=10)
    sitting(who, 2, answer="refused")
    for number in range(3, 5):
        sitting(who, number, days=-number, owner=SIDE)
    asked = need(interested=frozenset([SIDE]), owner=SIDE)
    assert numbers(asked) == ["ZJ00001"]


@pytest.mark.parametrize(("code", "found"), [("A08", True), ("A0830", True), ("A", True), ("A0832", False), ("A04", False)])
def test_specialties_match_by_prefix(code, found):
    Expert.objects.filter(pk=expert(1).pk).update(specialties=["A0830"])
    assert eligible(need(specialties=(code,))).exists() is found


def test_the_conditions_are_one_statement_beside_the_sittings_that_are_concealed(django_assert_num_queries):
    for number in range(3):
        expert(number)
    asked = need(interested=frozenset([SIDE]), owner=SIDE, trade="GC", region="4299")
    with django_assert_num_queries(3):
        assert len(candidates(asked)) == 3


def test_the_fourth_refusal_reminds_and_the_fifth_suspends_for_three_months():
    who = expert(1)
    for number in range(3):
        sitting(who, number, answer="refused" if number % 2 else "no_answer")
    assert not Message.objects.filter(person=who.person).exists()
    sitting(who, 3, answer="no_answer")
    assert "达到 5 次" in Message.objects.get(person=who.person).body
    sitting(who, 4, answer="refused")
    who.refresh_from_db()
    assert who.state == "suspended"
    assert who.suspensions.get().until == rules.months_later(rules.FAILED, city_day(database_now()))


def test_old_refusals_are_forgotten_and_answered_ones_are_not_counted_twice():
    who = expert(1)
    for number in range(4):
        sitting(who, number, answer="refused")
    who.sittings.update(answered_at=database_now() - timedelta(days=200))
    sitting(who, 5, answer="refused")
    sitting(who, 6, answer="accepted")
    who.refresh_from_db()
    assert who.state == "active"


@pytest.mark.requirement("R165")
def test_one_base_serves_every_trade_and_region(lot):
    """A committee is drawn from the one base: people of other trades, regions and sources are in it, and drawn where they fit."""
    for number in range(5):
        expert(number, source="省综合评标专家库" if number == 0 else "", region_code="420100" if number == 1 else "429900")
    expert(6, trades=["ZC"])
    expert(7, trades=["ZC", "GC"], sector="ZC")
    expert(8, pool="village")
    evaluation = formed(lot)
    listed = sorted(opened(row)["candidate"]["expert"] for row in evaluation.draw.candidates.all())
    assert listed == ["ZJ00000", "ZJ00001", "ZJ00002", "ZJ00003", "ZJ00004", "ZJ00007"]


def test_a_drawn_expert_has_a_call_in_the_pool_and_answers_it(lot):
    for number in range(6):
        expert(number)
    evaluation = formed(lot)
    called = Sitting.objects.filter(request__key=f"committee/{evaluation.pk}")
    assert called.count() == 5 and {row.starts_at for row in called} == {evaluation.starts_at}
    # Whose they are the rows do not say; the pool knows all the same, and a second session at that hour goes without them.
    assert {row.expert_id for row in called} == {None}
    elsewhere = need(starts_at=evaluation.starts_at)
    assert set(with_reasons(elsewhere).filter(pk__in=[each.who for each in called]).values_list("reason", flat=True)) == {"elsewhere"}
