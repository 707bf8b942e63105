"""A witness as its operator runs it: the program itself, on the published files."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

PROGRAM = Path(__file__).resolve().parents[2] / "bin" / "etp-witness"


class Witness:
    def __init__(self, folder, *options, url="", name="witness.example"):
        self.folder, self.options, self.url = folder, options, url
        self.state, self.keys, self.mirror = folder / "state", folder / "keys.json", folder / "mirror"
        folder.mkdir(exist_ok=True)
        call_command("ledger_keys", to=str(self.keys))
        made = subprocess.run([sys.executable, PROGRAM, "init", "--state", self.state, "--name", name], capture_output=True, text=True)
        self.vkey = made.stdout.strip()
        assert self.vkey, made.stderr

    def look(self, *options):
        """One round: the exit code and what was said."""
        url = self.url or settings.ETP_LEDGER.as_uri()
        command = [sys.executable, PROGRAM, "run", url, "--once", "--state", self.state, "--keys", self.keys, "--mirror", self.mirror]
        done = subprocess.run([*command, *self.options, *options], capture_output=True, text=True)
        return done.returncode, done.stderr

    def alarm(self, *options):
        """The kind of alarm that one round raises; None when all is well."""
        code, said = self.look(*options)
        assert code in (0, 1), said
        return said.split("ALARM ")[1].split(":")[0] if code else None
