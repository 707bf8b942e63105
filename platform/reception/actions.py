"""People sign up; organisations register once for all categories; the centre reviews."""

import hashlib
import hmac
import secrets
from datetime import timedelta

import pyotp
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.groups import keep_in_step
from accounts.models import Duty, Membership, Organisation, OrganisationReview, Person
from accounts.permissions import require_duty, require_member
from ledger.acts import record
from postbox.actions import send_sms, tell_members
from reception.events import OfficeFounded, OrganisationReviewed, OrganisationSubmitted, PermissionGranted, PermissionRevoked
from reception.models import MobileCode, OrganisationPaper
from rulebook.refusals import Refused

CODE_LIFE = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=60)
CODES_A_DAY = 10
CODE_TRIES = 5


def code_digest(mobile, purpose, code):
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}:{mobile}:{code}".encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def send_code(mobile, purpose, *, at):
    """Send a six-digit code to the number; at most one a minute and ten a day."""
    sent = MobileCode.objects.filter(mobile=mobile, sent_at__gt=at - timedelta(days=1))
    if sent.filter(sent_at__gt=at - CODE_PAUSE).exists():
        raise Refused("too_soon", "验证码刚刚发出，请一分钟后再获取。", field="mobile", status=429)
    if sent.count() >= CODES_A_DAY:
        raise Refused("too_many", "今天获取验证码的次数已用完，请明天再试。", field="mobile", status=429)
    code = f"{secrets.randbelow(10**6):06d}"
    row = MobileCode.objects.create(mobile=mobile, purpose=purpose, digest=code_digest(mobile, purpose, code), sent_at=at)
    send_sms(mobile, f"验证码 {code}，10 分钟内有效，用于{row.get_purpose_display()}。请勿告诉他人。", key=f"code/{row.pk}")


def use_code(mobile, purpose, code, *, at):
    """Consume a code; wrong tries count even though the caller's own work rolls back."""
    row = MobileCode.objects.filter(mobile=mobile, purpose=purpose, used_at=None, sent_at__gt=at - CODE_LIFE).last()
    right = False
    if row is not None and row.tries < CODE_TRIES:
        right = hmac.compare_digest(row.digest, code_digest(mobile, purpose, code))
        row.tries += 1
        if right:
            row.used_at = at
        row.save(update_fields=["tries", "used_at"])
    if not right:
        raise Refused("wrong_code", "验证码不对或已过期。", next_step="请核对短信，或重新获取。", field="code")


def sign_up(*, mobile, code, name, password, at):
    """A person with a verified number."""
    if Person.objects.filter(mobile=mobile).exists():
        raise Refused("mobile_taken", "这个手机号已经注册。", next_step="请直接登录；忘记密码可用短信重设。", field="mobile")
    use_code(mobile, MobileCode.Purpose.SIGN_UP, code, at=at)
    return Person.objects.create_user(mobile, password, name=name, mobile_verified_at=at)


def reset_password(*, mobile, code, password, at):
    use_code(mobile, MobileCode.Purpose.RESET, code, at=at)
    person = Person.objects.get(mobile=mobile)
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


@transaction.atomic
def start_totp(person):
    """A fresh secret for the authenticator app; it counts only once a code has confirmed it."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.totp_confirmed_at is None and not person.totp_secret:
        person.totp_secret = pyotp.random_base32()
        person.save(update_fields=["totp_secret"])
    return person.totp_secret


TOTP_TRIES = 5
TOTP_WINDOW = timedelta(minutes=15)


@transaction.atomic
def check_totp(person, code, *, at):
    """Whether the code is right now (one step early or late) and was not used before; using it spends it.

    Five tries in fifteen minutes, in however many sessions; then Refused.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.totp_tries_since is None or at - person.totp_tries_since >= TOTP_WINDOW:
        person.totp_tries, person.totp_tries_since = 0, at
    if person.totp_tries >= TOTP_TRIES:
        raise Refused("totp_locked", "动态口令连续输错次数过多，请 15 分钟后再试。", status=429)
    totp = pyotp.TOTP(person.totp_secret)
    now = int(at.timestamp()) // totp.interval
    fresh = [step for step in (now - 1, now, now + 1) if step > person.totp_last_step]
    right = next((step for step in fresh if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())), None)
    person.totp_tries += 1
    if right is not None:
        person.totp_last_step, person.totp_tries = right, 0
    person.save(update_fields=["totp_last_step", "totp_tries", "totp_tries_since"])
    return right is not None


