"""The committee, its reviews and scores, their combination, and the signed report."""

import os
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.db import models

from accounts.models import Person
from documents.models import OfficialDocument, StoredFile
from draws.models import Draw, DrawCandidate
from experts.models import Expert
from ledger.canonical import HJ, b64u
from sealing.vault import conceal, marked, revealed
from trading.evaluation.methods import EVALUATED
from trading.opening.models import OpenedBid
from trading.projects.models import Lot
from trading.tenders.models import Criterion


class Evaluation(models.Model):
    """One evaluation of one lot, from the committee's drawing to the signed report."""

    class State(models.TextChoices):
        FORMING = "forming", "组建评标委员会"
        REVIEWING = "reviewing", "初步评审"
        SCORING = "scoring", "详细评审"
        PRICING = "pricing", "等待第二信封（报价）开标"
        COMBINED = "combined", "汇总完成，待签署报告"
        SIGNED = "signed", "评标报告已签署"
        FAILED = "failed", "否决全部投标"
        STOPPED = "stopped", "评标已终止"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="evaluations")
    # A re-evaluation after an upheld objection or complaint is a further evaluation, never an overwritten one.
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=State.choices, default=State.FORMING)
    size = models.PositiveSmallIntegerField("委员会人数", default=5)
    owner_seats = models.PositiveSmallIntegerField("招标人代表", default=0)
    # Whether a supervising expert is drawn beside the committee (bounds.MONITOR), as it was found when the draw began.
    monitored = models.BooleanField("监标", default=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, blank=True, related_name="+")
    # What the formulas took and gave (benchmark, trimming, credit scores), so that the score explains itself.
    workings = models.JSONField(default=dict, blank=True)
    competition_opinion = models.TextField("竞争性意见", blank=True)
    # How many bids were valid when the committee last said what it thinks of so few; asked again when fewer are left.
    judged_valid = models.PositiveSmallIntegerField(null=True, blank=True)
    report = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "round"], name="one_evaluation_per_round")]


class SeatQuerySet(models.QuerySet):
    """Seats of whatever kind; `CommitteeMember` has a manager for each."""

    def of(self, person):
        """The person's seats: those that are named, and those concealed ones whose mark the person has."""
        open_ones = Evaluation.objects.filter(members__isnull=False, members__named=None).distinct().values_list("pk", flat=True)
        return self.filter(models.Q(named=person) | models.Q(mark__in=[seat_mark(pk, person.pk) for pk in open_ones]))


def seat_mark(evaluation_id, person_id):
    """By what a person's concealed seat in one evaluation is found; two evaluations give two marks."""
    return marked("evaluation/seat", f"{evaluation_id}/{person_id}")


class MemberManager(models.Manager.from_queryset(SeatQuerySet)):
    """The seats that judge. `evaluation.members` goes through it too, so that no count of members ever meets a monitor."""

    def get_queryset(self):
        return super().get_queryset().filter(monitor=False)


class MonitorManager(models.Manager.from_queryset(SeatQuerySet)):
    """The seats of those who watch the committee (监标专家) and judge nothing."""

    def get_queryset(self):
        return super().get_queryset().filter(monitor=True)


