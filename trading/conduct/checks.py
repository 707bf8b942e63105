"""What the audit compares: what a step said, with its entry."""

from ledger.audit import register
from trading.conduct.actions import digest_of
from trading.procedures.models import StepRecord


def step_is_unchanged(body):
    said = body["d"]
    row = StepRecord.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"]), step=said["step"], no=said["no"]).first()
    return None if row is not None and digest_of(row) == said["digest"] else "流程步骤的内容与存证不符"


register("step.taken", step_is_unchanged)
