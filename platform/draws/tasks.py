"""What the clock sets off in draws; each round finds what is due."""

import logging

from celery import shared_task

from draws import actions
from draws.models import Draw
from rulebook.clock import database_now
from rulebook.refusals import Refused

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def advance_draws() -> None:
    """Compute what is complete, ask for missing numbers, and end what cannot be completed."""
    now = database_now()
    for draw in Draw.objects.filter(state=Draw.State.SEEDING):
        attempt(actions.conclude, draw)
    for draw in Draw.objects.filter(state=Draw.State.REVEAL, reveal_until__lte=now):
        attempt(actions.begin_recovery, draw, at=now)
    for draw in Draw.objects.filter(state=Draw.State.RECOVER, recover_until__lte=now):
        attempt(actions.void_draw, draw, "缺席方的随机数未能补齐", by=None, at=now)
    for draw in Draw.objects.filter(state=Draw.State.COMMIT, commit_until__lte=now):
        attempt(actions.void_draw, draw, "有参加方未在时限内提交承诺", by=None, at=now)


def attempt(act, draw, *args, **more) -> None:
    """Another worker may have been faster, or the ledger may be seconds behind: the next round comes soon.

    One draw that breaks must not stop the others.
    """
    try:
        act(draw, *args, **more)
    except Refused as refusal:
        log.info("%s of %s: %s", act.__name__, draw.number, refusal.code)
    except Exception:
        log.exception("%s of %s", act.__name__, draw.number)
