"""The books of the simulated bank and of the simulated issuer of guarantees. Nothing here knows the platform's tables."""

from django.db import models


class BankAccount(models.Model):
    """A virtual sub-account of the platform's collecting account."""

    number = models.CharField(max_length=32, unique=True)
    reference = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField()


class BankLine(models.Model):
    """One movement on the collecting account."""

    class Direction(models.TextChoices):
        IN = "in", "收"
        OUT = "out", "付"

    reference = models.CharField(max_length=64, unique=True)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    account = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    # Paid on top out of the bank's own pocket, so no part of the account.
    interest = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    other = models.JSONField(default=dict)
    purpose = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")

    class Meta:
        ordering = ["-pk"]


class BankInstruction(models.Model):
    """A refund that the platform asked for."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", "已受理"
        PAID = "paid", "已付款"
        FAILED = "failed", "已退汇"

    reference = models.CharField(max_length=64, unique=True)
    bank_reference = models.CharField(max_length=64, unique=True)
    account = models.CharField(max_length=40, blank=True)
    payee = models.JSONField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    interest = models.DecimalField(max_digits=18, decimal_places=2)
    purpose = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACCEPTED)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]


class GuaranteeFile(models.Model):
    """One application at the issuer and what became of it."""

    class State(models.TextChoices):
        APPLIED = "applied", "待审核"
        ISSUED = "issued", "已出具"
        REVOKED = "revoked", "已撤销"
        RELEASED = "released", "已退保"
        CLAIMED = "claimed", "已索赔"

    reference = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12)
    applicant = models.JSONField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    valid_until = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.APPLIED)
    number = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=20, blank=True)
    claimed = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]


class Callback(models.Model):
    """A notice to the platform: sent at once, or kept so that a person can send it late, twice, or in another order."""

    source = models.CharField(max_length=8)
    body = models.JSONField()
    at = models.DateTimeField()
    sent = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=200, blank=True)

    KINDS = {
        "payment": "到账", "reversal": "冲正", "refund.paid": "退款已付", "refund.failed": "退汇", "guarantee.issued": "保函已出具",
        "guarantee.revoked": "保函已撤销",
    }  # fmt: skip

    class Meta:
        ordering = ["-pk"]

    @property
    def kind_label(self):
        return self.KINDS[self.body["kind"]]
