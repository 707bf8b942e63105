"""Reporting a deal that was made outside the platform."""

from django.db import transaction

from accounts.models import Person
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused
from supervision.alerts.actions import raise_alert
from supervision.reports.events import OffPlatformReported
from supervision.reports.models import OffPlatformReport
from trading.catalogue.models import CatalogueItem
from trading.catalogue.queries import decide
from trading.projects.models import Category, Project
from trading.projects.queries import bureaus, regulators_of

MUST = (CatalogueItem.Venue.MUST_ENTER, CatalogueItem.Venue.TOWNSHIP)


@transaction.atomic
def report_off_platform(*, unit, subject, category, kind, amount, happened_on, facts, evidence, by, at):
    """Anybody signed in reports a deal; the catalogue of its day decides whether it should have been made here.

    An alert goes to the competent regulator, or to the bureau where there is none; it never names the reporter.
    """
    if happened_on > city_day(at):
        raise Refused("future", "交易时间不能晚于今天。", field="happened_on")
    decision = decide(category, kind, amount, on=happened_on)
    if decision is None or decision.venue not in MUST:
        raise Refused(
            "may_stay_outside", f"按照交易当时的集中交易目录，这类交易可以不进场：{decision.reason if decision else '目录没有这一类'}。",
            rule=decision.source if decision else "集中交易目录", field="amount",
            next_step="请核对类别和金额；反映其他问题的，请向监督部门投诉或者举报。",
        )  # fmt: skip
    year = city_day(at).year
    number = f"JB{year}-{next_number('report', year):04d}"
    regulator = regulators_of(Project(category=category, classification="")).first() or bureaus().first()
    alert = raise_alert(
        "off_platform", f"report/{number}", f"{unit}：{subject}（{amount:,.2f} 元）未进场交易",
        [
            ("交易单位", unit), ("交易内容", subject), ("类别", f"{Category(category).label} · {Project.Kind(kind).label}"),
            ("金额", f"{amount:,.2f} 元"), ("交易时间", f"{happened_on:%Y-%m-%d}"), ("目录要求", decision.reason), ("情况说明", facts),
        ],
        regulator=regulator, by=Person.objects.platform(), at=at,
    )  # fmt: skip
    report = OffPlatformReport.objects.create(
        number=number, reporter=by, unit=unit, subject=subject, category=category, kind=kind, amount=amount, happened_on=happened_on,
        facts=facts, evidence=evidence, decision=decision.as_json(), filed_at=at, alert=alert,
    )  # fmt: skip
    record(
        OffPlatformReported(number=number), by=None, role="person",
        private={"by": by.pseudonym, "unit": unit, "subject": subject, "amount": money(amount)},
    )  # fmt: skip
    return report
