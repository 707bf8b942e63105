"""询问: a supplier asks the purchaser about a procurement matter; the answer is public, the asker is not."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from trading.projects.models import Tender


class Inquiry(models.Model):
    """A question about a procurement matter, put online or taken in by the centre for the purchaser, with its answer."""

    class Channel(models.TextChoices):
        ONLINE = "online", "网上提出"
        PHONE = "phone", "电话"
        LETTER = "letter", "来信"
        VISIT = "visit", "来访"

    number = models.CharField(max_length=32, unique=True)
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="inquiries")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="inquiries")
    channel = models.CharField("提出方式", max_length=8, choices=Channel.choices, default=Channel.ONLINE)
    text = models.TextField("询问事项")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-filed_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(answered_at=None) | ~models.Q(answer=""), name="answered_inquiry_has_answer")
        ]
