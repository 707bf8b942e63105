"""What looks wrong in the ways projects enter, for supervisors and staff to look at."""

from django.conf import settings
from django.db import models

from trading.projects.models import Project


class SplittingAlert(models.Model):
    """Projects of one owner and kind, each below a line of the catalogue and together above it.

    Found once for a project that was handed in; whoever looks at it says what it was.
    """

    class State(models.TextChoices):
        OPEN = "open", "待核查"
        EXPLAINED = "explained", "不属于拆分"
        CONFIRMED = "confirmed", "认定拆分"

    # The project whose submission set it off, and those it is held against.
    project = models.OneToOneField(Project, models.PROTECT, related_name="splitting_alert")
    others = models.ManyToManyField(Project, related_name="+")
    total = models.DecimalField(max_digits=18, decimal_places=2)
    # What the catalogue says of the sum, as it said that day.
    decision = models.JSONField()
    found_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    opinion = models.TextField("核查意见", blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(judged_at__isnull=False), name="judged_splitting_alert_has_its_moment"
            )
        ]

    @property
    def projects(self):
        """All of them, the first handed in first."""
        return sorted([self.project, *self.others.select_related("owner")], key=lambda row: row.submitted_at)
