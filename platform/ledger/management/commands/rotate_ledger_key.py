from typing import Any

from django.core.management.base import BaseCommand

from ledger.rotation import rotate


class Command(BaseCommand):
    help = "Announce a new ledger key in the log; the first checkpoint with the announcement is signed by both keys."

    def handle(self, *args: Any, **options: Any) -> None:
        entry = rotate()
        self.stdout.write(f"announced in entry {entry.pk}; hand the new keys.json to whoever verifies")
