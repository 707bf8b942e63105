"""Money is Decimal yuan; here it is rounded, and written the way contracts write it."""

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def yuan(value: Decimal | int | str) -> Decimal:
    """The amount with two places, half up."""
    return Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def group_capital(number: int) -> str:
    """Four digits in capitals, a run of zeros inside written once."""
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if zero else "") + DIGITS[digit] + UNITS[place]
            zero = False
        elif text:
            zero = True
    return text


def capital(amount: Decimal) -> str:
    """An amount in yuan in Chinese capitals, as cheques and award letters carry it: 壹仟零伍元叁角整."""
    fen = int(yuan(abs(amount)) * 100)
    whole, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    text, zero = "", False
    for place in (3, 2, 1, 0):
        group = whole // 10 ** (4 * place) % 10000
        if group:
            text += ("零" if zero or (text and group < 1000) else "") + group_capital(group) + GROUPS[place]
            zero = False
        elif text:
            zero = True
    text = f"{text}元" if text else ""
    if jiao:
        text += DIGITS[jiao] + "角"
    elif rest and text:
        text += "零"
    if rest:
        text += DIGITS[rest] + "分"
    else:
        text = (text or "零元") + "整"
    return ("负" if amount < 0 else "") + text
