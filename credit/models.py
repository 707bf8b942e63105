"""Conduct of market entities: the rules, the reported events, the scores that explain themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from documents.models import StoredFile


class CreditRule(models.Model):
    """One item of the catalogue of evaluation rules, with its points and the dates it holds; data, not code."""

    class Severity(models.IntegerChoices):
        GOOD = 0, "良好行为"
        MINOR = 1, "轻微"
        NORMAL = 2, "一般"
        SERIOUS = 3, "较重"
        GRAVE = 4, "严重"

    code = models.CharField(max_length=8)
    party = models.CharField(max_length=12, default="bidder")
    family = models.CharField(max_length=1)
    title = models.CharField(max_length=200)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    validity_months = models.PositiveSmallIntegerField()
    publication_months = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=2)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "since"], name="one_rule_per_code_and_day")]


class CreditEntry(models.Model):
    """A reported conduct of one party, with evidence; it counts only while effective."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待复核"
        NOTIFIED = "notified", "已告知，等待陈述"
        EFFECTIVE = "effective", "已生效"
        DISPUTED = "disputed", "异议处理中"
        REVOKED = "revoked", "已撤销"
        REPAIRED = "repaired", "已修复"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="credit_entries")
    rule = models.ForeignKey(CreditRule, models.PROTECT)
    # Signed: good conduct adds, bad conduct deducts.
    points = models.DecimalField(max_digits=5, decimal_places=2)
    facts = models.TextField("事实")
    decision_number = models.CharField("决定文书号", max_length=80, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    tender_number = models.CharField(max_length=32, blank=True)
    reporter = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    notified_at = models.DateTimeField(null=True, blank=True)
    statement_until = models.DateTimeField(null=True, blank=True)
    statement = models.TextField("陈述申辩", blank=True)
    effective_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.SUBMITTED)
    closed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-reported_at"]


class CreditScore(models.Model):
    """A party's score as it stood from one moment on, with every line that made it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="credit_scores")
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    score = models.DecimalField(max_digits=5, decimal_places=2)
    grade = models.CharField(max_length=1)
    lines = models.JSONField()

    class Meta:
        ordering = ["-computed_at"]
        indexes = [models.Index(fields=["organisation", "-computed_at"])]


class ExclusionQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on, lifted_at=None)


class Exclusion(models.Model):
    """A legal decision that bars a party from a category for a time; it ends by itself."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="exclusions")
    category = models.CharField(max_length=2)
    decision_number = models.CharField(max_length=80)
    basis = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ExclusionQuerySet.as_manager()
