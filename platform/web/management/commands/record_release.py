from django.core.management.base import BaseCommand

from web.actions import record_release
from web.released import release


class Command(BaseCommand):
    help = "Record in the ledger which files browsers are given, if that has changed."

    def handle(self, *args, **options):
        entry = record_release()
        self.stdout.write(f"client.released {entry.n}: {len(release()['files'])} files" if entry else "client.released: unchanged")
