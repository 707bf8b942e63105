"""Reading and judging a document's choice: what its settings mean, whether the bounds are kept, and how readers are told."""

from datetime import date
from decimal import Decimal, InvalidOperation

from rulebook.limits import ShareRange
from rulebook.provisions import in_force
from rulebook.refusals import Refused
from trading.methods import rules
from trading.methods.registry import CHOICE, DECIMAL, INTEGER, LIST, METHODS, NO_BRAND, TEXT, Method, Parameter, offered_in
from trading.procedures.rules import procurement

NONE = "NONE"
LONGEST_TEXT = 200
FULL = Decimal(100)
PARTS = {"technical": "技术分", "business": "商务分", "credit": "信用分", "price": "价格分"}
PRICE_SHARE = {"goods": procurement.PRICE_SHARE_GOODS, "services": procurement.PRICE_SHARE_SERVICES}
# Declared in every document: points are rounded half up to two places, item by item, and then added.
ROUNDING = {"rounding": "HALF_UP", "digits": 2}
ROUNDED = "每个评分项四舍五入保留两位小数，再相加；中间比率不取整，偏差率按四位小数显示"


def number(text) -> Decimal | None:
    try:
        found = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def plain(value: Decimal) -> str:
    """A number as people write it, without idle zeros."""
    return f"{value.normalize():f}"


def default_method(procedure: str, kind: str) -> str:
    """What a document begins with: the first method its procedure offers."""
    offered = offered_in(procedure, kind)
    return offered[0].code if offered else "COMPREHENSIVE_ASSESSMENT"


def settled(method: Method, settings: dict) -> dict:
    """The settings with the defaults of what they do not say: what a published document means.

    Documents older than a parameter mean what was done then: ties after price and technical points were left open, and
    no preference counted, because bids could declare nothing.
    """
    older = {"ties": "price,technical"} if "ties" not in settings else {}
    defaults = method.defaults()
    if "policy" in defaults and not {"policy", "deduction"} & set(settings):
        older["policy"] = NONE
    if "same_brand" in defaults and "same_brand" not in settings:
        older["same_brand"] = NO_BRAND
    return {**defaults, **settings, **older}


def asked(method: Method, settings: dict) -> list[Parameter]:
    """The parameters that matter with these settings, in order."""
    return [each for each in method.parameters if each.in_documents and matters(method, each, settings)]


def matters(method: Method, parameter: Parameter, settings: dict) -> bool:
    """Whether a parameter is used, and what it hangs on is used too."""
    if parameter.when is None:
        return True
    parent = next((each for each in method.parameters if each.name == parameter.when[0]), None)
    return parameter.matters(settings) and (parent is None or matters(method, parent, settings))


def problem_of(parameter: Parameter, value, *, day: date) -> str:
    """What is wrong with one value, in Chinese; empty if nothing is."""
    label = parameter.label
    if parameter.kind == CHOICE:
        return "" if value in dict(parameter.choices) else f"请选择{label}"
    if parameter.kind == LIST:
        return problem_of_list(parameter, value)
    if parameter.kind == TEXT:
        text = str(value).strip()
        return f"请写明{label}" if not text else f"{label}最多 {LONGEST_TEXT} 字" if len(text) > LONGEST_TEXT else ""
    found = number(value)
    if found is None:
        return f"{label}应填写数字"
    if parameter.kind == INTEGER and found != found.to_integral_value():
        return f"{label}应填写整数"
    if parameter.kind == DECIMAL and found.normalize().as_tuple().exponent < -4:
        return f"{label}最多四位小数"
    least, most = parameter.bounds(day)
    law = f"（{in_force(parameter.rule, day).source}）" if parameter.rule else ""
    if least is not None and found < least:
        return f"{label}不能小于 {plain(least)}{law}"
    if most is not None and found > most:
        return f"{label}不能大于 {plain(most)}{law}"
    return ""


def problem_of_list(parameter: Parameter, value) -> str:
    found = [number(each) for each in candidates(value)]
    if len(found) < 2 or None in found:
        return f"{parameter.label}应至少填写两个数字，用空格分开"
    if len(set(found)) != len(found):
        return f"{parameter.label}有重复的数字"
    if any(not parameter.least <= each <= parameter.most for each in found):
        return f"{parameter.label}应在 {plain(parameter.least)} 至 {plain(parameter.most)} 之间"
    return ""


def candidates(text) -> list[str]:
    return str(text).replace("，", " ").replace(",", " ").replace("、", " ").split()


