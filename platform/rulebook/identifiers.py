"""Codes with check digits: organisations, persons, deals, projects; and mobile numbers."""

import re
from datetime import date

from django.core.exceptions import ValidationError

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Where the first two digits may come from (GB/T 2260, with Taiwan, Hong Kong, Macao).
PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
CENTURIES = ("19", "20")
DEAL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
DEAL_SHAPE = re.compile(r"[A-Z]\d{2}-[0-9A-HJ-NPQRTUWXY]{18}-\d{8}-\d{6}-[0-9A-Z*]")


def organisation_check(body: str) -> str:
    """The ninth character of an organisation code (GB 11714) from its first eight."""
    total = sum(weight * int(char, 36) for weight, char in zip(ORGANISATION_WEIGHTS, body, strict=True))
    value = 11 - total % 11
    return {10: "X", 11: "0"}.get(value, str(value))


def uscc_check(body: str) -> str:
    """The 18th character of a 统一社会信用代码 (GB 32100) from its first 17."""
    total = sum(USCC_ALPHABET.index(char) * (pow(3, place, 31)) for place, char in enumerate(body))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def make_uscc(kind: str, region: str, organisation: str) -> str:
    """A full code from kind ("91"), region (6 digits) and the organisation code's first eight characters."""
    body = kind + region + organisation + organisation_check(organisation)
    return body + uscc_check(body)


def is_uscc(code: str) -> bool:
    """Whether shape, the inner organisation code's check and the outer check hold."""
    return (
        len(code) == 18
        and all(char in USCC_ALPHABET for char in code)
        and organisation_check(code[8:16]) == code[16]
        and uscc_check(code[:17]) == code[17]
    )


def validate_uscc(code: str) -> None:
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为 18 位，现为 {len(code)} 位。")
    strange = [char for char in code if char not in USCC_ALPHABET]
    if strange:
        raise ValidationError(f"统一社会信用代码中不会出现“{strange[0]}”（不使用 I、O、S、V、Z 和小写字母）。")
    if not is_uscc(code):
        raise ValidationError("统一社会信用代码的校验位不符，请对照营业执照核对。")


def validate_id_number(number: str) -> None:
    """Refuse a resident identity number (GB 11643) with a wrong shape, birth date or check character."""
    if not re.fullmatch(r"[1-9]\d{16}[0-9X]", number):
        raise ValidationError("身份证号应为 18 位，末位可为 X。")
    if int(number[:2]) not in PROVINCES:
        raise ValidationError("身份证号的地区代码不存在。")
    if number[6:8] not in CENTURIES:
        raise ValidationError("身份证号中的出生日期不存在。")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as wrong:
        raise ValidationError("身份证号中的出生日期不存在。") from wrong
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, number, strict=False))
    if "10X98765432"[total % 11] != number[17]:
        raise ValidationError("身份证号的校验位不符，请核对。")


def validate_mobile(number: str) -> None:
    if not re.fullmatch(r"1[3-9]\d{9}", number):
        raise ValidationError("手机号应为 1 开头的 11 位数字。")


def deal_code(category: str, platform: str, day: date, serial: int) -> str:
    """The 统一交易标识码: category, 18-character code of the trading body, day, serial, MOD 37-2 check."""
    parts = [category, platform, f"{day:%Y%m%d}", f"{serial:06d}"]
    return "-".join([*parts, deal_check("".join(parts))])


def deal_check(body: str) -> str:
    """ISO 7064 MOD 37-2; how imported codes were made differs, so imports check the shape only."""
    value = 0
    for char in body:
        value = (value + DEAL_ALPHABET.index(char)) * 2 % 37
    return DEAL_ALPHABET[(1 - value) % 37]


def is_deal_code(code: str) -> bool:
    return DEAL_SHAPE.fullmatch(code) is not None


def project_code(platform_digits: str, serial: int) -> str:
    """17 characters: E, the platform's ten digits, a six-digit serial."""
    return f"E{platform_digits}{serial:06d}"


def tender_code(project: str, number: int) -> str:
    return f"{project}{number:03d}"


def lot_code(tender: str, number: int) -> str:
    return f"{tender}{number:03d}"
