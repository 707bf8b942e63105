"""Every page of the pool opens for whom it is, with rows and without, and works when it is posted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experts.actions import changes, conduct, sessions
from experts.models import AdjustmentBatch, ChangeRequest, Course, Exam, Expert, Question, Suspension
from rulebook.clock import CITY, city_day, database_now
from tests.factories.evaluation import expert
from tests.factories.experts import accepted, appointed, exam, firm, paper, recommended, sat, trained
from tests.factories.trading import city

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def where(settings):
    settings.ETP_STEP_UP = "offered"
    return city(bidders=0)


def as_(client, who):
    client.force_login(who, backend=BACKEND)
    return client


def local(moment):
    return moment.astimezone(CITY).strftime("%Y-%m-%dT%H:%M")


EMPTY = {
    "staff": ("centre_desk", "gaps", "new_course", "questions", "new_exam", "exchanges", "import_template", "ratings", "experts"),
    "supervisor": ("regulator_desk", "gaps", "batch", "ratings", "experts", "questions"),
    "handler": ("ratings", "application", "training"),
}


@pytest.mark.parametrize("side", EMPTY)
def test_pages_without_rows_open_and_help(client, where, side):
    as_(client, getattr(where, side))
    for name in EMPTY[side]:
        answer = client.get(reverse(f"experts:{name}"))
        assert answer.status_code == 200, name


@pytest.mark.requirement("R180")
def test_the_life_of_an_expert_at_the_desks(client, where):
    waiting, newcomer, member = recommended(), accepted(where), appointed(where)
    day = city_day(database_now())
    changes.ask_change(member, "title", {"title": "正高级工程师"}, "晋升", paper(), by=member.person, at=database_now())
    conduct.record_conduct(member, "EX09", "携带手机", by=where.supervisor, at=database_now())
    as_(client, where.supervisor)
    desk = client.get(reverse("experts:regulator_desk")).content.decode()
    for name in (waiting.person.name, newcomer.person.name, member.person.name):
        assert name in desk
    change = ChangeRequest.objects.get()
    page = reverse("experts:decide_change", args=[change.pk])
    assert "正高级工程师" in client.get(page).content.decode()
    assert "请写明理由" in client.post(page, {"approved": "0", "words": ""}).content.decode()
    client.post(page, {"approved": "1", "words": ""})
    file = reverse("experts:expert", args=[member.number])
    refused = client.post(file, {"move": "dismiss", "dismiss-reason": "严重违规", "dismiss-for_good": "on"})
    assert "请填写决定文书号" in refused.content.decode()
    client.post(
        file, {"move": "suspend", "suspend-cause": "other", "suspend-reason": "配合调查", "suspend-until": f"{day + timedelta(days=9)}"}
    )
    assert Suspension.objects.get().until == day + timedelta(days=9)
    client.post(file, {"move": "restore", "restore-reason": "调查结束"})
    assert client.post(file, {"move": "nonsense"}).status_code == 404
    member.refresh_from_db()
    assert (member.state, member.title) == ("active", "正高级工程师")
    client.post(reverse("experts:assess_year"))
    assert member.yearly_assessments.get().year == day.year - 1
    as_(client, where.staff)
    shown = client.get(file).content.decode()
    assert "解聘出库" not in shown and "配合调查" in shown
    assert client.post(file, {"move": "suspend", "suspend-cause": "other", "suspend-reason": "越权"}).status_code in (403, 404)
    as_(client, member.person)
    for name in ("archive", "training", "fees", "application"):
        assert client.get(reverse(f"experts:{name}")).status_code == 200
    for kind in ChangeRequest.Kind:
        assert client.get(reverse("experts:new_change") + f"?kind={kind}").status_code == 200
    office = firm()
    client.post(
        reverse("experts:new_change") + "?kind=avoidance",
        {"kind": "shares", "organisation": office.name, "uscc": office.uscc, "reason": "持股"},
    )
    assert member.avoided.get().uscc == office.uscc
    start = database_now() + timedelta(days=2)
    fields = {"move": "absence", "kind": "busy", "since": local(start), "until": local(start - timedelta(hours=1))}
    assert "结束时间要晚于开始时间" in client.post(reverse("experts:archive"), fields).content.decode()
    client.post(reverse("experts:archive"), {**fields, "until": local(start + timedelta(hours=5))})
    client.post(reverse("experts:archive"), {"move": "remove_absence", "absence": member.absences.get().pk})
    assert not member.absences.exists()
    client.post(reverse("experts:archive"), {"move": "leave", "leave-reason": "退休"})
    member.refresh_from_db()
    assert member.state == "exited" and "本人退出" in client.get(reverse("experts:archive")).content.decode()


def test_the_centre_teaches_and_examines_at_its_pages(client, where):
    row = accepted(where)
    as_(client, where.staff)
    now = database_now()
    course = {
        "title": "第一批岗前培训", "stage": "pre_job", "pool": "city", "batch": "1", "topics": ["law", "integrity"], "hours": "8", "place": "培训室",
        "starts_at": local(now - timedelta(hours=9)), "ends_at": local(now - timedelta(hours=10)),
    }  # fmt: skip
    page = reverse("experts:new_course")
    assert "结束时间要晚于开始时间" in client.post(page, course).content.decode()
    client.post(page, {**course, "ends_at": local(now + timedelta(hours=1))})
    made = Course.objects.get()
    as_(client, row.person).post(reverse("experts:training"), {"course": made.pk})
    enrolment = made.enrolments.get()
    Course.objects.update(ends_at=now - timedelta(minutes=1))
    as_(client, where.staff)
    path = reverse("experts:course", args=[made.pk])
    assert client.get(path).status_code == 200
    assert client.post(path, {"move": "save", f"hours_{enrolment.pk}": "9"}).status_code == 400
    assert client.post(path, {"move": "save", f"hours_{enrolment.pk}": "许多"}).status_code == 400
    assert client.post(path, {"move": "save", f"hours_{enrolment.pk}": "NaN"}).status_code == 400
    client.post(path, {"move": "close", f"hours_{enrolment.pk}": "8"})
    enrolment.refresh_from_db()
    assert enrolment.completed_on
    assert client.post(path, {"move": "save", f"hours_{enrolment.pk}": "1"}).status_code == 409
    question = {"move": "add", "kind": "single", "topic": "law", "text": "几人以上单数？", "options": "三人\n五人\n", "answer": "2"}
    client.post(reverse("experts:questions"), question)
    assert Question.objects.get().answer == [1]
    assert "正确答案与题型不符" in client.post(reverse("experts:questions"), {**question, "answer": "1,2"}).content.decode()
    assert "请填写选项的行号" in client.post(reverse("experts:questions"), {**question, "answer": "二"}).content.decode()
    fields = {"title": "岗前考试", "stage": "pre_job", "single": "2", "multiple": "0", "judge": "0", "minutes": "30", "opens_at": local(now),
              "closes_at": local(now + timedelta(days=1))}  # fmt: skip
    assert "只有 1 道" in client.post(reverse("experts:new_exam"), fields).content.decode()
    client.post(reverse("experts:new_exam"), {**fields, "single": "1"})
    assert client.get(reverse("experts:exam_results", args=[Exam.objects.get().pk])).status_code == 200
    client.post(reverse("experts:questions"), {"move": "retire", "question": Question.objects.get().pk})
    assert not Question.objects.filter(active=True).exists()


def test_the_years_adjustment_at_its_page(client, where):
    newcomer, leaving = accepted(where), expert(1)
    trained(where, newcomer.person)
    sat(exam(where), newcomer.person)
    as_(client, where.supervisor)
    page = reverse("experts:batch")
    client.post(page, {"move": "open"})
    client.post(page, {"move": "add", "application": newcomer.pk})
    assert "没有这个编号" in client.post(page, {"move": "line", "number": "ZJ9", "kind": "remove", "reason": "x"}).content.decode()
    assert (
        "请选择主专业" in client.post(page, {"move": "line", "number": leaving.number, "kind": "specialty", "reason": "x"}).content.decode()
    )
    client.post(page, {"move": "line", "number": leaving.number, "kind": "remove", "reason": "长期不参加评标"})
    assert "请填写决定依据" in client.post(page, {"move": "decide", "basis": ""}).content.decode()
    client.post(page, {"move": "decide", "basis": "会议纪要〔2026〕3 号"})
    leaving.refresh_from_db()
    assert leaving.state == "dismissed" and Expert.objects.active().get().person == newcomer.person
    assert AdjustmentBatch.objects.get().decided_at and "已决定" in client.get(page).content.decode()


def test_the_roster_takes_as_many_queries_for_nine_as_for_one(client, where):
    as_(client, where.staff)
    page = reverse("experts:experts")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page).status_code == 200
        return len(caught)

    expert(0)
    client.get(page)
    one = queries()
    for number in range(1, 9):
        expert(number)
    assert queries() == one
    found = client.get(page + "?q=ZJ00003&specialty=A08&state=active&pool=city").content.decode()
    assert "专家3" in found and "专家4" not in found


def test_a_regulator_sees_only_its_sectors(client, where):
    mine, other = expert(1), expert(2, sector="ZC")
    as_(client, where.supervisor)
    assert client.get(reverse("experts:expert", args=[mine.number])).status_code == 200
    assert client.get(reverse("experts:expert", args=[other.number])).status_code == 404


def test_what_is_not_over_is_not_shown_in_the_archive(client, where):
    """Who is called to which tender is no business of the archive before the session is over."""
    who, now = expert(1), database_now()
    sessions.note_call(
        who, key="t/1", request_key="", tender_number="QJ-SECRET", lot_key="1", title="保密工程", owner_uscc="", starts_at=now, at=now
    )
    as_(client, who.person)
    for name in ("archive", "fees"):
        assert "保密工程" not in client.get(reverse(f"experts:{name}")).content.decode()
