"""Reporting conduct, checking it by a second person, hearing the party, and letting it count."""

from datetime import date

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from credit.events import ConductChecked, ConductClosed, ConductEffective, ConductReported
from credit.models import CreditEntry, CreditScore
from credit.queries import score_of
from credit.scoring import expiry
from ledger.acts import record
from ledger.canonical import money
from postbox.actions import tell_members
from rulebook.clock import city_day
from rulebook.periods import WORKING, MaximumPeriod
from rulebook.refusals import Refused

STATEMENT = MaximumPeriod(
    code="D-CR-01", says="告知后五个工作日内可以陈述申辩", source="本市信用评价办法（设计值，可调整）",
    since=date(2025, 1, 1), days=5, unit=WORKING, confidence="D",
)  # fmt: skip


@transaction.atomic
def report_conduct(organisation, rule, *, facts, evidence, decision_number, tender_number, by, at, reporter=None):
    """A regulator reports a conduct with its evidence; grave ones need a decision's number.

    `reporter`: the regulator whose own decision the conduct follows from; whoever decided there needs no post for credit.
    """
    reporter = reporter or require_duty(by, Organisation.Kind.REGULATOR, Duty.CREDIT)
    if not rule.since <= city_day(at) or (rule.until and rule.until < city_day(at)):
        raise Refused("rule_not_in_force", "这条评价细则现在不适用。", field="rule")
    if rule.severity == 4 and not decision_number.strip():
        raise Refused(
            "needs_decision", "严重失信行为须有生效的处理决定，请填写决定文书号。",
            rule="《国务院办公厅关于进一步完善失信约束制度的指导意见》", field="decision_number",
        )  # fmt: skip
    entry = CreditEntry.objects.create(
        organisation=organisation, rule=rule, points=rule.points, facts=facts, evidence=evidence,
        decision_number=decision_number, tender_number=tender_number, reporter=reporter, reported_by=by, reported_at=at,
    )  # fmt: skip
    record(ConductReported(party=organisation.uscc, entry=entry.pk, rule=rule.code, points=money(rule.points)), by=by, role="supervisor")
    return entry


@transaction.atomic
def check_entry(entry, *, by, at):
    """Another person of the regulator confirms; the party is told and has five working days to state its case."""
    require_duty(by, Organisation.Kind.REGULATOR, Duty.CREDIT)
    entry = CreditEntry.objects.select_for_update(of=["self"]).select_related("organisation", "rule").get(pk=entry.pk)
    if entry.state != CreditEntry.State.SUBMITTED:
        raise Refused("checked", "这条记录已经复核。")
    if entry.reported_by_id == by.pk:
        raise Refused("second_person", "复核人不能是填报人。", next_step="请由另一位同事复核。", rule="信用记录双人复核")
    entry.state, entry.checked_by, entry.notified_at = CreditEntry.State.NOTIFIED, by, at
    entry.statement_until = STATEMENT.due_at(at)
    entry.save(update_fields=["state", "checked_by", "notified_at", "statement_until"])
    tell_members(
        entry.organisation, f"拟记入信用记录：{entry.rule.title}", f"可在 {entry.statement_until:%Y-%m-%d} 前陈述申辩。",
        link="/me/credit/", key=f"credit/{entry.pk}",
    )  # fmt: skip
    record(ConductChecked(party=entry.organisation.uscc, entry=entry.pk), by=by, role="supervisor")


@transaction.atomic
def state_case(entry, organisation, statement, *, by, at):
    entry = CreditEntry.objects.select_for_update().get(pk=entry.pk, organisation=organisation)
    if entry.state != CreditEntry.State.NOTIFIED or at > entry.statement_until:
        raise Refused("statement_over", "陈述申辩期已过；对已生效的记录可以提出异议。")
    entry.statement = statement
    entry.save(update_fields=["statement"])


@transaction.atomic
def make_effective(entry, *, by, at):
    """After the statement period (or a statement already heard), the entry counts from today."""
    require_duty(by, Organisation.Kind.REGULATOR, Duty.CREDIT)
    entry = CreditEntry.objects.select_for_update(of=["self"]).select_related("organisation", "rule").get(pk=entry.pk)
    if entry.state != CreditEntry.State.NOTIFIED:
        raise Refused("wrong_state", f"这条记录当前为“{entry.get_state_display()}”，不能生效。")
    if at <= entry.statement_until and not entry.statement:
        raise Refused(
            "statement_open", f"陈述申辩期到 {entry.statement_until:%Y-%m-%d} 止，期满或听取陈述后才能生效。",
            rule=f"{STATEMENT.source}：{STATEMENT.says}",
        )  # fmt: skip
    entry.state = CreditEntry.State.EFFECTIVE
    entry.effective_on = city_day(at)
    entry.expires_on = expiry(entry.effective_on, entry.rule.validity_months)
    entry.save(update_fields=["state", "effective_on", "expires_on"])
    record(
        ConductEffective(
            party=entry.organisation.uscc, entry=entry.pk, effective_on=entry.effective_on.isoformat(),
            expires_on=entry.expires_on.isoformat(),
        ),
        by=by, role="supervisor",
    )  # fmt: skip


@transaction.atomic
def revoke_entry(entry, reason, *, by, at):
    require_duty(by, Organisation.Kind.REGULATOR, Duty.CREDIT)
    entry = CreditEntry.objects.select_for_update(of=["self"]).select_related("organisation").get(pk=entry.pk)
    if not reason.strip():
        raise Refused("no_reason", "请写明撤销理由。", field="reason")
    entry.state, entry.closed_reason = CreditEntry.State.REVOKED, reason
    entry.save(update_fields=["state", "closed_reason"])
    record(ConductClosed(party=entry.organisation.uscc, entry=entry.pk, state="revoked"), by=by, role="supervisor")


@transaction.atomic
def rescore(organisation, *, at):
    """Write down the party's score of today with every line that made it, if it differs from the last."""
    score, grade, lines = score_of(organisation, city_day(at))
    last = CreditScore.objects.filter(organisation=organisation).first()
    if last is None or (last.score, last.grade, last.lines) != (score, grade, lines):
        CreditScore.objects.create(organisation=organisation, as_of=city_day(at), computed_at=at, score=score, grade=grade, lines=lines)
