"""The doors of the simulated bank and issuer for the platform: the other side of `trading.deposits.gateways`."""

from datetime import date, datetime, time, timedelta

from config.demo.bank import banking, issuing
from config.demo.bank.models import BankLine, GuaranteeFile
from ledger.canonical import jcs, money, parse_object
from rulebook.clock import CITY, database_now
from rulebook.refusals import Refused
from trading.deposits.signing import Unsigned, check


def accounts(body):
    return {"number": banking.open_account(body["reference"]).number}


def refunds(body):
    return {"bank_reference": banking.accept(body).bank_reference}


def statements(body):
    start = datetime.combine(date.fromisoformat(body["day"]), time(), tzinfo=CITY)
    lines = BankLine.objects.filter(at__gte=start, at__lt=start + timedelta(days=1)).order_by("pk")
    return {"lines": [{"reference": row.reference, "direction": row.direction, "amount": money(row.amount)} for row in lines]}


def applications(body):
    row = issuing.apply(body)
    return {"url": f"/demo-issuer/?application={row.reference}"}


def file_of(body):
    return GuaranteeFile.objects.get(number=body["number"])


def verifications(body):
    row = GuaranteeFile.objects.get(number=body["number"], code=body["code"])
    return {"number": row.number, "state": row.state, "amount": money(row.amount), "valid_until": row.valid_until.isoformat()}


def claims(body):
    row = file_of(body)
    if row.state not in (GuaranteeFile.State.ISSUED, GuaranteeFile.State.CLAIMED):
        raise Refused("not_in_force", "保函已失效。")
    row.state, row.claimed = GuaranteeFile.State.CLAIMED, {"amount": body["amount"], "reason": body["reason"]}
    row.save()
    return {"issuer_reference": f"SP{row.pk:010d}"}


def releases(body):
    row = file_of(body)
    if row.state == GuaranteeFile.State.ISSUED:
        row.state = GuaranteeFile.State.RELEASED
        row.save()
    return {}


DOORS = {f"/{door.__name__}": door for door in (accounts, refunds, statements, applications, verifications, claims, releases)}


def answer(path, headers, body):
    """(status, body) for one signed call of the platform."""
    try:
        check("platform", "POST", path, headers, body, at=database_now())
        return 200, jcs(DOORS[path](parse_object(body)))
    except Unsigned:
        return 401, b"{}"
    except (KeyError, ValueError, GuaranteeFile.DoesNotExist):
        return 400, b"{}"
    except Refused:
        return 409, b"{}"
