"""The tender document, its criteria, who holds it, what was asked and changed, and what stops the clock."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from trading.projects.models import Lot, Tender
from trading.standards.models import DocumentTemplate
from trading.venues.models import ONLINE, Venue


class Envelope(models.TextChoices):
    """What a bidder seals by itself: the whole bid, or with two envelopes its parts, opened one after the other."""

    WHOLE = "bid", "投标文件"
    TECHNICAL = "technical", "第一信封（技术）"
    COMMERCIAL = "commercial", "第二信封（商务和报价）"


class TenderDocument(models.Model):
    """The 招标文件 of a tender, written from a template; published as it then stands, changed only by clarifications."""

    class State(models.TextChoices):
        DRAFT = "draft", "编制中"
        SCHEDULED = "scheduled", "待定时发布"
        PUBLISHED = "published", "已发布"

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="document")
    # The version that was in force when writing began; later versions do not touch it.
    template = models.ForeignKey(DocumentTemplate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    supply_from = models.DateTimeField("文件获取开始", null=True, blank=True)
    supply_until = models.DateTimeField("文件获取截止", null=True, blank=True)
    questions_until = models.DateTimeField("提问截止", null=True, blank=True)
    bids_due_at = models.DateTimeField("投标截止（开标）时间", null=True, blank=True)
    bid_validity_days = models.PositiveSmallIntegerField("投标有效期（日历天）", default=90)
    # The hall of the opening; without one it is held online. The words beside it are what the document says.
    hall = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="开标场地")
    opening_place = models.CharField("开标地点", max_length=200, default=ONLINE)
    decrypt_minutes = models.PositiveSmallIntegerField("解密时限（分钟）", default=30)
    consortium_allowed = models.BooleanField("接受联合体", default=False)
    two_envelopes = models.BooleanField("采用双信封", default=False)
    # What the criteria's technical part judges is marked before its authors are known.
    blind_technical = models.BooleanField("技术部分采用暗标", default=False)
    method = models.CharField("评标办法", max_length=40, default="COMPREHENSIVE_ASSESSMENT")
    # Parameters of the method (trading.methods): price formula, E1, E2, trimming, ties, … as the document states them.
    method_settings = models.JSONField(default=dict, blank=True)
    publish_at = models.DateTimeField("定时发布", null=True, blank=True)
    # Grows with every change; a page remembers the one it began with.
    revision = models.PositiveIntegerField(default=0)
    # What was typed but makes no value yet: it comes back with the form, as it was typed.
    draft = models.JSONField(default=dict, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    printed = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    @property
    def envelopes(self):
        """The envelopes of each bid, in the order in which they are opened."""
        return (Envelope.TECHNICAL, Envelope.COMMERCIAL) if self.two_envelopes else (Envelope.WHOLE,)


class DocumentSection(models.Model):
    """A block of the tender document: fixed by the standard text, or the agency's to write."""

    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="sections")
    no = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    fixed = models.BooleanField()
    # With the names of facts between braces, as it is written.
    text = models.TextField(blank=True)
    # With the facts of that day in place of the names; what readers got.
    published_text = models.TextField(blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["document", "no"], name="one_section_per_number")]


class DocumentEdit(models.Model):
    """One change of one field of a draft: so that a save on a stale page can be told from one on a fresh page.

    `typed` is what the page sent, `after` what stands since then (both people's changes merged); an edit that met a
    contradicting one was not applied, and keeps what was typed.
    """

    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="edits")
    revision = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    typed = models.TextField(blank=True)
    applied = models.BooleanField(default=True)
    # Which open page it came from.
    page = models.CharField(max_length=22, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["document", "field", "revision"], name="edit_of_field")]


class DocumentPresence(models.Model):
    """Who has a draft open, as far as their page still asks."""

    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="one_presence_per_person")]


class DocumentVersion(models.Model):
    """A document as it was handed in for review; never changed, so that later versions can be compared with it."""

    document = models.ForeignKey(TenderDocument, models.PROTECT, related_name="versions")
    no = models.PositiveSmallIntegerField("送审次数")
    # {"sections": [[title, fixed, text as readers get it]], "criteria": [lines], "method": [lines], "front": text}
    content = models.JSONField()
    digest = models.CharField(max_length=43)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["document", "no"], name="one_version_per_number")]


class DocumentReview(models.Model):
    """What the tenderee or the regulator answered to a version handed in."""

    class Stage(models.TextChoices):
        TENDEREE = "tenderee", "招标人确认"
        REGULATOR = "regulator", "监督部门备案"

    class Outcome(models.TextChoices):
        PASSED = "passed", "通过"
        RETURNED = "returned", "退回修改"

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="reviews")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reasons = models.TextField("意见", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["version", "stage"], name="one_review_per_stage"),
            models.CheckConstraint(condition=Q(outcome="passed") | ~Q(reasons=""), name="return_has_reasons"),
        ]


class DocumentAttachment(models.Model):
    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="attachments")
    title = models.CharField(max_length=120)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")


