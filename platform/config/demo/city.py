"""Who lives and works in the demo city, and how they came to be registered."""

import random
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Duty, Membership, Organisation, OrganisationReview, Person
from config.demo.days import at, workday
from config.demo.papers import page, printed
from config.demo.rooms import furnish
from config.demo.words import (
    AGENCIES,
    FIRST,
    GIVEN,
    HOST,
    OWNERS,
    PHARMACIES,
    PLACES,
    PROCURER,
    SELLERS,
    SURNAMES,
    TOWNSHIP,
    TRADES,
    WATCHERS,
)
from credit import actions as credit
from credit.models import CreditRule
from documents.actions import store_file
from experts.models import Expert
from experts.privacy import keep
from reception import actions as reception
from reception.models import OrganisationPaper
from reception.register import add_entry
from rulebook.clock import city_day, database_now
from rulebook.identifiers import ID_WEIGHTS, make_uscc
from sealing.reference import enrolled
from trading.opening import reference
from trading.remote.actions import publish_terms, save_desk
from trading.standards.actions import draft_template
from trading.standards.models import DocumentTemplate

PASSWORD = "Qingjiang-2026"
# The demo's authenticator secret is public like its password: it guards nothing but invented data.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Long enough ago for the longest story of a tender.
LIFE = timedelta(days=110)
# The experts of this specialty are just enough for a committee: the demo's expert is certainly drawn.
RARE_SPECIALTY = "A05"


