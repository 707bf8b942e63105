"""The one way in for what bank and issuers report: signed, in time, once."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import getitem

from django.db import connection, transaction

from ledger.alarms import raise_alarm
from ledger.canonical import jcs, parse_object
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from trading.deposits.actions import guarantees, payments, refunds
from trading.deposits.models import BankNotice
from trading.deposits.secrecy import hide, mark
from trading.deposits.signing import Unsigned, check

# A partner's clock may run ahead of ours by so much; a payment from the future is nobody's.
AHEAD = timedelta(seconds=60)
# What may be reported: which member names what it is about and which says when, and who takes it.
KINDS = {
    (BankNotice.Source.BANK, "payment"): ("account", "paid_at", payments.take_payment),
    (BankNotice.Source.BANK, "reversal"): ("reverses", "reversed_at", payments.take_reversal),
    (BankNotice.Source.BANK, "refund.paid"): ("instruction", "paid_at", refunds.confirm_refund),
    (BankNotice.Source.BANK, "refund.failed"): ("instruction", "failed_at", refunds.take_failure),
    (BankNotice.Source.ISSUER, "guarantee.issued"): ("application", "issued_at", guarantees.take_issue),
    (BankNotice.Source.ISSUER, "guarantee.revoked"): ("application", "revoked_at", guarantees.take_revocation),
}

# Members beside these that must be text, by the way to them.
TEXTS = {
    "payment": ("payer.name", "payer.account", "payer.bank"),
    "refund.paid": ("interest",),
    "guarantee.issued": ("number", "issuer", "applicant.name", "applicant.uscc", "valid_until"),
}


def receive(source, *, method, path, headers, body):
    """Take in one callback and answer the notice. The same report again changes nothing; a changed one is refused.

    Refused: `forged` (401) with an alarm, `nonce_used`, `bad_notice`, `changed_notice` with an alarm.
    """
    at = database_now()
    try:
        signed = check(source, method, path, headers, body, at=at)
    except Unsigned as wrong:
        raise_alarm("deposits.forged", source, f"收到一份签名不符或过期的通知（{wrong}），已拒收。")
        raise Forbidden("forged", "签名不符或已过期。", status=401) from wrong
    said = parsed(source, body, at)
    notice, changed = take(source, said, signed, at)
    if changed:
        raise_alarm("deposits.changed", said["reference"], "同一流水号先后报来不同的内容，后一份没有采用。")
        raise Refused("changed_notice", "同一流水号的内容与先前不同。")
    return notice


def parsed(source, body, at):
    """The callback's members with sums and moments as such."""
    try:
        said = parse_object(body)
        about, moment, _ = KINDS[source, str(said["kind"])]
        value_at = datetime.fromisoformat(said[moment])
        amount = Decimal(said["amount"]) if "amount" in said else None
        well = said["v"] == 1 and 0 < len(str(said["reference"])) <= 64 and value_at.tzinfo and value_at <= at + AHEAD
        if not well or (amount is not None and (amount <= 0 or amount != amount.quantize(Decimal("0.01")) or amount >= 10**15)):
            raise ValueError("out of bounds")
        for way in TEXTS.get(said["kind"], ()):
            if not isinstance(reduce(getitem, way.split("."), said), str):
                raise ValueError(way)
        if "valid_until" in said:
            date.fromisoformat(said["valid_until"])
        return {**said, "about": str(said[about])[:64], "value_at": value_at, "sum": amount}
    except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as wrong:
        raise Refused("bad_notice", "通知内容不完整或超出范围。", status=400) from wrong


@transaction.atomic
def take(source, said, signed, at):
    """(notice, whether it contradicts an earlier one of the same reference), with all that follows from a new one."""
    timestamp, nonce, signature = signed
    spend_nonce(source, nonce, at)
    plain = jcs({key: value for key, value in said.items() if key not in ("value_at", "sum", "about")}).decode()
    told = mark("notice", plain)
    notice, new = BankNotice.objects.get_or_create(
        source=source, reference=said["reference"],
        defaults={
            "kind": said["kind"], "about": said["about"], "amount": said["sum"], "value_at": said["value_at"], "hidden": hide(plain),
            "mark": told, "signed_at": timestamp, "nonce": nonce, "signature": signature, "received_at": at,
        },
    )  # fmt: skip
    if new:
        KINDS[source, said["kind"]][2](notice, said, at=at)
        return notice, False
    if notice.mark != told:
        return notice, True
    notice = BankNotice.objects.select_for_update().get(pk=notice.pk)
    notice.repeats += 1
    notice.save(update_fields=["repeats"])
    return notice, False


def spend_nonce(source, nonce, at):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trading_callbacknonce (source, nonce, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", [source, nonce, at]
        )
        if cursor.rowcount != 1:
            raise Refused("nonce_used", "这份通知已经收到过，请重新签名后再发。")
