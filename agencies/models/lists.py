"""The centre's open selection of agencies after a trial, and the dated list that comes of it: information, and nothing else."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from agencies.models.register import Service
from disclosure.models import Notice


class SelectionEvent(models.Model):
    """公开遴选: criteria and grades are stated first, whoever wants enters, the marks are public, the order gives the grades.

    Nothing reads the list but its own pages: who chooses, draws or mandates an agency is bound by none of it.
    """

    class State(models.TextChoices):
        OPEN = "open", "接受报名"
        LISTED = "listed", "已公布名单"

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField("名称", max_length=200)
    service = models.CharField("业务类型", max_length=12, choices=Service.choices)
    trial = models.CharField("试用情况", max_length=200, blank=True)
    # [{"title", "weight"}], weights summing to a hundred; [{"title", "places"}], the best first.
    criteria = models.JSONField()
    grades = models.JSONField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField("报名截止时间")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    listed_on = models.DateField("公布日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=43, blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-opened_at"]

    def is_open(self, at):
        return self.state == self.State.OPEN and at < self.due_at


class SelectionEntry(models.Model):
    """One agency in a selection: what it states, its marks by the criteria, and its place and grade."""

    event = models.ForeignKey(SelectionEvent, models.PROTECT, related_name="entries")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="selection_entries")
    statement = models.TextField("申报材料")
    entered_at = models.DateTimeField()
    # In the order of the criteria, as text.
    marks = models.JSONField(default=list)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    grade = models.CharField("等次", max_length=20, blank=True)

    class Meta:
        ordering = ["place", "entered_at"]
        constraints = [models.UniqueConstraint(fields=["event", "agency"], name="one_entry_per_agency")]
