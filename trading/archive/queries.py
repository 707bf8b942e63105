from trading.archive.actions import FINISHED
from trading.projects.models import Lot


def lots_to_archive():
    return Lot.objects.filter(state__in=FINISHED, archive=None, tender__published_at__isnull=False)
