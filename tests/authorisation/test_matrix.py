"""Every URL has a row, every row holds at the door, and the document says the same."""

import uuid
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver, reverse

from experts.models import Expert
from tests.authorisation.matrix import MATRIX
from tests.factories.trading import city, organisation, person
from web.doors import AUDIENCES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "authorisation.md"
SAMPLES = {"pk": 1, "version": 1, "no": 1, "rev": 1, "number": "QJGC2026-9999", "uscc": "91420800MA4K00010X", "code": "AAAA-BBBB-CCCC",
           "kid": "AAAAAAAAAAA", "path": "checkpoint", "stream": "tender/X", "entry": 999999, "person": 1, "paper": 1, "attachment": 1, "objection": "YY2026-9999", "stage": "opening", "step": "check_in", "place": 1}  # fmt: skip
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
    acts = ""
    for name, pattern in sorted(doors().items()):
        if act := getattr(pattern.callback, "act", None):
            kinds = [act.kind] if isinstance(act.kind, str) else filter(None, act.kind.values())
            acts += f"| `{name}` | {'、'.join(kinds)} |\n"
    return INTRO + head + body + ACTS + acts


INTRO = """# Who may come through which door

Made from `tests/authorisation/matrix.py`, which the tests hold against the running doors, and from the doors themselves.

## Signing in

- Password (Argon2id), then a passkey or a code of an authenticator app; or a passkey alone. A session ends after 30 minutes
  without a request, and its id changes at sign-in.
- A code serves once (one step early or late at most), and a person has five tries in fifteen minutes, in however many sessions.
- Passkeys need user verification. A challenge is spent once, within 120 seconds, in the session that asked; an assertion from
  another origin, with a counter that has not grown, or of a revoked passkey is refused.
- `ETP_REQUIRE_TOTP`: people of the centre and of regulators, and administrators, need a second factor.
- `ETP_REQUIRE_STRONG` (on unless `ETP_CONSOLES`): openers, supervisors, holders of keys to bids and administrators must have
  signed in by passkey or certificate (`strong` in the session); else every page leads them to a passkey.

## Two people

Duties in the centre and in regulators, administrators, and taking away somebody's lost passkeys and codes
(`/administration/permissions/`) are asked for by one administrator (or, for duties, manager of the office) and approved by
another, who is neither the asker nor the person concerned. The first two administrators and the first manager of each office are
named by the operator on the command line. Ending a membership takes one person: it must not wait. Each change is an entry
`acl.granted` or `acl.revoked` of the stream `acl`. Security settings stand in the environment; no page changes them.

## Doors

"""
ACTS = """
## Official acts

Posting to these doors takes a fresh signature of the person over `{"v":1,"kind","target","digest","session","nonce","exp"}`, label
`act`: by passkey (the WebAuthn challenge is HJ of it) or by a registered signing key. `digest` is HJ("act-fields",
`{"v":1,"fields":{name:[values]},"files":{name:[SHA-256]}}`) of exactly what is posted, line ends as LF. The nonce serves one
attempt, in its session, within 120 seconds. What was signed and the evidence stay in `accounts_stepup`, tied to the act's ledger
entries, whose private part holds HJ("act-proof") of the evidence. `ETP_STEP_UP`: `required` of everybody, or `offered` (default
with `ETP_CONSOLES`): asked only of people who have a passkey, who may sign with a signing key too. Bidders sign manifests and key releases instead.

| Door | Acts |
|---|---|
"""


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
        "host": organisation("host").somebody,
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
        "supervisor": where.supervisor, "host": organisation("host").somebody,
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
