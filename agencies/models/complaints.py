"""Complaints about an agency's ability or conduct: who is affected says what happened, the regulator finds out and decides."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from credit.models import CreditEntry
from documents.models import StoredFile


class AgencyComplaint(models.Model):
    """Somebody complains under their name about an agency. The office knows who; the agency learns what, never from whom."""

    class State(models.TextChoices):
        FILED = "filed", "待受理"
        REJECTED = "rejected", "不予受理"
        ACCEPTED = "accepted", "正在核查"
        WITHDRAWN = "withdrawn", "已撤回"
        DECIDED = "decided", "已作出处理"

    class Matter(models.TextChoices):
        ABILITY = "ability", "业务能力不足"
        PROCEDURE = "procedure", "程序不规范"
        FEES = "fees", "违规收费"
        BIAS = "bias", "泄密、串通或者倾向性"
        SERVICE = "service", "服务态度、推诿拖延"

    class Outcome(models.TextChoices):
        FOUNDED = "founded", "属实"
        PARTLY = "partly", "部分属实"
        UNFOUNDED = "unfounded", "不属实"

    number = models.CharField(max_length=20, unique=True)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_complaints")
    complainant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # For whom the complainant acted; nobody where they complain for themselves.
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    category = models.CharField("交易类别", max_length=2)
    tender_number = models.CharField("相关项目编号", max_length=32, blank=True)
    matter = models.CharField("反映的问题", max_length=10, choices=Matter.choices)
    facts = models.TextField("事实")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField()
    # By when the office says whether it looks into it; then until when the agency is heard, and by when it is decided.
    accept_by = models.DateTimeField()
    opinion = models.TextField("受理意见", blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    hear_until = models.DateTimeField(null=True, blank=True)
    decide_by = models.DateTimeField(null=True, blank=True)
    statement = models.TextField("机构的说明", blank=True)
    stated_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField("核查结论", max_length=10, choices=Outcome.choices, blank=True)
    decision = models.TextField("处理意见", blank=True)
    entry = models.ForeignKey(CreditEntry, models.PROTECT, null=True, blank=True, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILED)

    OPEN = (State.FILED, State.ACCEPTED)

    class Meta:
        ordering = ["-filed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="decided") | (~models.Q(outcome="") & ~models.Q(decision="")),
                name="decided_complaint_has_outcome",
            )
        ]

    @property
    def due_at(self):
        """The clock that runs now; None once closed."""
        return {self.State.FILED: self.accept_by, self.State.ACCEPTED: self.decide_by}.get(self.state)
