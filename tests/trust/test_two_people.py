"""Permissions of offices and administrators change by two people, and each change stands in the ledger."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Duty, Membership, PermissionRequest, Person
from accounts.permissions import is_member
from ledger.models import LedgerEntry
from reception.actions import add_member, end_membership
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.factories.trading import city, member, person
from tests.trust.authenticator import enrolled

pytestmark = pytest.mark.django_db


@pytest.fixture
def where():
    return city(bidders=1)


@pytest.fixture
def admin():
    return person("管理甲", is_administrator=True)


@pytest.fixture
def second():
    return person("管理乙", is_administrator=True)


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client, by, whom, **data):
    given = {"matter": "duties", "mobile": whom.mobile, "reason": "新到任", **data}
    return enter(client, by).post(reverse("accounts:permissions"), given)


def decide(client, by, row, move="approve"):
    return enter(client, by).post(
        reverse("accounts:decide_permission", args=[row.pk]), {"move": move}, headers={"Accept": "application/json"}
    )


def acl():
    return [
        (row.kind, row.event.payload["person"], row.event.payload["matter"])
        for row in LedgerEntry.objects.filter(stream="acl").order_by("n")
    ]


def test_a_duty_at_the_centre_is_asked_for_by_one_and_given_by_another(client, where, admin):
    newcomer = person("新开标员")
    answer = ask(client, where.staff, newcomer, organisation=where.centre.pk, duties=["opening", "draw"])
    assert answer.url == reverse("accounts:permissions")
    row = PermissionRequest.objects.get()
    assert not is_member(newcomer, where.centre) and acl() == []

    mine = client.get(reverse("accounts:permissions")).content.decode()
    assert "须由另一人批准" in mine and 'name="mobile"' in mine and 'value="approve"' not in mine
    assert decide(client, where.staff, row).json()["code"] == "same_person"
    assert not is_member(newcomer, where.centre)

    page = enter(client, admin).get(reverse("accounts:permissions")).content.decode()
    for told in (newcomer.name, newcomer.mobile, where.staff.name, "开标见证、专家抽取", "新到任"):
        assert told in page
    decide(client, admin, row)
    assert is_member(newcomer, where.centre, Duty.OPENING) and not is_member(newcomer, where.centre, Duty.REVIEW)
    entry = LedgerEntry.objects.get(stream="acl")
    assert entry.event.payload == {
        "person": newcomer.pseudonym, "matter": "duties", "organisation": where.centre.uscc, "duties": ["opening", "draw"],
        "asked_by": where.staff.pseudonym,
    }  # fmt: skip
    assert f'"id":"{admin.pseudonym}"'.encode() in bytes(entry.data)
    assert decide(client, admin, row).json()["code"] == "decided"


def test_another_manager_of_the_office_may_approve_and_a_manager_elsewhere_may_not(client, where):
    ask(client, where.supervisor, person("新监督员"), organisation=where.regulator.pk, duties=["complaints"])
    row = PermissionRequest.objects.get()
    plain = member(where.regulator, duties=[Duty.COMPLAINTS])
    for stranger in (where.staff, plain):
        assert decide(client, stranger, row).status_code == 404
        assert "新监督员" not in client.get(reverse("accounts:permissions")).content.decode()
    decide(client, member(where.regulator, duties=[Duty.MANAGER]), row)
    assert is_member(row.person, where.regulator, Duty.COMPLAINTS)


def test_who_has_no_office_to_manage_cannot_ask(client, where):
    plain = member(where.centre, duties=[Duty.INTAKE])
    answer = ask(client, plain, person(), organisation=where.centre.pk, duties=["opening"]).content.decode()
    assert "只有平台管理员" in answer and 'name="mobile"' not in answer
    # A manager of the regulator cannot name people of the centre.
    assert ask(client, where.supervisor, person(), organisation=where.centre.pk, duties=["opening"]).status_code == 200
    assert ask(client, where.supervisor, person(), matter="appointment").status_code == 200
    assert not PermissionRequest.objects.exists()


def test_nobody_approves_what_is_for_themselves(client, where, admin, second):
    ask(client, admin, second, organisation=where.centre.pk, duties=["review"])
    assert decide(client, second, PermissionRequest.objects.get()).json()["code"] == "own_permission"
    assert not is_member(second, where.centre)


def test_the_database_itself_refuses_one_person_for_both(admin):
    with pytest.raises(IntegrityError, match="permissions_take_two_people"), transaction.atomic():
        PermissionRequest.objects.create(
            matter="appointment", person=person(), asked_by=admin, asked_at=database_now(), decided_by=admin, decided_at=database_now()
        )


def test_an_administrator_is_appointed_and_dismissed_by_two_others(client, admin, second):
    third = person("管理丙")
    for matter, kind, after in (("appointment", "acl.granted", True), ("dismissal", "acl.revoked", False)):
        ask(client, admin, third, matter=matter)
        decide(client, second, PermissionRequest.objects.get(decided_at=None))
        third.refresh_from_db()
        assert third.is_administrator is after
        assert acl()[-1] == (kind, third.pseudonym, matter)


def test_refused_or_withdrawn_changes_nothing(client, admin, second):
    third = person()
    ask(client, admin, third, matter="appointment")
    decide(client, second, PermissionRequest.objects.get(decided_at=None), "refuse")
    ask(client, admin, third, matter="appointment")
    decide(client, admin, PermissionRequest.objects.get(decided_at=None), "withdraw")
    third.refresh_from_db()
    assert (third.is_administrator, acl()) == (False, [])
    page = client.get(reverse("accounts:permissions")).content.decode()
    assert "未批准" in page and "已撤回" in page


def test_lost_credentials_are_reset_by_two_and_end_every_session(client, admin, second):
    somebody = person("丢了手机的人", totp_secret="x", totp_confirmed_at=database_now())
    somebody.set_password("long-enough-2026")
    somebody.save()
    session = enter(client, somebody).session
    session["totp"] = True
    session.save()
    enrolled(client)
    kept = client.session.session_key
    ask(client, admin, somebody, matter="reset")
    decide(client, second, PermissionRequest.objects.get())
    somebody.refresh_from_db()
    assert (somebody.has_totp, somebody.has_passkey, somebody.has_usable_password()) == (False, False, False)
    client.cookies["sessionid"] = kept
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert acl() == [("acl.revoked", somebody.pseudonym, "reset")]


def test_managers_cannot_go_round_it(client, where):
    newcomer = person()
    with pytest.raises(Refused) as told:
        add_member(where.centre, newcomer.mobile, [Duty.OPENING], by=where.staff)
    assert told.value.code == "two_people"
    answer = enter(client, where.staff).post(reverse("accounts:members"), {"mobile": newcomer.mobile, "duties": ["opening"]})
    assert "两人" in answer.content.decode() and not is_member(newcomer, where.centre)


def test_other_organisations_name_their_people_as_before(where):
    newcomer = person()
    add_member(where.owner, newcomer.mobile, [Duty.HANDLER], by=where.owner.somebody)
    assert is_member(newcomer, where.owner) and acl() == []


def test_taking_away_a_duty_is_done_at_once_and_recorded(where):
    colleague = member(where.centre, duties=[Duty.OPENING])
    end_membership(Membership.objects.get(person=colleague), by=where.staff, at=database_now())
    assert acl() == [("acl.revoked", colleague.pseudonym, "duties")]


def test_the_operator_names_the_first_two_administrators_only():
    people = [person(f"第{place}人") for place in range(3)]
    for each in people[:2]:
        call_command("appoint_administrator", each.mobile)
    with pytest.raises(CommandError, match="权限变更"):
        call_command("appoint_administrator", people[2].mobile)
    assert Person.objects.filter(is_administrator=True).count() == 2
    assert [kind for kind, _, _ in acl()] == ["acl.granted"] * 2
