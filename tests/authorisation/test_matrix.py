"""Every URL has a row, every row holds at the door, and the document says the same."""

import uuid
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver, reverse

from experts.models import Expert
from tests.authorisation.matrix import MATRIX
from tests.factories.trading import city, person
from web.doors import AUDIENCES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "authorisation.md"
SAMPLES = {"pk": 1, "no": 1, "rev": 1, "number": "QJGC2026-9999", "uscc": "91420800MA4K00010X", "code": "AAAA-BBBB-CCCC",
           "kid": "AAAAAAAAAAA", "path": "checkpoint", "stream": "tender/X", "entry": 999999, "person": 1, "paper": 1, "attachment": 1, "objection": "YY2026-9999"}  # fmt: skip
UUIDS = {"key", "token"}


def doors():
    def walk(patterns, namespace=""):
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, f"{namespace}{each.namespace}:" if each.namespace else namespace)
            else:
                yield f"{namespace}{each.name}", each

    return dict(walk(get_resolver().url_patterns))


def address(name, pattern):
    values = {}
    for key in pattern.pattern.converters:
        values[key] = uuid.UUID(int=1) if key in UUIDS else SAMPLES[key]
    return reverse(name, kwargs=values)


def test_every_door_has_a_row_and_every_row_a_door():
    assert set(doors()) == set(MATRIX)


def test_every_door_lets_in_whom_its_row_names():
    assert {name: set(pattern.callback.audiences) for name, pattern in doors().items()} == MATRIX


def document():
    """docs/authorisation.md, made from the table: `ETP_WRITE_DOCS=1 bin/test tests/authorisation` writes it anew."""
    head = "| 入口 | " + " | ".join(AUDIENCES.values()) + " |\n|---|" + "---|" * len(AUDIENCES) + "\n"
    body = ""
    for name, allowed in sorted(MATRIX.items()):
        everybody = "public" in allowed
        signed = "signed_in" in allowed
        marks = ["✓" if everybody or each in allowed or (signed and each != "public") else "" for each in AUDIENCES]
        body += f"| `{name}` | " + " | ".join(marks) + " |\n"
    intro = "# Who may come through which door\n\nMade from `tests/authorisation/matrix.py`, which the tests hold against the running doors.\n\n"
    return intro + head + body


def test_the_document_is_up_to_date():
    import os

    if os.environ.get("ETP_WRITE_DOCS"):
        DOCUMENT.write_text(document())
    assert DOCUMENT.read_text() == document()


@pytest.mark.django_db
def test_who_is_not_named_is_turned_away(client):
    """Each kind of user at each door it may not pass: led to sign in, or refused; never served."""
    where = city(bidders=1)
    admin, expert = person(is_administrator=True), person()
    Expert.objects.create(person=expert, number="ZJ1", specialties=["A08"])
    people = {
        "public": None, "signed_in": person(), "bidder": where.bidders[0].somebody, "tenderee": where.owner.somebody,
        "agency": where.handler, "staff": where.staff, "supervisor": where.supervisor, "expert": expert, "admin": admin,
    }  # fmt: skip
    passed = []
    for audience, somebody in people.items():
        client.logout()
        if somebody is not None:
            client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
        for name, pattern in doors().items():
            allowed = MATRIX[name]
            if "public" in allowed or audience in allowed or ("signed_in" in allowed and somebody is not None):
                continue
            for method in (client.get, client.post):
                answer = method(address(name, pattern))
                led_away = answer.status_code == 302 and answer.url.startswith("/sign-in/")
                if not (answer.status_code in (401, 403) or led_away):
                    passed.append((audience, name, answer.status_code))
    assert passed == []


@pytest.mark.django_db
def test_who_is_named_is_not_turned_away_at_the_door(client):
    """Each kind of user at each door it may pass: served, or told that the sample object is not theirs to see."""
    where = city(bidders=1)
    people = {
        "bidder": where.bidders[0].somebody, "tenderee": where.owner.somebody, "agency": where.handler, "staff": where.staff,
        "supervisor": where.supervisor,
    }  # fmt: skip
    refused = []
    for audience, somebody in people.items():
        client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
        for name, pattern in doors().items():
            if audience in MATRIX[name]:
                answer = client.get(address(name, pattern))
                if answer.status_code not in (200, 204, 302, 400, 404, 405):
                    refused.append((audience, name, answer.status_code))
    assert refused == []
