"""What every bench stands on: a database of its own, the platform's processes as in production, and how to compare."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - the settings must stand first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tests.processes import ROOT, Platform, free_port  # noqa: E402
from web.released import release  # noqa: E402

QUICK = "--quick" in sys.argv
ROUNDS, SECONDS = (1, 0.5) if QUICK else (5, 3.0)


@contextmanager
def ground(*parts):
    """An empty migrated database and these processes of the platform, with static files collected as for production."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for setting, part in (
            ("ETP_KEYS", "keys"),
            ("ETP_SIGNER_KEYS", "signer"),
            ("ETP_LEDGER", "ledger"),
            ("ETP_UPLOADS", "uploads"),
            ("MEDIA_ROOT", "media"),
        ):
            setattr(settings, setting, folder / part)
        settings.STATIC_ROOT = folder / "staticfiles"
        call_command("collectstatic", interactive=False, verbosity=0)
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        platform = Platform(folder)
        platform.environment |= {"ETP_DEBUG": "0", "ETP_STATIC_ROOT": str(settings.STATIC_ROOT)}
        try:
            for part in parts:
                platform.launch(part)
            platform.wait()
            platform.release = release()
            yield platform
        finally:
            platform.stop()
            connection.creation.destroy_test_db("etp", verbosity=0)


@contextmanager
def bare_view(body: bytes, folder: Path):
    """A Django that does nothing but answer these bytes, in the same server with the same settings; its port."""
    (folder / "body").write_bytes(body)
    port = free_port()
    tool = Path(sys.executable).parent / "granian"
    command = [tool, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8",
               "--no-ws", "--log-level", "warning", "bench._bare:application"]  # fmt: skip
    running = subprocess.Popen([str(part) for part in command], cwd=ROOT, env={**os.environ, "BARE_BODY": str(folder / "body")})
    try:
        for _ in range(120):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.25)
        yield port
    finally:
        running.terminate()
        running.wait()


def together(count, act):
    """Run `act(place)` in so many threads at once; seconds until the last has ended. What one raises ends the bench."""
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(act, range(count)))
    return time.monotonic() - began


def say(name, measured, yardstick, unit, about):
    """The last line: medians of both, and their ratio."""
    value, base = statistics.median(measured), statistics.median(yardstick)
    print(f"{name}: {[round(row, 1) for row in measured]}; {about}: {[round(row, 1) for row in yardstick]}")
    print(json.dumps({"name": name, "value": figure(value), "unit": unit, "yardstick": figure(base), "ratio": figure(value / base)}))


def figure(number):
    """Four digits that count, however small it is."""
    return float(f"{number:.4g}")
