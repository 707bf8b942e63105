"""The 集中交易目录: what must be traded on the platform, from which amount, at which level."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rulebook.provisions import CONFIDENCE


class OrganisationForm(models.TextChoices):
    """采购组织形式: who organises a government purchase, on the central list or off it."""

    CENTRAL = "central", "集中采购"
    OWN = "own", "分散采购（自行组织）"
    AGENCY = "agency", "分散采购（委托代理）"
    ENTRUSTED = "entrusted", "分散采购（委托集中采购机构）"


class InForce(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)


class Cited(models.Model):
    """What stands in a list by some authority, from one day to another."""

    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=2)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = InForce.as_manager()

    class Meta:
        abstract = True

    @property
    def basis(self):
        """The source, with a mark where it is not law that has been read."""
        return self.source if self.confidence == "V" else f"{self.source}（{CONFIDENCE[self.confidence]}）"


class CatalogueItem(Cited):
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
    # How purchases off the central list may be organised; none where the line is below the purchase limit, or no purchase.
    forms = ArrayField(models.CharField(max_length=9, choices=OrganisationForm.choices), default=list)
    version = models.CharField(max_length=20)

    class Meta:
        ordering = ["pk"]


class CentralItem(Cited):
    """集中采购目录: a line of the central list. What stands on it is bought by the central procurement body, whatever its amount."""

    code = models.CharField("品目编码", max_length=12)
    name = models.CharField("品目名称", max_length=80)
    kind = models.CharField(max_length=10)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return f"{self.name}（{self.code}）"
