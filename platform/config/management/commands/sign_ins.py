from django.core.management.base import BaseCommand

from accounts.models import Person
from config.demo.sign_ins import sign_in_lines


class Command(BaseCommand):
    help = "Print one sign-in for each role of the demo city."

    def handle(self, *args, **options):
        if Person.objects.filter(mobile="13900000009").exists():
            self.stdout.write("\n".join(sign_in_lines()))
