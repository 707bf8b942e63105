"""Key persons of a firm, and the custody (押证) that ties their certificates to one lot: a register, no papers are taken."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from documents.models import StoredFile
from sealing.vault import unwrap_key
from trading.projects.models import Lot


class Post(models.TextChoices):
    MANAGER = "manager", "项目经理"
    TECHNICAL = "technical", "技术负责人"
    CONSTRUCTION = "construction", "施工员"
    QUALITY = "quality", "质量员"
    SAFETY = "safety", "安全员"
    MATERIALS = "materials", "材料员"
    DOCUMENTS = "documents", "资料员"
    CHIEF_SUPERVISOR = "chief", "总监理工程师"
    SITE_SUPERVISOR = "site", "监理员"


class KeyPerson(models.Model):
    """A person of a firm with the certificate that a post asks for. The number is kept encrypted; pages show its tail."""

    class Certificate(models.TextChoices):
        BUILDER = "builder", "注册建造师证书"
        TITLE = "title", "职称证书"
        POST = "post", "岗位证书"
        SAFETY = "safety", "安全生产考核合格证书"
        SUPERVISION = "supervision", "注册监理工程师证书"

    class Level(models.IntegerChoices):
        FIRST = 1, "一级（高级）"
        SECOND = 2, "二级（中级）"
        PLAIN = 3, "不分级（初级）"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="key_people")
    name = models.CharField("姓名", max_length=60)
    certificate = models.CharField("证书种类", max_length=12, choices=Certificate.choices)
    level = models.PositiveSmallIntegerField("等级", choices=Level.choices)
    number_sealed = models.BinaryField()
    # A keyed digest of kind and number: equal numbers are found without being readable.
    number_digest = models.CharField(max_length=43)
    number_tail = models.CharField(max_length=4)
    valid_until = models.DateField("证书有效期至")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["number_digest"], condition=Q(withdrawn_at=None), name="one_firm_per_certificate")]

    @property
    def number(self):
        """The whole number: only for the person's own firm and the regulator."""
        return unwrap_key(bytes(self.number_sealed)).decode()

    @property
    def masked(self):
        return f"****{self.number_tail}"


class Custody(models.Model):
    """A certificate is tied to a lot from the award to its release: the person serves there and nowhere else."""

    class Release(models.TextChoices):
        ACCEPTED = "accepted", "验收合格"
        REPLACED = "replaced", "经批准更换"
        AWARD_VOID = "award_void", "中标结果被撤销"

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="custodies")
    key_person = models.ForeignKey(KeyPerson, models.PROTECT, related_name="custodies")
    certificate = models.CharField(max_length=43)
    post = models.CharField("岗位", max_length=12, choices=Post.choices)
    since = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    release = models.CharField(max_length=12, choices=Release.choices, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["certificate"], condition=Q(released_at=None), name="a_certificate_is_held_once"),
            models.UniqueConstraint(
                fields=["lot", "post"], condition=Q(released_at=None, post__in=["manager", "technical", "chief"]), name="one_head_per_lot"
            ),
            models.CheckConstraint(condition=Q(released_at=None) | Q(released_at__gte=F("since")), name="released_after_taken"),
        ]

    def was_held_on(self, start, end):
        """Whether the custody touched the time from `start` until before `end`."""
        return self.since < end and (self.released_at is None or self.released_at > start)


class Replacement(models.Model):
    """A key person is to be replaced by one of equal or higher qualification; tenderee and regulator must agree."""

    class State(models.TextChoices):
        ASKED = "asked", "待招标人同意"
        AGREED = "agreed", "待监督部门批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "不同意"

    custody = models.ForeignKey(Custody, models.PROTECT, related_name="replacements")
    successor = models.ForeignKey(KeyPerson, models.PROTECT, related_name="+")
    reason = models.TextField("更换理由")
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField("意见", blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["custody"], condition=Q(state__in=["asked", "agreed"]), name="one_open_replacement")]


class CustodyConflict(models.Model):
    """After a reveal: the person a bid names is held by, or offered to, another lot that is under way."""

    class Kind(models.TextChoices):
        HELD = "held", "证书已锁定在另一项目"
        OFFERED = "offered", "同时用于另一项目投标"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="custody_conflicts")
    other = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    bidder = models.ForeignKey(Organisation, models.PROTECT, related_name="custody_conflicts")
    name = models.CharField(max_length=60)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.TextField("处理说明", blank=True)

    class Meta:
        ordering = ["-found_at"]
        constraints = [models.UniqueConstraint(fields=["lot", "other", "bidder", "name"], name="one_conflict_per_pair")]
