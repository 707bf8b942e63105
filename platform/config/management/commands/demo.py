"""The demo city: a fictional 清江市, built through the real actions, so that ledger, permissions and limits hold."""

import random
from datetime import timedelta
from decimal import Decimal

import pyotp
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand
from django.db import transaction
from tqdm import tqdm

from accounts.models import Duty, Membership, Organisation, OrganisationReview, Person
from credit.rules_data import load_rules
from documents.actions import store_file
from experts.models import Expert
from ledger.sequencer import sequence_once
from reception import actions as reception
from reception.models import OrganisationPaper
from rulebook.clock import city_day, database_now
from rulebook.identifiers import make_uscc
from rulebook.workdays import is_workday
from trading.catalogue.data import load_catalogue
from trading.projects import actions as projects
from trading.projects.models import ProjectReview
from trading.projects.queries import required_papers
from trading.tenders.actions import ask_question, draft_document, obtain_document, publish_clarification, publish_tender, save_document

PASSWORD = "Qingjiang-2026"
# The demo's authenticator secret is public like its password: it guards nothing but invented data.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAPER = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
FIRST = ("子虚", "乌有", "南柯", "蜃楼", "蓬壶", "方丈", "瀛洲", "桃源", "华胥", "赤水", "昆仑", "沧浪", "扶摇", "云梦", "阆苑", "槐安", "邯郸", "若木", "羲和", "望舒")
TRADES = ("建设", "市政", "水务", "路桥", "园林", "安装", "装饰", "检测", "设计", "监理")
PLACES = ("滨江新区", "临港新区", "文昌街道", "学府路", "云溪河", "鹿鸣县", "海棠路", "老城区", "桃源区", "清平镇")
WORKS = ("雨污分流改造工程", "小学综合楼新建工程", "道路改扩建工程", "堤防加固工程", "老旧小区改造工程", "污水处理厂扩建工程", "公园绿化工程", "综合管廊工程")


