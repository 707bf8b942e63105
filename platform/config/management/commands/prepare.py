import os

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from agencies.conduct_data import load_conduct
from config.roles import grant_roles
from credit.rules_data import load_rules
from trading.catalogue.data import load_catalogue
from trading.standards.data import load_templates
from trading.standards.pattern_data import load_patterns
from web.actions import record_release


class Command(BaseCommand):
    help = "Make the database ready for this release: structure, catalogue, rules, the list of released files, and the rights of the database roles."

    def handle(self, *args, **options):
        call_command("migrate", verbosity=1)
        with transaction.atomic():
            load_catalogue()
            load_rules()
            load_conduct()
            load_templates()
            load_patterns()
        record_release()
        passwords = os.environ.get("ETP_APP_PASSWORD"), os.environ.get("ETP_SEQUENCER_PASSWORD")
        if all(passwords):
            with transaction.atomic(), connection.cursor() as cursor:
                grant_roles(cursor, *passwords)
        else:
            self.stderr.write("ETP_APP_PASSWORD and ETP_SEQUENCER_PASSWORD are not set: the database has one role for all.")
