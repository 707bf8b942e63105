"""From the ranking to the signed contract: candidates in public, award, notices, contract facts."""

from django.conf import settings
from django.db import models

from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from trading.evaluation.models import BidResult, Evaluation
from trading.projects.models import Lot


class CandidatePublicity(models.Model):
    """The showing of at most three ranked candidates, for the statutory days; a new evaluation starts a new one."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="publicities")
    evaluation = models.OneToOneField(Evaluation, models.PROTECT, related_name="publicity")
    # None where the law asks for no showing of candidates (government procurement).
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)


class Candidate(models.Model):
    publicity = models.ForeignKey(CandidatePublicity, models.PROTECT, related_name="candidates")
    result = models.OneToOneField(BidResult, models.PROTECT, related_name="candidate")
    rank = models.PositiveSmallIntegerField()
    # A candidate that gave up, or cannot perform, makes room for the next in rank; the reason stays.
    passed_over_at = models.DateTimeField(null=True, blank=True)
    passed_over_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["rank"]


class Award(models.Model):
    """The tenderee fixes the winner; notices go out; the contract's key facts are filed."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="awards")
    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="award")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    award_notice = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    result_notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    contract_due_on = models.DateField(null=True, blank=True)
    # The written report on the tendering, for the regulator.
    report = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    # An upheld complaint takes the award away as long as there is no contract.
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot"], condition=models.Q(void_at=None), name="one_standing_award_per_lot")]


class ContractDraft(models.Model):
    """The contract as it is written on the platform: facts of the award, clauses of the tender document, additions."""

    class State(models.TextChoices):
        WRITING = "writing", "起草中"
        OFFERED = "offered", "待中标人确认"
        SIGNED = "signed", "双方已确认"

    award = models.OneToOneField(Award, models.PROTECT, related_name="draft")
    number = models.CharField("合同编号", max_length=60)
    amount = models.DecimalField("合同金额（元）", max_digits=18, decimal_places=2)
    term_days = models.PositiveIntegerField("工期（日历天）")
    manager = models.CharField("项目经理", max_length=60)
    quality = models.CharField("质量标准", max_length=120)
    starts_on = models.DateField("计划开工（履行开始）日期", null=True, blank=True)
    payment = models.TextField("付款条款")
    payment_days = models.PositiveSmallIntegerField("付款期限（日）", default=30)
    small_firm = models.BooleanField("中标人为中小企业", default=False)
    # [title, text] of the contract clauses of the published tender document, word for word.
    clauses = models.JSONField(default=list)
    additions = models.TextField("补充约定", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WRITING)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")


class ContractConfirmation(models.Model):
    """A side says yes to the very words of the draft, known by their digest. What the other side sent back is void."""

    class Side(models.TextChoices):
        TENDEREE = "tenderee", "招标人"
        WINNER = "winner", "中标人"

    draft = models.ForeignKey(ContractDraft, models.PROTECT, related_name="confirmations")
    side = models.CharField(max_length=8, choices=Side.choices)
    digest = models.CharField(max_length=43)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "side"], condition=models.Q(void_at=None), name="one_standing_confirmation_per_side")
        ]


class Contract(models.Model):
    """The key facts of the signed contract, filed with the regulator and published; signed here, or on paper and uploaded."""

    award = models.OneToOneField(Award, models.PROTECT, related_name="contract")
    number = models.CharField("合同编号", max_length=60)
    amount = models.DecimalField("合同金额（元）", max_digits=18, decimal_places=2)
    signed_on = models.DateField("签订日期")
    term_days = models.PositiveIntegerField("工期（日历天）")
    manager = models.CharField("项目经理", max_length=60)
    quality = models.CharField("质量标准", max_length=120)
    payment_days = models.PositiveSmallIntegerField("付款期限（日）", default=30)
    small_firm = models.BooleanField("中标人为中小企业", default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="contract_amount_positive"),
            models.CheckConstraint(condition=models.Q(file__isnull=False) | models.Q(document__isnull=False), name="contract_has_its_text"),
        ]

    @property
    def lot(self):
        return self.award.lot

    @property
    def winner(self):
        return self.award.candidate.result.bid.bidder
