"""Who people are and for whom they act: people, organisations, memberships."""

import secrets

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rulebook.identifiers import validate_mobile, validate_uscc


def new_pseudonym():
    """The name a person bears in the public ledger: 16 random bytes, never derived from who they are."""
    return secrets.token_urlsafe(16)


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, mobile, password=None, **fields):
        person = self.model(mobile=mobile, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, mobile, password=None, **fields):
        return self.create_user(mobile, password, is_superuser=True, **fields)

    def platform(self):
        """The platform's own account: it signs what the clock sets off and can never sign in."""
        person, made = self.get_or_create(mobile="platform", defaults={"name": "平台系统", "pseudonym": "platform", "is_superuser": True})
        if made:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """A natural person with a verified mobile number, whatever organisations they act for."""

    mobile = models.CharField("手机号", max_length=20, unique=True, validators=[validate_mobile])
    mobile_verified_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField("姓名", max_length=60)
    pseudonym = models.CharField(max_length=32, unique=True, default=new_pseudonym, editable=False)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField("平台管理员", default=False)
    totp_secret = models.CharField(max_length=64, blank=True)
    totp_confirmed_at = models.DateTimeField(null=True, blank=True)
    # One code opens one door: the last time step used, so that a code seen over a shoulder is worthless.
    totp_last_step = models.BigIntegerField(default=0)
    totp_tries = models.PositiveSmallIntegerField(default=0)
    totp_tries_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()
    USERNAME_FIELD = "mobile"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "人员"

    def __str__(self):
        return self.name

    @property
    def has_totp(self):
        return self.totp_confirmed_at is not None

    @property
    def live_passkeys(self):
        return self.passkeys.filter(revoked_at=None)

    @property
    def has_passkey(self):
        return self.live_passkeys.exists()

    def organisations(self):
        return Organisation.objects.filter(memberships__person=self, memberships__until=None).distinct()


class OrganisationQuerySet(models.QuerySet):
    def of_kind(self, kind):
        return self.filter(kinds__contains=[kind])

    def active(self):
        return self.filter(state=Organisation.State.ACTIVE)


