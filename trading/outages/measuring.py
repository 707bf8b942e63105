"""The platform looks at itself once a minute; what it did not see, or saw failing, becomes an outage."""

from datetime import timedelta

from django.db import connection, transaction

from ledger.acts import record
from ledger.canonical import instant
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.provisions import in_force
from trading.outages.events import OutageConfirmed
from trading.outages.models import Component, Heartbeat, Outage
from trading.procedures.rules.local import OUTAGE_EXTENSION

MINUTE = timedelta(minutes=1)
# Two offsets of the clock within so many seconds are the same: a real clock drifts, a demonstration jumps.
SAME_CLOCK = 30
# First half of the advisory locks of whoever judges the minutes of a component.
WATCHING = 0x7570


def clock_offset():
    """How far official time stands from the database's own clock, in seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM official_now() - clock_timestamp())::float8")
        return cursor.fetchone()[0]


@transaction.atomic
def note_minute(component, *, ok, detail="", at):
    """Set down that a component was looked at in this minute, and what follows for outages; the first look at a minute counts."""
    minute = at.replace(second=0, microsecond=0)
    if Heartbeat.objects.filter(component=component, minute=minute).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [WATCHING, component])
    offset = clock_offset()
    began = unwell_since(component, minute, offset)
    _, made = Heartbeat.objects.get_or_create(
        component=component, minute=minute, defaults={"ok": ok, "detail": detail[:200], "offset": offset}
    )
    if made:
        judge(component, began, minute, ok=ok, at=at)


def unwell_since(component, minute, offset):
    """The first minute, up to this one, since when the component was not seen well; this one if nothing is known."""
    rows = Heartbeat.objects.filter(component=component, minute__lt=minute).order_by("-minute")
    last = rows.first()
    if last is None or abs(last.offset - offset) > SAME_CLOCK:
        return minute
    # While nobody looked, nothing is known of the website: only the platform's own silence is an outage.
    if last.ok and component != Component.PLATFORM and minute - last.minute > 2 * MINUTE:
        return minute
    good = rows.filter(ok=True).first()
    return good.minute + MINUTE if good else minute


def judge(component, began, minute, *, ok, at):
    """From the first minute that was not well to this one: an outage begins, goes on, or has ended."""
    measured = Outage.objects.filter(component=component, source=Outage.Source.MEASURED)
    outage = measured.filter(state=Outage.State.OPEN).first()
    if outage is None:
        if not in_force(OUTAGE_EXTENSION, city_day(at)).counts(began, minute) or measured.filter(began_at=began).exists():
            return
        outage = Outage(
            number=new_number(at), component=component, source=Outage.Source.MEASURED, began_at=began, declared_at=at,
            state=Outage.State.OPEN, reason="平台按分钟自动监测，自开始时刻起没有正常响应。",
        )  # fmt: skip
    if ok:
        outage.ended_at, outage.confirmed_at, outage.state = minute, at, Outage.State.CONFIRMED
    outage.save()
    if ok:
        record(confirmed(outage), by=None)


def new_number(at):
    year = city_day(at).year
    return f"GZ{year}-{next_number('outage', year):04d}"


def confirmed(outage):
    return OutageConfirmed(
        outage=outage.number, component=outage.component, source=outage.source, began_at=instant(outage.began_at),
        ended_at=instant(outage.ended_at),
    )  # fmt: skip
