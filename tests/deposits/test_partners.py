"""The contract of the gateways: the same promises, called in the process and over HTTP."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from config.demo.bank.models import BankAccount, BankInstruction
from config.demo.bank.partners import LocalBank, LocalIssuer
from rulebook.clock import city_day, database_now
from trading.deposits.gateways import GatewayFailed, HttpBank, HttpIssuer

PAYEE = {"name": "清江子虚建设有限公司", "account": "6222000000000001", "bank": "清江市商业银行（虚构）"}


@pytest.fixture(params=["in the process", "over HTTP"])
def partners(request, settings, transactional_db):
    if request.param == "in the process":
        return LocalBank(), LocalIssuer()
    server = request.getfixturevalue("live_server")
    settings.ETP_BANK_URL = settings.ETP_ISSUER_URL = f"{server.url}/demo-bank/api"
    return HttpBank(), HttpIssuer()


def test_a_bank_keeps_its_promises(partners):
    bank, _ = partners
    number = bank.open_account("request-1")
    assert (bank.open_account("request-1"), BankAccount.objects.count()) == (number, 1)
    assert bank.open_account("request-2") != number
    asked = {"account": number, "payee": PAYEE, "amount": D("10.00"), "interest": D("0.01"), "purpose": "退保证金"}
    reference = bank.refund("TF1-0", **asked)
    assert (bank.refund("TF1-0", **asked), BankInstruction.objects.count()) == (reference, 1)
    with pytest.raises(GatewayFailed):
        bank.refund("TF1-0", **{**asked, "amount": D("11.00")})
    assert bank.statement(city_day(database_now())) == []


def test_an_issuer_keeps_its_promises(partners):
    from config.demo.bank.issuing import issue
    from config.demo.bank.models import GuaranteeFile

    _, issuer = partners
    until = date.today() + timedelta(days=100)
    asked = {"kind": "insurance", "applicant": {"name": "甲", "uscc": "91420800MA4K00010X"}, "amount": D("10.00"), "valid_until": until}
    assert issuer.apply("BH1", **asked) == issuer.apply("BH1", **asked)
    issue(GuaranteeFile.objects.get(), tell=False)
    file = GuaranteeFile.objects.get()
    assert issuer.verify(file.number, file.code) == {
        "number": file.number,
        "state": "issued",
        "amount": "10.00",
        "valid_until": until.isoformat(),
    }
    with pytest.raises(GatewayFailed):
        issuer.verify(file.number, "wrong")
    claimed = issuer.claim("BH1-claim", number=file.number, amount=D("10.00"), reason="未签合同")
    assert issuer.claim("BH1-claim", number=file.number, amount=D("10.00"), reason="未签合同") == claimed


def test_a_call_that_the_platform_did_not_sign_is_refused(client, db):
    answer = client.post("/demo-bank/api/accounts", b'{"reference":"x","v":1}', content_type="application/json")
    assert answer.status_code == 401
    assert not BankAccount.objects.exists()


def test_a_partner_that_is_away_is_an_honest_failure(settings, db):
    settings.ETP_BANK_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewayFailed):
        HttpBank().open_account("request-1")
