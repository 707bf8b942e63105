"""Raising an alert, once for each matter, and closing it with a conclusion."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused
from supervision.alerts.events import AlertHandled, AlertRaised
from supervision.alerts.kinds import KINDS
from supervision.alerts.models import Alert


@transaction.atomic
def raise_alert(kind, about, text, facts, *, by, at, key="", rule="", link="", tender=None, regulator=None):
    """Raise an alert of a kind (a key of KINDS) about a subject (a ledger stream), or see a known one again.

    The same kind, subject and `key` give the same alert, however often it is raised; one that was handled stays closed.
    `facts` are [label, value] pairs of text. With a tender, its regulator is told; else `regulator`, or nobody in particular.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of alert")
    regulator = regulator or (tender.project.regulator if tender else None)
    known = Alert.objects.select_for_update(of=["self"]).filter(kind=kind, about=about, key=key).first()
    if known is not None:
        known.last_at = max(at, known.last_at)
        known.save(update_fields=["last_at"])
        return known
    year = city_day(at).year
    alert, made = Alert.objects.get_or_create(
        kind=kind, about=about, key=key,
        defaults={
            "number": f"YJ{year}-{next_number('alert', year):05d}", "rule": rule, "text": text[:300],
            "facts": [[label, str(value)] for label, value in facts], "link": link, "tender": tender, "regulator": regulator,
            "raised_at": at, "last_at": at,
        },
    )  # fmt: skip
    if not made:
        return alert
    if regulator is not None:
        tell_members(regulator, f"{KINDS[kind]}：{text}"[:200], link=f"/supervision/alerts/{alert.number}/", key=f"alert/{alert.pk}")
    record(AlertRaised(number=alert.number, alert_kind=kind, about=about, rule=rule), by=by)
    return alert


@transaction.atomic
def settle_alert(kind, about, *, key="", at):
    """What was missing was done after all: note when. The alert stays open until an official concludes."""
    Alert.objects.filter(kind=kind, about=about, key=key, settled_at=None).update(settled_at=at)


@transaction.atomic
def handle_alert(alert, conclusion, *, by, at):
    """An official of the competent regulator writes down what was found and done; the alert is closed."""
    require_duty(by, Organisation.Kind.REGULATOR, Duty.COMPLAINTS)
    alert = Alert.objects.select_for_update(of=["self"]).select_related("regulator").get(pk=alert.pk)
    if alert.regulator is not None and not is_member(by, alert.regulator):
        raise Forbidden("other_regulator", f"这条预警由{alert.regulator.name}处置。")
    if alert.state != Alert.State.OPEN:
        raise Refused("handled", "这条预警已经处置。", next_step="请刷新页面查看处置结论。")
    if not conclusion.strip():
        raise Refused("no_conclusion", "请写明核查情况和处置结论。", field="conclusion")
    alert.state, alert.conclusion, alert.handled_at, alert.handled_by = Alert.State.HANDLED, conclusion, at, by
    alert.save(update_fields=["state", "conclusion", "handled_at", "handled_by"])
    digest = b64u(HJ("alert-conclusion", {"v": 1, "text": conclusion}))
    record(AlertHandled(number=alert.number, conclusion=digest), by=by, role="supervisor")
    return alert
