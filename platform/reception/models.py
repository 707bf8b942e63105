"""Codes sent to telephones, and the papers of an organisation's registration."""

from django.db import models

from accounts.models import Organisation
from documents.models import StoredFile


class MobileCode(models.Model):
    """A code sent by short message: it proves a number once, for one purpose, for ten minutes."""

    class Purpose(models.TextChoices):
        SIGN_UP = "sign_up", "注册"
        RESET = "reset", "重设密码"

    mobile = models.CharField(max_length=20, db_index=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)


class OrganisationPaper(models.Model):
    class Kind(models.TextChoices):
        LICENCE = "licence", "营业执照"
        QUALIFICATION = "qualification", "资质证书"
        ACCOUNT = "account", "基本账户证明"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="one_paper_per_kind")]
