"""Waking workers after a commit. Nobody waits for a queue that is away: sweeps find what stands in the database."""

import logging
import time
from typing import Any

log = logging.getLogger(__name__)

# After a failure no try is made for so long: each may cost a timeout, and somebody waits for the page.
REST = 5

_rests_until = 0.0


def wake_worker(task: Any, pk: int) -> None:
    """Ask a worker to do `task(pk)` now. If the queue is away a sweep does it later: the act itself is safe."""
    global _rests_until
    if time.monotonic() < _rests_until:
        return
    try:
        task.apply_async([pk], retry=False)
    except Exception:
        _rests_until = time.monotonic() + REST
        log.warning("the queue is away; what is to be done waits for the sweeps", exc_info=True)
