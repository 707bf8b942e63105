"""The statutory clock of a tender: what its dates must keep to, checked before publication."""

from rulebook.clock import city_day
from rulebook.limits import Ceiling
from rulebook.periods import MinimumPeriod
from rulebook.refusals import Refused
from rulebook.workdays import is_announced, is_workday

# Where the editor keeps an event that a publication plans, and what it is called there.
PLANNED = {"tender_doc_sale_end": ("supply_until", "文件获取截止时间"), "bid_deadline": ("bids_due_at", "投标截止时间")}


def publication_periods(procedure, day):
    """The procedure's periods between the publication and the dates that it plans."""
    rules = procedure.step_of("publication").limits_on(day)
    return [rule for rule in rules if isinstance(rule, MinimumPeriod) and rule.end in PLANNED]


def date_problems(*, procedure, published_at, supply_from, supply_until, bids_due_at, lots):
    """Every statutory limit of the procedure that the planned dates and deposits break, as refusals that name rule and way out."""
    found = []

    def check(act):
        try:
            act()
        except Refused as refusal:
            found.append(refusal)

    start = max(published_at, supply_from)
    if supply_from < published_at:
        found.append(
            Refused(
                "supply_before_notice", "文件获取不能早于公告发布。", field="supply_from", next_step="请把文件获取开始时间改为发布之后。"
            )
        )
    day = city_day(published_at)
    ends = {"tender_doc_sale_end": supply_until, "bid_deadline": bids_due_at}
    for rule in publication_periods(procedure, day):
        field, subject = PLANNED[rule.end]
        check(lambda rule=rule, field=field, subject=subject: rule.check(start, ends[rule.end], field=field, subject=subject))
    if not is_workday(city_day(bids_due_at)):
        found.append(
            Refused(
                "deadline_on_rest_day",
                f"投标截止时间 {city_day(bids_due_at):%Y-%m-%d} 不是工作日，开标无法组织。",
                rule="交易中心开标场地只在工作日安排",
                field="bids_due_at",
                next_step="请改到工作日。",
            )
        )
    for lot in lots:
        for rule in procedure.step_of("deposit").limits_on(day):
            if isinstance(rule, Ceiling):
                check(
                    lambda lot=lot, rule=rule: rule.check(
                        lot.deposit, base=lot.estimate, field="deposit", subject=f"{lot.name}的投标保证金"
                    )
                )
        if lot.price_limit is not None and lot.price_limit > lot.estimate:
            found.append(
                Refused("limit_over_estimate", f"{lot.name}的最高投标限价不能高于合同估算价 {lot.estimate:,.2f} 元。", field="price_limit")
            )
    return found


def earliest_dates(published_at, procedure):
    """For the editor: the first permitted days, seen from a publication then."""
    day = city_day(published_at)
    first = {PLANNED[rule.end][0]: rule.earliest(day) for rule in publication_periods(procedure, day)}
    return {**first, "announced": is_announced(day.year) and is_announced(first["bids_due_at"].year)}
