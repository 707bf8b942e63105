"""The life of one tender of the demo city, from its registration to the stage that it is to have reached today."""

import random
import re
from datetime import timedelta
from decimal import Decimal

from accounts.models import Person
from config.demo.city import RARE_SPECIALTY
from config.demo.days import at, last_workday, workday
from config.demo.deposits import put_up, withhold
from config.demo.performance import GOALS, sign_on_platform
from config.demo.remedies import dispute, object_to_document
from config.demo.rooms import give_room, hall_for, watch
from config.demo.words import PLACES, WORKS
from draws.actions import conclude
from draws.reference import contribute, disclose
from experts import privacy
from ledger.sequencer import sequence_once
from postbox.actions import answer_call
from postbox.models import Dispatch
from rulebook.clock import city_day, database_now
from trading.archive.actions import request_archive
from trading.awards import actions as awards
from trading.evaluation import actions as evaluations
from trading.evaluation import answers as _answers  # noqa: F401 - registers what a key press means
from trading.evaluation.attendance import sign_in
from trading.evaluation.committee import form_committee
from trading.evaluation.models import BidQuestion, CommitteeMember
from trading.evaluation.motions import vote
from trading.evaluation.questions import answer_question
from trading.opening import actions as openings
from trading.opening import reference
from trading.opening.models import OpenedBid
from trading.projects import actions as projects
from trading.projects.models import ProjectReview
from trading.projects.queries import required_papers
from trading.remote.actions import request_session
from trading.tenders import actions as tenders
from trading.tenders.models import Criterion, TenderDocument

# The stages before publication and while bids are made: (stage, tenders, working days since its registration).
EARLY = (
    ("draft", 2, 1), ("submitted", 2, 1), ("returned", 1, 3), ("accepted", 2, 2), ("published", 4, 6), ("questions", 2, 7),
    ("clarified", 2, 9), ("objected_document", 1, 8), ("terminated", 1, 12), ("bidding", 2, 24),
)  # fmt: skip
# The stages after: (stage, tenders, working days since the deadline of bids).
LATE = (
    ("failed", 1, 4), ("second_round", 1, 7), ("waiting", 1, 1), ("decrypting", 1, 1), ("revealed", 1, 1), ("opened", 2, 1), ("drawn", 2, 1),
    ("reviewing", 2, 2), ("scoring", 2, 3), ("evaluated", 2, 2), ("candidates", 2, 3), ("objected", 1, 3), ("answered", 1, 4),
    ("complained", 1, 6), ("complaint_accepted", 1, 8), ("complaint_dismissed", 1, 10), ("reevaluating", 1, 10), ("decided", 2, 8),
    ("result", 2, 9), ("signing", 1, 10), ("contracted", 3, 16), ("archived", 1, 20), ("performing", 2, 30), ("completed", 1, 30),
    # In two envelopes: the technical part is judged, the prices are still sealed.
    ("pricing", 1, 2),
)  # fmt: skip
# What the bidders must have done to bid in time: the statutory twenty days, and some.
PREPARATION = timedelta(days=23)
TOO_FEW = 2
# The bill of the demo's newest tender: code, name, unit, quantity.
BILL = (
    ("040101001", "挖一般土方", "m³", "12850.5"), ("040103001", "回填方", "m³", "6420"), ("040202006", "水泥稳定碎石基层", "m²", "18600"),
    ("040203006", "沥青混凝土面层", "m²", "18600"), ("040501001", "混凝土雨水管 D800", "m", "1260"), ("040205001", "标志板", "块", "36"),
)  # fmt: skip


def stories(city):
    """Every tender of the city, each as a story for the schedule."""
    plans = [(row, copy) for row in (*EARLY, *LATE) for copy in range(row[1] * city.scale)]
    return [life(city, number, row, copy) for number, (row, copy) in enumerate(plans)]


def life(city, number, row, copy):
    """A tender's story; it begins when there is somebody to tender."""
    yield city.settled_at
    goal, _, days = row
    yield from TenderLife(city, number, goal, days, first=copy == 0, late=row in LATE).tell()


