"""Life in the pool: time, changes, training, conduct, the year, leaving."""

from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.exceptions import InvalidTag
from django.urls import reverse

from accounts.models import Person
from experts import rules
from experts.actions import adjustment, applications, appointment, changes, conduct, looks, training
from experts.models import ChangeRequest, Departure, ExamAttempt, Expert, PersonalDataLook, PersonalRecord, Proof, Question
from experts.privacy import opened, values_of
from experts.queries import Need, eligible, training_of
from experts.tasks import restore_experts
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.bids import jump_to
from tests.factories.evaluation import expert as plain_expert
from tests.factories.experts import accepted, appointed, bank, exam, firm, paper, recommended, sat, trained
from tests.factories.trading import city, organisation, person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def where():
    return city(bidders=1)


def refusal_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def may_be_drawn(expert, *, days=1, code="A0830"):
    return eligible(Need((code,), database_now() + timedelta(days=days))).filter(pk=expert.pk).exists()


# Protected data


def test_protected_data_is_encrypted_and_bound_to_its_person(where):
    expert = appointed(where)
    record = PersonalRecord.objects.get(person=expert.person)
    values = opened(record)
    assert values["birthday"] == "1980-01-01" and values["account"]
    assert not any(value.encode() in bytes(record.sealed) for value in values.values())
    other = PersonalRecord(person=person(), sealed=record.sealed)
    with pytest.raises(InvalidTag):
        opened(other)
    kept = Proof.objects.filter(person=expert.person).first().kept
    assert b"%PDF" not in kept.path.read_bytes()


def test_every_look_is_recorded_and_seen_by_the_expert(client, where):
    expert, now = appointed(where), database_now()
    shown = looks.look_at(expert.person, why="核对身份", by=where.supervisor, at=now)
    assert shown["身份证号"] == values_of(expert.person)["identity"] and "银行账号" not in shown
    paid = looks.look_at(expert.person, why="发放报酬", by=where.staff, at=now)
    assert paid["银行账号"] and "身份证号" not in paid
    rows = list(PersonalDataLook.objects.filter(person=expert.person).values_list("by", "why"))
    assert rows == [(where.staff.pk, "发放报酬"), (where.supervisor.pk, "核对身份")]
    assert LedgerEntry.objects.filter(kind="expert.looked_at", stream=f"expert/{expert.person.pseudonym}").count() == 2
    client.force_login(expert.person, backend=BACKEND)
    page = client.get(reverse("experts:archive")).content.decode()
    assert "发放报酬" in page and where.supervisor.name in page and where.centre.name in page


def test_nobody_else_looks_and_nobody_without_a_reason(where):
    expert, now = appointed(where), database_now()
    stranger = organisation("regulator", "清江市财政局", sectors=["ZC"]).somebody
    for who in (where.handler, stranger, person()):
        with pytest.raises(Forbidden):
            looks.look_at(expert.person, why="好奇", by=who, at=now)
    assert refusal_of(lambda: looks.look_at(expert.person, why=" ", by=where.supervisor, at=now)).field == "why"
    assert not PersonalDataLook.objects.exists()


def test_a_proof_opens_for_its_owner_and_with_a_trace_for_the_regulator(client, where):
    row = recommended()
    proof = row.proofs.filter(kind="identity").get()
    path = reverse("experts:proof", args=[proof.pk])
    client.force_login(row.person, backend=BACKEND)
    assert b"".join(client.get(path).streaming_content).startswith(b"%PDF")
    assert not PersonalDataLook.objects.exists()
    client.force_login(where.supervisor, backend=BACKEND)
    assert client.get(path).status_code == 404
    assert b"".join(client.post(path, {"why": "审核入库申请"}).streaming_content).startswith(b"%PDF")
    assert PersonalDataLook.objects.get().what.startswith("身份证件")
    client.force_login(where.staff, backend=BACKEND)
    assert client.post(path, {"why": "看看"}).status_code == 403


