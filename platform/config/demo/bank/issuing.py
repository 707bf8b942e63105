"""What the simulated issuer of guarantees and insurances does."""

from config.demo.bank.banking import new_number, send
from config.demo.bank.models import Callback, GuaranteeFile
from ledger.canonical import instant, money
from rulebook.clock import database_now
from rulebook.refusals import Refused

NAMES = {
    "bank": "清江市商业银行（虚构）",
    "insurance": "清江示例财产保险股份有限公司（虚构）",
    "guarantor": "清江示例融资担保有限公司（虚构）",
}
State = GuaranteeFile.State


def apply(body):
    row, _ = GuaranteeFile.objects.get_or_create(
        reference=body["reference"],
        defaults={"kind": body["kind"], "applicant": body["applicant"], "amount": body["amount"], "valid_until": body["valid_until"], "at": database_now()},
    )  # fmt: skip
    return row


def issue(row, *, amount=None, valid_until=None, tell=True):
    """Issue what was applied for, or (by mistake) for another sum or time."""
    row.refresh_from_db()
    if row.state != State.APPLIED:
        raise Refused("issued", "这份申请已经处理。")
    at = database_now()
    row.state, row.number, row.code = State.ISSUED, new_number("BH", 14), new_number("", 8)
    row.amount, row.valid_until = amount or row.amount, valid_until or row.valid_until
    row.save()
    body = {
        "v": 1, "kind": "guarantee.issued", "reference": new_number("CJ", 16), "application": row.reference, "number": row.number,
        "code": row.code, "issuer": NAMES[row.kind], "applicant": row.applicant, "amount": money(row.amount),
        "valid_until": row.valid_until.isoformat(), "issued_at": instant(at),
    }  # fmt: skip
    return told(body, at, tell)


def revoke(row, *, tell=True):
    row.refresh_from_db()
    if row.state != State.ISSUED:
        raise Refused("not_issued", "只有已出具的保函可以撤销。")
    at = database_now()
    row.state = State.REVOKED
    row.save(update_fields=["state"])
    body = {"v": 1, "kind": "guarantee.revoked", "reference": new_number("CX", 16), "application": row.reference, "revoked_at": instant(at)}
    return told(body, at, tell)


def told(body, at, tell):
    made = Callback.objects.create(source="issuer", body=body, at=at)
    if tell:
        send(made)
    return made
