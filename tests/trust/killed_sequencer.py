"""A sequencer that kills itself (signal 9) at one step: `python -m tests.trust.killed_sequencer STEP`."""

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from ledger import sequencer, signing, tiles  # noqa: E402 - the settings must stand first
from ledger.models import LedgerCheckpoint  # noqa: E402
from ledger.signer import signer  # noqa: E402


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner, name):
    """Let a function do its work, and die before anything follows."""
    plain = getattr(owner, name)

    def last(*args, **more):
        plain(*args, **more)
        die()

    setattr(owner, name, last)


def when(owner, name, matches):
    """Die before the one call of a function that matters."""
    plain = getattr(owner, name)
    setattr(owner, name, lambda *args, **more: die() if matches(*args) else plain(*args, **more))


# The steps of docs/trust.md §2.3(2), in their order.
STEPS = {
    "the queue is read": lambda: after(sequencer, "waiting"),
    "leaves are inserted, nothing is signed": lambda: when(signer(), "sign_checkpoint", lambda *_: True),
    "signed, but the signer has not written it down": lambda: when(
        signing.LocalSigner, "write", lambda self, path, data: path.name == "signer-state.json"
    ),
    "the signer's record is drafted": lambda: when(os, "fsync", lambda _: os.path.exists(signer().folder / "signer-state.new")),
    "signed and written down": lambda: after(signer(), "sign_checkpoint"),
    "the checkpoint is inserted, not committed": lambda: after(LedgerCheckpoint.objects, "create"),
    "committed, no tile is written": lambda: when(sequencer, "write_tiles", lambda *args: args[-1] > args[-2]),
    "one tile is written": lambda: after(tiles, "write_tile"),
    "all tiles are written": lambda: when(sequencer, "publish_checkpoint", lambda *_: True),
    "the list has the note, the checkpoint is the old one": lambda: when(tiles, "write", lambda path, _: path.name == "checkpoint"),
    "published, nobody is notified": lambda: after(sequencer, "publish_checkpoint"),
}

if __name__ == "__main__":
    STEPS[sys.argv[1]]()
    sequencer.sequence_once()