def test_the_look_page_shows_and_the_file_page_hides(client, where):
    expert = appointed(where)
    number = values_of(expert.person)["identity"]
    client.force_login(where.supervisor, backend=BACKEND)
    assert number not in client.get(reverse("experts:expert", args=[expert.number])).content.decode()
    answer = client.post(reverse("experts:look_at_expert", args=[expert.number]), {"why": "核对身份"})
    assert number in answer.content.decode() and answer["Cache-Control"] == "no-store"


# Time and changes


def test_who_has_registered_an_absence_is_not_drawn_for_it(where):
    expert, now = appointed(where), database_now()
    assert may_be_drawn(expert)
    day = now + timedelta(days=1)
    row = changes.add_absence(
        expert,
        {"kind": "leave", "since": day - timedelta(hours=1), "until": day + timedelta(hours=8), "note": ""},
        by=expert.person,
        at=now,
    )
    assert not may_be_drawn(expert) and may_be_drawn(expert, days=3)
    with pytest.raises(Refused):
        changes.remove_absence(row, by=where.staff, at=now)
    changes.remove_absence(row, by=expert.person, at=now)
    assert may_be_drawn(expert)


@pytest.mark.requirement("R173")
def test_a_change_of_employer_holds_from_the_approval_and_the_former_one_is_avoided(client, where):
    expert, now, new, old = appointed(where), database_now(), firm("清江新东家有限公司"), firm("清江老东家有限公司")
    data = {"employer": old.name, "uscc": old.uscc}

    def avoids(code):
        need = Need(("A0830",), now + timedelta(days=1), interested=frozenset([code]))
        return not eligible(need).filter(pk=expert.pk).exists()

    assert may_be_drawn(expert) and not avoids(old.uscc) and not avoids(new.uscc)
    first = changes.ask_change(expert, "employer", data, "调入", paper(), by=expert.person, at=now)
    assert refusal_of(lambda: changes.ask_change(expert, "employer", data, "调入", paper(), by=expert.person, at=now)).code == "waiting"
    assert avoids(old.uscc)
    changes.decide_change(first, True, "", by=where.supervisor, at=now)
    assert avoids(old.uscc) and not expert.avoided.exists()
    second = changes.ask_change(expert, "employer", {"employer": new.name, "uscc": new.uscc}, "调入", paper(), by=expert.person, at=now)
    expert.refresh_from_db()
    assert expert.employer == old.name
    changes.decide_change(second, True, "属实", by=where.supervisor, at=now)
    expert.refresh_from_db()
    assert (expert.employer, expert.employer_uscc) == (new.name, new.uscc)
    assert may_be_drawn(expert) and avoids(new.uscc) and avoids(old.uscc)
    client.force_login(expert.person, backend=BACKEND)
    page = client.get(reverse("experts:archive")).content.decode()
    assert new.name in page and old.name in page and "已同意" in page


@pytest.mark.requirement("R173")
def test_specialties_change_with_proof_and_only_by_the_regulator(where):
    expert, now = appointed(where), database_now()
    wanted = {"specialties": ["A0833", "A0830"]}
    assert refusal_of(lambda: changes.ask_change(expert, "specialty", wanted, "新证书", None, by=expert.person, at=now)).field == "file"
    change = changes.ask_change(expert, "specialty", wanted, "新证书", paper(), by=expert.person, at=now)
    with pytest.raises(Forbidden):
        changes.decide_change(change, True, "", by=where.staff, at=now)
    assert refusal_of(lambda: changes.decide_change(change, False, "", by=where.supervisor, at=now)).field == "words"
    changes.decide_change(change, False, "证书与专业不符", by=where.supervisor, at=now)
    expert.refresh_from_db()
    assert expert.specialties == ["A0830", "A0402"] and change.expert.changes.get().state == ChangeRequest.State.REFUSED


def test_a_declared_interest_is_avoided_before_anybody_has_approved_it(where):
    expert, now, bidder = appointed(where), database_now(), where.bidders[0]
    data = {"kind": "relative", "organisation": bidder.name, "uscc": bidder.uscc}
    need = Need(("A0830",), now + timedelta(days=1), interested=frozenset([bidder.uscc]))
    assert eligible(need).get() == expert
    change = changes.ask_change(expert, "avoidance", data, "妻任会计", None, by=expert.person, at=now)
    assert not eligible(need).exists()
    changes.decide_change(change, True, "", by=where.supervisor, at=now)
    assert not eligible(need).exists()