def kept(method: Method, values: dict) -> dict:
    """Settings as a document keeps them: what matters, numbers as plain text, counts as numbers, and the declared rounding."""
    found = {}
    for each in asked(method, values):
        value = values[each.name]
        if each.kind == INTEGER:
            found[each.name] = int(value)
        elif each.kind == LIST:
            found[each.name] = " ".join(plain(Decimal(one)) for one in candidates(value))
        else:
            found[each.name] = str(value).strip() if each.kind in (CHOICE, TEXT) else plain(Decimal(str(value)))
    return {**found, **ROUNDING}


def described(code: str, settings: dict) -> list[tuple[str, str]]:
    """(label, value) of everything that the document states about its method, for whoever reads it."""
    if code not in METHODS:
        return []
    method = METHODS[code]
    whole = settled(method, settings)
    said = [each for each in asked(method, whole) if each.name != "ties" and (each.name in settings or whole[each.name] != NONE)]
    rows = [(each.label, each.said(whole[each.name])) for each in said]
    ties = dict(method.parameter("ties").choices).get(whole["ties"]) if any(each.name == "ties" for each in method.parameters) else None
    if ties:
        rows.append((method.parameter("ties").label, ties))
    return [("评标办法", f"{method.name}：{method.core}"), *rows, *([("小数", ROUNDED)] if method.by == "points" else [])]


def choice_problems(
    code: str, settings: dict, *, procedure: str, kind: str, points: dict[str, Decimal], two_envelopes: bool, day: date
) -> list[Refused]:
    """Why a document with this method, these settings and these points (by part of the criteria) may not be published."""
    offered = {row.code: row for row in offered_in(procedure, kind)}
    method = offered.get(code)
    if method is None:
        names = "、".join(row.name for row in offered.values())
        return [Refused(
            "method", f"这种交易方式不能采用“{METHODS[code].name if code in METHODS else code}”", field="method", next_step=f"可以采用：{names}。",
        )]  # fmt: skip
    whole = settled(method, settings)
    found = [
        Refused("method_setting", problem, field=each.name, next_step="请在“评标办法与评审标准”中修改。")
        for each in asked(method, whole)
        if each.name != "ties" and (problem := problem_of(each, whole[each.name], day=day))
    ]
    if whole.get("same_brand") == NO_BRAND and kind == "goods":
        found.append(Refused(
            "same_brand", "采购货物须写明同品牌的认定方式", rule=f"{rules.SAME_BRAND.source}：{rules.SAME_BRAND.says}", field="same_brand",
            next_step="请在“评标办法与评审标准”中选择单一产品，或写明核心产品。",
        ))  # fmt: skip
    return [*found, *part_problems(method, points), *share_problems(method, kind, points, day), *envelope_problems(method, two_envelopes)]


def part_problems(method: Method, points: dict[str, Decimal]) -> list[Refused]:
    return [
        Refused(
            "method_part", f"{method.name}不设{PARTS[part]}，请删去这部分评审因素", rule=method.basis, field="points", next_step="请调整评审标准。",
        )
        for part in points
        if part not in method.parts
    ]  # fmt: skip


def share_problems(method: Method, kind: str, points: dict[str, Decimal], day: date) -> list[Refused]:
    """The shares of price and credit that law and city bound."""
    found: list[Refused] = []
    price, credit = points.get("price", Decimal(0)), points.get("credit", Decimal(0))
    if method.code == "COMPREHENSIVE_SCORING" and kind in PRICE_SHARE:
        rule = in_force(PRICE_SHARE[kind], day)
        found += refusals(rule.check, price, base=FULL, field="points")
    if method.code == "CREDIT_BUSINESS":
        found += share_of_credit(rules.CREDIT_BUSINESS, credit, day)
    elif credit and "credit" in method.parts:
        found += share_of_credit(rules.CREDIT_MARK, credit, day)
    return found


def share_of_credit(rule: ShareRange, credit: Decimal, day: date) -> list[Refused]:
    return refusals(in_force(rule, day).check, credit, field="points", subject="信用分占总分的比例")


def refusals(check, *given, **more) -> list[Refused]:
    try:
        check(*given, **more)
    except Refused as refusal:
        return [refusal]
    return []


def envelope_problems(method: Method, two_envelopes: bool) -> list[Refused]:
    if method.two_envelopes and not two_envelopes:
        return [Refused(
            "needs_two_envelopes", f"{method.name}要求技术和报价分别封存", field="two_envelopes", next_step="请在“编制招标文件”中勾选“采用双信封”。",
        )]  # fmt: skip
    return []
