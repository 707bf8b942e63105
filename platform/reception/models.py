"""Codes sent to telephones, the papers of an organisation's registration, and what a bidder shows of itself."""

from django.conf import settings
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


class RulesSignature(models.Model):
    """An organisation's person signed one version of the entry rules of one role; the ledger holds the digest of what was signed."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="rules_signatures")
    role = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=43)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "role"]
        constraints = [models.UniqueConstraint(fields=["organisation", "role", "version"], name="one_signature_per_version")]


class RegisterEntry(models.Model):
    """What a bidder shows of itself, written once with its proof, and put into bids by choice: people, qualifications, contracts.

    An entry is taken out of use, not deleted; bids that carried it keep their own copy.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "人员"
        QUALIFICATION = "qualification", "资质证书"
        RECORD = "record", "业绩"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="register")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField("名称", max_length=120)
    # The post of a person, the grade of a qualification, the client of a contract.
    about = models.CharField(max_length=120, blank=True)
    certificate = models.CharField("证书名称", max_length=120, blank=True)
    number = models.CharField("编号", max_length=80, blank=True)
    amount = models.DecimalField("合同金额（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    # Until when a certificate holds, or when a contract was completed.
    on = models.DateField(null=True, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "name", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(amount=None) | models.Q(amount__gt=0), name="record_amount_positive")]