class TenderLife:
    """One tender. The first of each stage belongs to the demo's agency and has the demo's bidder among its bidders."""

    def __init__(self, city, number, goal, days, *, first, late):
        self.city, self.number, self.goal = city, number, goal
        self.first = first
        self.random = random.Random(f"{city.today}/{number}")  # noqa: S311 - a demo is to be repeatable
        self.agency = city.agencies[0 if self.first else 1 + number % 7]
        self.owner = city.owners[number % 10]
        self.by = self.agency.handler
        reached = workday(city.today, -days)
        self.published_on = last_workday(reached - PREPARATION) if late else workday(reached, 3)
        self.registered_on = workday(self.published_on, -3)
        self.due_at = at(reached if late else workday(self.published_on + PREPARATION, self.random.randint(1, 5)), 9, 30)
        if goal == "bidding":
            self.due_at = at(workday(city.today, 2 if first else 4), 9, 30)
        self.minute = number % 60
        others = self.random.sample(city.bidders[1:], 6)
        wanted = TOO_FEW if goal in ("failed", "second_round") else self.random.choice((3, 4, 4, 5))
        self.bidders = [*([city.bidders[0]] if self.first else []), *others][:wanted]

    def on(self, day, hour, minute=None):
        """A moment of that day, not the same for every tender."""
        return at(day, hour, self.minute if minute is None else minute)

    def tell(self):
        """Chapter after chapter; the chapter in which the goal is reached says so."""
        for chapter in (
            self.register, self.publish, self.clarify, self.bid, self.open, self.draw, self.evaluate, self.show, self.decide, self.contract,
        ):  # fmt: skip
            if (yield from chapter()):
                return

    def register(self):
        yield self.on(self.registered_on, 9)
        self.project = projects.start_project(self.agency, by=self.by)
        place, work = PLACES[self.number % 10], WORKS[(self.number // 10 + self.number) % 8]
        name = f"清江市{place}{work}{f'（{self.number // 80 + 1} 期）' if self.number >= 80 else ''}"
        estimate = Decimal(self.random.randint(450, 9000)) * 10_000
        projects.save_project(
            self.project,
            {
                "name": name, "owner": self.owner, "kind": "works", "classification": "A02", "address": f"清江市{place}",
                "scale": "建设内容以批复的初步设计为准。", "fund_source": "市财政资金 100%", "estimate": estimate,
                "approval_name": f"关于{name}项目建议书的批复", "approval_number": f"清发改审〔{self.registered_on.year}〕{self.number + 1} 号",
                "approval_authority": "清江市发展和改革委员会", "contact_name": "何经办", "contact_phone": "0999-555-0111",
            },
            by=self.by,
        )  # fmt: skip
        projects.save_lot(
            self.project,
            {"name": "一标段", "content": "施工图纸所示全部内容", "estimate": estimate, "term_days": 300, "quality": "合格",
             "qualification": f"市政公用工程施工总承包{'二级' if estimate >= 10_000_000 else '三级'}及以上资质和有效的安全生产许可证"},
            by=self.by, lot=self.project.tenders.get().lots.get(),
        )  # fmt: skip
        if self.goal == "draft":
            return True
        yield self.on(self.registered_on, 10)
        self.project.refresh_from_db()
        for kind in required_papers(self.project):
            projects.attach_paper(self.project, kind, self.file("项目材料", "project"), by=self.by)
        projects.submit_project(self.project, by=self.by, at=database_now())
        if self.goal == "submitted":
            return True
        yield self.on(workday(self.registered_on, 1), 9)
        if self.goal == "returned":
            projects.review_project(
                self.project, ProjectReview.Outcome.RETURNED, "资金落实证明未加盖公章，请补正。", by=self.city.staff, at=database_now()
            )
            return True
        projects.review_project(self.project, ProjectReview.Outcome.ACCEPTED, "", by=self.city.staff, at=database_now())
        self.tender = self.project.tenders.get()
        if self.goal == "accepted":
            self.write()
            # The first waits for the owner; another for the regulator.
            version = tenders.submit_document(TenderDocument.objects.get(tender=self.tender), by=self.by, at=database_now())
            if not self.first:
                tenders.review_document(version, by=self.owner.handler, at=database_now())
            return True
        return False

    def file(self, title, purpose):
        return self.city.file(title, by=self.by, organisation=self.agency, purpose=purpose)

    def write(self):
        """The tender document, ready to be published."""
        document = tenders.draft_document(self.tender, by=self.by)
        start = max(database_now(), at(self.published_on, 9))
        tenders.save_document(
            document,
            data={"supply_from": start, "supply_until": self.due_at, "questions_until": self.due_at - timedelta(days=10), "bids_due_at": self.due_at,
                  "hall": hall_for(self.number, self.due_at), "decrypt_minutes": 120 if self.goal == "decrypting" else 30,
                  "two_envelopes": self.goal == "pricing"},
            sections={row.no: row.text or "详见施工图纸和工程量清单。" for row in document.sections.filter(fixed=False)},
            lots={lot.no: {"price_limit": (lot.estimate * Decimal("0.97")).quantize(Decimal(1)), "deposit": Decimal(80_000)} for lot in self.tender.lots.all()},
            by=self.by,
        )  # fmt: skip
        if self.goal == "pricing":
            kept = document.criteria.exclude(title__in=["报价唯一", "报价不超过限价"]).order_by("no")
            tenders.save_criteria(document, list(kept.values("part", "title", "standard", "points", "objective")), by=self.by)
        if self.goal == "published" and self.first:
            rows = [
                {"code": code, "name": name, "unit": unit, "quantity": Decimal(quantity), "ceiling": None}
                for code, name, unit, quantity in BILL
            ]
            tenders.save_bill(self.tender.lots.select_related("tender__document").get(), rows, by=self.by)

    def review(self):
        """The owner confirms and the regulator files the document as it stands."""
        document = TenderDocument.objects.get(tender=self.tender)
        version = tenders.submit_document(document, by=self.by, at=database_now())
        tenders.review_document(version, by=self.owner.handler, at=database_now())
        tenders.review_document(version, by=self.city.official, at=database_now())

    def publish(self):
        yield self.on(self.published_on, 10)
        self.write()
        self.review()
        self.tender = tenders.publish_tender(self.tender, by=self.by, at=database_now())
        for place, bidder in enumerate(self.bidders):
            yield self.on(workday(self.published_on, 1), 9 + place)
            tenders.obtain_document(self.tender, bidder, by=bidder.handler, at=database_now())
        return self.goal == "published"

    @property
    def lot(self):
        return self.tender.lots.select_related("tender__project", "tender__document").get()

    def clarify(self):
        if self.goal == "objected_document":
            yield self.on(workday(self.published_on, 4), 11)
            object_to_document(self)
            return True
        if self.goal == "terminated":
            yield self.on(workday(self.published_on, 8), 15)
            tenders.terminate_tender(self.tender, reason="项目用地规划调整，建设内容发生重大变化。", by=self.by, at=database_now())
            return True
        if self.goal not in ("questions", "clarified") and self.number % 3:
            return False
        yield self.on(workday(self.published_on, 2), 10)
        asker, question = self.bidders[-1], "清单第三项的计量单位是否为吨？"
        question = tenders.ask_question(self.tender, asker, question, by=asker.handler, at=database_now())
        if self.goal == "questions":
            return True
        yield self.on(workday(self.published_on, 4), 15)
        moved = self.goal == "clarified" and not self.first
        tenders.publish_clarification(
            self.tender, text="招标范围增加既有管线保护，工程量清单相应修改。" if moved else "", answers={question.pk: "是，单位为吨。"},
            affects_bids=moved, new_bids_due_at=at(workday(city_day(self.due_at), 5), 9, 30) if moved else None, by=self.by, at=database_now(),
        )  # fmt: skip
        return self.goal == "clarified"

    def bid(self):
        """Each bidder puts up its deposit, seals and submits; the secrets stay with `bidder.keys`."""
        lot = self.lot
        for place, bidder in enumerate(self.bidders):
            yield self.on(workday(min(city_day(self.due_at), self.city.today), -1), 10 + place)
            put_up(self, lot, bidder, place)
            form = {
                "price": f"{self.price(lot, place):.2f}",
                "term_days": 300 - 5 * place,
                "quality": "合格",
                "manager": bidder.handler.name,
            }
            files = [(f"{title}.pdf", "application/pdf", self.city.papers[title]) for title in ("施工组织设计", "商务文件")]
            reference.submit(lot, bidder, self.city.keys_of(bidder), form, files, by=bidder.handler)
        return self.goal == "bidding"

    def favours(self, place):
        """Whether the demo's bidder is to win: it has contracts to show."""
        return self.first and self.goal in GOALS and place == 0

    def price(self, lot, place):
        """In some tenders the last bids more than the limit allows."""
        if self.favours(place):
            return (lot.price_limit * Decimal("0.905")).quantize(Decimal("0.01"))
        share = Decimal("1.02") if place == 4 and self.number % 2 else Decimal(self.random.randint(88_000, 97_000)) / 100_000
        return (lot.price_limit * share).quantize(Decimal("0.01"))

    def open(self):
        yield self.due_at + openings.LOCK_AFTER
        platform = Person.objects.platform()
        opening = openings.lock_lot(self.lot, by=platform, at=database_now())
        if len(self.bidders) == TOO_FEW:
            return (yield from self.begin_again())
        if self.goal == "waiting":
            return True
        started_at = self.city.now if self.goal == "decrypting" else self.due_at + timedelta(minutes=1)
        yield started_at
        opening = openings.start_opening(opening, by=self.city.staff, at=database_now())
        late = self.bidders[0] if self.goal == "decrypting" else self.bidders[3] if self.number % 4 == 1 and len(self.bidders) > 3 else None
        for place, bidder in enumerate(self.bidders):
            if bidder is not late:
                yield started_at + timedelta(minutes=0 if self.goal == "decrypting" else 1 + place)
                openings.check_in(opening, bidder, by=bidder.handler, at=database_now())
                reference.release(self.opened(bidder), bidder.keys, by=bidder.handler, at=database_now())
        if self.goal == "decrypting":
            return True
        yield opening.keys_until + timedelta(seconds=3) if late else started_at + timedelta(minutes=10)
        openings.settle_keys(opening, by=platform, at=database_now())
        for opened in opening.bids.filter(state=OpenedBid.State.KEY_OK):
            openings.decrypt_bid(opened, at=database_now())
        sequence_once()
        openings.reveal(opening, by=platform, at=database_now())
        if self.goal == "revealed":
            return True
        if self.number % 5 == 0:
            yield self.due_at + timedelta(minutes=38)
            asker = self.bidders[1]
            objection = openings.object_in_hall(opening, asker, "请核对我单位工期是否读错。", by=asker.handler, at=database_now())
            yield self.due_at + timedelta(minutes=41)
            openings.answer_objection(objection, "已当场核对，读出的工期与投标文件一致。", by=self.city.staff, at=database_now())
        yield self.due_at + timedelta(minutes=45)
        for bidder in self.bidders[:3]:
            openings.confirm_record(opening, bidder, by=bidder.handler, at=database_now())
        openings.close_opening(opening, by=self.city.staff, at=database_now())
        if late:
            withhold(self, late)
        if self.is_watched:
            yield self.due_at + timedelta(minutes=50)
            watch(self.lot, "opening", by=self.city.staff, sign=True)
        if self.goal == "opened" and self.first:
            yield self.city.now - timedelta(minutes=40)
            starts_at = at(workday(self.city.today, 2), 9, 30)
            request_session(
                self.lot, 1, host=self.city.host, seats=2, purpose="工程施工评标，需市政专业专家", starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=8), by=self.city.staff, at=database_now(),
            )  # fmt: skip
        return self.goal == "opened"

    @property
    def is_watched(self):
        """Whose record is in order: every other tender, and what is to be archived."""
        return self.goal == "archived" or self.number % 2 == 0

    def opened(self, bidder):
        return OpenedBid.objects.get(opening__lot__tender=self.tender, bid__bidder=bidder)

    def begin_again(self):
        """Too few bids: the procedure has failed, and may begin again."""
        if self.goal == "failed":
            return True
        yield self.on(workday(city_day(self.due_at), 2), 10)
        self.tender = tenders.open_next_round(self.lot, reason="首次招标投标人不足三家", by=self.by, at=database_now())
        self.published_on = workday(city_day(self.due_at), 4)
        self.due_at = at(workday(self.published_on + PREPARATION, 2), 9, 30)
        yield from self.publish()
        return True

    def make_numbers(self, draw):
        """The three parties commit and reveal, one after the other, and the draw is computed."""
        keys = [self.city.holder_keys(row.person, row.organisation) for row in draw.parties.all()]
        for step in (contribute, disclose):
            for each in keys:
                step(draw, each)
        while sequence_once():
            pass
        conclude(draw)

    def draw(self):
        day = city_day(self.due_at)
        # The few of the rare specialty sit in three committees: never in two at one hour.
        starts_at = at(workday(day, 1), 14 if self.goal == "drawn" else 9, 30)
        rare = self.first and self.goal in ("drawn", "reviewing", "scoring")
        for person, organisation in (
            (self.city.staff, self.city.centre),
            (self.city.official, self.city.regulator),
            (self.by, self.agency),
        ):
            self.city.holder_keys(person, organisation)
        yield self.on(day, 14)
        self.evaluation = form_committee(
            self.lot, size=5, owner_representatives=[], specialties=[RARE_SPECIALTY] if rare else ["A08", "A06"], starts_at=starts_at,
            supervisor=self.city.official, tenderee=self.by, by=self.city.staff, at=database_now(),
        )  # fmt: skip
        self.make_numbers(self.evaluation.draw)
        give_room(self.lot, starts_at, by=self.city.staff)
        yield self.on(day, 15)
        refuses = not rare and self.number % 3 == 0
        while called := self.called():
            member = called[0]
            answer_call(
                Dispatch.objects.get(key=f"committee/{member.pk}"), "2" if refuses and member.order == 2 else "1", at=database_now()
            )
        if self.goal != "drawn":
            return False
        # A call is given up after half an hour: the demo's expert has until the committee meets, whenever somebody looks around.
        self.evaluation.members.filter(state=CommitteeMember.State.CALLED).update(answer_by=starts_at)
        return True

    def called(self):
        """Who is still to answer; the demo's expert of a committee just drawn answers in person."""
        rows = self.evaluation.members.filter(state=CommitteeMember.State.CALLED)
        return [row for row in rows if not (self.goal == "drawn" and row.person == self.city.expert)]

    def members(self):
        return list(self.evaluation.members.filter(state=CommitteeMember.State.ACCEPTED))

    def busy(self, members):
        """Who has done the present work where it still goes on: not the demo's expert, and not all the others."""
        return [member for member in members if member.person != self.city.expert][:3]

    def evaluate(self):
        day = workday(city_day(self.due_at), 1)
        yield self.on(day, 9, 30)
        members = self.members()
        for member in members:
            code = re.findall(r"签到码 (\d{6})", Dispatch.objects.get(key=f"committee/{member.pk}/confirmed").words)[0]
            identity = privacy.opened(member.person.personal_record)["identity"]
            sign_in(self.evaluation, code=code, identity=identity, matched=True, locker="", by=self.city.staff, at=database_now())
        evaluations.start_evaluation(self.evaluation, by=self.city.staff, at=database_now())
        reviewing = self.busy(members) if self.goal == "reviewing" else members
        for member in members:
            evaluations.make_pledge(self.evaluation, by=member.person, at=database_now())
            evaluations.elect_chair(self.evaluation, members[-1], by=member.person, at=database_now())
        for place, member in enumerate(reviewing):
            yield self.on(day, 10 + place // 3, 20 * (place % 3) + self.number % 20)
            evaluations.submit_review(self.evaluation, self.opinions(), by=member.person, at=database_now())
        if self.goal == "reviewing":
            return True
        yield from self.explain_prices(day)
        scoring = self.busy(members) if self.goal == "scoring" else members
        for place, member in enumerate(scoring):
            yield self.on(day, 14 + place // 3, 20 * (place % 3) + self.number % 20)
            evaluations.submit_scores(self.evaluation, self.marks(place), by=member.person, at=database_now())
        if self.goal in ("scoring", "pricing"):
            return True
        for place, member in enumerate(members):
            yield self.on(day, 17, 5 * place + self.number % 5)
            dissent = "第二名的施工组织设计针对性更强，本人认为技术分差距应当更小。" if place == 2 and self.number % 6 == 0 else ""
            evaluations.sign_report(self.evaluation, dissent=dissent, by=member.person, at=database_now())
        return self.goal == "evaluated"

    def explain_prices(self, day):
        """Whoever bids below what is usual is asked by the platform, explains, and is believed."""
        asked = self.evaluation.questions.filter(matter=BidQuestion.Matter.LOW_PRICE, answered_at=None)
        for place, question in enumerate(asked.select_related("bid__bid__bidder")):
            yield self.on(day, 11, 41 + place)
            bidder = next(row for row in self.bidders if row.pk == question.bid.bidder.pk)
            answer_question(
                question, bidder, answer="主要材料由本公司自有料场供应，机械为自有，附近期两个同类项目的成交合同。", proof=None,
                by=bidder.handler, at=database_now(),
            )  # fmt: skip
        for motion in self.evaluation.motions.exclude(question=None):
            for place, member in enumerate(self.busy(self.members())):
                yield self.on(day, 11, 50 + place)
                vote(motion, agrees=False, reason="与本市近一年同类项目成交价相符，成本构成可信", by=member.person, at=database_now())

    def opinions(self):
        """In some tenders all find that the fourth bidder's papers do not do."""
        checks = Criterion.objects.filter(document__tender=self.tender, part__in=Criterion.CHECKS)
        short = self.opened(self.bidders[3]) if self.number % 4 == 2 and len(self.bidders) > 3 else None
        return {
            (bid.pk, check.pk): (False, "项目负责人另有在建工程，未提供变更证明") if bid == short and check.title == "项目负责人" else (True, "")
            for bid in evaluations.bids_of(self.evaluation) for check in checks
        }  # fmt: skip

    def marks(self, place):
        """One member's sheet; the members differ by half a point and agree on what is objective."""
        order = {bidder.pk: rank for rank, bidder in enumerate(self.bidders)}
        ahead = self.first and self.goal in GOALS
        sheet = {}
        for bid in evaluations.valid_bids(self.evaluation):
            rank = order[bid.bidder.pk]
            records = 10 if self.favours(rank) else 5 if ahead else (5, 10)[rank % 2]
            design = 18 if self.favours(rank) else 14 + (rank * 3 + self.number) % 5
            for row in evaluations.judged_criteria(self.evaluation):
                sheet[bid.pk, row.pk] = (Decimal(records) if row.objective else Decimal(design) + Decimal(place) / 2 - 1, "")
        return sheet

    def show(self):
        day = workday(city_day(self.due_at), 2)
        yield self.on(day, 10)
        self.publicity = awards.publish_candidates(self.evaluation, by=self.by, at=database_now())
        if self.is_watched:
            watch(self.lot, "evaluating", by=self.city.staff, sign=True)
        if self.goal == "candidates":
            return True
        return (yield from dispute(self, day))

    def decide(self):
        yield self.on(workday(city_day(self.publicity.until), 1), 10)
        self.award = awards.decide_award(self.lot, by=self.by, at=database_now())
        return self.goal == "decided"

    def contract(self):
        day = workday(city_day(self.publicity.until), 2)
        yield self.on(day, 11)
        awards.publish_result(self.award, by=self.by, at=database_now())
        if self.goal == "result":
            return True
        if self.goal in GOALS:
            return (yield from sign_on_platform(self, day))
        signed_on, bid = workday(day, 3), self.award.candidate.result.bid
        yield self.on(workday(signed_on, 1), 14)
        awards.file_contract(
            self.award,
            {"number": f"QJHT-{signed_on.year}-{self.number + 1:03d}", "amount": bid.price, "signed_on": signed_on, "term_days": bid.term_days,
             "manager": bid.manager, "quality": bid.quality},
            self.file("施工合同", "contract"), by=self.by, at=database_now(),
        )  # fmt: skip
        if self.goal == "archived":
            yield self.on(workday(signed_on, 3), 16)
            awards.submit_written_report(self.award, self.file("书面报告", "contract"), by=self.by, at=database_now())
            request_archive(self.lot, by=self.city.staff, at=database_now())
        return True
