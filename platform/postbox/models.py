"""Messages to people inside the platform, and dispatches to their telephones outside it."""

from functools import cached_property

from django.conf import settings
from django.db import models

from sealing.vault import revealed


class Message(models.Model):
    """A message in a person's inbox; the key keeps it from being told twice."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="inbox")
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="told_once")]


class Dispatch(models.Model):
    """A short message or a voice call: queued with the act, sent by a worker through the city's gateway."""

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        VOICE = "voice", "语音电话"

    class State(models.TextChoices):
        QUEUED = "queued", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        ANSWERED = "answered", "已应答"
        UNANSWERED = "unanswered", "无人接听"

    ENDED = (State.ANSWERED, State.UNANSWERED)

    channel = models.CharField(max_length=8, choices=Channel.choices)
    # Number and text stand in `sealed` alone where nobody who reads the database may know who is told, and what.
    mobile = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    sealed = models.BinaryField(null=True, blank=True)
    purpose = models.CharField(max_length=32, blank=True)
    # What each key means to whoever is called, as the text says it.
    keys = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=160, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    gateway_id = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    @cached_property
    def _sealed(self) -> list[str]:
        return revealed("postbox/dispatch", self.sealed or b"", bound=self.key)

    @property
    def number(self) -> str:
        """The telephone that it goes to."""
        return self.mobile or self._sealed[0]

    @property
    def words(self) -> str:
        """What is sent or read out."""
        return self.text or self._sealed[1]
