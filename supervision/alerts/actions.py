"""Saying what an alert was."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from ledger.acts import record
from rulebook.refusals import Refused
from supervision.alerts.events import SplittingJudged
from supervision.alerts.models import SplittingAlert
from supervision.alerts.rules import SPLITTING
from trading.projects.queries import regulators_of


@transaction.atomic
def judge_splitting(alert, state, opinion, *, by, at):
    """The department that supervises the category, or the centre's intake, says whether a project was split, and why."""
    alert = SplittingAlert.objects.select_for_update(of=["self"]).select_related("project").get(pk=alert.pk)
    if not any(is_member(by, each) for each in regulators_of(alert.project.category)):
        require_duty(by, Organisation.Kind.CENTRE, Duty.INTAKE)
    if alert.state != SplittingAlert.State.OPEN:
        raise Refused("judged", "这条预警已经核查。")
    if not opinion.strip():
        raise Refused("no_opinion", "请写明核查意见。", field="opinion", rule=SPLITTING.source)
    alert.state, alert.opinion, alert.judged_by, alert.judged_at = state, opinion, by, at
    alert.save(update_fields=["state", "opinion", "judged_by", "judged_at"])
    record(SplittingJudged(project=alert.project_id, state=str(state), opinion=opinion[:500]), by=by)
    return alert
