"""Objections and challenges to the tenderee and complaints to the regulator, on their statutory clocks."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from supervision.remedies.regimes import is_procurement, regime_of
from trading.opening.models import Opening
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot

# Until a lot has left these, nobody may know who takes part.
BEFORE_OPENING = (Lot.State.REGISTERED, Lot.State.BIDDING, Lot.State.OPENING)


class Remedy(models.TextChoices):
    """What follows for the lot when a challenge or a complaint is upheld; its words are the regime's."""

    NONE = "none", "维持"
    REEVALUATE = "reevaluate", "重新评标"
    RETENDER = "retender", "重新招标"


class Objection(models.Model):
    """异议, in government procurement 质疑: a bidder protests to the tenderee about the documents, the process or the result."""

    class Matter(models.TextChoices):
        DOCUMENT = "document", "招标（采购）文件"
        PROCESS = "process", "采购过程"
        RESULT = "result", "评标（采购）结果"

    class State(models.TextChoices):
        FILED = "filed", "待答复"
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField(max_length=32, unique=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="objections")
    matter = models.CharField(max_length=12, choices=Matter.choices)
    # The step of the procedure that a challenge to the process is about.
    step = models.CharField("环节", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="objections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    facts = models.TextField("异议事项与事实")
    claim = models.TextField("请求")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.FILED)
    answer = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    remedy = models.CharField("处理", max_length=12, choices=Remedy.choices, default=Remedy.NONE)

    class Meta:
        ordering = ["-filed_at"]

    @property
    def regime(self):
        return regime_of(self.lot)

    @property
    def about(self):
        """What it is about, in the words of its regime."""
        if self.step:
            return f"“{procedure_of(self.lot.tender).step(self.step).label}”环节"
        return self.regime.matters[self.matter]

    @property
    def hides_who(self):
        """Who took the document or bids is secret until the opening: a protest against the document, or one filed before it, must not tell."""
        return self.matter == self.Matter.DOCUMENT or (procedure_of(self.lot.tender).is_sealed and not was_opened(self.lot, self.filed_at))

    @property
    def reply_over_at(self):
        """When the time to complain begins: in works with the answer, or the last day for it where none came.

        In procurement with that last day even where the answer came before it, or with a later answer (政府采购法 第五十五条 答复期满后).
        """
        if self.answered_at is None:
            return self.due_at
        return max(self.answered_at, self.due_at) if is_procurement(self.lot) else self.answered_at

    @property
    def complaint_until(self):
        return self.regime.filing.due_at(self.reply_over_at)


def was_opened(lot, at):
    """Whether it was public by then who takes part: the bids were read out, or a desk has gone on to the answers."""
    if procedure_of(lot.tender).is_sealed:
        return Opening.objects.filter(lot=lot, revealed_at__lte=at).exists()
    return lot.state not in BEFORE_OPENING


class Complaint(models.Model):
    """投诉: not content with the answer, a bidder appeals to the regulator, who must decide in the statutory time."""

    class State(models.TextChoices):
        FILED = "filed", "待审查"
        CORRECTION = "correction", "待补正"
        REFUSED = "refused", "不予受理"
        ACCEPTED = "accepted", "已受理，调查中"
        UPHELD = "upheld", "投诉成立"
        DISMISSED = "dismissed", "驳回投诉"
        WITHDRAWN = "withdrawn", "已撤回"

    Remedy = Remedy

    number = models.CharField(max_length=32, unique=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="complaints")
    objection = models.ForeignKey(Objection, models.PROTECT, null=True, blank=True, related_name="complaints")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="complaints")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="received_complaints")
    facts = models.TextField("投诉事项与事实")
    claim = models.TextField("请求")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField()
    acceptance_due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.FILED)
    correction = models.TextField("补正要求", blank=True)
    # In works an accepted complaint is withdrawn only with the regulator's leave (11号令 第十九条).
    withdrawal_asked_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.TextField("撤回理由", blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decision_due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    findings = models.TextField("查明事实", blank=True)
    basis = models.TextField("处理依据", blank=True)
    decision = models.TextField("处理意见", blank=True)
    remedy = models.CharField(max_length=12, choices=Remedy.choices, default=Remedy.NONE)
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-filed_at"]

    @property
    def regime(self):
        return regime_of(self.lot)

    @property
    def hides_who(self):
        """It tells no more of who complains than the protest before it."""
        return self.objection is not None and self.objection.hides_who

    def complainant_named(self, at):
        """Who complains, as the public may read it then."""
        if self.hides_who and not was_opened(self.lot, at):
            return f"潜在{self.regime.bidder}（名称在开标前保密）"
        return self.organisation.name

    @property
    def remedy_said(self):
        return self.regime.remedies[self.remedy]

    @property
    def is_open(self):
        return self.state in (self.State.FILED, self.State.CORRECTION, self.State.ACCEPTED)


class InvestigationNote(models.Model):
    """A step of the investigation, signed by who took it; at least two officials must have taken part."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at"]