class City:
    """The parties of every story. `somebody.handler` acts for an organisation; `bidder.keys` are its keys, once made."""

    def __init__(self, *, scale):
        self.now = database_now()
        self.today = city_day(self.now)
        self.begins = self.today - LIFE
        self.settled_at = at(self.begins + timedelta(days=2), 9)
        self.random = random.Random(self.today.toordinal())  # noqa: S311 - a demo is to be repeatable
        self.scale = scale
        self.serial = 0
        self.held = {}
        self.bidders = []
        self.papers = printed()

    @staticmethod
    def random_name(source):
        return source.choice(SURNAMES) + "".join(source.sample(GIVEN, source.choice((1, 2))))

    def person(self, mobile=None, name=""):
        self.serial += 1
        name = name or self.random_name(self.random)
        return Person.objects.create(
            mobile=mobile or f"1391{self.serial:07d}", name=name, mobile_verified_at=database_now(), password=self.password
        )

    @cached_property
    def password(self):
        """One hash for all: Argon2 is slow on purpose."""
        someone = Person()
        someone.set_password(PASSWORD)
        return someone.password

    def file(self, title, *, by, organisation, purpose, lines=()):
        """A paper handed in: one of the common ones by its title, or one with these lines."""
        uploaded = SimpleUploadedFile(f"{title}.pdf", page(title, lines) if lines else self.papers[title])
        return store_file(uploaded, by=by, organisation=organisation, purpose=purpose, at=database_now())

    def settle(self):
        """The story of the offices and of everybody who has long been registered."""
        yield at(self.begins, 9)
        self.offices()
        furnish(self)
        self.experts()
        for number in range(180 * self.scale):
            self.bidders.append(self.register(number, "13900000004" if number == 0 else None))
        yield at(self.begins + timedelta(days=1), 10)
        for bidder in self.bidders:
            reception.review_organisation(bidder, OrganisationReview.Outcome.ACCEPTED, "", by=self.staff, at=database_now())
            bidder.refresh_from_db()
        self.fill_register(self.bidders[0])
        # The regulator has begun to revise the works text.
        draft_template(DocumentTemplate.objects.get(code="works-construction", version=1), self.regulator, by=self.official)

    def fill_register(self, bidder):
        """People, qualifications and contracts that the demo's bidder can put into its bids."""
        last, done = self.today.replace(year=self.today.year + 2, day=1), self.today.replace(year=self.today.year - 1, day=1)
        for kind, data in (
            ("person", {"name": "何建造", "about": "项目经理", "certificate": "市政公用工程一级建造师", "number": "鄂 1420000001", "on": last}),
            ("person", {"name": "安无忧", "about": "安全员", "certificate": "安全生产考核 C 证", "number": "鄂建安 C0001", "on": last}),
            ("qualification", {"name": "市政公用工程施工总承包", "about": "二级", "number": "D242000001", "on": last}),
            ("record", {"name": "清江市滨江路改造工程", "about": "清江市城乡建设投资中心", "number": "HT-01", "amount": Decimal(32_000_000), "on": done}),
        ):  # fmt: skip
            proof = self.file("营业执照", by=bidder.handler, organisation=bidder, purpose="register")
            add_entry(bidder, kind, data, proof, by=bidder.handler, at=database_now())

    def newcomers(self):
        """A few firms wait for the centre, so that its inbox is not empty."""
        yield at(workday(self.today, -1), 16)
        for number in range(180 * self.scale, 184 * self.scale):
            self.register(number)

    def office(self, name, kinds, duties, mobile=None, **fields):
        self.serial += 1
        made = Organisation.objects.create(
            uscc=make_uscc("12", "429900", f"49{self.serial:06d}"), name=name, kinds=kinds, state=Organisation.State.ACTIVE, **fields
        )
        person = self.person(mobile)
        Membership.objects.create(person=person, organisation=made, duties=[Duty.MANAGER, *duties])
        made.handler = person  # type: ignore[attr-defined]  # only the demo keeps it there
        return made

    def offices(self):
        watching = [Duty.COMPLAINTS, Duty.CREDIT]
        self.centre = self.office("清江市公共资源交易中心", ["centre"], Duty.values, "13900000001")
        self.regulator = self.office("清江市住房和城乡建设局", ["regulator"], watching, "13900000002", sectors=["GC"])
        self.staff, self.official = self.centre.handler, self.regulator.handler
        # Investigations and credit entries take two officials.
        self.colleague = self.person()
        Membership.objects.create(person=self.colleague, organisation=self.regulator, duties=watching)
        self.owners = [
            self.office(
                f"清江市{name}", ["tenderee"], [Duty.HANDLER], basic_bank="清江市财政专户开户行（虚构）", basic_account=f"62229999{n:08d}"
            )
            for n, name in enumerate(OWNERS)
        ]
        self.agencies = [
            self.office(f"清江{name}工程咨询有限公司", ["agency"], [Duty.HANDLER], "13900000003" if n == 0 else None)
            for n, name in enumerate(AGENCIES)
        ]
        self.watchers = {
            category: self.office(name, ["regulator"], watching, mobile, sectors=[category]) for category, name, mobile in WATCHERS
        }
        self.township = self.office(TOWNSHIP[0], ["centre"], Duty.values, TOWNSHIP[1], sectors=["CJ"])
        self.sellers = {each.name: each for each in (*self.owners, *(self.office(name, ["tenderee"], [Duty.HANDLER]) for name in SELLERS))}
        self.pharmacies = [self.office(name, ["bidder"], [Duty.HANDLER]) for name in PHARMACIES]
        self.procurer = self.office(PROCURER, ["procurer"], [Duty.HANDLER])
        admin = self.person("13900000009", "平台管理员")
        admin.is_administrator = True
        admin.save()
        officials = ["13900000001", "13900000002", "13900000009", TOWNSHIP[1], HOST[2], *(mobile for _, _, mobile in WATCHERS)]
        Person.objects.filter(mobile__in=officials).update(totp_secret=TOTP_SECRET, totp_confirmed_at=database_now())

    def identity(self):
        """An invented identity number with a right check digit."""
        self.serial += 1
        body = f"420101{1985 - self.serial // 1000}0101{self.serial % 1000:03d}"
        return body + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, body, strict=True)) % 11]

    def experts(self):
        for number in range(40 * self.scale):
            known = [RARE_SPECIALTY] if number < 5 else ["A08", "A06"] if number % 3 else ["A04", "A08"]
            expert = Expert.objects.create(
                person=self.person("13900000005" if number == 0 else None), number=f"ZJ{number + 1:05d}", specialties=known, title="高级工程师",
                employer=f"清江{FIRST[number % 20]}研究院",
            )  # fmt: skip
            keep(expert.person, {"identity": self.identity()})
        self.expert = Person.objects.get(mobile="13900000005")
        self.neighbours()

    def neighbours(self):
        """A host of remote evaluations in another city: its desks, and the experts of its region."""
        name, region, mobile = HOST
        self.host = self.office(name, ["host"], [Duty.HANDLER], mobile, region_code=region)
        publish_terms(
            self.host, meals="工作餐每人每餐 30 元", lodging="协议酒店每晚 260 元", expert_fees="三小时以内 400 元，超过的每小时 100 元，由主场转付",
            by=self.host.handler, at=database_now(),
        )  # fmt: skip
        for number in range(1, 5):
            save_desk(self.host, name=f"{number} 号工位", fee=Decimal("150.00"), active=True, by=self.host.handler)
        for number in range(8):
            expert = Expert.objects.create(
                person=self.person(), number=f"HD{number + 1:05d}", specialties=["A08"], title="高级工程师", employer=f"汉东{FIRST[number]}设计院",
                region_code=region, source="汉东市共享",
            )  # fmt: skip
            keep(expert.person, {"identity": self.identity()})

    def register(self, number, mobile=None):
        """A firm hands in its registration."""
        name = f"清江{FIRST[number % 20]}{TRADES[number // 20 % 10]}{number // 200 or ''}有限公司"
        self.serial += 1
        now, person = database_now(), self.person(mobile)
        made = reception.start_organisation(
            {
                "uscc": make_uscc("91", "429900", f"MA4K{self.serial:04d}"), "name": name, "kinds": ["bidder"], "legal_representative": "季无名",
                "address": f"清江市{self.random.choice(PLACES)}{self.serial} 号", "phone": f"0999-555-{self.serial % 10000:04d}",
                "qualifications": "市政公用工程施工总承包二级\n建筑工程施工总承包二级", "basic_bank": "清江市商业银行（虚构）",
                "basic_account": f"6222{self.serial:012d}",
            },
            by=person, at=now,
        )  # fmt: skip
        paper = self.file("营业执照", by=person, organisation=made, purpose="organisation")
        reception.attach_paper(made, OrganisationPaper.Kind.LICENCE, paper, by=person)
        reception.submit_organisation(made, by=person, at=now)
        made.handler = person
        return made

    def keys_of(self, bidder):
        """Its keys, made when it first needs them. The demo bidder's key file is kept for whoever signs in as it."""
        if not hasattr(bidder, "keys"):
            bidder.keys = reference.make_keys(bidder, by=bidder.handler)
            if bidder is self.bidders[0]:
                self.hand_over(bidder, bidder.keys)
        return bidder.keys

    @staticmethod
    def hand_over(organisation, keys):
        """Keep the key file for whoever signs in as this organisation's demo person."""
        path = key_file_path(organisation)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(reference.key_file(keys, PASSWORD))

    def holder_keys(self, person, organisation):
        """Somebody's keys as a holder and a party to draws, made when first needed."""
        if person.pk not in self.held:
            self.held[person.pk] = enrolled(organisation, by=person, role="holder")
            if person in (self.staff, self.official, self.agencies[0].handler):
                self.hand_over(organisation, self.held[person.pk])
        return self.held[person.pk]

    def conduct(self, place, rule, facts, decision, goal):
        """The story of one conduct entry: reported, checked by a second official, heard, and in force."""
        first = workday(self.today, -2 if goal == "submitted" else -4 if goal == "notified" else -self.random.randint(20, 45))
        yield at(first, 11, place)
        bidder = self.bidders[3 * place]
        entry = credit.report_conduct(
            bidder, CreditRule.objects.get(code=rule), facts=facts, decision_number=decision, tender_number="", by=self.colleague, at=database_now(),
            evidence=self.file("证据材料", by=self.colleague, organisation=self.regulator, purpose="credit"),
        )  # fmt: skip
        if goal == "submitted":
            return
        yield at(workday(first, 1), 9, 40)
        credit.check_entry(entry, by=self.official, at=database_now())
        if goal == "notified":
            return
        yield at(workday(first, 3), 15)
        if goal == "stated":
            credit.state_case(
                entry, bidder, "原项目经理因病住院，已附医院证明，更换申请当时正在办理。", by=bidder.handler, at=database_now()
            )
            return
        yield at(workday(first, 8), 10)
        credit.make_effective(entry, by=self.official, at=database_now())
        if goal == "revoked":
            yield at(workday(first, 10), 10)
            credit.revoke_entry(entry, "复检合格，原检测报告被检测机构撤回。", by=self.official, at=database_now())


def key_file_path(organisation):
    """Where the key file of an organisation's demo person stands."""
    return Path(settings.VAR) / "demo" / f"密钥-{organisation.name}.p12"
