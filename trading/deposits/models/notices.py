"""What the bank and the issuers of guarantees told us, as they said it."""

from django.db import models


class BankNotice(models.Model):
    """A callback whose signature was right. The body names the payer, so it lies sealed; `mark` tells same from changed."""

    class Source(models.TextChoices):
        BANK = "bank", "银行"
        ISSUER = "issuer", "保函出具机构"

    class State(models.TextChoices):
        DONE = "done", "已处理"
        WAITING = "waiting", "等待所指的通知"
        UNIDENTIFIED = "unidentified", "未识别"
        RESOLVED = "resolved", "已处置"

    source = models.CharField(max_length=8, choices=Source.choices)
    kind = models.CharField(max_length=24)
    # The sender's own unique number for what it reports.
    reference = models.CharField(max_length=64)
    # What it is about: the reversed payment, the refund instructed, the guarantee applied for.
    about = models.CharField(max_length=64, blank=True, db_index=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    value_at = models.DateTimeField()
    hidden = models.BinaryField()
    mark = models.CharField(max_length=43)
    # Proof of who said it: docs/integrating.md names the bytes that were signed.
    signed_at = models.CharField(max_length=40)
    nonce = models.CharField(max_length=64)
    signature = models.CharField(max_length=120)
    state = models.CharField(max_length=14, choices=State.choices, default=State.DONE)
    received_at = models.DateTimeField()
    # How often the same was said again, without effect.
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "reference"], name="one_notice_per_reference")]


class CallbackNonce(models.Model):
    """A signed callback serves once; the number is remembered as long as its time stamp would still be taken."""

    source = models.CharField(max_length=8)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "nonce"], name="one_use_per_nonce")]
