"""From the first saved line to the regulator's answer."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from experts import rules
from experts.actions.papers import keep_proof
from experts.classification import is_specialty
from experts.events import ApplicationReviewed, ApplicationSubmitted, UnitRecommended
from experts.lifecycle import APPLICATION
from experts.models import (
    ApplicationReview,
    Departure,
    Employment,
    Expert,
    ExpertApplication,
    ProfessionalCertificate,
    Proof,
    Sector,
)
from experts.permissions import refuse_own, require_regulator
from experts.privacy import keep, taken_by_another, values_of
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.identifiers import validate_id_number, validate_uscc
from rulebook.refusals import Forbidden, Refused
from sealing.vault import forget

PAGE = "/me/expert-application/"
Outcome = ApplicationReview.Outcome


def running_application(person):
    return ExpertApplication.objects.filter(person=person).exclude(state__in=ExpertApplication.CLOSED).first()


@transaction.atomic
def start_application(*, by, at):
    """The person's running application, begun if there is none. Refused to who sits in the pool or was barred for good."""
    if found := running_application(by):
        return found
    expert = Expert.objects.filter(person=by).first()
    if expert is not None and expert.is_standing and not may_renew(expert, at):
        raise Refused("in_pool", "你已在评标专家库中，不用再次申请。", next_step="信息有变化的，请在“专家档案”中申请变更。")
    refuse_if_barred(by)
    return ExpertApplication.objects.create(person=by, started_at=at, shared=False)


def may_renew(expert, at):
    """In the last ninety days of a term, and after it, an expert may apply again."""
    return expert.term_until is not None and (expert.term_until - city_day(at)).days <= 90


def is_barred(person):
    return Departure.objects.filter(expert__person=person, for_good=True).exists()


def may_start(person, at):
    """Whether the person may begin an application: none is running, they are not barred, nor in the pool for long yet."""
    expert = Expert.objects.filter(person=person).first()
    stays = expert is not None and expert.is_standing and not may_renew(expert, at)
    return not stays and not is_barred(person) and running_application(person) is None


def refuse_if_barred(person):
    if is_barred(person):
        rule = rules.NOT_ADMITTED
        raise Refused("barred", "你已被取消评标资格，不能再申请入库。", rule=f"{rule.source}：{rule.says}")


def editable(application, by):
    application = ExpertApplication.objects.select_for_update(of=["self"]).select_related("person").get(pk=application.pk)
    if application.person_id != by.pk:
        raise Forbidden("not_own", "只能填写本人的申请。")
    if not application.is_editable:
        raise Refused("not_editable", f"申请{application.get_state_display()}，现在不能修改。")
    return application


@transaction.atomic
def save_application(application, data, personal, *, by):
    """Keep what was filled in so far; `personal` is kept encrypted. Nothing need be complete, but what stands must be possible."""
    application = editable(application, by)
    check_specialties(data.get("specialties", []))
    check_identity(application.person, personal.get("identity", ""))
    for name, value in data.items():
        setattr(application, name, value)
    application.save()
    if personal:
        values = {**values_of(application.person), **personal}
        if number := values.get("identity"):
            values["birthday"] = birthday_of(number).isoformat()
        keep(application.person, {name: value for name, value in values.items() if value})
    return application


def check_specialties(codes):
    rules.SPECIALTIES.check(len(codes), field="specialty_1")
    strange = [code for code in codes if not is_specialty(code)]
    if strange:
        raise Refused("strange_specialty", f"专业分类标准中没有 {strange[0]}。", field="specialty_1", status=400)
    if len(set(codes)) < len(codes):
        raise Refused("twice", "同一专业不用重复选择。", field="specialty_1", status=400)


def check_identity(person, number):
    if not number:
        return
    try:
        validate_id_number(number)
    except ValidationError as wrong:
        raise Refused("bad_identity", wrong.message, field="identity", status=400) from wrong
    if taken_by_another(person, number):
        raise Refused("identity_taken", "这个身份证号已由另一账号登记。", next_step="请用原账号登录，或拨打服务热线。", field="identity")


