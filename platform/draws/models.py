"""Random selection. Everything random in the product goes through here; the verifiable protocol follows."""

from django.conf import settings
from django.db import models


class Draw(models.Model):
    """One draw: the pool as it stood, its digest, the seed, and the order that came out."""

    purpose = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    pool = models.JSONField()
    pool_digest = models.CharField(max_length=43)
    seed = models.CharField(max_length=43)
    order = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
