"""Courses and who attended them; examinations and their marks."""

import secrets
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from accounts.models import Person
from experts import rules
from experts.actions.appointment import end_training_suspension
from experts.events import ExamMarked, TrainingCompleted
from experts.models import Course, Enrolment, Exam, ExamAttempt, Expert, ExpertApplication, Question
from experts.permissions import refuse_own, require_office, require_organiser
from experts.queries import training_of
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused

TRAINING = "/me/expert-training/"
# A paper that arrives this late was handed in by the page itself when time was up.
LATE = timedelta(minutes=1)


def may_train(person):
    """Applicants whom the regulator has accepted, and everybody in the pool."""
    return (
        ExpertApplication.objects.filter(person=person, state=ExpertApplication.State.ACCEPTED).exists()
        or Expert.objects.in_pool().filter(person=person).exists()
    )


@transaction.atomic
def create_course(data, *, by, at):
    """The centre or a regulator announces a round of training."""
    return Course.objects.create(organiser=require_office(by), by=by, **data)


def open_course(course):
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.closed_at:
        raise Refused("closed", "这期培训已经结束登记，记录不能再改。")
    return course


@transaction.atomic
def enrol(course, *, by, at):
    """A person joins a course that has not ended."""
    course = open_course(course)
    if not may_train(by):
        raise Forbidden("not_for_you", "培训面向审核通过的申请人和在库专家。")
    expert = Expert.objects.in_pool().filter(person=by).first()
    if (expert.pool if expert else Expert.Pool.CITY) != course.pool:
        raise Refused("other_pool", f"这期培训面向{course.get_pool_display()}人员。")
    if at > course.ends_at:
        raise Refused("over", "这期培训已经结束，请报名以后的培训。")
    return Enrolment.objects.get_or_create(course=course, person=by)[0]


@transaction.atomic
def enrol_pool(course, *, by, at):
    """Put everybody of the course's pool who waits for pre-job training on its list; how many were added."""
    require_office(by)
    course = open_course(course)
    waiting = Person.objects.filter(expert__pool=course.pool, expert__state=Expert.State.TRAINING).exclude(expert_trainings__course=course)
    rows = Enrolment.objects.bulk_create(Enrolment(course=course, person=person) for person in waiting)
    for row in rows:
        tell(row.person, f"请参加{course.title}", f"{course.place}，{course.hours} 学时。", link=TRAINING, key=f"course/{course.pk}")
    return len(rows)


@transaction.atomic
def record_attendance(course, hours, *, by, at):
    """Write down the hours attended: {enrolment id: hours}, none above the course's own."""
    course = open_course(course)
    require_organiser(course.organiser, by)
    for row in course.enrolments.filter(pk__in=hours).select_related("person"):
        value = hours[row.pk]
        if not 0 <= value <= course.hours:
            raise Refused("bad_hours", f"出勤学时应在 0 到 {course.hours.normalize():f} 之间。", field=f"hours_{row.pk}", status=400)
        if value != row.hours:
            refuse_own(row.person, by)
        row.hours = value
        row.save(update_fields=["hours"])


@transaction.atomic
def close_course(course, *, by, at):
    """The course is over: who attended all of it has completed it; what is written stands."""
    course = open_course(course)
    require_organiser(course.organiser, by)
    if course.enrolments.filter(person=by, hours__gt=0).exists():
        refuse_own(by, by)
    if at < course.ends_at:
        raise Refused("not_over", "培训还没有结束。", next_step="结束后再登记完成情况。")
    course.closed_at = at
    course.save(update_fields=["closed_at"])
    for row in course.enrolments.filter(hours__gt=0).select_related("person"):
        if row.hours >= course.hours:
            row.completed_on = city_day(course.ends_at)
            row.save(update_fields=["completed_on"])
        record(TrainingCompleted(expert=row.person.pseudonym, hours=f"{row.hours:.1f}"), by=by, role="staff")
        renew_training(row.person, at)


def renew_training(person, at):
    """Whoever has now met the yearly training may be drawn until it runs out again."""
    expert = Expert.objects.select_for_update().filter(person=person, state__in=(Expert.State.ACTIVE, Expert.State.SUSPENDED)).first()
    if expert is None:
        return
    training = training_of(person, city_day(at), pool=expert.pool)
    if not training.is_met:
        return
    if training.valid_until > expert.trained_until:
        expert.trained_until = training.valid_until
        expert.save(update_fields=["trained_until"])
    end_training_suspension(expert, at=at)


@transaction.atomic
def add_question(data, *, by, at):
    """Put a question into the bank; its answer must fit its kind."""
    require_office(by)
    check_answer(data["kind"], data["options"], data["answer"])
    return Question.objects.create(**data)