def birthday_of(number):
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


@transaction.atomic
def add_employment(application, data, *, by):
    application = editable(application, by)
    check_uscc(data.get("uscc", ""))
    return Employment.objects.create(person=application.person, **data)


@transaction.atomic
def add_certificate(application, data, *, by):
    return ProfessionalCertificate.objects.create(person=editable(application, by).person, **data)


@transaction.atomic
def add_interest(application, data, *, by):
    """An organisation to be avoided: kind, organisation, uscc, reason."""
    application = editable(application, by)
    check_uscc(data["uscc"])
    application.interests = [row for row in application.interests if (row["uscc"], row["kind"]) != (data["uscc"], data["kind"])] + [data]
    application.save(update_fields=["interests"])


def check_uscc(code):
    if not code:
        return
    try:
        validate_uscc(code)
    except ValidationError as wrong:
        raise Refused("bad_uscc", wrong.message, field="uscc", status=400) from wrong


@transaction.atomic
def remove_line(application, kind, key, *, by):
    """Take out one line of the draft: an employment, a certificate, an organisation to be avoided, a proof."""
    application = editable(application, by)
    if kind == "employment":
        Employment.objects.filter(person=application.person, pk=key).delete()
    elif kind == "certificate":
        ProfessionalCertificate.objects.filter(person=application.person, pk=key).delete()
    elif kind == "interest":
        application.interests = [row for place, row in enumerate(application.interests) if str(place) != str(key)]
        application.save(update_fields=["interests"])
    elif kind == "proof" and (proof := application.proofs.filter(pk=key).first()):
        kept = proof.kept
        proof.delete()
        forget(kept)


@transaction.atomic
def attach_proof(application, kind, uploaded, *, by, at):
    return keep_proof(editable(application, by).person, kind, uploaded, application=application, at=at)


def problems_of(application, at):
    """{field: what is missing or wrong} before the application may be handed in."""
    found = {}
    for name, words in (
        ("sector", "请选择申请行业"), ("title", "请填写职称"), ("level", "请选择职称等级"), ("education", "请选择学历"),
        ("school", "请填写毕业院校"), ("working_since", "请填写从事本专业工作起始日期"), ("regions", "请选择可参加评标的地区"),
    ):  # fmt: skip
        if not getattr(application, name):
            found[name] = words
    if not application.specialties:
        found["specialty_1"] = "请选择主专业"
    personal = values_of(application.person)
    for name, words in (
        ("identity", "请填写身份证号"),
        ("bank", "请填写开户银行"),
        ("account", "请填写银行账号"),
        ("address", "请填写通讯地址"),
    ):
        if not personal.get(name):
            found[name] = words
    day = city_day(at)
    if number := personal.get("identity"):
        age = rules.years_between(birthday_of(number), day)
        if age > rules.AGE.maximum:
            found["identity"] = f"年龄已满 {age} 周岁，不符合入库条件（{rules.AGE.says}，{rules.AGE.source}）"
    if application.working_since and "sector" not in found and "level" not in found:
        found |= experience_problem(application, rules.years_between(application.working_since, day))
    if not Employment.objects.filter(person=application.person, until=None).exists():
        found["employer"] = "请填写现工作单位"
    have = set(application.proofs.values_list("kind", flat=True))
    if missing := [kind.label for kind in Proof.REQUIRED if kind not in have]:
        found["proof"] = f"请上传{'、'.join(missing)}"
    return found


def experience_problem(application, years):
    """Title and years as the sector's law asks for them."""
    senior = application.level in (application.Level.SENIOR, application.Level.EQUAL)
    least = rules.WORK_YEARS.minimum
    if application.sector == Sector.PROCUREMENT:
        rule = rules.PROCUREMENT_TITLE
        if application.level == application.Level.SENIOR or (application.level and years >= least):
            return {}
        return {"working_since": f"工作满 {years} 年，不足 {least} 年（{rule.says}，{rule.source}）"}
    if not senior:
        return {"level": f"职称等级不符合入库条件（{rules.SENIOR_TITLE.says}，{rules.SENIOR_TITLE.source}）"}
    if years < least:
        return {"working_since": f"工作满 {years} 年，不足 {least} 年（{rules.WORK_YEARS.says}，{rules.WORK_YEARS.source}）"}
    return {}