def test_a_refused_change_takes_back_only_what_it_brought(where):
    expert, now, bidder, office = appointed(where), database_now(), where.bidders[0], firm()
    declared = {"kind": "relative", "organisation": bidder.name, "uscc": bidder.uscc}

    def ask_and_refuse(kind, data, uploaded=None):
        change = changes.ask_change(expert, kind, data, "说明", uploaded, by=expert.person, at=now)
        held = [(row.uscc, row.kind) for row in expert.avoided.order_by("kind")]
        changes.decide_change(change, False, "不属实", by=where.supervisor, at=now)
        return held

    first = changes.ask_change(expert, "avoidance", declared, "妻任会计", None, by=expert.person, at=now)
    changes.decide_change(first, True, "", by=where.supervisor, at=now)
    relative = (bidder.uscc, "relative")
    assert ask_and_refuse("avoidance", declared) == [relative]
    assert ask_and_refuse("avoidance", {**declared, "kind": "shares"}) == [relative, (bidder.uscc, "shares")]
    assert set(ask_and_refuse("employer", {"employer": office.name, "uscc": office.uscc}, paper())) == {relative, (office.uscc, "other")}
    assert [(row.uscc, row.kind) for row in expert.avoided.all()] == [relative]


def test_nobody_decides_about_themselves(where):
    expert, now = appointed(where), database_now()
    change = changes.ask_change(expert, "title", {"title": "院士"}, "晋升", paper(), by=expert.person, at=now)
    row = conduct.record_conduct(expert, "EX09", "携带手机", by=where.supervisor, at=now)
    where.regulator.memberships.create(person=expert.person, duties=["manager"])
    for act in (
        lambda: changes.decide_change(change, True, "", by=expert.person, at=now),
        lambda: conduct.record_conduct(expert, "EX13", "自荐", by=expert.person, at=now),
        lambda: conduct.withdraw_conduct(row, "误记", by=expert.person, at=now),
        lambda: conduct.assess_year(expert, 2025, by=expert.person, at=now),
        lambda: appointment.suspend(expert, "other", "休息", until=None, by=expert.person, at=now),
        lambda: appointment.restore(expert, "想回来", by=expert.person, at=now),
        lambda: appointment.activate(expert, by=expert.person, at=now),
    ):
        assert refusal_of(act).code == "own_case"
    assert conduct.assess_all(where.regulator, city_day(now).year, by=expert.person, at=now) == 0


# Training and examinations


@pytest.mark.requirement("R170")
def test_a_paper_is_drawn_from_the_bank_and_its_mark_stands(client, where):
    bank(single=6, multiple=3, judge=6)
    row, paper_of = accepted(where), exam(where, single=3, multiple=1, judge=1)
    attempt = training.start_attempt(paper_of, by=row.person, at=database_now())
    kinds = [line["kind"] for line in attempt.paper]
    assert sorted(kinds) == ["judge", "multiple", "single", "single", "single"] and len({line["question"] for line in attempt.paper}) == 5
    assert training.start_attempt(paper_of, by=row.person, at=database_now()).pk == attempt.pk
    client.force_login(row.person, backend=BACKEND)
    page = client.get(reverse("experts:exam", args=[paper_of.pk]))
    assert page.status_code == 200 and "answer" not in page.content.decode()
    fields = {f"q{place}": [str(each) for each in line["answer"]] for place, line in enumerate(attempt.paper)}
    client.post(reverse("experts:sit_exam", args=[paper_of.pk]), {**fields, "move": "submit"})
    attempt.refresh_from_db()
    assert (attempt.mark, attempt.passed) == (Decimal("100.00"), True)
    assert refusal_of(lambda: training.submit_attempt(attempt, [], by=row.person, at=database_now())).code == "handed_in"
    assert refusal_of(lambda: training.start_attempt(paper_of, by=row.person, at=database_now())).code == "passed"
    assert rules.PASS_MARK.is_met(Decimal(60)) and not rules.PASS_MARK.is_met(Decimal("59.99"))


