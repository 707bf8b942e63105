"""What a city may set for itself after the award, with its basis and the dates it holds."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class LocalSetting(models.Model):
    """A value that takes the place of the built-in one from a day on; `code` is a key of rules.LOCAL. Never edited."""

    code = models.CharField(max_length=24)
    value = models.DecimalField("数值", max_digits=14, decimal_places=2)
    source = models.CharField("依据", max_length=200)
    since = models.DateField("生效日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["code", "-since"]
        constraints = [
            models.UniqueConstraint(fields=["code", "since"], name="one_setting_per_code_and_day"),
            models.CheckConstraint(condition=Q(value__gte=0), name="setting_not_negative"),
        ]
