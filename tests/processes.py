"""The processes of a running platform, for tests and benches: on the database and in the folders of whoever starts them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url():
    """The address of the database of whoever asks, for another process."""
    row = connection.settings_dict
    socket_folder = row["OPTIONS"].get("host", "")
    place = f"{row['HOST']}:{row['PORT']}" if row["HOST"] else ""
    return f"postgres://{row['USER']}@{place}/{row['NAME']}" + (f"?host={socket_folder}" if socket_folder else "")


class Platform:
    """The processes of a running platform, each of which a test may kill and start again."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ, "DATABASE_URL": database_url(), "ETP_VAR": str(folder),
            "ETP_DEBUG": "1", "ETP_CONSOLES": "1", "ETP_REQUIRE_TOTP": "0", "ETP_SECRET_KEY": settings.SECRET_KEY, "ETP_BASE_URL": self.url, "PYTHONPATH": f"{ROOT}/platform:{ROOT}",
        }  # fmt: skip
        # A socket's path must be short.
        self.sockets = Path(tempfile.mkdtemp())
        self.environment["ETP_SIGNER"] = str(self.sockets / "signer")
        tool = Path(sys.executable).parent
        signer = ["--folder", folder / "signer", "--socket", self.sockets / "signer", "--origin", settings.ETP_ORIGIN]
        self.commands = {
            "signer": [sys.executable, "-m", "ledger.signer_process", *signer],
            "web": [tool / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
                    "--blocking-threads", "8", "--no-ws", "--log-level", "warning", "config.wsgi:application"],
            "worker": [sys.executable, "-m", "celery", "-A", "config", "worker", "-l", "warning", "-c", "2"],
            "beat": [sys.executable, "-m", "celery", "-A", "config", "beat", "-l", "warning", "-s", folder / "beat"],
            "sequencer": [sys.executable, "manage.py", "sequencer"],
        }  # fmt: skip
        self.folder = folder
        self.running = {}

    def launch(self, name):
        log = (self.folder / f"{name}.log").open("ab")
        command = [str(part) for part in self.commands[name]]
        self.running[name] = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def start(self):
        for name in self.commands:
            self.launch(name)
        self.wait()

    def wait(self):
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310 - our own address
                    return
            except OSError:
                time.sleep(0.25)
        raise AssertionError((self.folder / "web.log").read_text()[-4000:])

    def kill(self, name):
        """kill -9, children and all."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running.pop(name).wait()

    def stop(self):
        for process in self.running.values():
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(15)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)