def test_three_attempts_at_most_and_late_papers_count_as_empty(where):
    row, paper_of = accepted(where), exam(where)
    for right in (0, 2):
        assert not sat(paper_of, row.person, right).passed
    attempt = training.start_attempt(paper_of, by=row.person, at=database_now())
    late = attempt.due_at + timedelta(minutes=2)
    training.submit_attempt(attempt, [line["answer"] for line in attempt.paper], by=row.person, at=late)
    attempt.refresh_from_db()
    assert (attempt.mark, attempt.passed) == (0, False)
    assert refusal_of(lambda: training.start_attempt(paper_of, by=row.person, at=database_now())).code == "E-13"
    assert ExamAttempt.objects.count() == 3


def test_strangers_neither_train_nor_sit_examinations(where):
    paper_of, who = exam(where), person()
    with pytest.raises(Forbidden):
        training.start_attempt(paper_of, by=who, at=database_now())
    with pytest.raises(Forbidden):
        training.create_exam({}, by=where.handler, at=database_now())


def test_answers_fit_their_kind(where):
    question = {"kind": "single", "topic": "law", "text": "？", "options": ["甲", "乙"], "answer": [0, 1]}
    assert refusal_of(lambda: training.add_question(question, by=where.staff, at=database_now())).field == "answer"
    training.add_question({**question, "kind": "multiple"}, by=where.staff, at=database_now())
    assert refusal_of(lambda: exam(where, single=2)).code == "bank_too_small"
    assert Question.objects.count() == 1


def test_no_paper_is_drawn_from_a_bank_that_has_become_too_small(where):
    row, paper_of = accepted(where), exam(where)
    Question.objects.filter(kind="single").update(active=False)
    assert refusal_of(lambda: training.start_attempt(paper_of, by=row.person, at=database_now())).code == "bank_too_small"
    assert not ExamAttempt.objects.exists()


def test_attendance_is_the_organisers_and_never_ones_own(where):
    expert, now = appointed(where), database_now()
    data = {"title": "年度培训", "stage": "yearly", "pool": "city", "batch": 1, "topics": ["law"], "hours": Decimal(8), "place": "培训室",
            "starts_at": now - timedelta(hours=9), "ends_at": now}  # fmt: skip
    course = training.create_course(data, by=where.staff, at=now)
    row = training.enrol(course, by=expert.person, at=course.starts_at)
    with pytest.raises(Forbidden):
        training.record_attendance(course, {row.pk: Decimal(8)}, by=where.supervisor, at=now)
    with pytest.raises(Forbidden):
        training.close_course(course, by=where.supervisor, at=now)
    where.centre.memberships.create(person=expert.person, duties=["manager"])
    assert refusal_of(lambda: training.record_attendance(course, {row.pk: Decimal(8)}, by=expert.person, at=now)).code == "own_case"
    training.record_attendance(course, {row.pk: Decimal(8)}, by=where.staff, at=now)
    assert refusal_of(lambda: training.close_course(course, by=expert.person, at=now)).code == "own_case"
    training.close_course(course, by=where.staff, at=now)


@pytest.mark.requirement("R180")
def test_the_yearly_training_runs_out_suspends_and_comes_back(where):
    expert = appointed(where)
    assert not may_be_drawn(expert, days=400)
    run_out(where, expert)
    assert expert.state == "suspended" and expert.conduct.get().code == "EX12"
    trained(where, expert.person, stage="yearly")
    sat(exam(where, stage="yearly"), expert.person)
    expert.refresh_from_db()
    assert expert.trained_until > city_day(database_now()) + timedelta(days=300)
    assert expert.state == "active" and may_be_drawn(expert)


def run_out(where, expert):
    """The training was over yesterday, and the regulator has suspended for it."""
    Expert.objects.filter(pk=expert.pk).update(trained_until=city_day(database_now()) - timedelta(days=1))
    expert.person.expert_trainings.update(completed_on=city_day(database_now()) - timedelta(days=400))
    ExamAttempt.objects.filter(person=expert.person).update(submitted_at=database_now() - timedelta(days=400))
    conduct.suspend_untrained(expert, by=where.supervisor, at=database_now())
    expert.refresh_from_db()


