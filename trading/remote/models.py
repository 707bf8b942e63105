"""The session between the main venue and an auxiliary one (副场): desks, breaks of the line, what was said, recorded and paid."""

import os
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from ledger.canonical import b64u, instant
from sealing.vault import conceal, revealed
from trading.projects.models import Lot
from trading.remote.rules import INTERRUPTION


class HostTerms(models.Model):
    """What another city's centre publishes beside its desks: meals, lodging, and what its experts are paid."""

    host = models.OneToOneField(Organisation, models.PROTECT, related_name="remote_terms")
    meals = models.CharField("用餐", max_length=200, blank=True)
    lodging = models.CharField("住宿", max_length=200, blank=True)
    expert_fees = models.TextField("专家劳务报酬标准和支付方式", blank=True)
    published_at = models.DateTimeField()


class SharedDesk(models.Model):
    """A desk (工位) that a host lends; what was once lent is closed, never deleted."""

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="shared_desks")
    name = models.CharField("工位", max_length=60)
    fee = models.DecimalField("每半日费用（元）", max_digits=18, decimal_places=2)
    active = models.BooleanField("对外共享", default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["host", "name"], name="one_desk_per_name"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="desk_fee_not_negative"),
        ]

    def __str__(self):
        return self.name


class RemoteSession(models.Model):
    """Seats of one evaluation's committee that are taken in another city, at the desks of one host.

    `lot` and `round` name the evaluation, which may not have begun when the session is asked for.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "待副场确认"
        CONFIRMED = "confirmed", "副场已确认"
        REFUSED = "refused", "副场未承接"
        WITHDRAWN = "withdrawn", "已撤回"
        DRAWN = "drawn", "已抽取，待签到"
        CHECKED_IN = "checked_in", "已签到"
        RUNNING = "running", "评标中"
        INTERRUPTED = "interrupted", "连接中断"
        FINISHED = "finished", "已结束，待结算"
        SETTLED = "settled", "已结算"

    GONE = (State.REFUSED, State.WITHDRAWN)
    OVER = (State.FINISHED, State.SETTLED)

    number = models.CharField("编号", max_length=16, unique=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="remote_sessions")
    round = models.PositiveSmallIntegerField(default=1)
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="remote_sessions", verbose_name="副场")
    seats = models.PositiveSmallIntegerField("异地席位")
    purpose = models.CharField("评标事项", max_length=200)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField("答复期限")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    # Why the host does not take it, or why the centre took it back.
    reason = models.CharField("理由", max_length=300, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Where the people of each venue enter the meeting.
    main_link = models.CharField(max_length=300, blank=True)
    host_link = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="remote_session_ends_after_start"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="remote_session_has_seats"),
            models.UniqueConstraint(
                fields=["lot", "round", "host"], condition=~Q(state__in=("refused", "withdrawn")), name="one_session_per_host"
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def group(self):
        """The group of the committee's draw from which these seats are filled."""
        return f"host-{self.host_id}"

    def is_overdue(self, at):
        """Whether the host still owes an answer after its time."""
        return self.state == self.State.REQUESTED and at > self.due_at

    @property
    def answered_late(self):
        return self.answered_at is not None and self.answered_at > self.due_at

    def broken(self):
        """The interruption that has not ended, or None."""
        return self.interruptions.filter(ended_at=None).first()


class SessionDesk(models.Model):
    """A desk confirmed for a session, at the fee of that day."""

    session = models.ForeignKey(RemoteSession, models.PROTECT, related_name="desks")
    desk = models.ForeignKey(SharedDesk, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    fee = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["session", "desk"], name="desk_once_a_session")]


class Interruption(models.Model):
    """The line between the venues was broken: since when, as told by which side, until when, and what was set then."""

    session = models.ForeignKey(RemoteSession, models.PROTECT, related_name="interruptions")
    what = models.CharField("情况", max_length=300)
    by_host = models.BooleanField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField("中断时间")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    # After a suspension: when the evaluation goes on.
    resumes_at = models.DateTimeField("另定的评标时间", null=True, blank=True)

    class Meta:
        ordering = ["since"]
        constraints = [models.UniqueConstraint(fields=["session"], condition=Q(ended_at=None), name="one_open_interruption")]

    @property
    def seals_at(self):
        return self.since + INTERRUPTION.most

    def is_sealed(self, at):
        """Whether it lasted too long: the evaluation was suspended and sealed, whether or not anybody said so."""
        return (self.ended_at or at) > self.seals_at

    @property
    def was_sealed(self):
        return self.ended_at is not None and self.ended_at > self.seals_at

    @property
    def minutes(self):
        return int((self.ended_at - self.since).total_seconds() // 60) if self.ended_at else None


class DiscussionLine(models.Model):
    """What a seat wrote to the others of a remote evaluation (文字会商), concealed until the evaluation has ended."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    no = models.PositiveIntegerField()
    seat = models.PositiveSmallIntegerField("席位")
    sealed = models.BinaryField()
    # Open once the evaluation has ended.
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["lot", "round", "no"], name="one_line_per_place")]

    @property
    def bound(self):
        return f"{self.lot_id}/{self.round}/{self.no}"

    def write(self, text):
        """Conceal the text with a salt: a line is short, and a digest without one could be guessed."""
        self.sealed = conceal("remote/discussion", [b64u(os.urandom(32)), text], bound=self.bound)

    @cached_property
    def content(self):
        return revealed("remote/discussion", self.sealed, bound=self.bound)

    @property
    def words(self):
        return self.content[1]

    @property
    def facts(self):
        """What the digest of the whole discussion binds."""
        return [self.no, self.seat, instant(self.at), self.content]


class MeetingMove(models.Model):
    """Somebody of a venue came into the meeting room, left it, or showed a screen; kept by seat number."""

    class Kind(models.TextChoices):
        JOIN = "join", "进入会议"
        LEAVE = "leave", "离开会议"
        SHARE = "share", "共享屏幕"
        UNSHARE = "unshare", "停止共享"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    seat = models.PositiveSmallIntegerField("席位")
    venue = models.CharField("场地", max_length=200)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]


class VenueRecording(models.Model):
    """A recording that a venue keeps of its side: where it lies, and the digest that the ledger holds."""

    session = models.ForeignKey(RemoteSession, models.PROTECT, related_name="recordings")
    by_host = models.BooleanField()
    name = models.CharField("名称", max_length=120)
    minutes = models.PositiveIntegerField("时长（分钟）")
    sha256 = models.CharField("SHA-256 摘要", max_length=64)
    place = models.CharField("保存位置", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["session", "by_host", "sha256"], name="one_recording_once")]


class HostStatement(models.Model):
    """What the host asks to be paid for a session; a returned one stays, a further one follows."""

    class State(models.TextChoices):
        HANDED_IN = "handed_in", "待主场确认"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已确认"

    session = models.ForeignKey(RemoteSession, models.PROTECT, related_name="statements")
    half_days = models.PositiveSmallIntegerField("半日数")
    desk_fee = models.DecimalField("工位费（元）", max_digits=18, decimal_places=2)
    meals = models.DecimalField("餐费（元）", max_digits=18, decimal_places=2)
    note = models.CharField("说明", max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HANDED_IN)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    handed_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("退回理由", max_length=300, blank=True)

    class Meta:
        ordering = ["-handed_at"]
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(state__in=("handed_in", "accepted")), name="one_statement_stands")
        ]

    @property
    def total(self):
        return self.desk_fee + self.meals
