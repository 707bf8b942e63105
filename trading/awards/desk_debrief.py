"""The debrief where a procedure's desk carries the trade (negotiation, consultation, inquiry): from what its steps say."""

from decimal import Decimal

from accounts.models import Organisation
from trading.awards import debrief_rules as rules
from trading.awards.contesting import after_procurement
from trading.awards.debrief import OWN, heading, said_of
from trading.conduct.special import quotes_of
from trading.conduct.values import latest
from trading.procedures.records import records_of

TAKING_PART = ("responses", "final_quote")
SCORED = "ZC-CS"


def suppliers_of(lot):
    """Who has answered, once that may be known."""
    rows = records_of(lot).filter(step__in=TAKING_PART).exclude(data={}).exclude(organisation=None)
    return Organisation.objects.filter(pk__in=rows.values("organisation"))


def named(lot, code, field) -> list[str]:
    """The organisations that a step has named, in its order; empty where it was not taken."""
    row = latest(lot, code)
    return row.data.get(field) or [] if row else []


def desk_debriefs(lot, notice, *, failure: str = "") -> dict:
    """{supplier: its debrief} of all that did not win."""
    winner = None if failure else Organisation.objects.filter(uscc__in=named(lot, "deal_decision", "winner")).first()
    known_at, about = notice.published_at, "采购过程和终止采购的决定" if failure else "采购过程和成交结果"
    remedies = after_procurement(lot, known_at, about, result=not failure)
    return {
        supplier: desk_debrief(lot, supplier, winner, notice, remedies, failure=failure)
        for supplier in suppliers_of(lot)
        if supplier != winner
    }


def desk_debrief(lot, supplier, winner, notice, remedies, *, failure: str) -> dict:
    quotes, candidates = quotes_of(lot), named(lot, "ranking", "candidates")
    own, deal = quotes.get(supplier.uscc), latest(lot, "deal_decision")
    rank = candidates.index(supplier.uscc) + 1 if supplier.uscc in candidates else None
    fallen = shut_out(lot) if latest(lot, "response_check") and supplier.uscc not in named(lot, "response_check", "qualified") else None
    became = f"排第 {rank} 名" if rank else fallen["what"] if fallen else "没有被推荐为成交候选人"
    price = Decimal(deal.data["price"]) if winner and deal else None
    ending = f"成交供应商为{winner.name}，成交金额 {price:,.2f} 元。" if price is not None else f"没有成交供应商：{failure.rstrip('。')}。"
    basis = f"{winner.uscc if winner else ''}/{notice.number}"
    return {
        **heading(lot, supplier, notice=notice.number, basis=basis, leader="成交供应商" if winner else ""), "ground": None,
        "sentence": f"{OWN}{f'最后报价 {own:,.2f} 元，' if own is not None else ''}{became}。{ending}",
        "facts": [
            {"label": "最后报价（元）", "own": f"{own:,.2f}" if own is not None else "没有报价", "winner": f"{price:,.2f}" if price is not None else ""},
            {"label": "名次", "own": f"第 {rank} 名" if rank else "没有名次", "winner": f"第 {candidates.index(winner.uscc) + 1} 名" if winner and winner.uscc in candidates else ""},
        ],
        "rows": [], "total": None, "lines": scored_elsewhere(lot, rank), "fallen": fallen, "withheld": withheld(), "remedies": remedies,
    }  # fmt: skip


def shut_out(lot) -> dict:
    rule = rules.RESPONSE_INVALID.get(lot.tender.procedure)
    return {
        "what": "响应文件没有通过审查", "clause": "采购文件载明的资格条件和实质性要求",
        "reason": "逐家的审查理由写在小组签字的审查记录中，平台没有登记。你单位可以向采购人询问本单位的理由。",
        "rules": [said_of(rule)] if rule else [], "vote": "", "at": "",
    }  # fmt: skip


def scored_elsewhere(lot, rank) -> list[str]:
    """A group's points stand in its signed sheet; the platform has no figures of them."""
    if lot.tender.procedure != SCORED or latest(lot, "ranking") is None:
        return []
    return ["磋商小组的评分写在签字的评分汇总表中，平台没有逐项数据。你单位可以向采购人询问本单位的得分。"]


def withheld() -> list[dict]:
    return [
        {"what": what, **said_of(rules.MEMBERS_SECRET_IN_PROCUREMENT)}
        for what in ("评审小组成员各自的评分和意见", "其他供应商的响应文件和评审情况")
    ]
