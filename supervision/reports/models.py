"""举报: what somebody tells the supervisors, and whether it came to something. Here: deals that should be on the platform."""

from django.conf import settings
from django.db import models

from documents.models import StoredFile
from supervision.alerts.models import Alert
from trading.projects.models import Project


class OffPlatformReport(models.Model):
    """Somebody reports a deal that was made outside the platform though the catalogue wants it here.

    The reporter is known to the supervisors' archive alone: no page of an official names them.
    """

    number = models.CharField(max_length=32, unique=True)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unit = models.CharField("交易单位", max_length=200)
    subject = models.CharField("交易内容", max_length=200)
    category = models.CharField("交易类别", max_length=2)
    kind = models.CharField("标的类型", max_length=10, choices=Project.Kind.choices)
    amount = models.DecimalField("交易金额（元）", max_digits=18, decimal_places=2)
    happened_on = models.DateField("交易时间")
    facts = models.TextField("情况说明")
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    # What the catalogue of that day said.
    decision = models.JSONField(default=dict)
    filed_at = models.DateTimeField()
    alert = models.OneToOneField(Alert, models.PROTECT, related_name="report")

    class Meta:
        ordering = ["-filed_at"]
