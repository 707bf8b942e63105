from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation, Person
from reception.actions import FOUNDED, found_office
from rulebook.clock import database_now
from rulebook.refusals import Refused


class Command(BaseCommand):
    help = "Enter the trading centre, a regulator, or a host of remote evaluations: they review others, so nobody reviews them. The manager has signed up before."

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=FOUNDED)
        parser.add_argument("uscc", help="统一社会信用代码")
        parser.add_argument("name", help="单位名称")
        parser.add_argument("mobile", help="单位管理员已注册的手机号")
        parser.add_argument("--sectors", nargs="*", default=[], help="regulators: categories supervised (GC, ZC, …)")
        parser.add_argument("--region", default="", help="hosts: the six digits of their region")

    def handle(self, *args, kind, uscc, name, mobile, sectors, region, **options):
        manager = Person.objects.filter(mobile=mobile, is_active=True).first()
        if manager is None:
            raise CommandError("没有找到使用这个手机号的账号，请先在网站注册。")
        try:
            found_office(Organisation.Kind(kind), uscc=uscc, name=name, sectors=sectors, manager=manager, at=database_now(), region=region)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{name} 已建立，管理员：{manager.name}")