class Organisation(models.Model):
    """A registered party (市场主体), keyed by its 统一社会信用代码; one registration serves all categories."""

    class Kind(models.TextChoices):
        TENDEREE = "tenderee", "招标人"
        AGENCY = "agency", "招标代理机构"
        BIDDER = "bidder", "投标人"
        REGULATOR = "regulator", "行政监督部门"
        CENTRE = "centre", "交易中心"
        PROCURER = "procurer", "集中采购机构"
        # Another city's trading centre, as the auxiliary venue of remote evaluations; it has no power of our own centre.
        HOST = "host", "异地评标副场"

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "已退回"
        ACTIVE = "active", "已入库"
        SUSPENDED = "suspended", "已停用"

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True, validators=[validate_uscc])
    name = models.CharField("单位名称", max_length=200)
    kinds = ArrayField(models.CharField(max_length=16, choices=Kind.choices), verbose_name="主体类型")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    legal_representative = models.CharField("法定代表人", max_length=60, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    region_code = models.CharField("行政区划", max_length=6, default="429900")
    phone = models.CharField("联系电话", max_length=40, blank=True)
    registered_capital = models.DecimalField("注册资本（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    basic_bank = models.CharField("基本账户开户行", max_length=120, blank=True)
    basic_account = models.CharField("基本账户账号", max_length=40, blank=True)
    qualifications = models.TextField("资质", blank=True)
    # Regulators: the categories (GC, ZC, …) whose tenders they supervise. Township centres: the only ones they serve.
    sectors = ArrayField(models.CharField(max_length=4), default=list, blank=True, verbose_name="监督行业")
    pledged_at = models.DateTimeField("诚信承诺时间", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def is_active(self):
        return self.state == self.State.ACTIVE


class Duty(models.TextChoices):
    """What a member may do for the organisation; the manager may appoint the others."""

    MANAGER = "manager", "单位管理员"
    HANDLER = "handler", "经办人"
    INTAKE = "intake", "项目受理"
    REVIEW = "review", "主体审核"
    OPENING = "opening", "开标见证"
    DRAW = "draw", "专家抽取"
    ARCHIVE = "archive", "归档"
    COMPLAINTS = "complaints", "投诉办理"
    CREDIT = "credit", "信用管理"
    DEPOSITS = "deposits", "保证金管理"


class Membership(models.Model):
    """A person acts for an organisation, with named duties, from one day to another."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    duties = ArrayField(models.CharField(max_length=16, choices=Duty.choices), default=list)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "organisation"], condition=Q(until=None), name="one_running_membership")]


class Certificate(models.Model):
    """A certificate that a person has shown to be theirs. Renewals of one key stand beside each other."""

    class Algorithm(models.TextChoices):
        P256 = "p256", "P-256"
        RSA = "rsa", "RSA"
        SM2 = "sm2", "SM2"

    class Reason(models.TextChoices):
        LOST = "lost", "密钥文件丢失或口令遗忘"
        EXPOSED = "exposed", "密钥文件或口令可能已泄露"
        REPLACED = "replaced", "已更换新证书"
        LEFT = "left", "经办人离岗"

    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    der = models.BinaryField()
    digest = models.CharField(max_length=43, unique=True)
    subject = models.CharField(max_length=500)
    issuer = models.CharField(max_length=500)
    serial = models.CharField(max_length=64)
    spki = models.BinaryField()
    kid = models.CharField(max_length=11, db_index=True)
    algorithm = models.CharField(max_length=4, choices=Algorithm.choices)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_for = models.CharField(max_length=8, choices=Reason.choices, blank=True)

    class Meta:
        ordering = ["-enrolled_at", "-pk"]


class CertificateChallenge(models.Model):
    """A question that is signed with a certificate's key, once, in one session, within two minutes."""

    class Purpose(models.TextChoices):
        LOGIN = "login", "登录"
        ENROL = "enroll", "登记证书"

    nonce = models.CharField(max_length=43, unique=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    session = models.CharField(max_length=43)
    body = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)


class OrganisationReview(models.Model):
    """What the centre said about one submission of an organisation's registration, and why."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "通过"
        RETURNED = "returned", "退回补正"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reviews")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reasons = models.TextField("审核意见", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]


class Passkey(models.Model):
    """A WebAuthn credential of a person. A revoked one stays: proofs made with it must remain checkable."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="passkeys")
    name = models.CharField("名称", max_length=40)
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    enrolled_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["enrolled_at"]


class Challenge(models.Model):
    """A number that a passkey signs once, in one session, within two minutes."""

    class Purpose(models.TextChoices):
        ENROL = "enrol"
        SIGN_IN = "sign_in"

    value = models.BinaryField(unique=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    session = models.CharField(max_length=43)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)


class StepUp(models.Model):
    """A fresh signature over one official act: asked for, then used once. What is signed stands in `accounts.stepup.act_of`."""

    class Method(models.TextChoices):
        PASSKEY = "passkey", "通行密钥"
        KEY = "key", "签名密钥"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    session = models.CharField(max_length=43)
    kind = models.CharField("事项", max_length=60)
    target = models.CharField("对象", max_length=300)
    digest = models.CharField(max_length=43)
    nonce = models.CharField(max_length=43, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=16, choices=Method.choices, blank=True)
    # The signature or assertion and the public key it was checked with.
    evidence = models.JSONField(null=True, blank=True)
    entries = models.ManyToManyField("ledger.LedgerEntry", related_name="signatures")


class PermissionRequest(models.Model):
    """A change of permissions that one person asks for and another decides."""

    class Matter(models.TextChoices):
        DUTIES = "duties", "授予岗位"
        APPOINTMENT = "appointment", "任命平台管理员"
        DISMISSAL = "dismissal", "免去平台管理员"
        RESET = "reset", "重置登录凭据"

    matter = models.CharField("事项", max_length=12, choices=Matter.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    duties = ArrayField(models.CharField(max_length=16, choices=Duty.choices), default=list)
    reason = models.CharField("理由", max_length=300)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")), name="permissions_take_two_people"),
        ]

    def duty_names(self):
        return "、".join(Duty(each).label for each in self.duties)
