"""Entry rules: signed on entry by the person who enters, kept with the digest in the ledger, asked again when they change."""

import json
from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Duty, Membership, Organisation
from ledger.models import LedgerEntry
from reception import entry_rules
from reception.actions import attach_paper, sign_rules, submit_organisation, unsigned_rules
from reception.entry_rules import VERSIONS, EntryRules, rules_for
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import city, filled_project, member, organisation, stored
from trading.projects.actions import submit_project

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def offered(settings):
    settings.ETP_STEP_UP = "offered"


def newcomer(kind):
    made = organisation(kind, state=Organisation.State.DRAFT)
    attach_paper(made, "licence", stored(made.somebody, made, "organisation"), by=made.somebody)
    return made


@pytest.fixture
def second_version(monkeypatch):
    """The agencies' rules have a second version from today's point of view long in force."""
    new = EntryRules("agency", "agency", "代理机构入场规则", 2, date(2020, 1, 1), ("新的第一条。",))
    monkeypatch.setattr(entry_rules, "VERSIONS", (*VERSIONS, new))
    return new


@pytest.mark.requirement("R194")
@pytest.mark.parametrize(
    ("kind", "roles"), [("agency", {"agency"}), ("bidder", {"bidder", "supplier", "auction"}), ("tenderee", {"tenderee"})]
)
def test_who_enters_signs_the_rules_of_their_kind_and_the_ledger_holds_the_digest(kind, roles):
    made = newcomer(kind)
    submit_organisation(made, by=made.somebody, at=database_now())
    rows = made.rules_signatures.all()
    assert {row.role for row in rows} == roles and {row.person for row in rows} == {made.somebody}
    entries = [json.loads(bytes(row.data)) for row in LedgerEntry.objects.filter(kind="organisation.rules_signed")]
    assert {(each["d"]["rules"], each["d"]["digest"]) for each in entries} == {(row.role, row.digest) for row in rows}
    for row in rows:
        assert row.digest == next(each for each in VERSIONS if each.role == row.role).digest


@pytest.mark.requirement("R194")
def test_the_page_shows_the_text_before_and_the_signature_after(client):
    made = newcomer("agency")
    client.force_login(made.somebody, backend=BACKEND)
    page = client.get(reverse("accounts:organisation")).content.decode()
    assert "代理机构入场规则" in page and "不超越代理权限" in page
    client.post(reverse("accounts:submit_organisation"), {"pledge": "1"})
    page = client.get(reverse("accounts:organisation")).content.decode()
    assert "代理机构入场规则 第 1 版" in page and f"{made.somebody.name} 签署" in page
    client.logout()
    page = client.get(reverse("accounts:entry_rules")).content.decode()
    for each in VERSIONS:
        assert each.title in page and each.digest in page


@pytest.mark.requirement("R194")
def test_a_new_version_is_asked_for_before_the_next_registration_is_handed_in(second_version, client):
    where = city(bidders=0)
    project = filled_project(where)
    with pytest.raises(Refused) as refused:
        submit_project(project, by=where.handler, at=database_now())
    assert refused.value.code == "rules_unsigned" and "第 2 版" in refused.value.message
    client.force_login(where.handler, backend=BACKEND)
    page = client.get(reverse("accounts:organisation")).content.decode()
    assert "新的第一条。" in page and second_version.digest in page
    assert client.post(reverse("accounts:sign_rules"), {"digest": second_version.digest}).status_code == 302
    submit_project(project, by=where.handler, at=database_now())
    assert where.agency.rules_signatures.get().version == 2


def test_what_is_signed_is_what_stood_on_the_page_and_only_by_the_manager(second_version):
    where = city(bidders=0)
    old = VERSIONS[1].digest
    with pytest.raises(Refused) as refused:
        sign_rules(where.agency, [old], by=where.handler, at=database_now())
    assert refused.value.code == "other_text"
    with pytest.raises(Forbidden):
        sign_rules(where.agency, [second_version.digest], by=member(where.agency), at=database_now())
    sign_rules(where.agency, [second_version.digest], by=where.handler, at=database_now())
    with pytest.raises(Refused) as refused:
        sign_rules(where.agency, [], by=where.handler, at=database_now())
    assert refused.value.code == "signed"


def test_a_version_holds_from_its_day_and_only_for_its_kind(second_version):
    assert [row.version for row in rules_for(["agency"], date(2019, 1, 1))] == [1]
    assert [row.version for row in rules_for(["agency"], date(2020, 1, 1))] == [2]
    assert rules_for(["centre", "regulator"], date(2026, 1, 1)) == []


def test_who_entered_before_there_were_rules_is_asked_but_not_held_up():
    where = city(bidders=0)
    assert unsigned_rules(where.agency, city_day(database_now())) and Membership.objects.filter(duties__contains=[Duty.MANAGER]).exists()
    submit_project(filled_project(where), by=where.handler, at=database_now())


def test_every_version_of_a_role_has_its_own_number():
    known = [(row.role, row.version) for row in VERSIONS]
    assert len(known) == len(set(known))
