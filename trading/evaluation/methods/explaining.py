"""The workings of a result in sentences, one after the other, for the report, the desk and the calculator."""

from decimal import Decimal
from typing import Any

from trading.evaluation.methods.ranking import TIE_WORDS


def sum_of(text: str) -> str:
    return f"{Decimal(text):,.2f} 元"


def bare(text: str) -> str:
    """A number without idle zeros."""
    return f"{Decimal(text).normalize():f}"


def explained(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    """How the points came about; `names` says who each key of the workings is."""
    lines = [
        *deduction_lines(workings, names),
        *(f"评审价：{names.get(key, key)} {sum_of(price)}" for key, price in workings.get("evaluated", {}).items()),
    ]
    if price := workings.get("price"):
        lines += [*drawn_lines(price.get("drawn")), *price_lines(price)]
    if credit := workings.get("credit"):
        lines.append(credit_line(credit))
    if lot := workings.get("lot"):
        lines.append(f"摇号：对“{lot['text']}”取 SHA-256，除以 {lot['count']} 的余数为 {lot['index']}，抽中第 {lot['index'] + 1} 家")
    return [*lines, *tie_lines(workings, names), *brand_lines(workings, names), *range_lines(workings, names)]


def deduction_lines(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    found = workings.get("deduction")
    if not found or not found["bids"]:
        return []
    who = "、".join(names.get(key, key) for key in found["bids"])
    return [
        f"小微企业价格扣除 {bare(found['percent'])}%（{who}）：评标价 = 报价 ×（1 - {bare(found['percent'])}%），只用于评审，合同价仍是报价"
    ]


def brand_lines(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Whom another bid of the same brand stands for."""
    found = workings.get("brands", {"aside": {}})
    return [
        f"{names.get(key, key)}与{names.get(first, first)}提供同品牌产品（{found['names'][key]}），按一家投标人计算，由{names.get(first, first)}代表该品牌"
        for key, first in found["aside"].items()
    ]


def drawn_lines(drawn: dict | None) -> list[str]:
    if not drawn:
        return []
    chosen = f"取第 {drawn['index'] + 1} 个：{drawn['value']}"
    return [
        f"系数抽取：备选值 {'、'.join(drawn['candidates'])}；对“{drawn['text']}”取 SHA-256 得 {drawn['digest']}，除以 {len(drawn['candidates'])} 的余数为 {drawn['index']}，{chosen}"
    ]


def price_lines(price: dict) -> list[str]:
    if price["method"] == "LOWEST":
        return [f"最低有效报价 {price['lowest']} 元，价格分 = 最低报价 ÷ 报价 × {price['full']}"]
    dropped = f"，去掉 {'、'.join(price['dropped'])}" if price["dropped"] else ""
    if "k1" in price:
        made = (
            f"限价 {sum_of(price['limit'])} 下浮 {price['discount']}% 为 {sum_of(price['reduced'])}，× K1 {price['k1']} × Q1 {price['q1']}；"
            f"均值 {sum_of(price['mean'])}{dropped}，× K2 {price['k2']} × Q2 {price['q2']}；两者相加"
        )
    else:
        made = f"均值 {sum_of(price['mean'])} × 系数 {price['coefficient']}{dropped}"
    return [
        f"评标基准价 {sum_of(price['benchmark'])}（{made}）",
        f"报价每高于基准价 1% 扣 {price['above']} 分，每低于 1% 扣 {price['below']} 分，满分 {bare(price['full'])} 分",
    ]


def credit_line(credit: dict) -> str:
    on = f"采用 {credit['on']} 的平台信用评分，" if "on" in credit else ""
    way = f"与最高信用评分 {bare(credit['base'])} 相比折算" if credit["method"] == "RELATIVE" else "按百分制折算"
    return f"信用分{on}{way}，满分 {bare(credit['full'])} 分"


def tie_lines(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    lines = []
    for tie in workings.get("ties", []):
        pair = f"{names.get(tie['before'], tie['before'])}与{names.get(tie['after'], tie['after'])}得分（评标价）相同，"
        if tie["by"] == "draw":
            lines.append(f"{pair}其他比较也相同，抽签确定先后：对“{workings['ties_text']}”加各自代码取 SHA-256，小者在前")
        elif tie["by"] in TIE_WORDS:
            lines.append(f"{pair}{TIE_WORDS[tie['by']]}")
        else:
            lines.append(f"{pair}招标文件没有载明如何区分，这里按开标顺序列出，须由招标人依法确定")
    return lines


def low_lines(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    return [
        f"{names.get(key, key)}的报价{reasons}，请投标人说明并提供证明，不因此直接否决"
        for key, reasons in workings.get("low_prices", {}).items()
    ]


def range_lines(workings: dict[str, Any], names: dict[str, str]) -> list[str]:
    found = workings.get("range")
    if not found:
        return []
    lines = [
        f"同类 {found['count']} 个项目的中标价区间为最高限价的 {found['low']} 至 {found['high']}（低于区间的请投标人说明，不作为否决依据）"
    ]
    return lines + [f"{names.get(key, key)}的报价低于中标价区间，已请投标人说明" for key in found["below"]]


def bid_line(key: str, workings: dict[str, Any], parts: dict[str, str]) -> str:
    """How one bid's price points follow from its deviation."""
    price = workings.get("price", {})
    if key not in price.get("deviations", {}):
        return ""
    deviation = Decimal(price["deviations"][key])
    rate = price["above"] if deviation > 0 else price["below"]
    return f"偏差率 {deviation}%，扣 {abs(deviation)} × {rate} 分"
