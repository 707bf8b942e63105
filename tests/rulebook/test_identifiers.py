"""Codes with check digits: the samples of the standards, and how wrong ones are refused."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from rulebook import identifiers


@pytest.mark.parametrize("code", ["91420800MA4K00010X", "12420800491234564K", "93420821MJ8753217W"])
def test_organisation_codes_pass(code):
    identifiers.validate_uscc(code)
    assert identifiers.make_uscc(code[:2], code[2:8], code[8:16]) == code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91420800MA4K000100", "校验位"),
        ("91420800MA4K0001OX", "“O”"),
        ("91420800MA4K00010", "18 位"),
        ("91420800ma4k00010x", "“m”"),
        ("91420800MA4K00011X", "校验位"),
    ],
)
def test_wrong_organisation_codes_are_refused_with_the_reason(code, said):
    with pytest.raises(ValidationError) as refused:
        identifiers.validate_uscc(code)
    assert said in refused.value.messages[0]


ORGANISATION = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)


@given(ORGANISATION, st.integers(0, 17), st.sampled_from(identifiers.USCC_ALPHABET))
def test_one_wrong_character_is_always_found(organisation, place, char):
    code = identifiers.make_uscc("91", "429900", organisation)
    changed = code[:place] + char + code[place + 1 :]
    assert identifiers.is_uscc(changed) == (changed == code)


def test_the_inner_organisation_code_is_checked_too():
    body = "91420800MA4K00011"  # the ninth character of the organisation code should be 0
    assert not identifiers.is_uscc(body + identifiers.uscc_check(body))


@pytest.mark.parametrize("number", ["11010519491231002X", "360102198001010013", "420802199003071230"])
def test_identity_numbers_pass(number):
    identifiers.validate_id_number(number)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("110105194912310021", "校验位"),
        ("11010519490231002X", "出生日期"),
        ("11010529491231002X", "出生日期"),
        ("99010519491231002X", "地区"),
        ("1101051949123100", "18 位"),
        ("11010519491231002x", "18 位"),
    ],
)
def test_wrong_identity_numbers_are_refused(number, said):
    with pytest.raises(ValidationError) as refused:
        identifiers.validate_id_number(number)
    assert said in refused.value.messages[0]


@pytest.mark.parametrize(
    "code",
    [
        "A01-12420800491234564K-20261120-000001-R",
        "D02-12420800491234564K-20261120-000002-S",
        "B01-12420800491234564K-20261121-000003-O",
    ],
)
def test_deal_codes_carry_the_check_of_mod_37_2(code):
    category, platform, day, serial, _ = code.split("-")
    made = identifiers.deal_code(category, platform, date(int(day[:4]), int(day[4:6]), int(day[6:])), int(serial))
    assert made == code
    assert len(made) == 40
    assert identifiers.is_deal_code(made)


@pytest.mark.parametrize(
    "code",
    [
        "A99-91359128593462349A-20170601-002267-T",
        "D01-12350100MB02709751-20190627-527731-5",
        "D03-12350100MB02709751-20200319-102642-5",
        "B01-12350100MB02709751-20161231-211018-2",
    ],
)
def test_codes_made_elsewhere_are_taken_by_their_shape(code):
    assert identifiers.is_deal_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "A1-12420800491234564K-20261120-000001-R",
        "A01-1242080049123456IK-20261120-000001-R",
        "A01-12420800491234564K-20261120-00001-R",
        "A01-12420800491234564K-20261120-000001-r",
        "A01124208004912345 64K20261120000001R",
    ],
)
def test_codes_of_another_shape_are_not(code):
    assert not identifiers.is_deal_code(code)


def test_the_three_levels_hang_together():
    project = identifiers.project_code("4208000001", 123)
    tender = identifiers.tender_code(project, 1)
    lot = identifiers.lot_code(tender, 1)
    assert (project, tender, lot) == ("E4208000001000123", "E4208000001000123001", "E4208000001000123001001")
    assert [len(code) for code in (project, tender, lot)] == [17, 20, 23]


@pytest.mark.parametrize("number", ["13900000000", "19912345678"])
def test_mobile_numbers_pass(number):
    identifiers.validate_mobile(number)


@pytest.mark.parametrize("number", ["1390000000", "139000000000", "12900000000", "+8613900000000", "1390000000a", "１３９００００００００"])
def test_wrong_mobile_numbers_are_refused(number):
    with pytest.raises(ValidationError) as refused:
        identifiers.validate_mobile(number)
    assert refused.value.messages == ["手机号应为 1 开头的 11 位数字。"]
