"""What the centre hands to a regulator of its judgement of experts and agencies, and that it was taken note of."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from experts.models import Expert


class CentreFeedback(models.Model):
    """The centre's rating of one expert or agency in one tender, handed to its regulator, who acknowledges it in time."""

    number = models.CharField(max_length=20, unique=True)
    regulator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    tender_number = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    # [[item, marks]] as the centre gave them.
    items = models.JSONField()
    total = models.DecimalField(max_digits=5, decimal_places=2)
    remark = models.TextField(blank=True)
    handed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    words = models.TextField("反馈意见", blank=True)

    class Meta:
        ordering = ["-handed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expert=None, agency__isnull=False) | models.Q(expert__isnull=False, agency=None),
                name="feedback_about_one",
            ),
            models.UniqueConstraint(fields=["expert", "tender_number", "title"], name="one_feedback_per_expert_session"),
            models.UniqueConstraint(fields=["agency", "tender_number"], name="one_feedback_per_agency_tender"),
        ]

    @property
    def subject(self):
        return self.agency.name if self.agency else self.expert.person.name
