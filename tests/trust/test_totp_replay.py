"""Codes of an authenticator app: one step early or late, once, five tries in fifteen minutes however often one begins."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from reception.actions import TOTP_TRIES, TOTP_WINDOW, check_totp
from rulebook.clock import database_now
from rulebook.refusals import Refused

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-2026"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def owner():
    return Person.objects.create_user("13912345678", PASSWORD, name="季无名", totp_secret=SECRET, totp_confirmed_at=database_now())


def code_at(moment, steps=0):
    return pyotp.TOTP(SECRET).at(moment + steps * timedelta(seconds=30))


def enter(client, owner, code):
    client.post(reverse("accounts:sign_in"), {"mobile": owner.mobile, "password": PASSWORD})
    return client.post(reverse("accounts:second_step"), {"code": code})


def wrong_for(moment):
    right = {code_at(moment, step) for step in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


def test_a_code_seen_over_a_shoulder_is_worthless(client, owner):
    code = code_at(database_now())
    assert enter(client, owner, code).url == reverse("web:desk")
    answer = enter(Client(), owner, code)
    assert answer.status_code == 200 and "已用过" in answer.content.decode()


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_early_or_late(owner, steps, right):
    now = database_now()
    assert check_totp(owner, code_at(now, steps), at=now) is right


def test_after_a_later_code_an_earlier_one_is_spent_too(owner):
    now = database_now()
    assert check_totp(owner, code_at(now, 1), at=now)
    assert [check_totp(owner, code_at(now, step), at=now) for step in (-1, 0, 1)] == [False, False, False]


def test_signing_in_anew_gives_no_further_tries(owner):
    wrong = wrong_for(database_now())
    for _ in range(TOTP_TRIES):
        assert enter(Client(), owner, wrong).status_code == 200
    answer = enter(Client(), owner, code_at(database_now()))
    assert answer.status_code == 429 and "锁定" in answer.content.decode()


def test_after_fifteen_minutes_one_may_try_again(owner):
    now = database_now()
    for _ in range(TOTP_TRIES):
        check_totp(owner, wrong_for(now), at=now)
    late = now + TOTP_WINDOW
    with pytest.raises(Refused) as locked:
        check_totp(owner, code_at(late), at=late - timedelta(milliseconds=1))
    assert locked.value.code == "totp_locked"
    assert check_totp(owner, code_at(late), at=late)


def test_a_right_code_forgives_the_wrong_ones(owner):
    now = database_now()
    for _ in range(TOTP_TRIES - 1):
        check_totp(owner, wrong_for(now), at=now)
    assert check_totp(owner, code_at(now), at=now)
    later = now + timedelta(minutes=1)
    assert not check_totp(owner, wrong_for(later), at=later)
    assert check_totp(owner, code_at(later), at=later)


def test_digits_of_another_script_are_just_wrong(client, owner):
    assert enter(client, owner, "１２３４５６").status_code == 200