def test_the_yearly_training_renews_who_was_taken_over_too(where):
    """People of the old and of other pools have no day of appointment and are no newcomers all the same."""
    expert = plain_expert(1)
    run_out(where, expert)
    trained(where, expert.person, stage="yearly")
    sat(exam(where, stage="yearly"), expert.person)
    expert.refresh_from_db()
    assert expert.state == "active" and may_be_drawn(expert, code="A08")


def test_another_suspension_outlasts_the_training(where):
    expert = plain_expert(1)
    run_out(where, expert)
    appointment.suspend(expert, "conduct", "配合调查", until=None, by=where.supervisor, at=database_now())
    trained(where, expert.person, stage="yearly")
    sat(exam(where, stage="yearly"), expert.person)
    expert.refresh_from_db()
    assert expert.state == "suspended" and expert.suspensions.exclude(lifted_at=None).get().cause == "training"


def test_twenty_four_hours_of_parts_are_a_years_training_too(where):
    expert = appointed(where)
    expert.person.expert_trainings.update(completed_on=None)
    assert not training_of(expert.person, city_day(database_now())).is_met
    for _ in range(3):
        course = trained(where, expert.person, stage="yearly", hours=8)
        course.enrolments.update(completed_on=None)
    assert training_of(expert.person, city_day(database_now())).is_met


# Conduct, the year, departures


@pytest.mark.requirement("R174")
def test_a_violator_is_removed_at_once_and_never_comes_back(where):
    expert, now = appointed(where), database_now()
    assert refusal_of(lambda: conduct.record_conduct(expert, "EX01", "收受礼金", by=where.supervisor, at=now)).field == "decision_number"
    assert may_be_drawn(expert)
    conduct.record_conduct(expert, "EX01", "收受礼金", decision_number="清建罚〔2026〕9 号", by=where.supervisor, at=now)
    expert.refresh_from_db()
    assert expert.state == "dismissed" and not may_be_drawn(expert)
    assert expert.departures.get().for_good and expert.certificate.voided_at
    assert refusal_of(lambda: applications.start_application(by=expert.person, at=now)).code == "barred"


@pytest.mark.requirement("R174")
def test_who_has_left_is_barred_too_and_free_again_when_the_record_is_withdrawn(where):
    expert, now = appointed(where), database_now()
    appointment.leave_pool(expert, "年事已高", by=expert.person, at=now)
    row = conduct.record_conduct(expert, "EX01", "复查发现收受礼金", decision_number="清建罚〔2026〕11 号", by=where.supervisor, at=now)
    assert refusal_of(lambda: applications.start_application(by=expert.person, at=now)).code == "barred"
    conduct.withdraw_conduct(row, "法院撤销处罚决定", by=where.supervisor, at=now)
    assert applications.start_application(by=expert.person, at=now).state == "draft"


@pytest.mark.requirement("R183")
def test_liability_stays_when_the_expert_has_left(client, where):
    expert, now = appointed(where), database_now()
    conduct.record_conduct(expert, "EX06", "客观分计算错误", by=where.supervisor, at=now)
    appointment.leave_pool(expert, "年事已高", by=expert.person, at=now)
    expert.refresh_from_db()
    assert expert.state == "exited" and not may_be_drawn(expert)
    conduct.record_conduct(expert, "EX07", "复查发现曾私下接触投标人", decision_number="清建罚〔2026〕10 号", by=where.supervisor, at=now)
    assert [row.code for row in expert.conduct.all()] == ["EX07", "EX06"]
    assert Departure.objects.count() == 1
    client.force_login(where.supervisor, backend=BACKEND)
    page = client.get(reverse("experts:expert", args=[expert.number])).content.decode()
    assert "客观分计算错误" in page and rules.LIABILITY.says in page