class CommitteeMember(models.Model):
    """A seat of the committee and who was called to it; a refusal leaves its row and calls the next in order.

    Until the evaluation has ended the row does not say who sits there: `sealed` opens with the vault's key alone, which is
    not in the database, and nothing else in the database joins the seat to a person (tests/evaluation/test_curious.py).
    """

    class State(models.TextChoices):
        CALLED = "called", "已通知"
        ACCEPTED = "accepted", "已确认"
        REFUSED = "refused", "不参加"
        NO_ANSWER = "no_answer", "未应答"
        ABSENT = "absent", "缺席"
        RECUSED = "recused", "回避"

    class Refusal(models.TextChoices):
        BUSY = "busy", "时间冲突"
        ILL = "ill", "身体原因"
        INTEREST = "interest", "需要回避"
        OTHER = "other", "其他原因"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="members")
    sealed = models.BinaryField()
    mark = models.CharField(max_length=43)
    # Who it is, once the evaluation has ended.
    named = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="named_seats")
    named_expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="seats")
    # The place in the draw that seated this expert.
    candidate = models.ForeignKey(DrawCandidate, models.PROTECT, null=True, blank=True, related_name="+")
    owner_representative = models.BooleanField(default=False)
    monitor = models.BooleanField("监标专家", default=False)
    chair = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.CALLED)
    called_at = models.DateTimeField()
    # Until when the call waits for an answer; then the next of the drawn order is called.
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField("不参加的原因", max_length=10, choices=Refusal.choices, blank=True)
    # By what the gate finds the seat when its bearer signs in.
    code_mark = models.CharField(max_length=43, blank=True)
    arrived_at = models.DateTimeField("签到时间", null=True, blank=True)
    pledged_at = models.DateTimeField("无利害关系承诺", null=True, blank=True)
    # The seat that this member wants to chair.
    nominates = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    review_submitted_at = models.DateTimeField(null=True, blank=True)
    scores_submitted_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    dissent = models.TextField("不同意见", blank=True)
    # Why the report lacks this signature, as the committee wrote down.
    unsigned = models.TextField("未签署说明", blank=True)

    objects = MemberManager()
    monitors = MonitorManager()
    # Everybody who was called: members and monitors.
    called = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "mark"], name="one_seat_per_person"),
            models.UniqueConstraint(fields=["evaluation", "order"], name="one_person_per_seat"),
        ]

    @staticmethod
    def bound(evaluation_id, order):
        return f"{evaluation_id}/{order}"

    @classmethod
    def taken(cls, evaluation, person, expert=None, *, order, **facts):
        """A new seat, its person concealed."""
        sealed = conceal("evaluation/seat", [person.pk, expert and expert.pk], bound=cls.bound(evaluation.pk, order))
        return cls.objects.create(evaluation=evaluation, order=order, sealed=sealed, mark=seat_mark(evaluation.pk, person.pk), **facts)

    @cached_property
    def _who(self):
        return revealed("evaluation/seat", self.sealed, bound=self.bound(self.evaluation_id, self.order))

    @cached_property
    def person(self):
        """Who sits here, for code that works for the person; never for a page that others see before the end."""
        return Person.objects.get(pk=self._who[0])

    @cached_property
    def expert(self):
        """The expert of the pool, or None for the owner's representative."""
        return Expert.objects.select_related("person").get(pk=self._who[1]) if self._who[1] else None

    @property
    def pseudonym(self):
        """What the ledger knows of who acts here: the seat."""
        return f"seat-{self.order}"

    def name(self):
        """The evaluation has ended: from now on the row says who sat here."""
        self.named_id, self.named_expert_id = self._who
        self.save(update_fields=["named", "named_expert"])


class Sheet(models.Model):
    """What one member handed in at one stage, concealed until all members have: then it becomes opinions or scores."""

    class Stage(models.TextChoices):
        BLIND = "blind", "技术（暗标）评分"
        REVIEW = "review", "初步评审"
        SCORE = "score", "评分"

    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="sheets")
    stage = models.CharField(max_length=8, choices=Stage.choices)
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "stage"], name="one_sheet_per_stage")]

    @classmethod
    def handed_in(cls, member, stage, rows):
        """Conceal the rows (what JSON can say)."""
        content = [b64u(os.urandom(32)), rows]
        return cls.objects.create(member=member, stage=stage, sealed=conceal("evaluation/sheet", content, bound=f"{member.pk}/{stage}"))

    @cached_property
    def content(self):
        return revealed("evaluation/sheet", self.sealed, bound=f"{self.member_id}/{self.stage}")

    @property
    def rows(self):
        return self.content[1]

    @property
    def digest(self):
        """What the ledger holds of it. Marks are few, and a digest without the salt could be guessed."""
        return b64u(HJ(f"{self.stage}-sheet", self.content))


class SheetTries(models.Model):
    """How often one member's sheet was refused for differing from the others', and when last; concealed as sheets are.

    Who changes marks until they are taken learns what others gave: that is bounded, and stands in the report.
    """

    member = models.OneToOneField(CommitteeMember, models.PROTECT, related_name="tries")
    # {"count", "at"}
    sealed = models.BinaryField()

    @cached_property
    def content(self):
        return revealed("evaluation/tries", self.sealed, bound=str(self.member_id))


class MonitorNote(models.Model):
    """What a supervising expert wrote down while the committee worked, or in the end reported; never changed."""

    seat = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="notes")
    report = models.BooleanField("监标报告", default=False)
    text = models.TextField("内容")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["seat"], condition=models.Q(report=True), name="one_monitor_report_per_seat")]


class CheckOpinion(models.Model):
    """One member's pass or fail of one bid on one check of the preliminary review."""

    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="opinions")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="opinions")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    passed = models.BooleanField()
    reason = models.CharField("理由", max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "bid", "criterion"], name="one_opinion_each")]


class BidRejection(models.Model):
    """The committee rejects a bid by majority, with its reason."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="rejections")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="rejections")
    code = models.CharField(max_length=24)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "bid"], name="one_rejection_per_bid")]


class DeclarationFinding(models.Model):
    """What the committee found of a bid's declaration as a small firm: without acceptance no preference counts."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="declared")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="declared")
    accepted = models.BooleanField("采纳")
    against = models.PositiveSmallIntegerField("不通过票数")
    reason = models.TextField("不采纳的理由", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "bid"], name="one_finding_per_declaration"),
            models.CheckConstraint(condition=models.Q(accepted=True) | ~models.Q(reason=""), name="refused_declaration_has_reason"),
        ]


