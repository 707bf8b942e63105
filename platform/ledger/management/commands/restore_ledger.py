from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.recovery import restore
from ledger.sequencer import LogBroken


class Command(BaseCommand):
    help = "Put entries that the database lost back from published bundles or a witness's mirror, until the root is the signed one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", required=True, help="published files (ETP_LEDGER) or a witness's mirror")
        parser.add_argument("--receipts", help="a folder of bidders' receipts, for what blinded entries say")

    def handle(self, *args: Any, folder: str, receipts: str | None, **options: Any) -> None:
        try:
            count = restore(Path(folder), Path(receipts) if receipts else None)
        except LogBroken as broken:
            raise CommandError(f"nothing was changed: {broken}") from broken
        self.stdout.write(f"{count} entries put back")
