"""A curious administrator reads every table, the cache and the logs while a committee works: no names, no marks before their time."""

import json
import logging
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from ledger.models import LedgerEntry
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.evaluation import at_work, expert, formed, marks, members, review
from trading.evaluation import actions, motions, questions
from trading.evaluation.models import Evaluation

# That somebody has signed in is no secret, and says nothing of why (docs/threats.md names what an hour may hint at).
SIGN_IN = {"django_session", "axes_accesslog", "accounts_person"}
POINTS, REMARK, WHY = Decimal("13.37"), "组织设计与现场踏勘记录相符", "印章与登记的不一致"


def everything():
    """{table: {row as text}} of the whole database; bytes stand there in hexadecimal, as PostgreSQL writes them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            found[table] = {row[0] for row in cursor.fetchall()}
    return found


def news(before, after):
    """[table, row] of what was written in between."""
    return [(table, row) for table, rows in after.items() for row in rows - before.get(table, set())]


def links_to(table):
    """{referencing table: its columns} of every foreign key to a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
            " WHERE c.contype = 'f' AND c.confrelid = %s::regclass", [table],
        )  # fmt: skip
        found = {}
        for name, column in cursor.fetchall():
            found.setdefault(name, []).append(column)
    return found


def betrayals(rows, experts):
    """[what, table] wherever a written row names one of the experts, or leads to one."""
    people = {each.person for each in experts}
    words = {word for each in people for word in (each.name, each.mobile, each.pseudonym)} | {each.number for each in experts}
    persons, pool = links_to("accounts_person"), links_to("experts_expert")
    found = set()
    for table, row in rows:
        if table in SIGN_IN:
            continue
        found |= {(word, table) for word in words if word in row or word.encode().hex() in row}
        for column in persons.get(table, ()):
            found |= {(each.name, table) for each in people if f'"{column}":{each.pk},' in row or f'"{column}":{each.pk}}}' in row}
        for column in pool.get(table, ()):
            found |= {(each.number, table) for each in experts if f'"{column}":{each.pk},' in row or f'"{column}":{each.pk}}}' in row}
    return found


@pytest.fixture
def pool():
    return [expert(number) for number in range(100, 109)]


def test_the_database_names_no_member_before_the_end(lot, pool, client, caplog):
    caplog.set_level(logging.INFO)
    before = everything()
    evaluation = formed(lot)
    refuses = evaluation.members.order_by("order").first()
    answer_call(Dispatch.objects.get(key=f"committee/{refuses.pk}"), "2")
    evaluation = at_work(evaluation, lot.city.staff)
    seats = members(evaluation)
    experts = [seat.expert for seat in seats]
    bid = actions.bids_of(evaluation).first()
    for seat in seats:
        client.force_login(seat.person)
        assert client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).status_code == 200
        assert client.get(reverse("trading:committee_questions", args=[evaluation.pk])).status_code == 200
    one, two, *others = seats
    questions.ask_bidder(evaluation, bid, matter="clarity", text="请说明工期", minutes=60, by=one.person, at=database_now())
    motion = motions.move_rejection(
        evaluation, bid, code="NON_RESPONSIVE", clause="第 3.1 条", reason="缺少签字", by=two.person, at=database_now()
    )
    for seat in (one, *others[:2]):
        motions.vote(motion, agrees=False, reason="可以澄清", by=seat.person, at=database_now())
    for seat in seats:
        review(evaluation, seat)
    for seat in seats[:-1]:
        actions.submit_scores(evaluation, marks(evaluation), by=seat.person, at=database_now())
    apart = {key: (points - 1, remark) for key, (points, remark) in marks(evaluation).items()}
    with pytest.raises(Refused):
        actions.submit_scores(evaluation, apart, by=seats[-1].person, at=database_now())
    rows = news(before, everything())
    assert "trading_sheettries" in {table for table, _ in rows}
    assert ("trading_committeemember" in {table for table, _ in rows}) and len(rows) > 40
    # The one who refused is no member, and the pool counts refusals.
    assert betrayals(rows, experts) == set()
    assert not any(each.person.name in caplog.text or each.number in caplog.text or each.person.mobile in caplog.text for each in experts)
    session = client.session
    assert str(evaluation.pk) not in {str(value) for key, value in session.items() if not key.startswith("_auth")}
    # The same look finds them all once the evaluation has ended, so it would have found them before.
    actions.submit_scores(evaluation, marks(evaluation), by=seats[-1].person, at=database_now())
    for seat in seats:
        actions.sign_report(evaluation, by=seat.person, at=database_now())
    named = {word for word, table in betrayals(news(before, everything()), experts) if table == "trading_committeemember"}
    assert named == {each.person.name for each in experts} | {each.number for each in experts}


def test_the_database_tells_no_mark_and_no_opinion_before_all_have_handed_in(lot, pool, client):
    evaluation = at_work(formed(lot), lot.city.staff)
    seats = members(evaluation)
    before = everything()
    bid = actions.bids_of(evaluation).first()
    review(evaluation, seats[0], failing=[bid.pk], reason=WHY)
    assert not any(WHY in row or WHY.encode().hex() in row for _, row in news(before, everything()))
    assert not any(table == "trading_checkopinion" for table, _ in news(before, everything()))
    for seat in seats[1:]:
        review(evaluation, seat)
    assert any(WHY in row for _, row in news(before, everything()))

    before = everything()
    given = {key: (POINTS if points == 16 else points, REMARK) for key, (points, _) in marks(evaluation).items()}
    for seat in seats[:-1]:
        actions.submit_scores(evaluation, given, by=seat.person, at=database_now())
    rows = news(before, everything())
    assert not any(str(POINTS) in row or REMARK in row or REMARK.encode().hex() in row for _, row in rows)
    assert not any(table == "trading_score" for table, _ in rows)
    # Marks are few, and a digest of marks alone could be guessed: equal sheets have digests that differ.
    bodies = [json.loads(bytes(entry.data)) for entry in LedgerEntry.objects.filter(kind="score.submitted")]
    assert len({body["d"]["digest"] for body in bodies}) == len(seats) - 1
    assert {body["by"]["id"] for body in bodies} == {seat.pseudonym for seat in seats[:-1]}
    actions.submit_scores(evaluation, given, by=seats[-1].person, at=database_now())
    assert any(str(POINTS) in row for table, row in news(before, everything()) if table == "trading_score")
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED


def test_the_cache_keeps_nothing_of_the_desk(lot, pool, client):
    cache.clear()
    evaluation = at_work(formed(lot), lot.city.staff)
    for seat in members(evaluation):
        client.force_login(seat.person)
        client.get(reverse("trading:evaluation_desk", args=[evaluation.pk]))
    keys = cache._cache.get_client().keys("*")
    values = b"".join(cache._cache.get_client().dump(key) or b"" for key in keys)
    assert not any(each.person.name.encode() in values or each.number.encode() in values for each in pool)


def test_staff_see_seats_and_no_names(lot, pool, client):
    evaluation = at_work(formed(lot), lot.city.staff)
    client.force_login(lot.city.staff)
    page = client.get(reverse("trading:committee", args=[lot.tender.number, lot.no])).content.decode()
    assert "1 号席" in page and "5 号席" in page
    room = client.get(reverse("draws:room", args=[evaluation.draw.number])).content.decode()
    for each in pool:
        assert each.person.name not in page + room and each.number not in page + room
