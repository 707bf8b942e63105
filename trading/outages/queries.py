"""What is known of outages: those that hold back a lock, and how much of each month the platform was there."""

import calendar
from datetime import date, datetime

from django.db.models import Q

from rulebook.clock import CITY, city_day
from rulebook.provisions import in_force
from rulebook.refusals import Refused
from trading.outages.measuring import MINUTE, SAME_CLOCK, clock_offset
from trading.outages.models import Component, Heartbeat, LotExtension, Outage
from trading.procedures.rules.local import DECLARATION_GRACE, OUTAGE_EXTENSION


def rule_on(at):
    return in_force(OUTAGE_EXTENSION, city_day(at))


def require_made_good(lot, now):
    """Refuse to lock bids while an outage that touches the deadline goes on, is being looked at, or has not moved it yet.

    Asked by the lock, inside its transaction and with the lot's row locked: no deadline moves meanwhile.
    """
    rule = rule_on(now)
    silence = unmeasured_since(now, rule)
    if silence is not None and rule.touches(silence, None, lot.bids_due_at):
        raise held("平台在截止时间前后有一段时间没有监测记录，正在核对。", rule)
    seen = LotExtension.objects.filter(lot=lot).values("outage")
    waiting = Outage.objects.exclude(state=Outage.State.REFUSED).exclude(pk__in=seen).filter(began_at__lt=lot.bids_due_at)
    for outage in waiting:
        if not rule.touches(outage.began_at, outage.ended_at, lot.bids_due_at):
            continue
        if outage.state == Outage.State.DECLARED and now > outage.declared_at + DECLARATION_GRACE:
            continue
        raise held(f"故障 {outage.number} 影响投标截止，截止时间将按规则顺延。", rule)


def unmeasured_since(now, rule):
    """Since when the platform has not looked at itself, if that is long enough to be an outage; None otherwise."""
    last = Heartbeat.objects.filter(component=Component.PLATFORM).order_by("-minute").first()
    if last is None or abs(last.offset - clock_offset()) > SAME_CLOCK or now - last.minute - MINUTE < rule.shortest:
        return None
    return last.minute + MINUTE


def held(message, rule):
    return Refused("outage", message, rule=f"{rule.source}：{rule.says}", next_step="顺延后按新的截止时间锁定。")


def waiting_outages():
    """How many declared or doubted outages wait for a second person."""
    return Outage.objects.filter(Q(state=Outage.State.DECLARED) | Q(state=Outage.State.OPEN, declared_by__isnull=False)).count()


def months_of(now, count=12):
    """Availability by month, the newest first: minutes of outage and the share of the time that the platform was there."""
    outages = list(Outage.objects.filter(state__in=[Outage.State.CONFIRMED, Outage.State.OPEN]))
    first = Heartbeat.objects.order_by("minute").values_list("minute", flat=True).first()
    day, rows = city_day(now), []
    year, month = day.year, day.month
    for _ in range(count):
        begins = datetime(year, month, 1, tzinfo=CITY)
        ends = min(now, datetime.combine(date(year, month, calendar.monthrange(year, month)[1]), datetime.max.time(), tzinfo=CITY))
        begins = max(begins, first) if first else ends
        if begins < ends:
            down = minutes_down(outages, begins, ends, now)
            whole = max((ends - begins).total_seconds() / 60, 1)
            rows.append({"year": year, "month": month, "down": round(down), "share": max(0, 100 - down * 100 / whole)})
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return rows


def minutes_down(outages, begins, ends, now):
    """Minutes in which some component was down, none counted twice."""
    spans = sorted((max(row.began_at, begins), min(row.ended_at or now, ends)) for row in outages)
    total, reached = 0.0, begins
    for start, end in spans:
        start = max(start, reached)
        if end > start:
            total += (end - start).total_seconds() / 60
            reached = end
    return total
