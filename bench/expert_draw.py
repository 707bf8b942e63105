"""Milliseconds to draw 7 of 100,000 experts with every rule of avoidance, against `ORDER BY random() LIMIT 7` over the same table."""

import os
import time
from datetime import timedelta

from django.db import connection

from bench._ground import QUICK, ROUNDS, say
from draws.order import permutation
from experts.classification import THIRD
from experts.models import Absence, AvoidedOrganisation, Employment, Expert, Sitting, Suspension
from experts.queries import Need, candidates
from rulebook.clock import city_day, database_now

COUNT, TAKE, EMPLOYERS = (2_000 if QUICK else 100_000), 7, 3_000
FIELDS = """
INSERT INTO accounts_person (password, is_superuser, mobile, name, pseudonym, is_active, is_administrator, totp_secret, totp_last_step,
                             totp_tries, created_at)
SELECT '', false, 'x' || n, '专家' || n, 'p' || n, true, false, '', 0, 0, now() FROM generate_series(1, %s) n;
"""


def code(number):
    return f"91429900{number:010d}"


def fill():
    """So many experts with three specialties each, and for some of them every reason that keeps somebody out of a draw."""
    with connection.cursor() as cursor:
        cursor.execute(FIELDS, [COUNT])
        cursor.execute("SELECT id FROM accounts_person WHERE mobile LIKE 'x%%' ORDER BY id")
        people = [row[0] for row in cursor.fetchall()]
    now, known = database_now(), sorted(THIRD)
    today = city_day(now)
    rows = Expert.objects.bulk_create(
        (
            Expert(
                person_id=person, number=f"ZJ{place:07d}", specialties=[known[(place + step * step * 7) % len(known)] for step in range(3)],
                employer_uscc=code(place % EMPLOYERS), trained_until=today + timedelta(days=place % 400 - 20),
                term_until=today + timedelta(days=place % 1000 - 10),
            )
            for place, person in enumerate(people)
        ),
        batch_size=5000,
    )  # fmt: skip
    Employment.objects.bulk_create(
        (Employment(person_id=row.person_id, employer="旧单位", uscc=code(row.pk * 7 % EMPLOYERS), since=today - timedelta(days=2000),
                    until=today - timedelta(days=row.pk % 2000)) for row in rows), batch_size=5000,
    )  # fmt: skip
    some = rows[::10]
    AvoidedOrganisation.objects.bulk_create(
        AvoidedOrganisation(expert=row, uscc=code(row.pk * 11 % EMPLOYERS), reason="亲属") for row in some
    )
    Absence.objects.bulk_create(Absence(expert=row, since=now, until=now + timedelta(days=row.pk % 9 + 1)) for row in some)
    Suspension.objects.bulk_create(
        Suspension(expert=row, cause="other", reason="调查", since=today, by_id=people[0], at=now) for row in rows[::50]
    )
    Sitting.objects.bulk_create(
        (Sitting(key=f"b/{row.pk}/{turn}", expert=row, tender_number="T", lot_key="1", title="某", owner_uscc=code(turn % 40), answer="accepted",
                 starts_at=now - timedelta(days=turn), called_at=now) for row in some for turn in range(4)), batch_size=5000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def drawn(need):
    """The list of the draw, its order by the seed, and the first seats of different employers."""
    rows, taken, employers = candidates(need), [], set()
    for place in permutation(os.urandom(32), len(rows)):
        if rows[place]["employer"] not in employers:
            employers.add(rows[place]["employer"])
            taken.append(rows[place])
        if len(taken) == TAKE:
            return taken
    raise AssertionError("the pool is too small")


def timed(act):
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def plain():
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM experts_expert ORDER BY random() LIMIT %s", [TAKE])
        assert len(cursor.fetchall()) == TAKE


connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
try:
    fill()
    need = Need(
        ("A08",), database_now() + timedelta(days=1), interested=frozenset(code(number) for number in range(20)), owner=code(3), trade="GC",
        region="4299",
    )  # fmt: skip
    timed(lambda: drawn(need)), timed(plain)
    found = [(timed(lambda: drawn(need)), timed(plain)) for _ in range(ROUNDS)]
finally:
    connection.creation.destroy_test_db("etp", verbosity=0)
say("expert_draw", [one for one, _ in found], [other for _, other in found], "ms", "ORDER BY random()")
