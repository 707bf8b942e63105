"""The first people and offices of an empty platform, entered by its operator."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation, Person
from accounts.permissions import audiences, require_duty
from ledger.models import LedgerEntry
from rulebook.identifiers import make_uscc

pytestmark = pytest.mark.django_db
USCC = make_uscc("12", "429900", "49000001")


@pytest.fixture
def manager():
    return Person.objects.create_user("13912345678", "long-enough-2026", name="季主任")


def test_the_operator_founds_the_centre_and_its_manager_may_review(manager):
    call_command("found_office", "centre", USCC, "清江市公共资源交易中心", manager.mobile)
    centre = Organisation.objects.get(uscc=USCC)
    assert "staff" in audiences(manager, centre)
    assert require_duty(manager, "centre", "review") == centre
    entry = LedgerEntry.objects.get(stream=f"organisation/{USCC}")
    assert entry.kind == "organisation.founded"
    assert manager.name not in bytes(entry.data).decode()


def test_an_office_with_a_wrong_code_is_refused(manager):
    with pytest.raises(CommandError):
        call_command("found_office", "regulator", "123", "某局", manager.mobile)
    assert not Organisation.objects.exists()


def test_the_operator_appoints_the_administrator(manager):
    call_command("appoint_administrator", manager.mobile)
    manager.refresh_from_db()
    assert "admin" in audiences(manager, None)
    assert LedgerEntry.objects.get(stream="acl").kind == "acl.granted"


def test_nobody_unknown_gets_anything():
    with pytest.raises(CommandError):
        call_command("appoint_administrator", "13900000000")