def confirm_totp(person, code, *, at):
    # Not one transaction: a wrong code counts as a try although it is refused.
    if not check_totp(person, code, at=at):
        raise Refused("wrong_totp", "动态口令不对。", next_step="请核对手机时间后输入新的六位数字。", field="code")
    Person.objects.filter(pk=person.pk).update(totp_confirmed_at=at)


@transaction.atomic
def start_organisation(data, *, by, at):
    """Begin a registration; whoever begins it becomes the organisation's manager."""
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(**data)
    except IntegrityError as taken:
        raise Refused(
            "uscc_taken",
            "这个统一社会信用代码已经登记，一个单位只登记一次。",
            next_step="如果这是你的单位，请联系本单位管理员为你授权；如被他人冒用，请拨打服务热线。",
            field="uscc",
        ) from taken
    Membership.objects.create(person=by, organisation=organisation, duties=[Duty.MANAGER, Duty.HANDLER])
    return organisation


EDITABLE = (Organisation.State.DRAFT, Organisation.State.RETURNED)


def editable(organisation, by):
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if not Membership.objects.filter(person=by, organisation=organisation, until=None, duties__overlap=[Duty.MANAGER]).exists():
        raise Refused("not_manager", "只有单位管理员可以修改单位登记信息。", status=403)
    if organisation.state not in EDITABLE:
        raise Refused("not_editable", f"登记信息{organisation.get_state_display()}，现在不能修改。")
    return organisation


@transaction.atomic
def save_organisation(organisation, data, *, by):
    """Keep what was filled in so far."""
    organisation = editable(organisation, by)
    for name, value in data.items():
        setattr(organisation, name, value)
    organisation.save()
    return organisation


@transaction.atomic
def attach_paper(organisation, kind, file, *, by):
    organisation = editable(organisation, by)
    OrganisationPaper.objects.update_or_create(organisation=organisation, kind=kind, defaults={"file": file})


@transaction.atomic
def submit_organisation(organisation, *, by, at):
    """Hand in the registration with the pledge of honest dealing; the centre reviews it."""
    organisation = editable(organisation, by)
    if not organisation.papers.filter(kind=OrganisationPaper.Kind.LICENCE).exists():
        raise Refused("no_licence", "请上传营业执照后再提交。", field="licence")
    organisation.state = Organisation.State.SUBMITTED
    organisation.submitted_at = organisation.pledged_at = at
    organisation.save(update_fields=["state", "submitted_at", "pledged_at"])
    record(OrganisationSubmitted(uscc=organisation.uscc), by=by, role="applicant")


@transaction.atomic
def review_organisation(organisation, outcome, reasons, *, by, at):
    """The centre takes the organisation into the library, or returns it with reasons."""
    require_duty(by, Organisation.Kind.CENTRE, Duty.REVIEW)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.state != Organisation.State.SUBMITTED:
        raise Refused("not_submitted", f"该单位当前为“{organisation.get_state_display()}”，没有待审核的登记。")
    accepted = outcome == OrganisationReview.Outcome.ACCEPTED
    if not accepted and not reasons.strip():
        raise Refused("no_reasons", "退回时请一次写明全部需要补正的内容。", field="reasons")
    OrganisationReview.objects.create(organisation=organisation, outcome=outcome, reasons=reasons, by=by, at=at)
    organisation.state = Organisation.State.ACTIVE if accepted else Organisation.State.RETURNED
    organisation.save(update_fields=["state"])
    said = "主体入库审核通过，现在可以参与交易。" if accepted else f"主体登记退回补正：{reasons}"
    tell_members(organisation, said[:200], link="/me/organisation/", key=f"review/{organisation.pk}/{at.timestamp()}")
    record(OrganisationReviewed(uscc=organisation.uscc, outcome=outcome), by=by, role="staff")


