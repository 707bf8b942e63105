"""暗标: what members see, read and mark before all technical marks are in, and what the database tells of it."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Organisation
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import marks, members, review, started
from tests.factories.reading import answering, give_file, pdf_of
from tests.factories.trading import accepted_tender, city, written_document
from tests.reading.test_anonymity import everything
from tests.reading.test_drafts import enter
from trading.evaluation import actions, blind
from trading.evaluation.committee import replace_member
from trading.evaluation.models import Evaluation
from trading.tenders.actions import problems_of
from trading.tenders.models import TenderDocument

LEGAL = "王小明"


@pytest.fixture
def evaluation(lot):
    """Four bids with a technical file each, one of which names its bidder on a page, and a commercial one."""
    TenderDocument.objects.filter(tender=lot.tender).update(blind_technical=True)
    lot.tender.document.refresh_from_db()
    Organisation.objects.filter(kinds__contains=["bidder"]).update(legal_representative=LEGAL)
    key = lot.tender.document.criteria.get(part="technical").key
    for place, bid in enumerate(lot.openings.get().bids.all()):
        named = f"法定代表人 {LEGAL}" if place == 2 else "进度计划"
        give_file(
            bid, f"{bid.bidder.name}方案.pdf", pdf_of("施工组织", named, f"特征{place}", author=bid.bidder.name, title=bid.bidder.name)
        )
        give_file(bid, f"{bid.bidder.name}商务.pdf", pdf_of(bid.bidder.name))
        answering(bid, {key: (1, 2)})
    return started(lot)


def desk(client, evaluation, member):
    return enter(client, member.person).get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()


def blind_url(evaluation, no, file=1):
    return reverse("trading:blind_file", args=[evaluation.pk, no, file])


def served(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def technical(evaluation, points="16", remark=""):
    return {
        (place, row.pk): (Decimal(points), remark) for place, _ in enumerate(blind.coded(evaluation)) for row in blind.blind_criteria(evaluation)
    }  # fmt: skip


def mark(evaluation, member, **more):
    return blind.submit_blind_marks(evaluation, technical(evaluation, **more), by=member.person, at=database_now())


def marked_by_all(evaluation):
    for member in members(evaluation):
        mark(evaluation, member)


def telling(lot):
    """Whatever says whose bid it is, or what it costs."""
    prices = [f"{bid.price:,.2f}" for bid in lot.openings.get().bids.all()]
    return [
        *(bidder.name for bidder in lot.city.bidders),
        *(bidder.uscc for bidder in lot.city.bidders),
        "子虚",
        "乌有",
        "南柯",
        "蜃楼",
        LEGAL,
        *prices,
    ]


def test_the_desk_shows_codes_alone(client, lot, evaluation):
    page = desk(client, evaluation, members(evaluation)[0])
    assert all(f"投标人{code}：技术标评分" in page for code in "甲乙丙丁")
    assert [word for word in telling(lot) if word in page] == []
    ids = [f"files/{file.pk}/" for bid in lot.openings.get().bids.all() for file in bid.files.all()]
    assert [each for each in ids if each in page] == []


def test_what_is_served_names_nobody(client, lot, evaluation):
    enter(client, members(evaluation)[0].person)
    for no in range(1, 5):
        answer, content = served(client, blind_url(evaluation, no))
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
        said = everything(content) + str(answer.headers).encode()
        assert [word for word in telling(lot) if word.encode() in said or word.encode("utf-16-be") in said] == []
    # The commercial file is nobody's to read yet, by whichever address.
    assert client.get(blind_url(evaluation, 1, 2)).status_code == 404
    assert client.get(blind_url(evaluation, 5)).status_code == 404


def test_the_page_with_a_name_is_shown_to_the_committee_as_covered(client, evaluation):
    for _, bid in blind.coded(evaluation):
        blind.blind_copy(blind.technical_files(bid)[0], at=database_now())
    page = desk(client, evaluation, members(evaluation)[0])
    assert page.count("疑似出现身份信息（内容已遮盖）") == 1
    assert blind.BlindFile.objects.exclude(covered={}).get().covered == {"2": 1}


def test_files_under_their_names_are_closed_until_all_have_marked(client, lot, evaluation):
    seat = members(evaluation)[0]
    file = lot.openings.get().bids.first().files.first()
    named = reverse("trading:evaluation_file", args=[evaluation.pk, file.pk])
    enter(client, seat.person)
    assert client.get(named).status_code == 409
    assert client.get(reverse("trading:opened_file", args=[file.pk])).status_code == 404
    assert client.get(reverse("trading:committee_questions", args=[evaluation.pk])).status_code == 302
    assert enter(client, lot.city.supervisor).get(named).status_code == 200
    marked_by_all(evaluation)
    enter(client, seat.person)
    assert client.get(named).status_code == 200
    assert client.get(blind_url(evaluation, 1)).status_code == 403
    assert client.get(reverse("trading:opened_file", args=[file.pk])).status_code == 404


def test_nothing_else_is_judged_before_all_blind_marks_are_in(evaluation):
    first, *others = members(evaluation)
    mark(evaluation, first)
    with pytest.raises(Refused) as refusal:
        review(evaluation, first)
    assert refusal.value.code == "blind"
    for member in others:
        mark(evaluation, member)
    review(evaluation, first)


def test_names_appear_when_the_last_member_has_marked(client, lot, evaluation):
    *before, last = members(evaluation)
    for member in before:
        mark(evaluation, member)
    page = desk(client, evaluation, before[0])
    assert "你的技术（暗标）评分已提交" in page and [word for word in telling(lot) if word in page] == []
    mark(evaluation, last)
    page = desk(client, evaluation, before[0])
    assert all(bidder.name in page for bidder in lot.city.bidders)
    assert all(f"暗标编号 投标人{code}" in page for code in "甲乙丙丁")


def test_blind_points_stand_in_the_sheet_whatever_is_posted_later(client, evaluation):
    marked_by_all(evaluation)
    for member in members(evaluation):
        review(evaluation, member)
    seat = members(evaluation)[0]
    assert desk(client, evaluation, seat).count("readonly") == 4
    higher = {key: (value + 3 if value == 16 else value, remark) for key, (value, remark) in marks(evaluation).items()}
    actions.submit_scores(evaluation, higher, by=seat.person, at=database_now())
    assert sorted({points for _, _, points, _ in seat.sheets.get(stage="score").rows}) == ["16.00", "5.00"]


def test_the_whole_evaluation_ends_with_the_blind_marks(client, evaluation):
    desk_url = reverse("trading:evaluation_desk", args=[evaluation.pk])
    for member in members(evaluation):
        fields = {f"points-{place}-{row}": str(points) for (place, row), (points, _) in technical(evaluation).items()}
        assert enter(client, member.person).post(desk_url, {"move": "blind", **fields}).status_code == 302
    for member in members(evaluation):
        review(evaluation, member)
    for member in members(evaluation):
        actions.submit_scores(evaluation, marks(evaluation), by=member.person, at=database_now())
    assert Evaluation.objects.get().state == Evaluation.State.COMBINED


def test_marks_are_out_of_reach_for_who_reads_the_database_and_the_ledger(evaluation):
    mark(evaluation, members(evaluation)[0], points="13.75", remark="次序清楚")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM trading_sheet")
        content = bytes(cursor.fetchone()[0])
    assert b"13.75" not in content and "次序".encode() not in content and json.dumps("次序")[1:-1].encode() not in content
    entry = json.loads(bytes(LedgerEntry.objects.get(kind="score.blind").data))
    assert set(entry["d"]) == {"tender", "lot", "round", "digest"}
    # The digest is not that of the marks alone, which could be guessed.
    mark(evaluation, members(evaluation)[1], points="13.75", remark="次序清楚")
    digests = {json.loads(bytes(row.data))["d"]["digest"] for row in LedgerEntry.objects.filter(kind="score.blind")}
    assert len(digests) == 2


def test_the_order_of_the_codes_cannot_be_computed_from_what_is_public(settings, tmp_path, evaluation):
    before = [bid.pk for _, bid in blind.coded(evaluation)]
    assert before == [bid.pk for _, bid in blind.coded(evaluation)]
    orders = {tuple(before)}
    for place in range(6):
        settings.ETP_KEYS = tmp_path / f"other{place}"
        orders.add(tuple(bid.pk for _, bid in blind.coded(evaluation)))
    assert len(orders) > 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda sheet: dict(list(sheet.items())[1:]), "incomplete"),
        (lambda sheet: {key: (Decimal(21), "") for key in sheet}, "out_of_range"),
    ],
)
def test_a_blind_sheet_is_whole_and_within_the_points(evaluation, change, code):
    seat = members(evaluation)[0]
    with pytest.raises(Refused) as refusal:
        blind.submit_blind_marks(evaluation, change(technical(evaluation)), by=seat.person, at=database_now())
    assert refusal.value.code == code


def test_a_strange_mark_needs_a_reason_and_nobody_marks_twice(evaluation):
    first, second, third, *_ = members(evaluation)
    mark(evaluation, first)
    mark(evaluation, second)
    with pytest.raises(Refused) as refusal:
        mark(evaluation, third, points="3")
    assert refusal.value.code == "outlier" and "投标人甲" in refusal.value.message
    mark(evaluation, third, points="3", remark="没有专项方案")
    with pytest.raises(Refused) as refusal:
        mark(evaluation, third)
    assert refusal.value.code == "handed_in"


def test_who_takes_a_seat_later_marks_blind_as_well(lot, evaluation):
    marked_by_all(evaluation)
    leaving = next(row for row in members(evaluation) if not row.chair)
    replace_member(leaving, "recused", by=lot.city.staff, at=database_now())
    assert not leaving.sheets.exists()
    # The seat stands empty: nothing is shown before whoever comes has marked.
    assert blind.hides(evaluation)
    newcomer = evaluation.members.get(state="called")
    type(newcomer).objects.filter(pk=newcomer.pk).update(state="accepted", pledged_at=database_now())
    assert blind.hides(evaluation)


@pytest.mark.django_db
def test_a_document_that_asks_for_blind_bids_says_so_and_takes_no_second_envelope():
    where = city(bidders=0)
    now = database_now()
    tender = accepted_tender(where)
    document = written_document(tender, by=where.handler, published_at=now, due_at=now, two_envelopes=True, blind_technical=True)
    assert "blind_envelopes" in [row.code for row in problems_of(document, published_at=now)]


def test_covered_pages_are_written_as_people_write_them():
    assert blind.BlindFile(covered={"2": 1, "10": 1, "3": 4, "4": 1}).pages == ["2–4", "10"]
