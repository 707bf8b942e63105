"""A supervisor's waiver: another day in place of a limit, for one tender, with reason, basis and publication."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require, require_duty
from disclosure.models import Notice
from ledger.acts import record
from ledger.canonical import HJ, b64u
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.procedures.models import LimitWaiver
from trading.procedures.registry import rules_by_code
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE, handlers_of
from trading.tenders.events import LimitWaived
from trading.tenders.notices import notice_of


@transaction.atomic
def waive_limit(tender, code, *, until, reason, basis, by, at):
    """Set `until` in place of the day that a rule permits for this tender; only for rules that may be waived, and never backwards."""
    require_duty(by, Organisation.Kind.REGULATOR, Duty.COMPLAINTS)
    tender = Tender.objects.select_for_update(of=["self"]).select_related("project__owner", "project__agency").get(pk=tender.pk)
    require(by, SUPERVISE, tender)
    rule = rules_by_code().get(code)
    if rule is None or not rule.waivable:
        raise Refused("not_waivable", "这项时限依法不能豁免。", field="rule", rule=rule.source if rule else "")
    if tender.state not in (Tender.State.REGISTERED, Tender.State.PUBLISHED):
        raise Refused("over", f"项目{tender.get_state_display()}，没有可以豁免的时限。")
    if until < city_day(at):
        raise Refused("past", "改为的期限不能早于今天。", field="until")
    for name, text in (("reason", reason), ("basis", basis)):
        if not text.strip():
            raise Refused(f"no_{name}", "请写明豁免的理由和依据。", field=name)
    project = tender.project
    notice = notice_of(
        tender, Notice.Kind.WAIVER, title=f"{tender.name}时限豁免公告", by=by, at=at,
        context={"rule": rule, "until": until, "reason": reason, "basis": basis, "regulator": project.regulator},
        facts=[("豁免的时限", rule.says), ("原依据", rule.source), ("改为", f"{until:%Y-%m-%d}"), ("豁免依据", basis)],
    )  # fmt: skip
    waiver = LimitWaiver.objects.create(tender=tender, rule=code, until=until, reason=reason, basis=basis, by=by, at=at, notice=notice)
    for person in handlers_of(tender):
        tell(
            person,
            f"时限豁免：{tender.name}",
            f"{rule.says}：改为 {until:%Y-%m-%d}。",
            link=f"/notices/{notice.number}/",
            key=f"waiver/{waiver.pk}",
        )
    digest = b64u(HJ("waiver-reason", {"v": 1, "reason": reason, "basis": basis}))
    record(
        LimitWaived(tender=tender.number, rule=code, until=until.isoformat(), notice=notice.number, reason=digest), by=by, role="supervisor"
    )
    return waiver
