"""年度抽查: a verifiable draw among sessions that are over, a form for each, the expert heard, the conclusion, the summary."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from draws.actions import opened, void_draw
from draws.models import Draw
from experts import rules
from experts.actions import spotchecks
from experts.actions.ratings import open_assessment
from experts.models import CheckedSitting, SessionAssessment, Sitting, SpotCheck
from experts.spotchecks import facts_of, sittings_of, strata_of
from ledger.models import LedgerEntry
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Forbidden, Refused
from sealing.vault import conceal
from tests.factories.evaluation import drawn, evaluating_lot, expert, parties, signed
from tests.factories.trading import city, organisation
from trading.evaluation.models import CommitteeMember, Score

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
FINE = {name: {"ok": True, "note": ""} for name in rules.SPOT_ITEMS}
BAD = {**FINE, "marking": {"ok": False, "note": "对某投标人的评分明显偏高，没有说明。"}}


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    return city(bidders=0)


def last_year():
    return city_day(database_now()).year - 1


def sat(who, number, *, year=None, **more):
    """A session that an expert served in a year."""
    at = datetime(year or last_year(), 6, 1, 9, tzinfo=CITY)
    given = {
        "key": f"committee/x{number}", "expert": who, "tender_number": f"QJGC-{number}", "lot_key": "1", "title": f"第 {number} 号工程一标段", "starts_at": at,
        "called_at": at, "answer": "accepted", "outcome": "served", "began_at": at, "ended_at": at + timedelta(hours=3), "fee": Decimal(400),
        "fee_lines": [["3 小时", "400.00"]], "fee_rule": "shandong", **more,
    }  # fmt: skip
    return Sitting.objects.create(**given)


def low(sitting, score=60):
    """The session was rated so."""
    row = open_assessment(sitting.expert, sitting.tender_number, "1", {}, title=sitting.title, at=sitting.ended_at)
    SessionAssessment.objects.filter(pk=row.pk).update(score=score, closed_at=sitting.ended_at)


def begun(where, **more):
    parties(where)
    given = {"centre": where.staff, "third": where.handler, "by": where.supervisor, **more}
    return spotchecks.begin_check(last_year(), at=database_now(), **given)


@pytest.fixture
def check(where):
    """Twelve sessions of four experts, one of whom was rated low; the draw has its result."""
    people = [expert(number, sector="GC") for number in range(1, 5)]
    rows = [sat(people[number % 4], number) for number in range(12)]
    low(rows[3])
    check = begun(where)
    drawn(check.draw, parties(where))
    check.refresh_from_db()
    return check


def code(refused):
    return refused.value.code


def conclude(row, where, outcome="clean", at=None, **more):
    return spotchecks.conclude_sitting(
        row, outcome=outcome, opinion="已查阅评审资料。", by=where.supervisor, at=at or database_now(), **more
    )


@pytest.mark.requirement("R169")
def test_a_tenth_of_the_sessions_and_one_of_each_expert_rated_low_are_drawn(check, where):
    draw = Draw.objects.get(pk=check.draw_id)
    assert (draw.state, draw.confidential, check.state) == ("result", True, "checking")
    # Nine sessions of three experts: one; three of the one rated low: one.
    assert (check.total, check.wanted, check.low) == (12, 2, 1)
    listed = {opened(row)["candidate"]["sitting"] for row in draw.candidates.all()}
    assert listed == set(Sitting.objects.values_list("pk", flat=True))
    rows = list(check.sittings.all())
    assert len(rows) == 2 and "专家4" in {row.sitting.expert.person.name for row in rows}
    assert check.due_at > database_now() + timedelta(days=59)


@pytest.mark.requirement("R169")
@pytest.mark.parametrize(("count", "wanted"), [(1, 1), (10, 1), (11, 2), (30, 3)])
def test_the_share_is_rounded_up_and_never_nothing(count, wanted):
    class One:
        expert_id = 1

    strata, _ = strata_of([One] * count, set())
    assert [row["take"] for row in strata] == [wanted]
    strata, groups = strata_of([One] * count, {1})
    assert [row["take"] for row in strata] == [wanted] and "all" not in groups


@pytest.mark.requirement("R169")
def test_no_session_that_still_runs_and_no_tender_with_one_enters_the_list(where):
    who = expert(1, sector="GC")
    kept = sat(who, 1)
    sat(who, 2, outcome="absent")
    sat(who, 3, year=last_year() - 1)
    sat(expert(2, sector="ZC"), 4)
    sat(who, 5, tender_number="QJGC-9")
    sealed = {"expert": None, "sealed": conceal("experts/sitting", who.pk, bound="committee/x9"), "outcome": "open", "began_at": None}
    sat(None, 9, **{**sealed, "ended_at": None, "fee": None})
    assert list(sittings_of(["GC"], last_year())) == [kept]


def test_a_year_that_runs_and_a_year_without_sessions_are_not_checked(where):
    parties(where)
    with pytest.raises(Refused) as refused:
        begun(where)
    assert code(refused) == "no_sittings"
    with pytest.raises(Refused) as refused:
        spotchecks.begin_check(last_year() + 1, centre=where.staff, third=where.handler, by=where.supervisor, at=database_now())
    assert code(refused) == "year_running"


def test_a_year_is_checked_once_and_a_void_draw_repeated(where):
    sat(expert(1, sector="GC"), 1)
    first = begun(where)
    with pytest.raises(Refused) as refused:
        begun(where)
    assert code(refused) == "begun"
    void_draw(first.draw, "名单有误", by=where.supervisor, at=database_now())
    again = begun(where)
    assert again.pk == first.pk and again.draw.repeats == first.draw
    with pytest.raises(Forbidden):
        begun(where, by=where.staff)


@pytest.mark.requirement("R169")
def test_the_work_list_shows_what_is_open_and_what_is_late(check, where, client):
    client.force_login(where.supervisor, backend=BACKEND)
    names = [row.sitting.expert.person.name for row in check.sittings.all()]
    page = client.get(reverse("experts:regulator_desk")).content.decode()
    assert "年度抽查待办" in page and all(name in page for name in names) and "已逾期" not in page
    SpotCheck.objects.update(due_at=database_now() - timedelta(days=1))
    assert "已逾期" in client.get(reverse("experts:regulator_desk")).content.decode()
    assert "已逾期" in client.get(reverse("experts:check", args=[check.number])).content.decode()
    other = organisation("regulator", "清江市财政局", sectors=["ZC"])
    client.force_login(other.somebody, backend=BACKEND)
    page = client.get(reverse("experts:regulator_desk")).content.decode()
    assert not any(name in page for name in names)
    assert client.get(reverse("experts:check", args=[check.number])).status_code == 404


@pytest.mark.requirement("R169")
def test_a_problem_is_heard_before_it_becomes_conduct_at_the_desks(check, where, client):
    row = check.sittings.first()
    there = reverse("experts:checked_sitting", args=[check.number, row.place])
    client.force_login(where.supervisor, backend=BACKEND)
    page = client.get(there).content.decode()
    assert "400" in page and "一标一考" in page
    posted = {f"{name}_ok": "1" for name in rules.SPOT_ITEMS} | {f"{name}_note": "" for name in rules.SPOT_ITEMS}
    answer = client.post(there, {**posted, "marking_ok": "0", "move": "find"})
    assert answer.status_code == 200 and "请写明事实" in answer.content.decode()
    assert client.post(there, {**posted, "marking_ok": "0", "marking_note": "评分没有说明。", "move": "find"}).status_code == 302
    conclusion = {"move": "conclude", "outcome": "conduct", "opinion": "评分不按标准。", "code": "EX06", "decision_number": ""}
    answer = client.post(there, conclusion)
    assert answer.status_code == 200 and "专家可以在" in answer.content.decode()
    client.force_login(row.sitting.expert.person, backend=BACKEND)
    assert "待说明" in client.get(reverse("experts:archive")).content.decode()
    own = reverse("experts:own_checked", args=[row.pk])
    assert "评分没有说明。" in client.get(own).content.decode()
    assert client.post(own, {"words": "当时已口头说明。"}).status_code == 302
    client.force_login(where.supervisor, backend=BACKEND)
    assert "当时已口头说明。" in client.get(there).content.decode()
    assert client.post(there, conclusion).status_code == 302
    row.refresh_from_db()
    assert (row.outcome, row.conduct.code, row.conduct.tender_number) == ("conduct", "EX06", row.sitting.tender_number)
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert {"pool.check_found", "pool.check_stated", "pool.check_concluded", "expert.conduct"} <= kinds
    public = b"".join(bytes(each.data) for each in LedgerEntry.objects.filter(kind__startswith="pool.check")).decode()
    assert row.sitting.key not in public and row.sitting.title not in public
    assert row.sitting.expert.person.pseudonym not in public


def test_what_is_found_later_is_heard_anew(check, where):
    row = spotchecks.check_sitting(check.sittings.first(), BAD, by=where.supervisor, at=database_now())
    spotchecks.state_case(row, "当时已说明。", by=row.sitting.expert.person, at=database_now())
    worse = {**BAD, "fee": {"ok": False, "note": "多领半日。"}}
    row = spotchecks.check_sitting(row, worse, by=where.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        conclude(row, where, "conduct", code="EX06")
    assert code(refused) == "not_heard"
    row = spotchecks.state_case(row, "已退回。", by=row.sitting.expert.person, at=database_now())
    assert row.statement == "当时已说明。\n已退回。"
    with pytest.raises(Refused) as refused:
        conclude(row, where)
    assert code(refused) == "problems"
    assert conclude(row, where, "conduct", code="EX06").conduct.code == "EX06"


def test_silence_does_not_stop_the_conclusion_for_good(check, where):
    row = spotchecks.check_sitting(check.sittings.first(), BAD, by=where.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        conclude(row, where, "suspended", until=city_day(database_now()) + timedelta(days=30))
    assert code(refused) == "not_heard"
    late = row.hear_until + timedelta(seconds=1)
    conclude(row, where, "suspended", until=city_day(late) + timedelta(days=30), at=late)
    who = row.sitting.expert
    who.refresh_from_db()
    assert who.state == "suspended" and "抽查" in who.suspensions.get().reason


def test_consequences_need_a_problem_and_praise_needs_none(check, where):
    first, second = check.sittings.all()
    with pytest.raises(Refused) as refused:
        conclude(first, where)
    assert code(refused) == "not_checked"
    spotchecks.check_sitting(first, FINE, by=where.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        conclude(first, where, "conduct", code="EX06")
    assert code(refused) == "no_problems"
    row = conclude(first, where, "praised")
    assert (row.conduct.code, row.conduct.points) == ("EX14", Decimal(3))
    spotchecks.check_sitting(second, BAD, by=where.supervisor, at=database_now())
    with pytest.raises(Refused) as refused:
        conclude(second, where, "praised")
    assert code(refused) == "problems"


@pytest.mark.requirement("R169")
def test_a_correction_is_reported_and_looked_at_again(check, where):
    row = spotchecks.check_sitting(check.sittings.first(), BAD, by=where.supervisor, at=database_now())
    who, day = row.sitting.expert.person, city_day(database_now())
    spotchecks.state_case(row, "已知悉。", by=who, at=database_now())
    with pytest.raises(Refused) as refused:
        conclude(row, where, "correct", correct_by=day + timedelta(days=90))
    assert refused.value.field == "correct_by"
    conclude(row, where, "correct", correct_by=day + timedelta(days=10))
    with pytest.raises(Forbidden):
        spotchecks.report_correction(row, "已改正。", by=where.handler, at=database_now())
    spotchecks.report_correction(row, "已学习评审规范。", by=who, at=database_now())
    again = {"by": where.supervisor, "at": database_now()}
    spotchecks.recheck_sitting(row, accepted=False, recheck="请补充。", correct_by=day + timedelta(days=20), **again)
    spotchecks.report_correction(row, "已补充。", by=who, at=database_now())
    assert spotchecks.recheck_sitting(row, accepted=True, recheck="到位。", **again).correction == "accepted"


@pytest.mark.requirement("R169")
def test_the_summary_is_published_in_numbers_without_names(check, where, client):
    client.force_login(where.supervisor, backend=BACKEND)
    rows = list(check.sittings.all())
    with pytest.raises(Refused) as refused:
        spotchecks.publish_check(check, by=where.supervisor, at=database_now())
    assert code(refused) == "not_done"
    for row in rows:
        spotchecks.check_sitting(row, FINE, by=where.supervisor, at=database_now())
        conclude(row, where)
    assert client.post(reverse("experts:publish_check", args=[check.number])).status_code == 302
    check.refresh_from_db()
    client.logout()
    page = client.get(reverse("disclosure:notice", args=[check.notice.number])).content.decode()
    assert "评标专家抽查结果" in page and "2 场" in page
    for row in rows:
        assert row.sitting.expert.person.name not in page and row.sitting.tender_number not in page


def test_nobody_checks_their_own_session(check, where):
    row = check.sittings.first()
    row.sitting.expert.person = where.supervisor
    row.sitting.expert.save()
    with pytest.raises(Refused) as refused:
        spotchecks.check_sitting(row, FINE, by=where.supervisor, at=database_now())
    assert code(refused) == "own_case"


@pytest.mark.requirement("R169")
def test_marks_far_from_the_others_stand_beside_the_form():
    lot = evaluating_lot()
    for number in range(100, 109):
        expert(number, sector="GC")
    evaluation = signed(lot)
    seat = CommitteeMember.objects.filter(evaluation=evaluation, named_expert__isnull=False).first()
    sitting = Sitting.objects.get(key=f"committee/{seat.pk}")
    assert sitting.expert_id == seat.named_expert_id
    assert facts_of(sitting)["marking"] == [("与其他成员的差异", "没有明显偏离的评分")]
    row = Score.objects.filter(member=seat, points__gt=0).first()
    Score.objects.filter(pk=row.pk).update(points=Decimal("0.50"), remark="方案雷同")
    ((what, words),) = facts_of(sitting)["marking"]
    assert row.criterion.title in what and row.bid.bid.bidder.name in what and "方案雷同" in words


def test_the_form_of_a_year_begins_the_draw_on_the_page(where, client):
    sat(expert(1, sector="GC"), 1)
    parties(where)
    client.force_login(where.supervisor, backend=BACKEND)
    assert "1 场" in client.get(reverse("experts:checks")).content.decode()
    answer = client.post(reverse("experts:checks"), {"year": last_year(), "centre": where.staff.pk, "third": where.handler.pk})
    assert answer.status_code == 302, answer.context["form"].errors
    assert not CheckedSitting.objects.exists() and SpotCheck.objects.get().draw.parties.count() == 3
