from django.core.management.base import BaseCommand, CommandError

from accounts.models import Person
from reception.actions import appoint_administrator
from rulebook.refusals import Refused


class Command(BaseCommand):
    help = "Make a person who has signed up one of the first two administrators; further ones are asked for and approved on the platform."

    def add_arguments(self, parser):
        parser.add_argument("mobile", help="已注册的手机号")

    def handle(self, *args, mobile, **options):
        person = Person.objects.filter(mobile=mobile, is_active=True).first()
        if person is None:
            raise CommandError("没有找到使用这个手机号的账号，请先在网站注册。")
        try:
            appoint_administrator(person)
        except Refused as refusal:
            raise CommandError(refusal.message + refusal.next_step) from refusal
        self.stdout.write(f"{person.name} 已是平台管理员")