class Command(BaseCommand):
    help = "Load the demo city into an empty database."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is already a city")
        parser.add_argument("--scale", type=int, default=1, help="how many times the usual size")

    def handle(self, *args, if_empty, scale, **options):
        load_catalogue()
        load_rules()
        if Organisation.objects.exists():
            if not if_empty:
                self.stderr.write("数据库不是空的，没有装入演示城市。")
            return
        self.random = random.Random(city_day(database_now()).toordinal())  # noqa: S311 - a demo is to be repeatable
        self.serial = 0
        self.offices()
        bidders = [self.registered(f"清江{FIRST[n % 20]}{TRADES[n // 20 % 10]}{'' if n < 200 else n // 200}有限公司", ["bidder"]) for n in tqdm(range(180 * scale), "投标人", leave=False)]
        self.experts(40 * scale)
        for number in tqdm(range(40 * scale), "招标项目", leave=False):
            with transaction.atomic():
                self.tender(number, bidders)
        sequence_once()

    def person(self, name, mobile=None):
        self.serial += 1
        made = Person(mobile=mobile or f"139{self.serial:08d}", name=name, mobile_verified_at=database_now())
        made.password = self.password
        made.save()
        return made

    @property
    def password(self):
        """One hash for all: Argon2 is slow on purpose."""
        if not hasattr(self, "_password"):
            someone = Person()
            someone.set_password(PASSWORD)
            self._password = someone.password
        return self._password

    def office(self, name, kinds, duties, mobile, **fields):
        self.serial += 1
        made = Organisation.objects.create(
            uscc=make_uscc("12", "429900", f"49{self.serial:06d}"), name=name, kinds=kinds, state=Organisation.State.ACTIVE, **fields
        )
        person = self.person(f"{name[-4:]}经办", mobile)
        Membership.objects.create(person=person, organisation=made, duties=[Duty.MANAGER, *duties])
        made.handler = person  # type: ignore[attr-defined]  # only the demo keeps it there
        return made

    def offices(self):
        self.centre = self.office("清江市公共资源交易中心", ["centre"], Duty.values, "13900000001")
        self.regulator = self.office("清江市住房和城乡建设局", ["regulator"], [Duty.COMPLAINTS, Duty.CREDIT], "13900000002", sectors=["GC"])
        self.owners = [
            self.office(f"清江市{name}", ["tenderee"], [Duty.HANDLER], None)
            for name in ("教育局基建办公室", "水务局", "住建中心", "交通运输局", "园林中心", "城市建设投资公司", "卫生健康委", "文化旅游局", "民政局", "体育局")
        ]
        self.agencies = [
            self.office(f"清江{name}工程咨询有限公司", ["agency"], [Duty.HANDLER], "13900000003" if n == 0 else None)
            for n, name in enumerate(("蓬莱", "瑶池", "广寒", "紫微", "玄圃", "丹丘", "员峤", "岱舆"))
        ]
        admin = self.person("平台管理员", "13900000009")
        admin.is_administrator = True
        admin.save()
        for number in ("13900000001", "13900000002", "13900000009"):
            Person.objects.filter(mobile=number).update(totp_secret=TOTP_SECRET, totp_confirmed_at=database_now())

    @transaction.atomic
    def registered(self, name, kinds):
        """An organisation through its whole registration."""
        self.serial += 1
        now = database_now()
        person = self.person(f"{name[2:4]}经办", "13900000004" if self.serial and not hasattr(self, "first_bidder") else None)
        made = reception.start_organisation(
            {
                "uscc": make_uscc("91", "429900", f"MA4K{self.serial:04d}"), "name": name, "kinds": kinds, "legal_representative": "季无名",
                "address": f"清江市{self.random.choice(PLACES)}{self.serial} 号", "phone": f"0999-555-{self.serial % 10000:04d}",
                "qualifications": "市政公用工程施工总承包二级\n建筑工程施工总承包二级", "basic_bank": "清江市商业银行（虚构）",
                "basic_account": f"6222{self.serial:012d}",
            },
            by=person, at=now,
        )  # fmt: skip
        file = store_file(SimpleUploadedFile("营业执照.pdf", PAPER), by=person, organisation=made, purpose="organisation", at=now)
        reception.attach_paper(made, OrganisationPaper.Kind.LICENCE, file, by=person)
        reception.submit_organisation(made, by=person, at=now)
        if not hasattr(self, "first_bidder"):
            self.first_bidder = made
        # The last few wait for the centre, so that its inbox is not empty.
        if self.serial % 40:
            reception.review_organisation(made, OrganisationReview.Outcome.ACCEPTED, "", by=self.centre.handler, at=now)
        made.refresh_from_db()
        made.handler = person  # type: ignore[attr-defined]  # only the demo keeps it there
        return made

    def experts(self, count):
        for number in range(count):
            person = self.person(f"{self.random.choice('赵钱孙李周吴郑王')}专家{number + 1}", "13900000005" if number == 0 else None)
            Expert.objects.create(
                person=person, number=f"ZJ{number + 1:05d}", specialties=["A08", "A06"] if number % 3 else ["A04", "A08"], title="高级工程师",
                employer=f"清江{FIRST[number % 20]}研究院", employer_uscc="",
            )  # fmt: skip

    def tender(self, number, bidders):
        """One tender, left at the stage that its number says."""
        now = database_now()
        agency, owner = self.agencies[number % 8], self.owners[number % 10]
        by = agency.handler
        name = f"清江市{PLACES[number % 10]}{WORKS[number * 3 % 8]}{'' if number < 40 else number // 40}"
        project = projects.start_project(agency, by=by)
        estimate = Decimal(self.random.randint(450, 9000)) * 10_000
        projects.save_project(
            project,
            {
                "name": f"{name}（{number + 1:02d}）", "owner": owner, "kind": "works", "classification": "A02", "address": f"清江市{PLACES[number % 10]}",
                "scale": "建设内容以批复的初步设计为准。", "fund_source": "市财政资金 100%", "estimate": estimate, "approval_name": f"关于{name}项目建议书的批复",
                "approval_number": f"清发改审〔2026〕{number + 1} 号", "approval_authority": "清江市发展和改革委员会", "contact_name": "何经办",
                "contact_phone": "0999-555-0111",
            },
            by=by,
        )  # fmt: skip
        tender = project.tenders.get()
        projects.save_lot(
            project,
            {"name": "一标段", "content": "施工图纸所示全部内容", "estimate": estimate, "term_days": 300, "quality": "合格",
             "qualification": "市政公用工程施工总承包二级及以上资质和有效的安全生产许可证"},
            by=by, lot=tender.lots.get(),
        )  # fmt: skip
        project.refresh_from_db()
        stage = number % 8
        if stage == 0:
            return
        for kind in required_papers(project):
            file = store_file(SimpleUploadedFile("材料.pdf", PAPER), by=by, organisation=agency, purpose="project", at=now)
            projects.attach_paper(project, kind, file, by=by)
        projects.submit_project(project, by=by, at=now)
        if stage == 1:
            return
        if stage == 2:
            projects.review_project(project, ProjectReview.Outcome.RETURNED, "资金落实证明未加盖公章，请补正。", by=self.centre.handler, at=now)
            return
        projects.review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=self.centre.handler, at=now)
        tender = project.tenders.get()
        document = draft_document(tender, by=by)
        due = self.workday(now + timedelta(days=21 + number % 9))
        sections = {row.no: row.text or "详见施工图纸和工程量清单。" for row in document.sections.filter(fixed=False)}
        lots = {lot.no: {"price_limit": (lot.estimate * Decimal("0.97")).quantize(Decimal(1)), "deposit": Decimal(80_000)} for lot in tender.lots.all()}
        dates = {"supply_from": now, "supply_until": due, "questions_until": due - timedelta(days=16), "bids_due_at": due}
        save_document(document, data=dates, sections=sections, lots=lots, by=by)
        if stage == 3:
            return
        tender = publish_tender(tender, by=by, at=now)
        holders = [each for each in bidders[: 3 + number % 5] if each.is_active]
        for holder in holders:
            obtain_document(tender, holder, by=holder.handler, at=database_now())
        if stage >= 6 and holders:
            question = ask_question(tender, holders[0], "清单第三项的计量单位是否为吨？", by=holders[0].handler, at=database_now())
            if stage == 7:
                publish_clarification(
                    tender, text="", answers={question.pk: "是，单位为吨。"}, affects_bids=False, new_bids_due_at=None, by=by, at=database_now()
                )

    @staticmethod
    def workday(moment):
        while not is_workday(city_day(moment)):
            moment += timedelta(days=1)
        return moment


SIGN_INS = (
    ("交易中心", "13900000001", True), ("监督部门", "13900000002", True), ("代理机构", "13900000003", False),
    ("投标人", "13900000004", False), ("评标专家", "13900000005", False), ("平台管理员", "13900000009", True),
)  # fmt: skip


def sign_in_lines():
    """One sign-in for each role, as `bin/serve` prints them."""
    code = pyotp.TOTP(TOTP_SECRET).now()
    lines = [f"{role}：{mobile}  密码 {PASSWORD}" + ("  需动态口令" if totp else "") for role, mobile, totp in SIGN_INS]
    lines.append(f"动态口令密钥 {TOTP_SECRET}（可加入身份验证器），此刻的口令 {code}")
    return [*lines, f"短信与语音：{settings.ETP_BASE_URL}/outbox/"]