@pytest.mark.requirement("R176")
def test_sanctions_are_published_for_their_time_and_can_be_checked(client, where, settings):
    settings.ETP_STEP_UP = "offered"
    expert, now = appointed(where), database_now()
    minor = conduct.record_conduct(expert, "EX09", "携带手机", by=where.supervisor, at=now)
    assert (
        refusal_of(lambda: conduct.publish_sanction(minor, basis="规定", decision="提醒", by=where.supervisor, at=now)).code == "not_shown"
    )
    row = conduct.record_conduct(expert, "EX08", "发表倾向性意见", by=where.supervisor, at=now)
    client.force_login(where.supervisor, backend=BACKEND)
    page = reverse("experts:expert", args=[expert.number])
    fields = {
        "move": "publish",
        "publish-record": row.pk,
        "publish-basis": "《招标投标法实施条例》第七十一条",
        "publish-decision": "警告，暂停六个月",
    }
    assert client.post(page, fields).status_code == 302
    row.refresh_from_db()
    public = client.__class__().get(reverse("experts:board")).content.decode()
    assert expert.person.name in public and row.says in public and row.decision.check_code in public
    entry = LedgerEntry.objects.get(kind="expert.sanctioned")
    pseudonym = expert.person.pseudonym
    assert row.decision.public and row.decision.number in bytes(entry.data).decode()
    assert pseudonym not in bytes(entry.data).decode() and entry.private["expert"] == pseudonym
    type(row).objects.update(published_until=city_day(now) - timedelta(days=1))
    assert expert.person.name not in client.__class__().get(reverse("experts:board")).content.decode()


def test_a_withdrawn_record_counts_no_more_but_is_still_told(where):
    expert, now = appointed(where), database_now()
    row = conduct.record_conduct(expert, "EX06", "误记", by=where.supervisor, at=now)
    conduct.withdraw_conduct(row, "经复核不属实", by=where.supervisor, at=now)
    assert conduct.score_of_year(expert, city_day(now).year)[0] == 100
    assert expert.conduct.get().withdrawn_reason == "经复核不属实"


def test_the_public_log_does_not_learn_why_a_published_record_was_withdrawn(where):
    expert, now = appointed(where), database_now()
    row = conduct.record_conduct(expert, "EX08", "发表倾向性意见", by=where.supervisor, at=now)
    row = conduct.publish_sanction(row, basis="条例", decision="警告", by=where.supervisor, at=now)
    conduct.withdraw_conduct(row, "某某作伪证", by=where.supervisor, at=now)
    said = bytes(LedgerEntry.objects.get(kind="document.voided").data).decode()
    assert "行为记录已撤销" in said and "作伪证" not in said


@pytest.mark.parametrize(
    ("codes", "score", "grade"),
    [([], "100", "excellent"), (["EX03"], "95", "excellent"), (["EX08", "EX03"], "85", "good"), (["EX08", "EX05", "EX03"], "75", "good"),
     (["EX08", "EX05", "EX06"], "72", "pass"), (["EX08", "EX08", "EX05", "EX05"], "60", "pass"), (["EX08"] * 4 + ["EX04"], "59", "fail"),
     (["EX13"] * 3, "110", "excellent")],
)  # fmt: skip
def test_the_years_score_is_a_hundred_and_the_points(where, codes, score, grade):
    expert, now = plain_expert(1), database_now()
    for code in codes:
        conduct.record_conduct(expert, code, "事实", by=where.supervisor, at=now)
    row = conduct.assess_year(expert, city_day(now).year, by=where.supervisor, at=now)
    assert (row.score, row.grade, len(row.lines)) == (Decimal(score), grade, len(codes))


@pytest.mark.requirement("R175")
def test_who_fails_is_suspended_and_who_fails_again_is_out(where):
    expert, now = plain_expert(1), database_now()
    year = city_day(now).year
    for _ in range(5):
        conduct.record_conduct(expert, "EX08", "事实", by=where.supervisor, at=now)
    conduct.assess_year(expert, year, by=where.supervisor, at=now)
    expert.refresh_from_db()
    suspension = expert.suspensions.get()
    assert (expert.state, suspension.until) == ("suspended", rules.months_later(rules.FAILED, city_day(now)))
    assert refusal_of(lambda: conduct.assess_year(expert, year, by=where.supervisor, at=now)).code == "assessed"
    expert.conduct.update(on=city_day(now).replace(year=year + 1))
    row = conduct.assess_year(expert, year + 1, by=where.supervisor, at=now)
    expert.refresh_from_db()
    assert expert.state == "dismissed" and row.consequence == rules.FAILED_AGAIN.says


