"""What the simulated bank does: keep accounts, take payments, carry out refunds, and tell the platform."""

import secrets

from django.db import transaction

from config.demo.bank.models import BankAccount, BankInstruction, BankLine, Callback
from ledger.canonical import instant, jcs, money
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.deposits.actions import receive
from trading.deposits.signing import private_key, sign

PATHS = {"bank": "/integration/bank/notices/", "issuer": "/integration/issuer/notices/"}


def new_number(prefix, digits):
    return prefix + "".join(str(secrets.randbelow(10)) for _ in range(digits))


def open_account(reference):
    account, _ = BankAccount.objects.get_or_create(
        reference=reference, defaults={"number": new_number("6229", 15), "opened_at": database_now()}
    )
    return account


def pay(number, amount, payer, *, at=None, purpose="投标保证金", tell=True):
    """Somebody pays into an account number as typed; answers the line."""
    at = at or database_now()
    with transaction.atomic():
        line = BankLine.objects.create(
            reference=new_number("YH", 16),
            direction=BankLine.Direction.IN,
            account=number,
            amount=amount,
            other=payer,
            purpose=purpose,
            at=at,
        )
        body = {
            "v": 1, "kind": "payment", "reference": line.reference, "account": number, "amount": money(amount), "paid_at": instant(at),
            "payer": payer, "purpose": purpose,
        }  # fmt: skip
        told = Callback.objects.create(source="bank", body=body, at=database_now())
    if tell:
        send(told)
    return line


def reverse(line, *, tell=True):
    """Take a payment back: it was booked by mistake."""
    at = database_now()
    with transaction.atomic():
        line = BankLine.objects.select_for_update(of=["self"]).get(pk=line.pk)
        if line.direction != BankLine.Direction.IN or line.reverses_id or hasattr(line, "reversal"):
            raise Refused("reversed", "这笔款项不能冲正。")
        out = BankLine.objects.create(
            reference=new_number("CZ", 16), direction=BankLine.Direction.OUT, account=line.account, amount=line.amount, other=line.other,
            purpose="冲正", at=line.at, reverses=line,
        )  # fmt: skip
        body = {
            "v": 1, "kind": "reversal", "reference": out.reference, "reverses": line.reference, "amount": money(line.amount),
            "reversed_at": instant(at),
        }  # fmt: skip
        told = Callback.objects.create(source="bank", body=body, at=at)
    if tell:
        send(told)
    return out


def accept(body):
    """Take an instruction to refund; the same reference again gets the same answer."""
    given = {key: body[key] for key in ("account", "payee", "amount", "interest", "purpose")}
    row, made = BankInstruction.objects.get_or_create(
        reference=body["reference"], defaults={**given, "bank_reference": new_number("TK", 16), "at": database_now()}
    )
    if not made and (row.account, row.payee, money(row.amount), money(row.interest)) != (
        given["account"], given["payee"], given["amount"], given["interest"],
    ):  # fmt: skip
        raise Refused("changed", "同一指令号内容不同。")
    return row


def settle(instruction, *, paid=True, tell=True):
    """Pay an accepted refund, or let it come back."""
    at = database_now()
    with transaction.atomic():
        row = BankInstruction.objects.select_for_update().get(pk=instruction.pk)
        if row.state != BankInstruction.State.ACCEPTED:
            raise Refused("settled", "这笔退款已经处理。")
        row.state = BankInstruction.State.PAID if paid else BankInstruction.State.FAILED
        row.save(update_fields=["state"])
        body = {"v": 1, "reference": row.bank_reference, "instruction": row.reference, "amount": money(row.amount)}
        if paid:
            BankLine.objects.create(
                reference=row.bank_reference, direction=BankLine.Direction.OUT, account=row.account, amount=row.amount, interest=row.interest,
                other=row.payee, purpose=row.purpose, at=at,
            )  # fmt: skip
            body |= {"kind": "refund.paid", "interest": money(row.interest), "paid_at": instant(at)}
        else:
            body |= {"kind": "refund.failed", "reason": "收款账户状态异常", "failed_at": instant(at)}
        told = Callback.objects.create(source="bank", body=body, at=at)
    if tell:
        send(told)
    return told


def settle_all():
    """Pay every refund that waits."""
    for row in BankInstruction.objects.filter(state=BankInstruction.State.ACCEPTED):
        settle(row)


def send(callback):
    """Sign a notice anew and bring it over: byte for byte what HTTP would carry, without the way through the network."""
    path, body = PATHS[callback.source], jcs(callback.body)
    headers = sign(private_key(callback.source), "POST", path, body, at=database_now())
    callback.sent += 1
    try:
        notice = receive(callback.source, method="POST", path=path, headers=headers, body=body)
        callback.answer = f"平台已收（{notice.get_state_display()}）" + (f"，重复 {notice.repeats} 次，未再入账" if notice.repeats else "")
    except Refused as refused:
        callback.answer = f"平台拒收：{refused.message}"
    callback.save(update_fields=["sent", "answer"])
    return callback
