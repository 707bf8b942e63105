"""What a session pays by each province's standard, and what an expert sees of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from experts.actions import sessions
from experts.fees import CITY_STANDARD, STANDARDS
from rulebook.clock import city_day, database_now
from tests.factories.evaluation import expert

H = Decimal


@pytest.mark.parametrize(
    ("name", "minutes", "more", "amount"),
    [
        ("fujian", 180, {}, 300), ("fujian", 200, {}, 350), ("fujian", 209, {}, 350), ("fujian", 210, {}, 400), ("fujian", 240, {}, 400),
        ("shandong", 180, {}, 400), ("shandong", 310, {}, 650), ("shandong", 330, {}, 700), ("shandong", 540, {}, 1000),
        ("shandong", 720, {}, 1000), ("shandong", 720, {"agreed": Decimal(1500)}, 1500), ("shandong", 0, {"held": False}, 200),
        ("shanxi", 120, {}, 300), ("shanxi", 121, {}, 400), ("shanxi", 180, {}, 400), ("shanxi", 480, {}, 800), ("shanxi", 540, {}, 1000),
        ("shanxi", 720, {}, 1000), ("shanxi", 120, {"holiday": True}, 600), ("shanxi", 0, {"held": False}, 100),
        ("shanxi", 120, {"held": False}, 300), ("shanxi", 150, {"held": False}, 400),
        ("zhejiang", 180, {}, 500), ("zhejiang", 240, {}, 600), ("zhejiang", 480, {}, 1000), ("zhejiang", 600, {}, 1400), ("zhejiang", 601, {}, 1600),
        ("tianjin", 240, {}, 300), ("tianjin", 241, {}, 450), ("tianjin", 480, {}, 600), ("tianjin", 500, {}, 700), ("tianjin", 0, {"held": False}, 100),
        ("shandong", 180, {"supplement": Decimal(100)}, 500), ("shandong", 180, {"holiday": True}, 400),
    ],
)  # fmt: skip
def test_what_a_session_pays(name, minutes, more, amount):
    fee, lines = STANDARDS[name].for_session(timedelta(minutes=minutes), **more)
    assert fee == amount
    assert sum(Decimal(value) for _, value in lines) == fee


def test_every_standard_names_its_source():
    assert set(STANDARDS) == {"shanxi", "shandong", "zhejiang", "fujian", "tianjin"}
    assert all(row.source and row.confidence == "V2" for row in STANDARDS.values())


@pytest.mark.django_db
def test_the_statement_shows_each_session_and_how_its_fee_came_about(client):
    who, now = expert(1), database_now()
    for number, hours in enumerate((3, 5)):
        sessions.note_call(
            who,
            key=f"t/{number}",
            request_key="",
            tender_number="T",
            lot_key="1",
            title=f"某工程第 {number} 标段",
            owner_uscc="",
            starts_at=now,
            at=now,
        )
        sessions.note_answer(f"t/{number}", "accepted", at=now)
        sessions.note_session(f"t/{number}", began_at=now, ended_at=now + timedelta(hours=hours))
    rows, total = sessions.fees_between(who, now, now + timedelta(days=1))
    assert (len(rows), total) == (2, 1000) and rows[0].fee_rule == CITY_STANDARD.code
    client.force_login(who.person, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("experts:fees") + f"?year={city_day(rows[1].ended_at).year}").content.decode()
    assert "某工程第 1 标段" in page and "600.00" in page and "超时报酬 200.00" in page
    assert sessions.note_session("t/0", began_at=now, ended_at=now + timedelta(hours=9)) is None
