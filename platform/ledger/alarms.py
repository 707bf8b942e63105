"""Alarms: what no program may settle. Each stands in the ledger, on the administrators' page and in their inbox."""

import logging

from django.db import transaction

from ledger.acts import Actor, record
from ledger.events import ClockAlarm, LedgerNote
from ledger.models import LedgerAlarm, LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused

log = logging.getLogger(__name__)

# What people read; whoever raises a kind of alarm adds its name here.
NAMES = {
    "clock.host": "服务器时钟偏差",
    "clock.official": "官方时间偏离数据库时钟",
    "clock.reference": "数据库时钟偏离授时源",
    "ledger.audit": "账本审计发现不一致",
    "ledger.broken": "账本与签名记录不一致，登记已停止",
    "key.early": "锁定前索取投标密钥",
    "deposits.forged": "收到签名不符的银行或保函通知",
    "deposits.changed": "银行或保函通知前后矛盾",
    "deposits.refund": "保证金退款通知须人工核对",
    "deposits.reversal": "已退付的款项被银行冲正",
    "deposits.reconciliation": "银行对账不一致",
    "deposits.overdue": "保证金退付超期",
}


@transaction.atomic(durable=True)
def raise_alarm(kind: str, about: str, text: str, *, private: dict | None = None) -> LedgerAlarm:
    """Raise an alarm, or count one up that is still open for the same `kind` and `about`.

    `about` is public (an entry names it); `text`, in Chinese, and `private` are for those who look into it, bound by
    the entry's hash. A transaction of its own, because what is refused is rolled back: RuntimeError inside another one
    (there, `transaction.on_commit(partial(raise_alarm, …))`).
    """
    log.error("ALARM %s about %s: %s", kind, about, text)
    now = database_now()
    alarm, new = LedgerAlarm.objects.select_for_update().get_or_create(
        kind=kind, about=about, settled_at=None, defaults={"text": text, "raised_at": now, "last_at": now}
    )
    if new:
        alarm.entry = entered(alarm, {"text": text, **(private or {})})
    else:
        alarm.count += 1
        alarm.text, alarm.last_at = text, now
    alarm.save()
    return alarm


def entered(alarm: LedgerAlarm, private: dict) -> LedgerEntry | None:
    """The alarm's entry; None where the ledger is so damaged that it takes none: the alarm must not be lost with it."""
    happened = ClockAlarm if alarm.kind.startswith("clock.") else LedgerNote
    try:
        with transaction.atomic():
            return record(happened("alarm", {"alarm": alarm.kind, "about": alarm.about, "no": alarm.pk}), by=None, private=private)
    except Exception:
        log.exception("the ledger takes no entry about alarm %s", alarm.pk)
        return None


@transaction.atomic
def settle_alarm(alarm: LedgerAlarm, conclusion: str, *, by: Actor) -> None:
    """Somebody has looked into it; refused without a conclusion, or when it is settled already."""
    alarm = LedgerAlarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.settled_at is not None:
        raise Refused("settled", "这条告警已经处理。")
    if not conclusion.strip():
        raise Refused("no_conclusion", "请写明处理结论。", field="conclusion", status=400)
    alarm.settled_at, alarm.settled_by, alarm.conclusion = database_now(), by.pseudonym, conclusion.strip()
    alarm.save()
    record(
        LedgerNote("settled", {"alarm": alarm.kind, "about": alarm.about, "no": alarm.pk}),
        by=by, role="admin", private={"conclusion": alarm.conclusion},
    )  # fmt: skip


def open_alarms() -> list[LedgerAlarm]:
    return list(LedgerAlarm.objects.filter(settled_at=None))
