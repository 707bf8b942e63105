"""Plain random draws. The pool is put in order and digested before the seed exists, and all three are kept."""

import secrets

from django.db import transaction

from draws.models import Draw
from draws.order import permutation
from ledger.canonical import HJ, b64u


@transaction.atomic
def draw_order(purpose, subject, pool, *, by, at):
    """Draw a random order of `pool` (a list of strings) and keep what is needed to repeat it.

    The order comes from a fresh 32-byte seed; whoever has pool and seed computes the same order.
    """
    listed = sorted(pool)
    seed = secrets.token_bytes(32)
    return Draw.objects.create(
        purpose=purpose,
        subject=subject,
        pool=listed,
        pool_digest=b64u(HJ("draw-pool", listed)),
        seed=b64u(seed),
        order=[listed[place] for place in permutation(seed, len(listed))],
        at=at,
        by=by,
    )
