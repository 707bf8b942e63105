"""What the audit compares: sums and states of the performance with their entries."""

from ledger.audit import register
from ledger.canonical import money
from trading.performance.models import ContractChange, Deduction


def change_is_unchanged(body):
    said = body["d"]
    row = ContractChange.objects.filter(
        contract__award__lot__tender__number=said["tender"], contract__award__lot__no=int(said["lot"]), no=said["no"]
    ).first()
    return None if row and (money(row.amount), row.days) == (said["amount"], said["days"]) else "合同变更与存证不符"


def deduction_is_unchanged(body):
    said = body["d"]
    row = Deduction.objects.filter(number=said["number"]).first()
    return None if row and money(row.amount) == said["amount"] else "扣款金额与存证不符"


register("contract.change", change_is_unchanged)
register("site.deduction", deduction_is_unchanged)