@transaction.atomic
def submit_application(application, *, pledged, by, at):
    """Hand in with the pledge; the employer's recommendation comes next. Refused with every gap beside its field."""
    application = editable(application, by)
    refuse_if_barred(by)
    problems = problems_of(application, at)
    if not pledged:
        problems["pledge"] = "请阅读并签署承诺"
    if problems:
        raise Refused("incomplete", "申请还没有填写完整。", next_step="请按提示补全后再提交。", details={"fields": problems}, status=400)
    APPLICATION.apply(application, "submit")
    application.submitted_at = application.pledged_at = at
    application.save(update_fields=["state", "submitted_at", "pledged_at"])
    digests = sorted(application.proofs.exclude(kind=Proof.Kind.RECOMMENDATION).values_list("sha256", flat=True))
    record(
        ApplicationSubmitted(expert=by.pseudonym, sector=application.sector, specialties=application.specialties, proofs=digests),
        by=by, role="applicant",
    )  # fmt: skip
    return application


@transaction.atomic
def recommend(application, *, opinion, recommender, uploaded, by, at):
    """The employer's stamped recommendation is handed in; now the regulator reviews."""
    application = ExpertApplication.objects.select_for_update(of=["self"]).select_related("person").get(pk=application.pk)
    if application.person_id != by.pk:
        raise Forbidden("not_own", "只能办理本人的申请。")
    APPLICATION.apply(application, "recommend")
    proof = keep_proof(application.person, Proof.Kind.RECOMMENDATION, uploaded, application=application, at=at)
    application.unit_opinion, application.recommender, application.recommended_at = opinion, recommender, at
    application.save(update_fields=["state", "unit_opinion", "recommender", "recommended_at"])
    record(UnitRecommended(expert=by.pseudonym, sha256=proof.sha256), by=by, role="applicant")


@transaction.atomic
def withdraw_application(application, *, by, at):
    """The applicant takes the application back to correct it; it must be handed in and recommended anew."""
    application = ExpertApplication.objects.select_for_update(of=["self"]).select_related("person").get(pk=application.pk)
    if application.person_id != by.pk:
        raise Forbidden("not_own", "只能撤回本人的申请。")
    APPLICATION.apply(application, "withdraw")
    application.unit_opinion, application.recommender, application.recommended_at = "", "", None
    application.save(update_fields=["state", "unit_opinion", "recommender", "recommended_at"])
    record(ApplicationReviewed(expert=by.pseudonym, outcome="withdrawn"), by=by, role="applicant")
    return application


@transaction.atomic
def review_application(application, outcome, reasons, *, by, at):
    """The sector's regulator accepts, returns for completion, or rejects; the latter two with reasons the person can act on."""
    application = ExpertApplication.objects.select_for_update(of=["self"]).select_related("person").get(pk=application.pk)
    require_regulator(by, application.sector)
    refuse_own(application.person, by)
    if outcome != Outcome.ACCEPTED and not reasons.strip():
        raise Refused("no_reason", "退回或者不予通过的，请写明理由。", field="reasons", status=400)
    APPLICATION.apply(application, outcome)
    application.save(update_fields=["state"])
    review = ApplicationReview.objects.create(application=application, outcome=outcome, reasons=reasons, by=by, at=at)
    tell(application.person, f"评标专家申请：{application.get_state_display()}", reasons, link=PAGE, key=f"expert-application/{review.pk}")
    record(
        ApplicationReviewed(expert=application.person.pseudonym, outcome=outcome), by=by, role="supervisor", private={"reasons": reasons}
    )
    return application
