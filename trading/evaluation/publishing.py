"""What the notice of candidates says of a result, so that anybody can do the sums again; no member's marks."""

from decimal import Decimal

from trading.tenders.models import Criterion

NUMBER = r"([\d,.]+)"
LOWEST_SAID = rf"最低有效报价 {NUMBER} 元，最低报价 ÷ 报价 × {NUMBER} 分(?:（享受价格扣除的按评标价）)?"
DEDUCTED_SAID = rf"报价 {NUMBER} 元 ×（1 - {NUMBER}%）= {NUMBER} 元，只用于评审，合同价仍是报价"
# What the notice of a result calls the same.
RESULT_DEDUCTED = "评标价（小微企业价格扣除）"
BENCHMARK_SAID = rf"评标基准价 {NUMBER} 元，满分 {NUMBER} 分，每高于基准价 1% 扣 {NUMBER} 分，每低于 1% 扣 {NUMBER} 分"


def parts_label(rank: int) -> str:
    return f"第 {rank} 名各项得分"


def deducted_label(rank: int) -> str:
    return f"第 {rank} 名评标价"


def deducted_facts(evaluation, results, label=deducted_label) -> list[tuple[str, str]]:
    """What the bids that had the price deduction counted as, so that anybody can do that sum again."""
    found = evaluation.workings.get("deduction", {"bids": []})
    return [
        (label(row.rank), f"报价 {row.bid.price:,.2f} 元 ×（1 - {found['percent']}%）= {Decimal(evaluation.workings['evaluated'][str(row.bid_id)]):,.2f} 元，只用于评审，合同价仍是报价")
        for row in results
        if str(row.bid_id) in found["bids"]
    ]  # fmt: skip


def brand_facts(evaluation, results) -> list[tuple[str, str]]:
    """Which bids are one bidder because their products are of one brand."""
    names = {str(row.bid_id): row.bid.bidder.name for row in results}
    found = evaluation.workings.get("brands", {"aside": {}, "names": {}})
    return [
        ("同品牌", f"{names[first]}代表品牌“{found['names'][first]}”，同品牌的其他投标按一家计算，不作候选人")
        for first in dict.fromkeys(found["aside"].values())
        if first in names
    ]


def result_facts(evaluation, results) -> list[tuple[str, str]]:
    """Facts of a notice: the parts of each result shown, and how points for prices were made."""
    criteria = sorted(evaluation.lot.tender.document.criteria.exclude(part__in=Criterion.CHECKS), key=lambda row: row.place)
    found = [
        (parts_label(row.rank), "、".join(f"{item.title} {row.parts[item.title]}" for item in criteria))
        for row in results
        if not row.evaluated
    ]
    scored = bool(found)
    price = evaluation.workings.get("price")
    item = next((each for each in criteria if each.part == Criterion.Part.PRICE), None)
    found = [*deducted_facts(evaluation, results), *brand_facts(evaluation, results), *found]
    return [
        *found,
        *(
            [(f"价格分（{item.title}）", price_said(price, deducted="deduction" in evaluation.workings))]
            if scored and price and item
            else []
        ),
    ]


def price_said(price: dict, *, deducted: bool = False) -> str:
    full = f"{Decimal(price['full']).normalize():f}"
    if price["method"] == "LOWEST":
        return f"最低有效报价 {Decimal(price['lowest']):,.2f} 元，最低报价 ÷ 报价 × {full} 分{'（享受价格扣除的按评标价）' if deducted else ''}"
    benchmark = f"{Decimal(price.get('benchmark_exact', price['benchmark'])):,.4f}"
    return f"评标基准价 {benchmark} 元，满分 {full} 分，每高于基准价 1% 扣 {price['above']} 分，每低于 1% 扣 {price['below']} 分"