class Score(models.Model):
    """One member's points for one bid on one criterion; nobody else sees them before all have handed in."""

    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="scores")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    points = models.DecimalField(max_digits=5, decimal_places=2)
    remark = models.CharField("评分说明", max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "bid", "criterion"], name="one_score_each")]


class BidResult(models.Model):
    """What a bid's points add up to, part by part, and its rank."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="results")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="results")
    parts = models.JSONField()
    total = models.DecimalField(max_digits=6, decimal_places=2)
    rank = models.PositiveSmallIntegerField()
    # The price that counts from here on: as read out, or by rule where the bidder has confirmed the correction.
    price = models.DecimalField("评审报价（元）", max_digits=18, decimal_places=2)
    # Another bid of the same brand has more points: this one stands behind all others and becomes no candidate.
    aside = models.BooleanField("同品牌不推荐", default=False)

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "bid"], name="one_result_per_bid")]

    @property
    def is_corrected(self):
        """Whether another price counts than was read out."""
        return self.price != self.bid.price

    @property
    def price_said(self):
        """The price in words, both where they differ."""
        own = f"{self.price:,.2f} 元"
        return f"报价 {self.bid.price:,.2f} 元，算术修正后 {own}" if self.is_corrected else own

    @property
    def evaluated(self):
        """The evaluated price, where the method ranks by price and gives no points; else None."""
        return self.parts.get(EVALUATED)

    @property
    def measure(self):
        """What ranks it, as a number."""
        return self.evaluated or str(self.total)

    @property
    def shown(self):
        """What ranks it, for a column that says which it is."""
        return f"{Decimal(self.evaluated):,.2f}" if self.evaluated else str(self.total)

    @property
    def said(self):
        """What ranks it, in words."""
        return f"评标价 {self.shown} 元" if self.evaluated else f"{self.total} 分"


class BidQuestion(models.Model):
    """What one bidder is asked in writing, and the answer: clarity, the reasons of a low price, or to confirm a correction.

    The bidder does not learn who asked. An answer never changes what was bid.
    """

    class Matter(models.TextChoices):
        CLARITY = "clarity", "澄清、说明或者补正"
        LOW_PRICE = "low_price", "异常低价说明"
        ARITHMETIC = "arithmetic", "算术修正确认"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="questions")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="questions")
    matter = models.CharField("事项", max_length=12, choices=Matter.choices)
    text = models.TextField("要求")
    # Why it is asked, for desk and report: {"reasons", "figures"} of a low price, {"price", "by_rule", "lines", "salt"} of a correction.
    details = models.JSONField(default=dict, blank=True)
    # None where a rule asks and no member.
    asked_by = models.ForeignKey(CommitteeMember, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField("答复截止")
    answer = models.TextField("答复", blank=True)
    # Whether the bidder confirms the correction it was asked about.
    accepted = models.BooleanField("确认修正", null=True, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(answered_at=None) | ~models.Q(answer=""), name="answered_question_has_answer"),
            models.UniqueConstraint(fields=["evaluation", "bid", "matter"], condition=models.Q(asked_by=None), name="asked_once_by_rule"),
        ]


class PriceCorrection(models.Model):
    """A bid's price by the rules of arithmetic, confirmed by its bidder: what counts in one evaluation. What was read out stays."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="corrections")
    # The opened bid that the price was read out of.
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="corrections")
    # Of an earlier evaluation of the lot, where it was confirmed there already.
    question = models.ForeignKey(BidQuestion, models.PROTECT, related_name="corrections")
    price = models.DecimalField("修正后的报价（元）", max_digits=18, decimal_places=2)
    # [{"place", "found", "counts", "rule"}]
    lines = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "bid"], name="one_correction_per_bid")]


class RejectionMotion(models.Model):
    """A member moves that a bid be rejected, by which clause and why; all members vote, and a majority decides.

    Where a low price was asked about (`question`), the platform opens the vote: whether the price is left unproved.
    """

    class State(models.TextChoices):
        OPEN = "open", "表决中"
        CARRIED = "carried", "通过，否决投标"
        LOST = "lost", "未通过"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="motions")
    bid = models.ForeignKey(OpenedBid, models.PROTECT, related_name="motions")
    code = models.CharField("情形", max_length=24)
    clause = models.CharField("招标文件条款", max_length=200)
    reason = models.TextField("理由")
    opinion = models.TextField("否决后竞争性的意见", blank=True)
    moved_by = models.ForeignKey(CommitteeMember, models.PROTECT, null=True, blank=True, related_name="+")
    question = models.OneToOneField(BidQuestion, models.PROTECT, null=True, blank=True, related_name="motion")
    moved_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["moved_at"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "bid"], condition=models.Q(state="open"), name="one_open_motion_per_bid"),
        ]


class MotionVote(models.Model):
    """One member's vote on a motion; who votes against may say why."""

    motion = models.ForeignKey(RejectionMotion, models.PROTECT, related_name="votes")
    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    reason = models.CharField("意见", max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["motion", "member"], name="one_vote_each")]
