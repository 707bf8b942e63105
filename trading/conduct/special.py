"""What some steps are held against beyond their limits; a procedure's file names these checks (CHECKS)."""

from decimal import Decimal

from accounts.models import Organisation
from rulebook.clock import city_day, database_now
from rulebook.limits import MinimumCount, MinimumShare
from rulebook.refusals import Refused
from trading.conduct.values import latest, names_of
from trading.procedures.records import records_of
from trading.procedures.rules import procurement, works
from trading.procedures.versions import procedure_of
from trading.tenders.queries import bar_to_invitation

ORDER_110 = "《政府采购框架协议采购方式管理暂行办法》"
INSTRUMENTS = "质量优先法（仪器设备）"
PURCHASED_SERVICES = "政府购买服务项目"


def quotes_of(lot):
    """{code of the supplier: its final quote}, once they are open."""
    rows = records_of(lot).filter(step="final_quote").select_related("organisation")
    return {row.organisation.uscc: Decimal(row.data["price"]) for row in rows if row.data}


def talks_with_all(lot, step, data, rules):
    """Each supplier that takes part has been talked with, on record."""
    wanted = set(latest(lot, "response_check").data["qualified"])
    met = {code for row in records_of(lot).filter(step="talks") for code in row.data["supplier"]}
    if left := names_of(wanted - met):
        raise Refused("no_talks", f"还没有与{'、'.join(left.values())}的记录。", next_step="请与每一家供应商逐一进行并登记记录。")


def competition(lot, rules):
    """How many suppliers the law asks for: fewer where the notice has declared the exception of C-10."""
    counts = sorted(
        (each for each in rules if isinstance(each, MinimumCount) and each.code.startswith("C-")), key=lambda each: each.minimum
    )
    notice = latest(lot, "consultation_notice")
    return counts[0] if notice is not None and notice.data.get("exception") else counts[-1]


def enough_qualified(lot, step, data, rules):
    """As many take part as the law asks."""
    rule, count = competition(lot, rules), len(data["qualified"])
    if count < rule.minimum:
        rule.refuse(f"参加的供应商为 {count} 家，应当不少于 {rule.minimum} 家。", field="qualified", next_step="请按流程办理终止采购。")


def reasoned_exception(lot, step, data, rules):
    """Who goes on with two suppliers says why, and buys services where that is the reason."""
    said, rule = data["exception"], min((each for each in rules if isinstance(each, MinimumCount)), key=lambda each: each.minimum)
    if said and not data["exception_reason"].strip():
        rule.refuse("请写明属于该情形的理由。", field="exception_reason", next_step="不属于该情形的，请不要选择。")
    if said == PURCHASED_SERVICES and lot.tender.project.kind != "services":
        rule.refuse("本项目不是服务采购，不属于政府购买服务项目。", field="exception", next_step="请改选其他情形，或不选择。")


def group(lot, step, data, rules):
    """The group is odd, large enough for the budget, and two thirds of it are experts."""
    size, experts = int(data["size"]), int(data["experts"])
    sizes = sorted((each for each in rules if isinstance(each, MinimumCount)), key=lambda each: each.minimum)
    least = sizes[-1] if is_large(lot) else sizes[0]
    share = next(each for each in rules if isinstance(each, MinimumShare))
    if size < least.minimum:
        least.refuse(f"小组人数为 {size} 人，应当不少于 {least.minimum} 人。", field="size", next_step="请增加小组成员。")
    if size % 2 == 0:
        least.refuse("小组人数应为单数。", field="size", next_step="请增加或者减少一人。")
    if experts > size:
        raise Refused("too_many_experts", "评审专家人数不能超过小组人数。", field="experts", status=400)
    if experts * share.denominator < size * share.numerator:
        share.refuse(f"{size} 人小组中评审专家为 {experts} 人，不足三分之二。", field="experts", next_step="请增加评审专家。")


def is_large(lot):
    """Whether the purchase reaches the sum from which it would be tendered openly: this lot's budget with the other lots."""
    budget = Decimal(latest(lot, "plan").data["budget"])
    others = sum((each.estimate for each in lot.tender.lots.exclude(pk=lot.pk)), Decimal(0))
    rule = works.COMPULSORY_WORKS if lot.tender.project.kind == "works" else procurement.OPEN_TENDER
    return rule.applies_to(budget + others)


def enough_quotes(lot, step, data, rules):
    """As many have quoted as the law asks."""
    rule = competition(lot, rules)
    count = len(quotes_of(lot))
    if count < rule.minimum:
        rule.refuse(f"提交报价的供应商为 {count} 家。", next_step="请按流程办理终止采购。")


def lowest_first(lot, step, data, rules):
    """Candidates stand in the order of their quotes, and nobody lower is left out."""
    quotes = quotes_of(lot)
    prices = [quotes[code] for code in data["candidates"]]
    others = [price for code, price in quotes.items() if code not in data["candidates"]]
    qualified = latest(lot, "response_check").data["qualified"]
    left = [price for code, price in quotes.items() if code in qualified and code not in data["candidates"]]
    if prices != sorted(prices) or (others and left and min(left) < prices[-1]):
        raise Refused(
            "not_lowest_first", "成交候选人应按报价由低到高排列。", field="candidates",
            rule="《政府采购非招标采购方式管理办法》第三十五条、第四十八条",
        )  # fmt: skip


