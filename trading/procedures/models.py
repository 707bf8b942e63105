"""What really happened on a tender, as far as statutory periods run from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from disclosure.models import Notice
from trading.projects.models import Lot, Tender


class Milestone(models.Model):
    """A statutory event of a tender, or of one of its lots; `name` is a key of MILESTONES.

    An event that comes again (a second clarification, another objection) has a further row with its own `reference`.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="milestones")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="milestones")
    name = models.CharField(max_length=40)
    at = models.DateTimeField()
    # Tells one occurrence from another: the number of the clarification, objection, complaint…
    reference = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tender", "name", "reference"], condition=Q(lot=None), name="one_tender_milestone_per_occurrence"
            ),
            models.UniqueConstraint(fields=["lot", "name", "reference"], name="one_lot_milestone_per_occurrence"),
        ]


class LimitWaiver(models.Model):
    """豁免: the competent supervisor sets another day in place of a limit, for one tender, with reason and publication.

    `until` is the day that is permitted instead: the last one where the rule sets a latest day, the first one otherwise.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="waivers")
    rule = models.CharField(max_length=16)
    until = models.DateField("改为的期限")
    reason = models.TextField("理由")
    basis = models.CharField("依据", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(reason="") & ~Q(basis=""), name="waiver_says_why")]