class BillItem(models.Model):
    """A line of a lot's bill of quantities: what is priced, how much of it, and the highest unit price if there is one."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="bill")
    no = models.PositiveIntegerField()
    code = models.CharField("编码", max_length=24)
    name = models.CharField("名称", max_length=120)
    unit = models.CharField("单位", max_length=12)
    quantity = models.DecimalField("工程量", max_digits=14, decimal_places=4)
    ceiling = models.DecimalField("最高综合单价（元）", max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "code"], name="one_bill_item_per_code"),
            models.UniqueConstraint(fields=["lot", "no"], name="one_bill_item_per_number"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bill_quantity_positive"),
        ]

    @property
    def amount(self):
        """The quantity as people write it: without zeros at the end, never with an exponent."""
        return f"{self.quantity.normalize():f}"


class Criterion(models.Model):
    """One line of the evaluation criteria of a tender: a check to pass or points to earn."""

    class Part(models.TextChoices):
        FORM = "form", "形式评审"
        QUALIFICATION = "qualification", "资格评审"
        RESPONSE = "response", "响应性评审"
        TECHNICAL = "technical", "技术分"
        BUSINESS = "business", "商务分"
        CREDIT = "credit", "信用分"
        PRICE = "price", "价格分"

    CHECKS = (Part.FORM, Part.QUALIFICATION, Part.RESPONSE)
    JUDGED = (Part.TECHNICAL, Part.BUSINESS)
    COMPUTED = (Part.CREDIT, Part.PRICE)

    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="criteria")
    part = models.CharField(max_length=16, choices=Part.choices)
    no = models.PositiveSmallIntegerField()
    title = models.CharField("评审因素", max_length=120)
    standard = models.TextField("评审标准", blank=True)
    points = models.DecimalField("分值", max_digits=5, decimal_places=2, default=0)
    objective = models.BooleanField("客观分", default=False)

    class Meta:
        ordering = ["part", "no"]
        constraints = [models.UniqueConstraint(fields=["document", "part", "no"], name="one_criterion_per_number")]

    @property
    def place(self):
        """Where it stands among the criteria: in the order of the parts, then by number."""
        return self.Part.values.index(self.part), self.no

    @property
    def key(self):
        """How a bid names it: the part and the number within it."""
        return f"{self.part}/{self.no}"


class ClauseConfirmation(models.Model):
    """Somebody answers for a phrase that may shut bidders out: which one, where, and why it is lawful here.

    The key is a digest of place and words, so a changed sentence must be confirmed anew.
    """

    document = models.ForeignKey(TenderDocument, models.CASCADE, related_name="confirmations")
    key = models.CharField(max_length=43)
    place = models.CharField(max_length=160)
    phrase = models.CharField(max_length=60)
    excerpt = models.TextField()
    reason = models.TextField("保留理由")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="one_confirmation_per_phrase")]


class DocumentHolder(models.Model):
    """Who took the tender document. Secret from everybody but the holder until the bids are opened."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="holders")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="held_tenders")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    obtained_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tender", "organisation"], name="one_document_per_holder")]


class Invitation(models.Model):
    """Who is to be invited, and since `sent_at` is: as secret as who holds the document, until the bids are opened."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="invitations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["tender", "organisation"], name="one_invitation_per_organisation")]


class Question(models.Model):
    """A holder asks; the answer goes to all, the asker's name to nobody."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="questions")
    asker = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField("问题")
    asked_at = models.DateTimeField()
    answer = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    clarification = models.ForeignKey("trading.Clarification", models.PROTECT, null=True, blank=True, related_name="questions")

    class Meta:
        ordering = ["-asked_at"]


class Clarification(models.Model):
    """A published clarification or amendment; it may move the deadline, and must when the law says so."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="clarifications")
    no = models.PositiveSmallIntegerField()
    text = models.TextField("内容")
    affects_bids = models.BooleanField("可能影响投标文件编制")
    old_bids_due_at = models.DateTimeField(null=True, blank=True)
    new_bids_due_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField()
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    printed = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["tender", "no"], name="one_clarification_per_number")]


class ClarificationReceipt(models.Model):
    """A clarification reached a holder of the document; the holder may confirm that it was read."""

    clarification = models.ForeignKey(Clarification, models.PROTECT, related_name="receipts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    delivered_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clarification", "organisation"], name="one_receipt_per_clarification")]


class SuspensionQuerySet(models.QuerySet):
    def in_force(self, at):
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class Suspension(models.Model):
    """Why a lot may not move on: an unanswered objection, or a regulator's order. A fact beside the state."""

    class Cause(models.TextChoices):
        OBJECTION = "objection", "异议未答复"
        ORDER = "order", "监督部门责令暂停"
        FAILURE = "failure", "系统故障"
        TOLERANCE = "tolerance", "容缺材料逾期未补"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="suspensions")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    # What it stems from in words and in the upper room's own number (an objection, a complaint).
    reference = models.CharField(max_length=64)
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = SuspensionQuerySet.as_manager()
