"""The bank and the issuers of guarantees, behind the smallest interfaces that real ones can fill (docs/integrating.md)."""

import urllib.error
import urllib.request
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.canonical import jcs, money, parse_object
from rulebook.clock import database_now
from trading.deposits.signing import private_key, sign

PATIENCE = 10


class GatewayFailed(Exception):
    """The partner did not do it, or did not answer; asking again with the same reference is safe."""


class BankGateway(Protocol):
    """The bank that keeps the deposits. Every call may be repeated with the same reference and then has no second effect."""

    def open_account(self, reference: str) -> str:
        """A virtual sub-account; answers its number."""

    def refund(self, reference: str, *, account: str, payee: dict, amount: Decimal, interest: Decimal, purpose: str) -> str:
        """Pay back from a sub-account (or, with account "", from the collecting account); the bank's own reference."""

    def statement(self, day: date) -> list[dict]:
        """Every movement of a day: {"reference", "direction" ("in" or "out"), "amount", "instruction"}."""


class GuaranteeGateway(Protocol):
    """Whoever issues guarantees and insurances."""

    def apply(self, reference: str, *, kind: str, applicant: dict, amount: Decimal, valid_until: date) -> str:
        """Apply for a guarantee in a bidder's name; answers where the bidder goes on."""

    def verify(self, number: str, code: str) -> dict:
        """What the issuer knows of a guarantee: {"number", "state", "amount", "valid_until"}."""

    def claim(self, reference: str, *, number: str, amount: Decimal, reason: str) -> str:
        """Demand payment to the tenderee; the issuer's own reference."""

    def release(self, reference: str, *, number: str) -> None:
        """The guarantee is no longer needed."""


class HttpPartner:
    """Signed JSON over HTTPS to one partner."""

    base = ""

    def call(self, path: str, body: dict) -> dict[str, Any]:
        data = jcs(body)
        headers = sign(private_key("platform"), "POST", path, data, at=database_now())
        status, answer = self.carry(path, {**headers, "Content-Type": "application/json"}, data)
        if status not in (200, 201):
            raise GatewayFailed(f"{path}: {status}")
        try:
            return parse_object(answer)
        except ValueError as wrong:
            raise GatewayFailed(f"{path}: no JSON") from wrong

    def carry(self, path: str, headers: dict, data: bytes) -> tuple[int, bytes]:
        """Bring the message over and answer (status, body)."""
        request = urllib.request.Request(self.base.rstrip("/") + path, data, headers, method="POST")  # noqa: S310 - the operator's address
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except OSError as gone:
            raise GatewayFailed(str(gone)) from gone


class HttpBank(HttpPartner):
    @property
    def base(self):
        return settings.ETP_BANK_URL

    def open_account(self, reference: str) -> str:
        return str(self.call("/accounts", {"v": 1, "reference": reference})["number"])

    def refund(self, reference: str, *, account: str, payee: dict, amount: Decimal, interest: Decimal, purpose: str) -> str:
        body = {
            "v": 1, "reference": reference, "account": account, "payee": payee, "amount": money(amount), "interest": money(interest),
            "purpose": purpose,
        }  # fmt: skip
        return str(self.call("/refunds", body)["bank_reference"])

    def statement(self, day: date) -> list[dict]:
        return list(self.call("/statements", {"v": 1, "day": day.isoformat()})["lines"])


class HttpIssuer(HttpPartner):
    @property
    def base(self):
        return settings.ETP_ISSUER_URL

    def apply(self, reference: str, *, kind: str, applicant: dict, amount: Decimal, valid_until: date) -> str:
        body = {
            "v": 1, "reference": reference, "kind": kind, "applicant": applicant, "amount": money(amount),
            "valid_until": valid_until.isoformat(),
        }  # fmt: skip
        return str(self.call("/applications", body)["url"])

    def verify(self, number: str, code: str) -> dict:
        return self.call("/verifications", {"v": 1, "number": number, "code": code})

    def claim(self, reference: str, *, number: str, amount: Decimal, reason: str) -> str:
        body = {"v": 1, "reference": reference, "number": number, "amount": money(amount), "reason": reason}
        return str(self.call("/claims", body)["issuer_reference"])

    def release(self, reference: str, *, number: str) -> None:
        self.call("/releases", {"v": 1, "reference": reference, "number": number})


@cache
def bank() -> BankGateway:
    return import_string(settings.ETP_BANK)()


@cache
def issuer() -> GuaranteeGateway:
    return import_string(settings.ETP_ISSUER)()
