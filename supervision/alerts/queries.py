from django.db.models import Q

from supervision.alerts.kinds import KINDS
from supervision.alerts.models import Alert


def alerts_for(organisation):
    """The alerts that lie on a regulator's desk: its own, and those of nobody in particular."""
    return Alert.objects.filter(Q(regulator=organisation) | Q(regulator=None)).select_related("tender", "handled_by")


def kind_label(alert):
    return KINDS.get(alert.kind, alert.kind)
