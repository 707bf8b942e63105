"""Applicants and experts at every stage, through the actions."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile

from experts.actions import applications, appointment, training
from experts.models import Proof, Question
from rulebook.clock import city_day, database_now
from rulebook.identifiers import ID_WEIGHTS
from tests.factories.trading import PDF, organisation, person

_serial = count(1)
PLAIN = {
    "sector": "GC", "title": "高级工程师", "level": "senior", "education": "bachelor", "school": "清江大学", "major": "土木工程",
    "specialties": ["A0830", "A0402"], "regions": ["429900"], "shared": True,
}  # fmt: skip


def identity_number(born="19800101"):
    """A resident identity number with a right check digit, another one each time."""
    body = f"420106{born}{next(_serial) % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def personal(**more):
    return {
        "identity": identity_number(), "address": "清江市学府路 9 号", "phone": "0999-555-0188", "bank": "清江市商业银行",
        "account": "6222000011112222", "relatives": "兄 某甲 清江某建设公司", **more,
    }  # fmt: skip


def paper(name="证明.pdf"):
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def draft(who=None, *, private=None, **more):
    """An application with everything filled in and attached, not yet handed in."""
    now = database_now()
    who = who or person("贺专家")
    row = applications.start_application(by=who, at=now)
    plain = {**PLAIN, "working_since": city_day(now).replace(year=city_day(now).year - 15, day=1), **more}
    applications.save_application(row, plain, personal() if private is None else private, by=who)
    applications.add_employment(row, {"employer": "清江设计院", "uscc": "", "duty": "总工", "since": plain["working_since"]}, by=who)
    for kind in Proof.REQUIRED:
        applications.attach_proof(row, kind, paper(), by=who, at=now)
    row.refresh_from_db()
    return row


def submitted(who=None, **more):
    row = draft(who, **more)
    return applications.submit_application(row, pledged=True, by=row.person, at=database_now())


def recommended(who=None, **more):
    row = submitted(who, **more)
    applications.recommend(row, opinion="同意推荐", recommender="人事处", uploaded=paper(), by=row.person, at=database_now())
    row.refresh_from_db()
    return row


def accepted(where, who=None, **more):
    row = recommended(who, **more)
    return applications.review_application(row, "accepted", "", by=where.supervisor, at=database_now())


def trained(where, who, *, stage="pre_job", days_ago=0, topics=("law", "integrity", "business"), pool="city", hours=8):
    """The person has attended a course of this stage to its end."""
    now = database_now() - timedelta(days=days_ago)
    course = training.create_course(
        {
            "title": "评标专家培训", "stage": stage, "pool": pool, "batch": 1, "topics": list(topics), "hours": Decimal(hours), "place": "交易中心",
            "starts_at": now - timedelta(hours=9), "ends_at": now - timedelta(hours=1),
        },
        by=where.staff, at=now,
    )  # fmt: skip
    row = training.enrol(course, by=who, at=course.starts_at)
    training.record_attendance(course, {row.pk: course.hours}, by=where.staff, at=now)
    training.close_course(course, by=where.staff, at=now)
    return course


def bank(single=4, multiple=2, judge=4):
    """A question bank of so many of each kind."""
    rows = [("single", number, ["甲", "乙", "丙"], [1]) for number in range(single)]
    rows += [("multiple", number, ["甲", "乙", "丙"], [0, 2]) for number in range(multiple)]
    rows += [("judge", number, ["对", "错"], [0]) for number in range(judge)]
    return [
        Question.objects.create(kind=kind, topic="law", text=f"{kind} 第 {number} 题", options=options, answer=answer)
        for kind, number, options, answer in rows
    ]


def exam(where, *, stage="pre_job", single=3, multiple=1, judge=1):
    if not Question.objects.exists():
        bank()
    now = database_now()
    data = {
        "title": "评标专家考试", "stage": stage, "single": single, "multiple": multiple, "judge": judge, "minutes": 60,
        "opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=1),
    }  # fmt: skip
    return training.create_exam(data, by=where.staff, at=now)


def sat(row, who, right=None):
    """The person sits the exam; the first `right` answers (None: all) are right."""
    attempt = training.start_attempt(row, by=who, at=database_now())
    limit = len(attempt.paper) if right is None else right
    answers = [line["answer"] if place < limit else [] for place, line in enumerate(attempt.paper)]
    return training.submit_attempt(attempt, answers, by=who, at=database_now())


def appointed(where, who=None, **more):
    """An expert who came in by the whole way."""
    row = accepted(where, who, **more)
    trained(where, row.person)
    sat(exam(where), row.person)
    return appointment.appoint(row, by=where.supervisor, at=database_now())


def firm(name="清江某建设有限公司"):
    return organisation("bidder", name)
