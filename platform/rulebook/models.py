"""What the rulebook keeps in the database: the calendar's exceptions and the running numbers."""

from django.db import models


class Holiday(models.Model):
    """A day that is off, or worked, against the calendar library; the administrator keeps it."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        WORK = "work", "调休上班"

    date = models.DateField(unique=True)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    name = models.CharField(max_length=60)
    source = models.CharField(max_length=200)


class Counter(models.Model):
    """The last number given out in a series of one year."""

    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter_per_series_and_year")]
