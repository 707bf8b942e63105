"""Money is rounded in one place and written in capitals the way cheques carry it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.money import capital, yuan

AMOUNTS = st.decimals(0, Decimal("9999999999999.99"), places=2)
DIGITS = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(("typed", "kept"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("3", "3.00")])
def test_half_a_fen_goes_up(typed, kept):
    assert str(yuan(typed)) == kept


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("1.05", "壹元零伍分"),
        ("1005.30", "壹仟零伍元叁角整"),
        ("1000000.00", "壹佰万元整"),
        ("10001000.00", "壹仟万壹仟元整"),
        ("100010.00", "壹拾万零壹拾元整"),
        ("100000001.00", "壹亿零壹元整"),
        ("38600000.00", "叁仟捌佰陆拾万元整"),
        ("12345678901.23", "壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分"),
        ("-20.00", "负贰拾元整"),
    ],
)
def test_amounts_in_capitals(amount, words):
    assert capital(Decimal(amount)) == words


def read(words):
    """The amount that the capitals say: an independent reading of them."""
    whole, _, parts = words.removesuffix("整").rpartition("元")
    total = section = digit = 0
    for char in whole.replace("万亿", "兆"):
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in UNITS:
            section, digit = section + digit * UNITS[char], 0
        else:
            total, section, digit = total + (section + digit) * {"兆": 10**12, "亿": 10**8, "万": 10**4}[char], 0, 0
    amount, digit = Decimal(total + section + digit), 0
    for char in parts:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            amount += digit * {"角": Decimal("0.1"), "分": Decimal("0.01")}[char]
    return amount


@given(AMOUNTS)
def test_capitals_can_be_read_back(amount):
    assert read(capital(amount)) == amount
    assert "零零" not in capital(amount)
