"""The pool of evaluation experts. An expert is a person, apart from any organisation."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ExpertQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Expert.State.ACTIVE)


class Expert(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", "在库"
        SUSPENDED = "suspended", "暂停"
        DISMISSED = "dismissed", "出库"

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert")
    number = models.CharField("专家编号", max_length=20, unique=True)
    specialties = ArrayField(models.CharField(max_length=11))
    title = models.CharField("职称", max_length=60, blank=True)
    employer = models.CharField("工作单位", max_length=200, blank=True)
    # Compared with bidders, tenderee and agency when a committee is drawn.
    employer_uscc = models.CharField(max_length=18, blank=True, db_index=True)
    region_code = models.CharField(max_length=6, default="429900")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)

    objects = ExpertQuerySet.as_manager()

    def __str__(self):
        return self.person.name


class AvoidedOrganisation(models.Model):
    """An organisation the expert declared an interest in (work within three years, relatives, shares)."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="avoided")
    uscc = models.CharField(max_length=18)
    reason = models.CharField(max_length=200)
