"""What the notices of candidates and of a result say, so that anybody can do the sums again; no member's marks."""

from decimal import Decimal

from trading.tenders.models import Criterion

NUMBER = r"([\d,.]+)"
LOWEST_SAID = rf"最低有效报价 {NUMBER} 元，最低报价 ÷ 报价 × {NUMBER} 分"
BENCHMARK_SAID = rf"评标基准价 {NUMBER} 元，满分 {NUMBER} 分，每高于基准价 1% 扣 {NUMBER} 分，每低于 1% 扣 {NUMBER} 分"

# In the notice of a result, where the winner had the price deduction: a procurement shows no candidates.
DEDUCTED = "评标价（小微企业价格扣除）"
DEDUCTED_SAID = rf"报价 {NUMBER} 元 ×（1 - {NUMBER}%）= {NUMBER} 元，只用于评审，合同价仍是报价"


def deducted_facts(result) -> list[tuple[str, str]]:
    """What a bid with the price deduction counted as, as a fact of a notice; nothing for others."""
    workings, key = result.evaluation.workings, str(result.bid_id)
    deduction = workings.get("deduction", {"bids": []})
    if key not in deduction["bids"]:
        return []
    counted = Decimal(workings["evaluated"][key])
    said = f"报价 {result.price:,.2f} 元 ×（1 - {deduction['percent']}%）= {counted:,.2f} 元，只用于评审，合同价仍是报价"
    return [(DEDUCTED, said)]


def parts_label(rank: int) -> str:
    return f"第 {rank} 名各项得分"


def result_facts(evaluation, results) -> list[tuple[str, str]]:
    """Facts of a notice: the parts of each result shown, and how points for prices were made."""
    criteria = sorted(evaluation.lot.tender.document.criteria.exclude(part__in=Criterion.CHECKS), key=lambda row: row.place)
    found = [
        (parts_label(row.rank), "、".join(f"{item.title} {row.parts[item.title]}" for item in criteria))
        for row in results
        if not row.evaluated
    ]
    price = evaluation.workings.get("price")
    item = next((each for each in criteria if each.part == Criterion.Part.PRICE), None)
    return [*found, *([(f"价格分（{item.title}）", price_said(price))] if found and price and item else [])]


def price_said(price: dict) -> str:
    full = f"{Decimal(price['full']).normalize():f}"
    if price["method"] == "LOWEST":
        return f"最低有效报价 {Decimal(price['lowest']):,.2f} 元，最低报价 ÷ 报价 × {full} 分"
    benchmark = f"{Decimal(price.get('benchmark_exact', price['benchmark'])):,.4f}"
    return f"评标基准价 {benchmark} 元，满分 {full} 分，每高于基准价 1% 扣 {price['above']} 分，每低于 1% 扣 {price['below']} 分"
