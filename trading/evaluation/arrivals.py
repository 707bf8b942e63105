"""Which seats of a remote evaluation have arrived at their venue."""

from django.conf import settings
from django.db import models

from trading.evaluation.models import CommitteeMember


class SeatArrival(models.Model):
    """A seat's expert came to its venue, and was received there. The row knows the seat alone."""

    seat = models.OneToOneField(CommitteeMember, models.PROTECT, related_name="arrival")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


def has_arrived(seat):
    return SeatArrival.objects.filter(seat=seat).exists()


def arrive(seat, *, by, at):
    SeatArrival.objects.create(seat=seat, by=by, at=at)


def forget_arrivals(evaluation):
    """Everybody signs in again."""
    SeatArrival.objects.filter(seat__evaluation=evaluation).delete()
