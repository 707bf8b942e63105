"""What the audit compares: the conclusion of a handled alert with its entry."""

from ledger.audit import register
from ledger.canonical import HJ, b64u
from supervision.alerts.models import Alert


def conclusion_is_unchanged(body):
    said = body["d"]
    alert = Alert.objects.filter(number=said["number"]).first()
    if alert is None or b64u(HJ("alert-conclusion", {"v": 1, "text": alert.conclusion})) != said["conclusion"]:
        return f"预警 {said['number']} 的处置结论与存证不符"
    return None


register("alert.handled", conclusion_is_unchanged)