def test_a_suspension_is_over_by_itself_the_night_after(where, django_capture_on_commit_callbacks):
    expert, now = plain_expert(1), database_now()
    until = city_day(now) + timedelta(days=2)
    appointment.suspend(expert, "other", "配合调查", until=until, by=where.supervisor, at=now)
    assert not may_be_drawn(expert, code="A08") and not may_be_drawn(expert, days=5, code="A08")
    restore_experts()
    expert.refresh_from_db()
    assert expert.state == "suspended"
    jump_to(now + timedelta(days=3))
    restore_experts()
    expert.refresh_from_db()
    assert expert.state == "active"


def test_death_and_dismissal_are_the_regulators_and_leaving_ones_own(where):
    first, second, now = plain_expert(1), plain_expert(2), database_now()
    for act in (
        lambda: appointment.dismiss(first, "理由", by=where.staff, at=now),
        lambda: appointment.register_death(first, "讣告", by=where.handler, at=now),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Refused):
        appointment.leave_pool(first, "代人退出", by=second.person, at=now)
    appointment.register_death(first, "讣告", by=where.supervisor, at=now)
    first.refresh_from_db()
    assert first.state == "deceased" and not may_be_drawn(first, code="A08")


@pytest.mark.requirement("R172")
def test_one_adjustment_a_year_adds_changes_and_removes_at_once(where):
    now = database_now()
    newcomer = accepted(where)
    trained(where, newcomer.person)
    sat(exam(where), newcomer.person)
    shifted, leaving = plain_expert(1), plain_expert(2)
    with pytest.raises(Forbidden):
        adjustment.open_batch(where.regulator, by=where.staff, at=now)
    batch = adjustment.open_batch(where.regulator, by=where.supervisor, at=now)
    assert refusal_of(lambda: adjustment.open_batch(where.regulator, by=where.supervisor, at=now)).code == "one_a_year"
    adjustment.add_line(batch, "add", application=newcomer, by=where.supervisor, at=now)
    adjustment.add_line(batch, "specialty", expert=shifted, specialties=["A0833"], reason="转岗", by=where.supervisor, at=now)
    adjustment.add_line(batch, "remove", expert=leaving, reason="长期不参加评标", by=where.supervisor, at=now)
    assert refusal_of(lambda: adjustment.decide_batch(batch, "", by=where.supervisor, at=now)).field == "basis"
    assert Expert.objects.count() == 2
    adjustment.decide_batch(batch, "会议纪要〔2026〕3 号", by=where.supervisor, at=now)
    shifted.refresh_from_db()
    leaving.refresh_from_db()
    assert Expert.objects.get(person=newcomer.person).state == "active"
    assert (shifted.specialties, leaving.state) == (["A0833"], "dismissed")
    assert refusal_of(lambda: adjustment.decide_batch(batch, "再来", by=where.supervisor, at=now)).code == "decided"
    assert LedgerEntry.objects.filter(kind="pool.adjusted").count() == 1


def test_a_batch_that_cannot_be_carried_out_changes_nobody(where):
    now, untrained, leaving = database_now(), accepted(where), plain_expert(2)
    batch = adjustment.open_batch(where.regulator, by=where.supervisor, at=now)
    adjustment.add_line(batch, "remove", expert=leaving, reason="长期不参加评标", by=where.supervisor, at=now)
    adjustment.add_line(batch, "add", application=untrained, by=where.supervisor, at=now)
    assert refusal_of(lambda: adjustment.decide_batch(batch, "纪要", by=where.supervisor, at=now)).code == "not_trained"
    leaving.refresh_from_db()
    assert leaving.state == "active"


def test_people_are_told(where):
    expert = appointed(where)
    told = set(Message.objects.filter(person=expert.person).values_list("subject", flat=True))
    assert {"评标专家申请：审核通过，待培训考试", "你已被聘任为评标专家"} <= told
    assert Person.objects.filter(expert=expert).exists()