def check_answer(kind, options, answer):
    wrong = (
        len(options) < 2
        or not answer
        or any(not 0 <= place < len(options) for place in answer)
        or (kind != Question.Kind.MULTIPLE and len(answer) != 1)
        or (kind == Question.Kind.MULTIPLE and len(answer) < 2)
    )
    if wrong:
        raise Refused(
            "bad_answer",
            "正确答案与题型不符：单选和判断题一个，多选题至少两个。",
            next_step="请核对选项和答案。",
            field="answer",
            status=400,
        )


@transaction.atomic
def retire_question(question, *, by, at):
    require_office(by)
    Question.objects.filter(pk=question.pk).update(active=False)


@transaction.atomic
def create_exam(data, *, by, at):
    """Open an examination; the bank must hold enough questions of each kind."""
    organiser = require_office(by)
    if not any(data[kind] for kind in Question.Kind):
        raise Refused("no_questions", "请至少出一道题。", field="single", status=400)
    for kind in Question.Kind:
        there = Question.objects.filter(kind=kind, active=True).count()
        if data[kind] > there:
            raise Refused(
                "bank_too_small",
                f"题库中可用的{kind.label}题只有 {there} 道。",
                next_step="请减少题数或补充题库。",
                field=kind.value,
                status=400,
            )
    return Exam.objects.create(organiser=organiser, by=by, **data)


@transaction.atomic
def start_attempt(exam, *, by, at):
    """Draw a paper for one person and let the time run; a running attempt goes on where it stood."""
    exam = Exam.objects.select_for_update().get(pk=exam.pk)
    rows = exam.attempts.filter(person=by)
    if running := rows.filter(submitted_at=None).first():
        return running
    if not may_train(by):
        raise Forbidden("not_for_you", "考试面向审核通过的申请人和在库专家。")
    if not exam.is_open(at):
        raise Refused("not_open", "考试不在开放时间内。")
    if rows.filter(passed=True).exists():
        raise Refused("passed", "你已通过这次考试，成绩有效。")
    rules.ATTEMPTS.check(rows.count() + 1)
    due_at = min(at + timedelta(minutes=exam.minutes), exam.closes_at)
    return ExamAttempt.objects.create(exam=exam, person=by, paper=draw_paper(exam), started_at=at, due_at=due_at)


def draw_paper(exam):
    """As many questions of each kind as the exam asks for, at random, with options in random order."""
    chance, paper = secrets.SystemRandom(), []
    for kind in Question.Kind:
        rows = list(Question.objects.filter(kind=kind, active=True))
        if len(rows) < getattr(exam, kind):
            raise Refused(
                "bank_too_small",
                f"题库中可用的{kind.label}题不足，现在不能开考。",
                next_step=f"请联系{exam.organiser.name}补充题库后再参加。",
            )
        for question in chance.sample(rows, getattr(exam, kind)):
            places = list(range(len(question.options)))
            if kind != Question.Kind.JUDGE:
                chance.shuffle(places)
            paper.append({
                "question": question.pk, "kind": kind.value, "text": question.text, "options": [question.options[place] for place in places],
                "answer": sorted(places.index(place) for place in question.answer),
            })  # fmt: skip
    return paper


@transaction.atomic
def submit_attempt(attempt, answers, *, by, at):
    """Hand in: [[chosen places] for each question in order]. The mark is the share of wholly right answers, and it stands."""
    attempt = ExamAttempt.objects.select_for_update(of=["self"]).select_related("exam").get(pk=attempt.pk, person=by)
    if attempt.submitted_at:
        raise Refused("handed_in", "这份试卷已经提交，成绩有效。")
    # Too late: what arrives after the time counts as unanswered.
    given = answers if at <= attempt.due_at + LATE else [[] for _ in attempt.paper]
    right = sum(sorted(chosen) == row["answer"] for chosen, row in zip(given, attempt.paper, strict=True))
    attempt.answers, attempt.submitted_at = given, at
    attempt.mark = (Decimal(100) * right / len(attempt.paper)).quantize(Decimal("0.01"))
    attempt.passed = rules.PASS_MARK.is_met(attempt.mark)
    attempt.save(update_fields=["answers", "submitted_at", "mark", "passed"])
    digest = b64u(HJ("expert-exam", {"paper": attempt.paper, "answers": given}))
    record(
        ExamMarked(expert=by.pseudonym, passed=attempt.passed, digest=digest), by=by, role="person", private={"mark": f"{attempt.mark:.2f}"}
    )
    if attempt.passed:
        renew_training(by, at)
    return attempt


def hours_of(person, since):
    """Hours attended in courses that ended since that day."""
    rows = Enrolment.objects.filter(person=person, course__closed_at__isnull=False, course__ends_at__date__gte=since)
    return rows.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)
