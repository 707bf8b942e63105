from django.core.management.base import BaseCommand

from trading.procedures.printed import document_path, written


class Command(BaseCommand):
    help = "Write the tables of all procedures into docs/procedures.md."

    def handle(self, **options):
        path = document_path()
        path.write_text(written(path.read_text()))