OFFICES = (Organisation.Kind.CENTRE.value, Organisation.Kind.REGULATOR.value)
# Whom the operator enters: offices, and the hosts of remote evaluations in other cities, who bring their region.
FOUNDED = (*OFFICES, Organisation.Kind.HOST.value)


FIRST_DUTIES: dict[str, list[str]] = {
    Organisation.Kind.CENTRE: list(Duty.values),
    Organisation.Kind.REGULATOR: [Duty.MANAGER, Duty.COMPLAINTS, Duty.CREDIT],
    Organisation.Kind.HOST: [Duty.MANAGER, Duty.HANDLER],
}


@transaction.atomic
def found_office(kind, *, uscc, name, sectors, manager, at, region=""):
    """The operator enters the centre, a regulator, or a host of another `region` (six digits); its manager appoints the others."""
    if kind == Organisation.Kind.HOST and not (len(region) == 6 and region.isdigit()):
        raise Refused("no_region", "异地评标副场须写明六位行政区划代码。")
    organisation = Organisation(
        uscc=uscc, name=name, kinds=[kind.value], sectors=sectors, state=Organisation.State.ACTIVE, submitted_at=at,
        **({"region_code": region} if region else {}),
    )  # fmt: skip
    try:
        organisation.full_clean()
    except ValidationError as wrong:
        raise Refused("bad_office", "；".join(wrong.messages)) from wrong
    organisation.save()
    Membership.objects.create(person=manager, organisation=organisation, duties=FIRST_DUTIES[kind])
    keep_in_step(organisation)
    record(OfficeFounded(uscc=uscc, office=kind.value, manager=manager.pseudonym), by=None)
    return organisation


FIRST_ADMINISTRATORS = 2


@transaction.atomic
def appoint_administrator(person):
    """The operator names the first two administrators: from then on one asks and another approves."""
    if Person.objects.filter(is_administrator=True, is_active=True).exclude(pk=person.pk).count() >= FIRST_ADMINISTRATORS:
        raise Refused("two_people", "平台已有两名管理员。", next_step="再任命管理员，须由一名管理员在“权限变更”中申请、另一名批准。")
    Person.objects.filter(pk=person.pk).update(is_administrator=True)
    record(PermissionGranted(person=person.pseudonym, matter="appointment"), by=None)


@transaction.atomic
def add_member(organisation, mobile, duties, *, by):
    """The manager lets another registered person act for the organisation; in the centre and regulators that takes two people."""
    require_member(by, organisation, Duty.MANAGER)
    if is_office(organisation):
        raise Refused("two_people", "交易中心和监督部门的岗位授权须由两人办理。", next_step="请在“权限变更”中申请，由另一人批准。")
    person = Person.objects.filter(mobile=mobile, is_active=True).first()
    if person is None:
        raise Refused("no_person", "没有找到使用这个手机号的账号。", next_step="请对方先注册账号。", field="mobile")
    _, made = Membership.objects.get_or_create(person=person, organisation=organisation, until=None, defaults={"duties": duties})
    if not made:
        raise Refused("member", f"{person.name}已经是本单位成员。", field="mobile")
    keep_in_step(organisation)


def is_office(organisation):
    return bool(set(organisation.kinds) & set(OFFICES))


@transaction.atomic
def end_membership(membership, *, by, at):
    """The manager ends a membership, at once and alone: taking away must not wait."""
    require_member(by, membership.organisation, Duty.MANAGER)
    if membership.person_id == by.pk:
        raise Refused("oneself", "不能移除自己；请由另一位管理员操作。")
    membership.until = at
    membership.save(update_fields=["until"])
    keep_in_step(membership.organisation)
    if is_office(membership.organisation):
        record(
            PermissionRevoked(
                person=membership.person.pseudonym, matter="duties", organisation=membership.organisation.uscc, duties=membership.duties
            ),
            by=by,
            role="manager",
        )
