"""The statutory clock of a tender: what its dates must keep to, checked before publication."""

from datetime import date
from functools import partial

from rulebook.clock import city_day
from rulebook.periods import MinimumPeriod
from rulebook.provisions import Consequence
from rulebook.refusals import Refused
from rulebook.workdays import is_announced, is_workday
from trading.procedures.rules import deposits, local

SUPPLY_ENDS = ("tender_doc_sale_end", "consultation_doc_sale_end")
DEADLINES = ("bid_deadline", "response_deadline")


def minimum_periods(procedure, ends, *, on: date, postponing=False) -> list[MinimumPeriod]:
    """The periods of a procedure that must pass before one of these events; those that postpone it only if asked."""
    return [
        rule
        for rule in procedure.periods
        if isinstance(rule, MinimumPeriod)
        and rule.end in ends
        and rule.holds_on(on)
        and (rule.consequence == Consequence.POSTPONE) is postponing
        and (postponing or not rule.counts_back)
    ]


def clarification_periods(procedure, *, on: date) -> list[MinimumPeriod]:
    """How long before the deadline a clarification that may affect bids must be out; a later one moves the deadline."""
    return minimum_periods(procedure, DEADLINES, on=on, postponing=True)


def is_waived(rule, day: date, waivers) -> bool:
    """Whether a supervisor has permitted this day in place of the rule's."""
    waiver = waivers.get(rule.code)
    return waiver is not None and day >= waiver.until


def opening_day_problem(bids_due_at, waivers):
    """That the deadline falls on a rest day, unless the supervisor has permitted that very day; None if all is well."""
    day, rule = city_day(bids_due_at), local.OPENING_DAY
    waiver = waivers.get(rule.code)
    if is_workday(day) or (waiver is not None and waiver.until == day):
        return None
    return Refused(
        "deadline_on_rest_day", f"投标截止时间 {day:%Y-%m-%d} 不是工作日，开标无法组织。", rule=rule.says, field="bids_due_at",
        next_step="请改到工作日。",
    )  # fmt: skip


def date_problems(*, procedure, published_at, supply_from, supply_until, bids_due_at, lots, waivers):
    """Every statutory limit that the planned dates and deposits break, as refusals that name rule and way out.

    `waivers` maps rule codes to the supervisor's waivers for this tender, which are honoured.
    """
    found = []

    def check(act):
        try:
            act()
        except Refused as refusal:
            found.append(refusal)

    def check_period(rule, end, field, subject):
        if not is_waived(rule, city_day(end), waivers):
            begins = published_at if rule.start == "notice_published" else start
            check(lambda: rule.check(begins, end, field=field, subject=subject))

    on = city_day(published_at)
    start = max(published_at, supply_from)
    if supply_from < published_at:
        found.append(
            Refused(
                "supply_before_notice", "文件获取不能早于公告发布。", field="supply_from", next_step="请把文件获取开始时间改为发布之后。"
            )
        )
    for rule in minimum_periods(procedure, SUPPLY_ENDS, on=on):
        check_period(rule, supply_until, "supply_until", "文件获取截止时间")
    for rule in minimum_periods(procedure, DEADLINES, on=on):
        check_period(rule, bids_due_at, "bids_due_at", "投标截止时间")
    resting = opening_day_problem(bids_due_at, waivers)
    if resting is not None:
        found.append(resting)
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


def earliest_dates(published_at, procedure):
    """For the editor: the first permitted days, seen from a publication then."""
    day = city_day(published_at)
    supply, due = (
        max((rule.earliest(day) for rule in minimum_periods(procedure, ends, on=day)), default=day) for ends in (SUPPLY_ENDS, DEADLINES)
    )
    return {"supply_until": supply, "bids_due_at": due, "announced": is_announced(day.year) and is_announced(due.year)}
