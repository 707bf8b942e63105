"""What the audit compares: what a step said, with its entry."""

from ledger.audit import register
from trading.conduct.actions import digest_of
from trading.procedures.models import StepRecord


def step_is_unchanged(body):
    said = body["d"]
    row = StepRecord.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"]), step=said["step"], no=said["no"]).first()
    if row is None or row.digest != said["digest"] or digest_of(row.step, row.data, list(row.files.all())) != said["digest"]:
        return "流程步骤的内容与存证不符"
    return None


register("step.taken", step_is_unchanged)
