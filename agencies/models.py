"""Tendering agencies: what the centre keeps about them beyond their registration."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation


class AgencyStaff(models.Model):
    """A person of an agency who may conduct tenders, with the training the centre requires."""

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="agency_staff")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    trained_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "person"], name="one_row_per_agency_person")]
