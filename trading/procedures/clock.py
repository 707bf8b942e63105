"""The statutory clock of a tender: what its dates must keep to, checked before publication."""

from functools import partial

from rulebook.clock import city_day
from rulebook.refusals import Refused
from rulebook.workdays import is_announced, is_workday
from trading.procedures.rules import deposits, works


def date_problems(*, published_at, supply_from, supply_until, bids_due_at, lots):
    """Every statutory limit that the planned dates and deposits break, as refusals that name rule and way out."""
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
    check(lambda: works.DOCUMENT_SUPPLY.check(start, supply_until, field="supply_until", subject="文件获取截止时间"))
    check(lambda: works.BID_PREPARATION.check(start, bids_due_at, field="bids_due_at", subject="投标截止时间"))
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
        found += deposit_problems(lot)
        if lot.price_limit is not None and lot.price_limit > lot.estimate:
            found.append(
                Refused("limit_over_estimate", f"{lot.name}的最高投标限价不能高于合同估算价 {lot.estimate:,.2f} 元。", field="price_limit")
            )
    return found


def deposit_problems(lot):
    """What the law has against the deposit that a lot asks for: its ceiling, and ways of trading without any."""
    project, subject, found = lot.tender.project, f"{lot.name}的投标保证金", []
    for check in (
        partial(deposits.ceiling_of(project.category, project.kind).check, base=lot.estimate),
        partial(deposits.EXEMPT.check, procedure=lot.tender.procedure),
    ):
        try:
            check(lot.deposit, field="deposit", subject=subject)
        except Refused as refusal:
            found.append(refusal)
    return found


def earliest_dates(published_at):
    """For the editor: the first permitted days, seen from a publication then."""
    day = city_day(published_at)
    return {
        "supply_until": works.DOCUMENT_SUPPLY.earliest(day),
        "bids_due_at": works.BID_PREPARATION.earliest(day),
        "announced": is_announced(day.year) and is_announced(works.BID_PREPARATION.earliest(day).year),
    }
