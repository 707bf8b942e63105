"""What supervisors must look at: a limit missed, a promise broken, a pattern that should not be."""

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from trading.projects.models import Tender


class Alert(models.Model):
    """预警: something that is not as the law wants it, raised once for each matter and closed with a conclusion.

    `kind` is a key of `kinds.KINDS`; `key` tells one matter of a kind from another about the same subject.
    """

    class State(models.TextChoices):
        OPEN = "open", "待处置"
        HANDLED = "handled", "已处置"

    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=24)
    # The ledger's stream of what it is about: "tender/QJGC2026-0001", "project/12".
    about = models.CharField(max_length=120)
    key = models.CharField(max_length=120, blank=True)
    rule = models.CharField(max_length=16, blank=True)
    text = models.CharField(max_length=300)
    # [label, value] pairs of text, as an official reads them.
    facts = models.JSONField(default=list)
    link = models.CharField(max_length=200, blank=True)
    tender = models.ForeignKey(Tender, models.PROTECT, null=True, blank=True, related_name="alerts")
    # Whose desk it lies on; without one, every regulator sees it.
    regulator = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="alerts")
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # When what was missing was done after all; the lateness still wants a conclusion.
    settled_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    conclusion = models.TextField("处置结论", blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about", "key"], name="one_alert_per_matter"),
            models.CheckConstraint(
                condition=models.Q(state="open") | (models.Q(handled_at__isnull=False) & ~models.Q(conclusion="")),
                name="handled_alert_has_conclusion",
            ),
        ]
        indexes = [models.Index(fields=["state", "-raised_at"])]
