"""Real Chromium for tests and benches: how it is started, and what it takes."""

import os
import subprocess
from pathlib import Path

from tests.processes import ROOT

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# How long (ms) a browser may take for what a person waits for: opening a key file takes seconds on a busy machine.
PATIENCE = 90_000


def bundled(source):
    """A module that imports our scripts (`./static/src/…`) and npm packages, as one script for browsers."""
    command = ["node_modules/.bin/esbuild", "--bundle", "--format=esm", "--target=es2022"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, input=source.encode()).stdout.decode()


def our_renderers():
    """Resident bytes of each renderer that descends from this process; other people's browsers do not count."""
    parents, renderers = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[folder.name] = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                renderers[folder.name] = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue
    return [size for pid, size in renderers.items() if str(os.getpid()) in ancestors(pid, parents)]


def ancestors(pid, parents):
    while pid := parents.get(pid):
        yield pid
