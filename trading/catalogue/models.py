"""The 集中交易目录: what must be traded on the platform, from which amount, at which level."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rulebook.provisions import CONFIDENCE


class CatalogueItemQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class CatalogueItem(models.Model):
    """One line of the catalogue: amounts from `minimum` to below `maximum` of a kind go to a venue."""

    class Level(models.TextChoices):
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        TOWN = "town", "乡镇"

    class Venue(models.TextChoices):
        MUST_ENTER = "must_enter", "必须进场"
        MAY_ENTER = "may_enter", "自愿进场"
        TOWNSHIP = "township", "乡镇交易中心"
        OUTSIDE = "outside", "不必进场"

    ON_THE_PLATFORM = (Venue.MUST_ENTER, Venue.MAY_ENTER, Venue.TOWNSHIP)

    level = models.CharField(max_length=8, choices=Level.choices, default=Level.CITY)
    category = models.CharField(max_length=2)
    kind = models.CharField(max_length=10)
    label = models.CharField(max_length=120)
    minimum = models.DecimalField(max_digits=18, decimal_places=2)
    maximum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    venue = models.CharField(max_length=12, choices=Venue.choices)
    procedures = ArrayField(models.CharField(max_length=20))
    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=2)
    version = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = CatalogueItemQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    @property
    def basis(self):
        """The source, with a mark where it is not law that has been read."""
        return self.source if self.confidence == "V" else f"{self.source}（{CONFIDENCE[self.confidence]}）"