def own_quote(lot, step, data, rules):
    """The winner is the first candidate (or the next, with a reason on record), at its own quote."""
    price = quotes_of(lot).get(data["winner"][0])
    if price != Decimal(data["price"]):
        raise Refused("not_its_quote", f"成交金额应为成交供应商的报价 {price:,.2f} 元。", field="price")
    if data["winner"] != latest(lot, "ranking").data["candidates"][:1]:
        raise Refused(
            "not_first", "应确定排名第一的成交候选人为成交供应商。", field="winner",
            rule="《政府采购非招标采购方式管理办法》第三十六条、第四十九条，财库〔2014〕214号第二十八条",
        )  # fmt: skip


def entrants(lot, step, data, rules):
    """Who enters are the first of the ranking of all qualified; the share that is eliminated is lawful, and one at least."""
    ranked, entering = data["ranked"], data["entrants"]
    if set(ranked) != set(latest(lot, "response_check").data["qualified"]):
        raise Refused("not_all_ranked", "评审排序应包括全部合格供应商。", field="ranked")
    if entering != ranked[: len(entering)]:
        raise Refused("not_by_rank", "应按评审排序从第一名起依次入围。", field="entrants", rule=f"{ORDER_110}第二十七条")
    shares = [each for each in rules if each.code == "A-18"]
    share = shares[-1] if latest(lot, "collection").data["method"] == INSTRUMENTS else shares[0]
    out = len(ranked) - len(entering)
    if out < 1:
        share.refuse("至少应淘汰一家供应商。", field="entrants")
    share.check(Decimal(out), base=Decimal(len(ranked)), field="entrants")


# A later room that keeps a framework's orders: function(lot) -> [(winner, amount, day)] of its deals that are being entered
# now, as a record keeps them; None for a lot that it does not keep.
_keepers = []


def keep_call_offs(function):
    """Register who answers for the deals under a framework; used as a decorator."""
    _keepers.append(function)
    return function


def kept_deals(lot):
    return next((deals for keep in _keepers if (deals := keep(lot)) is not None), None)


def orders_only():
    return Refused(
        "orders_only", "本框架协议已开通协议目录，成交由平台订单产生并自动公告，不在此处填报。",
        next_step="请由采购人在“框架协议”中下单。",
    )  # fmt: skip


def call_off(lot, step, data, rules):
    """The way is the one announced; by rotation the turn goes down the list of entrants and begins again."""
    announced = latest(lot, "collection").data["second"]
    if data["way"] != announced:
        raise Refused("other_way", f"征集文件载明的确定方式是“{announced}”。", field="way", rule=f"{ORDER_110}第三十二条")
    if len(data["winner"]) != 1:
        raise Refused("one_winner", "每笔采购确定一家成交供应商。", field="winner")
    if (deals := kept_deals(lot)) is not None:
        if (data["winner"], data["amount"], data["decided"]) not in deals:
            raise orders_only()
        return
    if announced == "顺序轮候":
        order = latest(lot, "entrants").data["entrants"]
        turn = order[records_of(lot).filter(step=step.code).count() % len(order)]
        if data["winner"] != [turn]:
            raise Refused("not_its_turn", f"按轮候顺序应由{names_of([turn])[turn]}成交。", field="winner", rule=f"{ORDER_110}第三十四条")


def nobody(lot, step, data, rules):
    """A disclosure is extended only where it has found nobody."""
    if records_of(lot).filter(step="buyers").exists():
        raise Refused("found", "已有意向受让方登记，不能延长披露。", rule="；".join(f"{each.source}：{each.says}" for each in rules[:1]))


def may_be_invited(lot, step, data, rules):
    """Nobody is drawn whom a decision bars, or who is on the purchaser's side."""
    for organisation in Organisation.objects.filter(uscc__in=data["invited"]):
        if refusal := bar_to_invitation(lot.tender, organisation, on=city_day(database_now())):
            refusal.field = "invited"
            raise refusal


def deal_price(lot, step, data, rules):
    """The contract is for the price at which the session, or the agreement with the only buyer, was closed."""
    for code in ("session", "agreement"):
        row = latest(lot, code)
        if row is not None and Decimal(data["price"]) != Decimal(row.data["price"]):
            raise Refused(
                "other_price", f"合同价款应与成交价一致（{Decimal(row.data['price']):,.2f} 元）。", field="price",
                rule=procedure_of(lot.tender).basis[0], next_step="请按成交确认书填写。",
            )  # fmt: skip


CHECKS = {
    check.__name__: check
    for check in (
        talks_with_all, enough_quotes, lowest_first, own_quote, entrants, call_off, nobody, enough_qualified, reasoned_exception, group,
        may_be_invited, deal_price,
    )
}  # fmt: skip
