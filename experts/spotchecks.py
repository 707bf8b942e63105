"""What a spot check is drawn from and what it is told: sessions that are over, and the facts that the rooms keep of them."""

from collections.abc import Callable
from datetime import datetime

from experts import rules
from experts.fees import STANDARDS
from experts.models import Expert, SessionAssessment, Sitting
from rulebook.clock import CITY

# Rooms above tell how a member marked: function(sitting) -> [(what, words)] of marks far from those of the others.
_markings: list[Callable] = []


def markings(function):
    """Register who knows a session's marks; used as a decorator."""
    _markings.append(function)
    return function


def year_of(year):
    return datetime(year, 1, 1, tzinfo=CITY), datetime(year + 1, 1, 1, tzinfo=CITY)


def sittings_of(sectors, year):
    """The sittings that experts of these sectors served in a year, by number. Only what is over: a sitting is sealed until then.

    A tender of which any evaluation still runs stays out whole, so that the list hints at nobody who sits again.
    """
    since, until = year_of(year)
    running = Sitting.objects.filter(expert=None).values("tender_number")
    rows = Sitting.objects.filter(
        expert__in=Expert.objects.filter(sector__in=sectors), outcome=Sitting.Outcome.SERVED, ended_at__gte=since, ended_at__lt=until
    ).exclude(tender_number__in=running)
    return rows.select_related("expert__person").order_by("expert__number", "ended_at", "pk")


def rated_low(sectors, year):
    """The experts whom a session of the year found below the mark."""
    since, until = year_of(year)
    rows = SessionAssessment.objects.filter(expert__sector__in=sectors, opened_at__gte=since, opened_at__lt=until)
    return set(rows.filter(score__lt=rules.SPOT_LOW.least).values_list("expert_id", flat=True))


def strata_of(sittings, low):
    """(strata, {stratum: sittings}): a tenth of the sittings, rounded up, and the same of each expert rated low, who have a stratum each."""
    rest = [row for row in sittings if row.expert_id not in low]
    groups = {"all": ("其他专家场次", rest)} if rest else {}
    for place, expert in enumerate(sorted({row.expert_id for row in sittings} & low), start=1):
        groups[f"low-{place}"] = (f"评价偏低的专家 {place}", [row for row in sittings if row.expert_id == expert])
    strata = [{"id": name, "name": label, "take": rules.SPOT_SHARE.least_of(len(rows))} for name, (label, rows) in groups.items()]
    return strata, {name: rows for name, (_, rows) in groups.items()}


def facts_of(sitting):
    """{item: [(what, words)]}: what the platform itself knows of a sitting, beside each item of the form."""
    expert = sitting.expert
    rated = SessionAssessment.objects.filter(expert=expert, tender_number=sitting.tender_number, lot_key=sitting.lot_key).first()
    conduct = expert.conduct.filter(tender_number=sitting.tender_number, withdrawn_at=None)
    return {
        "attendance": [("应到", moment(sitting.starts_at)), ("起止", f"{moment(sitting.began_at)} 至 {moment(sitting.ended_at)}")],
        "discipline": [("本场已记行为", "；".join(row.says for row in conduct) or "没有")],
        "marking": [fact for tell in _markings for fact in tell(sitting)] or [("与其他成员的差异", "没有明显偏离的评分")],
        "rating": rating_facts(rated),
        "fee": fee_facts(sitting),
    }


def rating_facts(rated):
    if rated is None:
        return [("一标一考", "没有评价")]
    lines = [(row.get_role_display(), f"{row.total} 分{'：' + row.remark if row.remark else ''}") for row in rated.ratings.exclude(at=None)]
    return [("得分", "未评价" if rated.score is None else f"{rated.score} 分"), *lines]


def fee_facts(sitting):
    if sitting.fee is None:
        return [("劳务报酬", "没有登记")]
    lines = "，".join(f"{label} {amount}" for label, amount in sitting.fee_lines)
    standard = STANDARDS.get(sitting.fee_rule)
    return [("劳务报酬", f"{sitting.fee} 元（{lines}）"), ("标准", standard.source if standard else sitting.fee_rule)]


def moment(at):
    return f"{at.astimezone(CITY):%Y-%m-%d %H:%M}" if at else "没有登记"
