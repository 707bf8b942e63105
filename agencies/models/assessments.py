"""一标一评: after each tender its agency is rated by the tenderee, the centre and the bidders."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation


class AssessmentQuerySet(models.QuerySet):
    def counted(self):
        """Closed ones in which somebody has rated."""
        return self.exclude(closed_at=None).exclude(score=None)


class Assessment(models.Model):
    """The assessment of one agency for one tender; open until all have rated or the period is over."""

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="assessments")
    # By number and name: the room of tenders lies above.
    tender_number = models.CharField(max_length=32)
    tender_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    # How the score came about, side by side, in the words and weights of the day: kept as it was computed.
    lines = models.JSONField(default=list, blank=True)
    state_until = models.DateTimeField("陈述截止时间", null=True, blank=True)
    statement = models.TextField("情况说明", blank=True)
    stated_at = models.DateTimeField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.UniqueConstraint(fields=["agency", "tender_number"], name="one_assessment_per_tender")]


class Rating(models.Model):
    """One rater's marks; the row stands from the beginning, the marks come with the form."""

    class Side(models.TextChoices):
        TENDEREE = "tenderee", "招标人"
        CENTRE = "centre", "交易中心"
        BIDDER = "bidder", "投标人"

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="ratings")
    side = models.CharField(max_length=8, choices=Side.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    # {item: mark of 0 to 100}
    marks = models.JSONField(default=dict, blank=True)
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    comment = models.TextField("意见", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["assessment", "organisation"], name="one_rating_per_organisation")]
