"""What the audit compares: the outcome of complaints with their entries."""

from ledger.audit import register
from supervision.remedies.models import Complaint


def decision_is_unchanged(body):
    said = body["d"]
    complaint = Complaint.objects.filter(number=said["number"]).select_related("notice").first()
    if complaint is None or complaint.notice is None or complaint.notice.number != said["notice"]:
        return f"投诉 {said['number']} 的处理决定与存证不符"
    return None


register("complaint.decided", decision_is_unchanged)
