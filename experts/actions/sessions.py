"""What the rooms that draw experts tell the pool: who was called, what they answered, how the session went, what it pays."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from accounts.models import Person
from experts import rules
from experts.actions.appointment import ARCHIVE, locked, put_off
from experts.fees import CITY_STANDARD
from experts.models import DrawRequest, Expert, Sitting, Suspension
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.periods import add_months
from rulebook.workdays import is_workday
from sealing.vault import conceal

Answer, Outcome = Sitting.Answer, Sitting.Outcome


@transaction.atomic
def note_request(key, specialties, wanted, *, at):
    """A session asks for so many experts of these specialties; asked again under the same key, the last word holds."""
    return DrawRequest.objects.update_or_create(key=key, defaults={"specialties": list(specialties), "wanted": wanted, "at": at})[0]


@transaction.atomic
def note_call(expert, *, key, request_key, tender_number, lot_key, title, owner_uscc, starts_at, at):
    """An expert was called to a session. Nothing enters the ledger, and the row conceals it: who was called is a secret of the draw."""
    return Sitting.objects.get_or_create(
        key=key,
        defaults={
            "sealed": conceal("experts/sitting", expert.pk, bound=key), "tender_number": tender_number, "lot_key": lot_key, "title": title, "owner_uscc": owner_uscc,
            "starts_at": starts_at, "called_at": at, "request": DrawRequest.objects.filter(key=request_key).first(),
        },
    )[0]  # fmt: skip


@transaction.atomic
def note_answer(key, answer, *, at):
    """What the expert answered, or that nobody did; too many of the latter are reminded of, then suspended."""
    row = Sitting.objects.select_for_update().filter(key=key, answer=Answer.WAITING).first()
    if row is None:
        return
    row.answer, row.answered_at = answer, at
    if answer != Answer.ACCEPTED:
        # Whoever does not come is no member, and the pool counts it.
        row.name()
    row.save()
    if answer in Sitting.TURNED_DOWN:
        weigh_refusals(row.expert, at)


def weigh_refusals(expert, at):
    rule, day = rules.REFUSALS, city_day(at)
    since = add_months(day, -rule.months)
    # A suspension has answered for what came before it.
    last = expert.suspensions.filter(cause=Suspension.Cause.REFUSALS).first()
    rows = expert.sittings.filter(answer__in=Sitting.TURNED_DOWN, answered_at__date__gte=since)
    count = rows.filter(answered_at__gt=last.at).count() if last else rows.count()
    if count >= rule.suspend_from:
        expert = locked(expert)
        if expert.state == Expert.State.ACTIVE:
            reason = f"{rule.months} 个月内拒绝或者未应答 {count} 次（{rule.says}）"
            put_off(
                expert, Suspension.Cause.REFUSALS, reason, until=add_months(day, rule.suspend_months), by=Person.objects.platform(), at=at
            )
    elif count > rule.remind_above:
        tell(
            expert.person, "请留意评标通知", f"近 {rule.months} 个月你已拒绝或者未应答 {count} 次，达到 {rule.suspend_from} 次将暂停评标资格。",
            link=ARCHIVE, key=f"expert-refusals/{expert.pk}/{day}",
        )  # fmt: skip


@transaction.atomic
def note_arrival(key, *, late):
    """The expert has come, so many minutes late (0: in time)."""
    Sitting.objects.filter(key=key).update(late=Greatest("late", Value(late)))


@transaction.atomic
def note_missed(key, outcome, *, at):
    """The expert stayed away or stepped aside after all; who it was stays concealed until the session is over (`close`)."""
    for row in Sitting.objects.select_for_update().filter(key=key, outcome=Outcome.OPEN):
        row.outcome, row.began_at, row.ended_at = outcome, at, at
        row.save()


@transaction.atomic
def close(keys, *, at):
    """The session is over: no sitting of it is a secret any more, and nobody who was called need answer."""
    for row in Sitting.objects.select_for_update().filter(key__in=keys):
        row.name()
        if row.outcome == Outcome.OPEN:
            row.outcome, row.began_at, row.ended_at = Outcome.NOT_HELD, at, at
        row.save()


@transaction.atomic
def note_session(key, *, began_at, ended_at, paused=timedelta(0), chair=False, held=True, agreed=None, standard=CITY_STANDARD):
    """The session is over: its times, and the fee by the city's standard with the lines that make it.

    `paused`: how long nobody worked between, which is not paid.
    """
    row = Sitting.objects.select_for_update().filter(key=key, outcome=Outcome.OPEN).first()
    if row is None:
        return None
    took = max(ended_at - began_at - paused, timedelta(0))
    # A weekday on which offices rest is a public holiday.
    day = city_day(began_at)
    holiday = day.weekday() < 5 and not is_workday(day)
    row.name()
    row.began_at, row.ended_at, row.chair = began_at, ended_at, chair
    row.outcome = Outcome.SERVED if held else Outcome.NOT_HELD
    row.fee, row.fee_lines = standard.for_session(took, holiday=holiday, held=held, agreed=agreed)
    row.fee_rule = standard.code
    row.save()
    return row


def fees_between(expert, since, until):
    """The sessions paid for in a time, and their sum."""
    rows = expert.sittings.filter(fee__isnull=False, ended_at__gte=since, ended_at__lt=until).order_by("ended_at")
    return rows, sum((row.fee for row in rows), Decimal(0))
