"""Tests side by side: each worker of xdist has its own Redis databases, as it has its own PostgreSQL database."""

import os
import re

# The number of the database at the end of an address of Redis.
PLACE = re.compile(r"(?<=db=)0$|(?<=virtual_host=)0$|(?<=/)0$")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER:
    for name in ("REDIS_URL", "ETP_BROKER"):
        if name in os.environ:
            os.environ[name] = PLACE.sub(str(int(WORKER.removeprefix("gw")) + 1), os.environ[name])
