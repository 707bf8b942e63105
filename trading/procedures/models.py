"""What really happened on a tender: the events that statutory periods run from, and the steps of its procedure."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from disclosure.models import Notice
from documents.models import OfficialDocument, StoredFile
from sealing.models import VaultFile
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


class StepRecord(models.Model):
    """A step of a lot's procedure that was taken: by whom, when, with what said; `step` is its code in the procedure.

    A step that may be taken again and again has a row per occurrence (`no`). What a bend has undone stays, void.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=40)
    no = models.PositiveSmallIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # For whom a bidder's person acted.
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    # What the step's form asked for: sums and days as text, organisations by their codes, files by their keys.
    data = models.JSONField(default=dict)
    # Codes of rules whose periods this step has overrun; the law lets it stand and asks for an alarm.
    overran = models.JSONField(default=list)
    # What a secret step says is kept here, encrypted, until it may be known; `data` is empty so long.
    sealed = models.OneToOneField(VaultFile, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=43, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(OfficialDocument, models.PROTECT, null=True, blank=True, related_name="+")
    void_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["lot", "step", "no"], name="one_record_per_occurrence_of_a_step")]

    @property
    def is_secret(self) -> bool:
        """Whether it was taken in secret and nothing has opened it yet."""
        return self.sealed_id is not None and not self.data
