"""A deal made outside the platform though the catalogue wants it here is reported, and comes to the competent regulator."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.alerts.actions import handle_alert
from supervision.alerts.models import Alert
from supervision.reports.actions import report_off_platform
from supervision.reports.models import OffPlatformReport
from supervision.reports.queries import may_read_report
from tests.factories.trading import city, pdf, person

pytestmark = pytest.mark.django_db
DEAL = {
    "unit": "清江市某某局", "subject": "办公楼改造", "category": "GC", "kind": "works", "amount": Decimal(12_000_000),
    "happened_on": date(2026, 10, 12), "facts": "未经招标直接发包", "evidence": None,
}  # fmt: skip


def report(by, **fields):
    return report_off_platform(**{**DEAL, **fields}, by=by, at=database_now())


@pytest.mark.requirement("R003")
def test_a_citizen_reports_and_the_regulator_finds_it_without_the_reporters_name(client):
    where, citizen = city(), person("举报人甲")
    client.force_login(citizen)
    page = reverse("supervision:report")
    given = DEAL | {"amount": "1200 万元", "happened_on": "2026-10-12", "evidence": pdf("照片.pdf")}
    client.post(page, given)
    made = OffPlatformReport.objects.get()
    assert (made.amount, made.reporter, made.alert.kind) == (Decimal(12_000_000), citizen, "off_platform")
    assert "核查中" in client.get(reverse("supervision:own_reports")).content.decode()
    client.force_login(where.supervisor)
    shown = client.get(reverse("supervision:alert", args=[made.alert.number])).content.decode()
    assert "办公楼改造" in shown and "未经招标直接发包" in shown and citizen.name not in shown
    entry = bytes(LedgerEntry.objects.get(kind="report.off_platform").data).decode()
    assert citizen.pseudonym not in entry and "办公楼" not in entry
    assert reverse("documents:file", args=[made.evidence.key]) in shown
    assert client.get(reverse("documents:file", args=[made.evidence.key])).status_code == 200
    assert may_read_report(where.supervisor, where.regulator, made.evidence)
    assert not may_read_report(where.handler, where.agency, made.evidence)
    handle_alert(made.alert, "已责令改正，依法立案。", by=where.supervisor, at=database_now())
    client.force_login(citizen)
    assert "已责令改正，依法立案。" in client.get(reverse("supervision:own_reports")).content.decode()


@pytest.mark.requirement("R003")
@pytest.mark.parametrize(("amount", "must"), [("3999999.99", False), ("4000000.00", True)])
def test_the_catalogue_of_the_day_decides_whether_it_is_a_violation(amount, must):
    city()
    if must:
        assert "必须进场" in report(person(), amount=Decimal(amount)).decision["reason"]
        return
    with pytest.raises(Refused) as refused:
        report(person(), amount=Decimal(amount))
    assert (refused.value.code, refused.value.field) == ("may_stay_outside", "amount")
    assert not Alert.objects.exists()


def test_a_report_names_a_past_day():
    city()
    with pytest.raises(Refused, match="不能晚于今天"):
        report(person(), happened_on=date(2099, 1, 1))
