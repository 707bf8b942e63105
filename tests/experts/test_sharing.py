"""Batches taken over row by row, the village pool, the shared list, the gap report and the call that answers it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Person
from experts.actions import adjustment, appointment, sessions, sharing, training
from experts.models import ApplicationCall, Expert, PersonalDataLook, PoolExchange
from experts.privacy import values_of
from experts.queries import Need, eligible, gaps
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.identifiers import make_uscc
from rulebook.refusals import Forbidden, Refused
from tests.factories.evaluation import expert
from tests.factories.experts import identity_number, trained
from tests.factories.trading import city, person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def where():
    return city(bidders=0)


def table(*rows):
    return ("\n".join([",".join(sharing.COLUMNS), *(",".join(row) for row in rows)]) + "\n").encode("utf-8-sig")


def line(name, mobile, codes="A0830", *, identity="", uscc="", sector="工程建设", pool="", trained_until=""):
    return [name, mobile, identity, "某设计院", uscc, "高级工程师", codes, sector, pool, "429900", "", trained_until, "是"]


@pytest.mark.requirement("R256")
def test_a_file_is_taken_over_row_by_row_with_a_report(client, where):
    known = person("原有人员")
    tomorrow = (city_day(database_now()) + timedelta(days=90)).isoformat()
    identity = identity_number()
    data = table(
        line("新人甲", "13711110001", "A0830;A0402", identity=identity, trained_until=tomorrow),
        line("冒名", known.mobile), line("", "13711110002"), line("错号", "123"), line("错专业", "13711110003", "A9999"),
        line("错代码", "13711110004", uscc="91420800MA4K00010Z"), line("错行业", "13711110005", sector="航天"),
        line("六专业", "13711110006", "A01;A02;A03;A04;A05;A06"), line("错证件", "13711110007", identity="420106198001010011"),
        line("同证件", "13711110008", identity=identity), line(known.name, known.mobile), line("错日期", "13711110009", trained_until="明年"),
    )  # fmt: skip
    client.force_login(where.staff, backend=BACKEND)
    answer = client.post(
        reverse("experts:exchanges"),
        {"partner": "省综合评标专家库", "file": SimpleUploadedFile("名单.csv", data, content_type="text/csv")},
        follow=True,
    )
    row = PoolExchange.objects.get()
    assert (row.taken, row.refused) == (2, 10)
    assert [(number, outcome) for number, _, outcome, _ in row.rows if outcome != "refused"] == [(2, "taken"), (12, "taken")]
    page = answer.content.decode()
    for words in (
        "手机号已由另一姓名的账号使用",
        "没有填写姓名",
        "专业分类标准中没有 A9999",
        "没有“航天”这个行业",
        "身份证号已由另一人登记",
        "培训有效期至应写成",
    ):
        assert words in page
    taken = Expert.objects.get(person__mobile="13711110001")
    assert (taken.source, taken.state, taken.specialties, taken.shared) == ("省综合评标专家库", "active", ["A0830", "A0402"], True)
    assert values_of(taken.person)["identity"] == identity and not taken.person.has_usable_password()
    assert not Person.objects.filter(name="错专业").exists()
    assert LedgerEntry.objects.get(kind="pool.imported")
    again = sharing.import_pool(data, name="名单.csv", partner="省综合评标专家库", by=where.staff, at=database_now())
    assert [each[2] for each in again.rows].count("renewed") == 2 and Expert.objects.count() == 2
    taken.refresh_from_db()
    assert (taken.title, taken.employer, taken.specialties, taken.shared) == ("高级工程师", "某设计院", ["A0830", "A0402"], True)
    assert taken.trained_until.isoformat() == tomorrow


@pytest.mark.requirement("R256")
def test_a_row_renews_what_it_fills_in_and_nothing_else(where):
    """Empty columns keep what stands; consent and pool are never taken from a file; a former employer is avoided."""
    old, new = make_uscc("91", "429900", "MA4XXXX1"), make_uscc("91", "429900", "MA4XXXX2")

    def take(row, partner="省库"):
        made = sharing.import_pool(table(row), name="名单.csv", partner=partner, by=where.staff, at=database_now())
        return made.rows[0][2:]

    until = (city_day(database_now()) + timedelta(days=90)).isoformat()
    assert take(line("老王", "13711110001", uscc=old, trained_until=until)) == ["taken", ""]
    row = Expert.objects.get()
    Expert.objects.update(shared=False)
    blank = ["老王", "13711110001", "", "", "", "", "A0402", "", "村级", "", "", "", "是"]
    assert take(blank) == ["renewed", ""]
    row.refresh_from_db()
    assert (row.specialties, row.title, row.employer, row.employer_uscc) == (["A0402"], "高级工程师", "某设计院", old)
    assert (row.shared, row.pool, row.sector, row.trained_until.isoformat()) == (False, "city", "GC", until)
    moved = ["老王", "13711110001", "", "新东家", new, "", "A0402", "", "", "", "", "", ""]
    assert take(moved) == ["renewed", ""]
    row.refresh_from_db()
    assert (row.employer, row.employer_uscc) == ("新东家", new)
    for code in (old, new):
        assert not eligible(Need(("A0402",), database_now() + timedelta(days=1), interested=frozenset([code]))).exists()
    assert eligible(Need(("A0402",), database_now() + timedelta(days=1))).get() == row
    assert "其他来源" in take(moved, partner="邻市")[1]
    mine = expert(1)
    assert "其他来源" in take(line(mine.person.name, mine.person.mobile))[1]
    assert "内容过长" in take([*line("长", "13711110009")[:5], "职" * 80, *line("长", "13711110009")[6:]])[1]


def test_files_of_another_make_and_people_of_other_offices_are_refused(where):
    for data in (b"\xff\xfe\x00\x81", "姓名,电话\n甲,1\n".encode()):
        with pytest.raises(Refused) as refused:
            sharing.import_pool(data, name="x", partner="某", by=where.staff, at=database_now())
        assert refused.value.field == "file"
    with pytest.raises(Forbidden):
        sharing.import_pool(table(), name="x", partner="某", by=where.handler, at=database_now())


def test_a_file_in_the_offices_own_encoding_is_read(where):
    data = table(line("国标人", "13711110001")).decode("utf-8-sig").encode("gb18030")
    assert sharing.import_pool(data, name="x", partner="某", by=where.staff, at=database_now()).taken == 1


@pytest.mark.requirement("R179")
def test_people_of_the_village_pool_are_trained_in_law_integrity_and_business_before_use(where):
    sharing.import_pool(
        table(*(line(f"村民{number}", f"1371111000{number}", pool="村级", sector="村级集体") for number in range(3))),
        name="村级.csv", partner="青禾县", by=where.staff, at=database_now(),
    )  # fmt: skip
    where.regulator.sectors = ["GC", "CJ"]
    where.regulator.save()
    who = Expert.objects.first()
    need = Need(("A0830",), database_now() + timedelta(days=1), pool="village")
    assert who.state == "training" and not eligible(need).exists()
    with pytest.raises(Refused) as refused:
        appointment.activate(who, by=where.supervisor, at=database_now())
    assert "法律法规、廉洁纪律、评审业务" in refused.value.message
    trained(where, who.person, pool="village", topics=["law", "integrity"])
    with pytest.raises(Refused) as refused:
        appointment.activate(who, by=where.supervisor, at=database_now())
    assert "评审业务" in refused.value.message and "法律法规" not in refused.value.message
    trained(where, who.person, pool="village", topics=["business"])
    appointment.activate(who, by=where.supervisor, at=database_now())
    assert [row.pk for row in eligible(need)] == [who.pk]
    assert not eligible(Need(("A0830",), database_now() + timedelta(days=1))).exists()


def test_a_course_takes_in_everybody_who_waits(where):
    sharing.import_pool(
        table(*(line(f"村民{number}", f"1371111000{number}", pool="村级") for number in range(3))), name="x", partner="青禾县", by=where.staff,
        at=database_now(),
    )  # fmt: skip
    now = database_now()
    course = training.create_course(
        {"title": "村级评审人员第四批岗前培训", "stage": "pre_job", "pool": "village", "batch": 4, "topics": ["law"], "hours": 8, "place": "镇政府",
         "starts_at": now, "ends_at": now + timedelta(hours=8)}, by=where.staff, at=now,
    )  # fmt: skip
    assert (training.enrol_pool(course, by=where.staff, at=now), training.enrol_pool(course, by=where.staff, at=now)) == (3, 0)


@pytest.mark.requirement("R182")
def test_the_shared_list_leaves_and_comes_in_elsewhere(client, where, settings):
    settings.ETP_STEP_UP = "offered"
    mine, silent, foreign = expert(1, shared=True), expert(2), expert(3, shared=True, source="省库")
    client.force_login(where.staff, backend=BACKEND)
    answer = client.post(reverse("experts:share"), {"share-partner": "汉江公共资源交易联盟", "share-why": "联盟协议〔2026〕1 号"})
    text = answer.content.decode("utf-8-sig")
    assert mine.person.mobile in text and silent.person.mobile not in text and foreign.person.mobile not in text
    look = PersonalDataLook.objects.get()
    assert look.person == mine.person and "汉江公共资源交易联盟" in look.what
    assert LedgerEntry.objects.get(kind="pool.shared")
    # Another city takes the same file over.
    mobile, name = mine.person.mobile, mine.person.name
    Person.objects.filter(pk=mine.person.pk).update(mobile="13800009999")
    taken = sharing.import_pool(answer.content, name="共享.csv", partner="清江市", by=where.staff, at=database_now())
    assert (taken.taken, taken.refused) == (1, 0)
    there = Expert.objects.get(person__mobile=mobile)
    assert (there.person.name, there.source, there.specialties) == (name, "清江市", mine.specialties)


@pytest.mark.requirement("R171")
def test_gaps_are_counted_by_specialty_and_answered_by_a_call(client, where):
    now = database_now()
    for number in range(9):
        Expert.objects.filter(pk=expert(number).pk).update(specialties=["A0830"])
    rare = expert(20)
    Expert.objects.filter(pk=rare.pk).update(specialties=["A0833"])
    sessions.note_request("r/1", ["A0830"], 3, at=now)
    sessions.note_request("r/2", ["A0833"], 5, at=now)
    sessions.note_request("r/0", ["A0833"], 9, at=now - timedelta(days=500))
    chosen = Expert.objects.filter(specialties=["A0830"])[:4]
    for place, each in enumerate([*chosen, rare]):
        request = "r/2" if each == rare else "r/1"
        sessions.note_call(
            each, key=f"c/{place}", request_key=request, tender_number="T", lot_key="1", title="某", owner_uscc="", starts_at=now, at=now
        )
        sessions.note_answer(f"c/{place}", "refused" if place == 0 else "accepted", at=now)
    found = {gap.code: gap for gap in gaps(now)}
    plenty, short, whole = found["A0830"], found["A0833"], found["A08"]
    assert (plenty.active, plenty.requests, plenty.largest, plenty.refused, plenty.percent, plenty.is_short) == (9, 1, 3, 1, "100%", False)
    assert str(plenty.calls_each) == "1.3"
    assert (short.active, short.requests, short.largest, short.percent, short.is_short) == (1, 1, 5, "20%", True)
    assert (whole.active, whole.requests, whole.wanted) == (10, 2, 8)
    assert next(iter(gaps(now))).is_short
    client.force_login(where.staff, backend=BACKEND)
    page = reverse("experts:gaps")
    assert "A0833 文物保护工程施工" in client.get(page).content.decode()
    until = (city_day(now) + timedelta(days=20)).isoformat()
    client.post(page, {"title": "文物保护专业征集", "specialties": ["A0833"], "text": "欢迎报名。", "until": until})
    call = ApplicationCall.objects.get()
    public = client.__class__().get(reverse("experts:board")).content.decode()
    assert call.number in public and "A0833 文物保护工程施工" in public
    client.force_login(person(), backend=BACKEND)
    assert call.title in client.get(reverse("experts:application")).content.decode()
    with pytest.raises(Refused):
        adjustment.call_for_applications("过期", ["A0833"], "", city_day(now), by=where.staff, at=now)


@pytest.mark.parametrize("specialties", [9, 15])
def test_three_times_the_largest_request_is_enough(specialties):
    now = database_now()
    for number in range(specialties):
        expert(number)
    sessions.note_request("r/1", ["A08"], 5, at=now)
    assert {gap.code: gap for gap in gaps(now)}["A08"].active == specialties
    for number, each in enumerate(Expert.objects.all()[:5]):
        sessions.note_call(
            each, key=f"c/{number}", request_key="r/1", tender_number="T", lot_key="1", title="某", owner_uscc="", starts_at=now, at=now
        )
        sessions.note_answer(f"c/{number}", "accepted", at=now)
    assert {gap.code: gap for gap in gaps(now)}["A08"].is_short is (specialties < 15)
