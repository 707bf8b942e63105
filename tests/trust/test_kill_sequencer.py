"""kill -9 of the sequencer at each step of placing a batch: the next start ends in the same log."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.models import LedgerLeaf
from ledger.sequencer import sequence_once
from ledger.signer import signer
from tests.factories.ledger import happen
from tests.ledger.test_sequencing import check_all
from tests.processes import database_url

ROOT = Path(__file__).resolve().parents[2]
STEPS = [
    "the queue is read", "leaves are inserted, nothing is signed", "signed, but the signer has not written it down",
    "the signer's record is drafted", "signed and written down", "the checkpoint is inserted, not committed",
    "committed, no tile is written", "one tile is written", "all tiles are written",
    "the list has the note, the checkpoint is the old one", "published, nobody is notified",
]  # fmt: skip


def killed_at(step, settings):
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "ETP_SIGNER": "",
        "ETP_SIGNER_KEYS": str(settings.ETP_SIGNER_KEYS),
        "ETP_LEDGER": str(settings.ETP_LEDGER),
        "PYTHONPATH": f"{ROOT}/platform:{ROOT}",
    }
    command = [sys.executable, "-m", "tests.trust.killed_sequencer", step]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.django_db(transaction=True)
def test_the_next_start_ends_in_the_same_log(settings, step):
    before = [happen(f"stream {n % 2}", str(n)) for n in range(250)]
    sequence_once()
    # The batch fills a tile, so that partial files give way to a full one.
    batch = [happen(f"stream {n % 3}", f"later {n}") for n in range(9)]
    done = killed_at(step, settings)
    assert done.returncode == -signal.SIGKILL, done.stderr
    late = happen("another", "recorded after the crash")
    until = time.monotonic() + 20
    while not sequence_once() and LedgerLeaf.objects.count() < 260 and time.monotonic() < until:
        # The database gives the dead session's lock back in its own time.
        time.sleep(0.1)
    assert [leaf.entry for leaf in LedgerLeaf.objects.order_by("idx").select_related("entry")] == [*before, *batch, late]
    assert signer().state()["size"] == 260
    check_all(settings.ETP_LEDGER)


def test_the_steps_are_those_of_the_program():
    listed = (ROOT / "tests" / "trust" / "killed_sequencer.py").read_text()
    assert all(f'"{step}": lambda' in listed for step in STEPS) and listed.count(": lambda") == len(STEPS)
