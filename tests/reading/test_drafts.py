"""What a member types is kept for them alone, and gone once it is handed in."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.urls import reverse

from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import marks, members, review, started
from trading.evaluation import actions
from trading.evaluation.committee import replace_member
from trading.evaluation.drafts import EvaluationDraft, draft_of, keep_draft
from trading.evaluation.models import Evaluation


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def evaluation(lot):
    return started(lot)


@pytest.fixture
def scoring(evaluation):
    for member in members(evaluation):
        review(evaluation, member)
    return evaluation


def first_line(evaluation):
    return actions.valid_bids(evaluation)[0], actions.judged_criteria(evaluation).order_by("part", "no")[0]


def save(client, evaluation, fields):
    return client.post(
        reverse("trading:evaluation_draft", args=[evaluation.pk]), json.dumps({"fields": fields}), content_type="application/json",
        HTTP_ACCEPT="application/json",
    )  # fmt: skip


def test_marks_and_remarks_come_back_on_another_computer(client, scoring):
    seat = members(scoring)[0]
    bid, row = first_line(scoring)
    fields = {f"points-{bid.pk}-{row.pk}": "16.75", f"remark-{bid.pk}-{row.pk}": "工序组织清楚"}
    answer = save(enter(client, seat.person), scoring, fields)
    kept = EvaluationDraft.objects.get()
    assert (answer.status_code, len(answer.json()["saved_at"])) == (200, 8)
    assert draft_of(seat) == fields
    client.logout()
    page = enter(client, seat.person).get(reverse("trading:evaluation_desk", args=[scoring.pk])).content.decode()
    assert 'value="16.75"' in page and 'value="工序组织清楚"' in page
    # Saved anew it takes the place of what was there.
    save(client, scoring, {f"points-{bid.pk}-{row.pk}": "9"})
    assert draft_of(seat) == {f"points-{bid.pk}-{row.pk}": "9"}
    assert EvaluationDraft.objects.get().pk == kept.pk


def test_opinions_of_the_preliminary_review_come_back(client, evaluation):
    seat, bid = members(evaluation)[0], actions.bids_of(evaluation)[0]
    check = evaluation.lot.tender.document.criteria.filter(part="form").first()
    save(enter(client, seat.person), evaluation, {f"check-{bid.pk}-{check.pk}": "0", f"reason-{bid.pk}-{check.pk}": "缺少签章"})
    page = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert f'name="check-{bid.pk}-{check.pk}" value="0" checked' in page and 'value="缺少签章"' in page


def test_nobody_with_access_to_the_database_reads_a_draft(scoring):
    seat = members(scoring)[0]
    bid, row = first_line(scoring)
    keep_draft(seat, {f"points-{bid.pk}-{row.pk}": "16.75", f"remark-{bid.pk}-{row.pk}": "压差控制值偏紧"}, at=database_now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, trading_evaluationdraft::text FROM trading_evaluationdraft")
        content, whole = cursor.fetchone()
    for word in ("16.75", "压差", "points", "remark", json.dumps("压差")[1:-1]):
        assert word.encode() not in bytes(content)
        assert word.encode().hex() not in whole and word not in whole
    # Moved to another seat's row it opens for nobody.
    other = members(scoring)[1]
    EvaluationDraft.objects.update(member=other)
    with pytest.raises(InvalidTag):
        draft_of(other)


def test_another_member_sees_nothing_of_it(client, scoring):
    writer, reader = members(scoring)[:2]
    bid, row = first_line(scoring)
    keep_draft(writer, {f"points-{bid.pk}-{row.pk}": "16.75"}, at=database_now())
    page = enter(client, reader.person).get(reverse("trading:evaluation_desk", args=[scoring.pk])).content.decode()
    assert "16.75" not in page


def test_a_sheet_that_is_handed_in_leaves_no_draft_and_takes_none(client, evaluation):
    seat = members(evaluation)[0]
    bid = actions.bids_of(evaluation)[0]
    check = evaluation.lot.tender.document.criteria.filter(part="form").first()
    fields = {f"check-{bid.pk}-{check.pk}": "1"}
    keep_draft(seat, fields, at=database_now())
    review(evaluation, seat)
    assert not EvaluationDraft.objects.exists()
    late = save(enter(client, seat.person), evaluation, fields)
    assert (late.status_code, late.json()["code"]) == (409, "not_writing")
    for member in members(evaluation)[1:]:
        review(evaluation, member)
    points = {f"points-{bid.pk}-{check.pk}": "1"}
    keep_draft(seat, points, at=database_now())
    actions.submit_scores(evaluation, marks(evaluation), by=seat.person, at=database_now())
    assert not EvaluationDraft.objects.exists()
    with pytest.raises(Refused):
        keep_draft(seat, points, at=database_now())


def test_a_member_who_is_replaced_leaves_no_draft(lot, evaluation):
    seat = next(row for row in members(evaluation) if not row.chair)
    keep_draft(seat, {}, at=database_now())
    replace_member(seat, "recused", by=lot.city.staff, at=database_now())
    assert not EvaluationDraft.objects.exists()
    with pytest.raises(Refused):
        keep_draft(seat, {}, at=database_now())


def test_an_evaluation_that_ends_leaves_no_draft(evaluation):
    keep_draft(members(evaluation)[0], {}, at=database_now())
    actions.end_without_winner(evaluation, "评标委员会否决了全部投标。", by=members(evaluation)[0].person, at=database_now())
    assert Evaluation.objects.get().state == Evaluation.State.FAILED
    assert not EvaluationDraft.objects.exists()


@pytest.mark.parametrize("fields", [[], {"move": "scores"}, {"points-1-1": 5}, {"points-1-1": "9" * 301}, {"points-x-1": "1"}])
def test_only_the_fields_of_a_sheet_are_kept(client, scoring, fields):
    answer = save(enter(client, members(scoring)[0].person), scoring, fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_draft")


def test_who_has_no_seat_keeps_nothing(client, lot, scoring):
    assert save(enter(client, lot.city.owner.somebody), scoring, {}).status_code == 404
