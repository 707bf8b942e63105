"""The centre's halls and rooms, and who has which of them when."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from trading.projects.models import Lot, Tender

ONLINE = "不见面开标大厅"
UNPLACED = "场地待安排"


class Zone(models.TextChoices):
    """The two areas of a centre, apart from each other: nobody walks from one into the other."""

    OPENING = "opening", "开标区"
    EVALUATION = "evaluation", "评标区（封闭）"


class Venue(models.Model):
    """A hall, a room or a remote seat of a centre; what was once used is closed, never deleted."""

    class Kind(models.TextChoices):
        OPENING = "opening", "开标厅"
        EVALUATION = "evaluation", "评标室"
        AUCTION = "auction", "拍卖竞价厅"
        NEGOTIATION = "negotiation", "谈判室"
        REMOTE = "remote", "远程异地评标席位"

    class Level(models.TextChoices):
        CITY = "city", "市级中心"
        COUNTY = "county", "县级中心"
        TOWNSHIP = "township", "乡镇中心"

    centre = models.ForeignKey(Organisation, models.PROTECT, related_name="venues", verbose_name="所属中心")
    level = models.CharField("层级", max_length=10, choices=Level.choices, default=Level.CITY)
    kind = models.CharField("类型", max_length=12, choices=Kind.choices)
    name = models.CharField("名称", max_length=60)
    place = models.CharField("位置", max_length=120)
    seats = models.PositiveSmallIntegerField("座位数")
    equipment = models.TextField("设备", blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "场地"
        ordering = ["level", "kind", "name"]
        constraints = [models.UniqueConstraint(fields=["centre", "name"], name="one_venue_per_name")]

    def __str__(self):
        return self.name

    # What goes on there decides the area it lies in: openings are open to all who take part, evaluations to a list alone.
    CLOSED_KINDS = (Kind.EVALUATION, Kind.NEGOTIATION, Kind.REMOTE)

    @property
    def words(self):
        """How a notice names it."""
        return f"{self.name}（{self.place}）"

    @property
    def zone(self):
        return Zone.EVALUATION if self.kind in self.CLOSED_KINDS else Zone.OPENING


class VenueBookingQuerySet(models.QuerySet):
    def standing(self):
        """Those that hold a room now, or wait for one: neither given back nor replaced."""
        return self.filter(state__in=VenueBooking.STANDING)

    def within(self, start, end):
        return self.filter(period__overlap=(start, end))


class VenueBooking(models.Model):
    """A room for a time. Moving a booking ends its row and begins another; the database lets no two hold one room at once.

    An opening without a room is held online (不见面开标), or, as UNPLACED, waits for the centre to find it a room.
    """

    class Purpose(models.TextChoices):
        OPENING = "opening", "开标"
        EVALUATION = "evaluation", "评标"
        AUCTION = "auction", "拍卖竞价"
        NEGOTIATION = "negotiation", "谈判"
        MEETING = "meeting", "其他活动"
        CLOSED = "closed", "停用维护"

    class State(models.TextChoices):
        REQUESTED = "requested", "待中心确认"
        BOOKED = "booked", "已安排"
        UNPLACED = "unplaced", "待安排场地"
        MOVED = "moved", "已调整"
        CANCELLED = "cancelled", "已取消"
        REFUSED = "refused", "未同意"

    HOLDING = (State.REQUESTED, State.BOOKED)
    STANDING = (*HOLDING, State.UNPLACED)

    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="bookings")
    tender = models.ForeignKey(Tender, models.PROTECT, null=True, blank=True, related_name="bookings")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="bookings")
    purpose = models.CharField("用途", max_length=12, choices=Purpose.choices)
    period = DateTimeRangeField("时间")
    state = models.CharField(max_length=12, choices=State.choices, default=State.BOOKED)
    # The place as it was told on that day: a room that is renamed later changes no record.
    place = models.CharField(max_length=200)
    note = models.CharField("说明", max_length=200, blank=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("事由", max_length=200, blank=True)
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="successor")

    objects = VenueBookingQuerySet.as_manager()

    class Meta:
        verbose_name = "场地安排"
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="one_booking_at_a_time",
                expressions=[("venue", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(state__in=["requested", "booked"]),
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False), name="booking_has_a_period"
            ),
            models.CheckConstraint(condition=Q(purpose="closed", tender=None, lot=None) | ~Q(purpose="closed") & Q(tender__isnull=False),
                                   name="closed_rooms_serve_no_tender"),
            models.CheckConstraint(
                condition=Q(venue__isnull=False) | Q(purpose="opening", state__in=["booked", "unplaced", "moved", "cancelled"]),
                name="only_openings_do_without_a_room",
            ),
            models.UniqueConstraint(
                fields=["tender"], condition=Q(purpose="opening", state__in=["requested", "booked", "unplaced"]), name="one_opening_place_per_tender"
            ),
        ]  # fmt: skip

    @property
    def starts_at(self):
        return self.period.lower

    @property
    def ends_at(self):
        return self.period.upper

    @property
    def is_standing(self):
        return self.state in self.STANDING

    @property
    def subject(self):
        """What it is for, in words for those who may know."""
        if self.tender is None:
            return self.note or self.get_purpose_display()
        return f"{self.tender.name}{self.lot.name if self.lot else ''}"


class Capacity(models.TextChoices):
    """As what somebody comes to a session."""

    EXPERT = "expert", "评标专家"
    AGENCY = "agency", "代理机构人员"
    TENDEREE = "tenderee", "招标人代表"
    BIDDER = "bidder", "投标人代表"
    SUPERVISOR = "supervisor", "监督人员"
    STAFF = "staff", "见证和服务人员"
    TECHNICIAN = "technician", "设备维护人员"
    GUEST = "guest", "旁听人员"


class Admission(models.Model):
    """A line of a session's access list: who may come in, with which badge, and when they came and went.

    Experts stand here by their badge alone: who sits in a committee is secret, and the draw knows their names.
    """

    booking = models.ForeignKey(VenueBooking, models.PROTECT, related_name="admissions")
    # The badge's number within the session.
    no = models.PositiveSmallIntegerField("证号")
    capacity = models.CharField("身份", max_length=12, choices=Capacity.choices)
    name = models.CharField("姓名", max_length=60, blank=True)
    unit = models.CharField("单位", max_length=120, blank=True)
    listed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    listed_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    entered_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # Of the evaluation area: the phone lies in a locker while its bearer is inside. No locker's number: nothing was carried.
    locker = models.CharField("寄存柜号", max_length=10, blank=True)
    phone_kept_at = models.DateTimeField("寄存时间", null=True, blank=True)
    phone_returned_at = models.DateTimeField("归还时间", null=True, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "no"], name="one_badge_per_number"),
            models.CheckConstraint(condition=Q(capacity="expert", name="", unit="") | ~Q(capacity="expert") & ~Q(name=""), name="experts_bear_no_name"),
            models.CheckConstraint(condition=Q(left_at=None) | Q(entered_at__isnull=False), name="who_left_had_come"),
            models.CheckConstraint(condition=Q(phone_returned_at=None) | Q(phone_kept_at__isnull=False), name="returned_phone_was_kept"),
            models.UniqueConstraint(
                fields=["booking", "locker"], condition=Q(phone_returned_at=None) & ~Q(locker=""), name="one_phone_per_locker"
            ),
        ]  # fmt: skip

    @property
    def is_inside(self):
        return self.entered_at is not None and self.left_at is None

    @property
    def phone_is_kept(self):
        """Whether the gate has taken what could reach the outside, or found nothing of the kind."""
        return self.phone_kept_at is not None and self.phone_returned_at is None


class TurnedAway(models.Model):
    """Somebody who wanted to come in and was not on the list, or not fit to be let in."""

    booking = models.ForeignKey(VenueBooking, models.PROTECT, related_name="turned_away")
    name = models.CharField("姓名（自称）", max_length=60)
    unit = models.CharField("单位", max_length=120, blank=True)
    reason = models.CharField("事由", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]


class VenueFault(models.Model):
    """A fault of a room or its equipment, from its report to its repair; one that blocks keeps the room from being booked."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="faults")
    what = models.CharField("故障情况", max_length=300)
    blocks = models.BooleanField("影响使用", default=False)
    # Until when a blocked room is not to be had.
    expected_on = models.DateField("预计修复日期", null=True, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    repair = models.CharField("处理结果", max_length=300, blank=True)
    repaired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    repaired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(condition=Q(blocks=False) | Q(expected_on__isnull=False), name="blocking_fault_says_until_when"),
            models.CheckConstraint(condition=Q(repaired_at=None) | ~Q(repair=""), name="repaired_fault_says_how"),
        ]
