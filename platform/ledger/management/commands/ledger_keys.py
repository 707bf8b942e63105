import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.keys import public_keys


class Command(BaseCommand):
    help = "The public keys that a verifier or witness pins (keys.json), from the signer itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", help="write them to this file instead of standard output")

    def handle(self, *args: Any, to: str | None, **options: Any) -> None:
        text = json.dumps(public_keys(), ensure_ascii=False, indent=1)
        if to:
            Path(to).write_text(text + "\n")
        else:
            self.stdout.write(text)
