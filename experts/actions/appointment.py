"""Becoming an expert, and ceasing to be one: appointment, suspension, return, departure."""

from django.db import transaction
from django.db.models import Q

from documents.actions import request_document, void_document
from experts import rules
from experts.actions.applications import refuse_if_barred
from experts.classification import words_of
from experts.events import ExpertActivated, ExpertAppointed, ExpertRemoved, ExpertRestored, ExpertSuspended
from experts.lifecycle import APPLICATION, EXPERT
from experts.models import AvoidedOrganisation, Departure, Employment, Expert, ExpertApplication, Suspension
from experts.permissions import refuse_own, require_regulator
from experts.queries import training_of
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Refused

ARCHIVE = "/expert/archive/"


def locked(expert):
    return Expert.objects.select_for_update(of=["self"]).select_related("person", "certificate").get(pk=expert.pk)


@transaction.atomic
def appoint(application, *, by, at):
    """Take an accepted, trained and examined applicant into the pool for a term, with a certificate; the Expert."""
    application = ExpertApplication.objects.select_for_update(of=["self"]).select_related("person").get(pk=application.pk)
    regulator = require_regulator(by, application.sector)
    refuse_own(application.person, by)
    refuse_if_barred(application.person)
    training = training_of(application.person, city_day(at))
    if not training.is_met:
        raise Refused(
            "not_trained", f"{application.person.name}还没有完成培训考试：{training.missing}。", rule=words(rules.PASS_MARK),
            next_step="培训考试合格后再聘任。",
        )  # fmt: skip
    APPLICATION.apply(application, "appoint")
    expert = enter_pool(application, regulator, training.valid_until, by=by, at=at)
    application.expert = expert
    application.save(update_fields=["state", "expert"])
    return expert


def enter_pool(application, regulator, trained_until, *, by, at):
    person, day = application.person, city_day(at)
    current = Employment.objects.filter(person=person, until=None).order_by("-since").first()
    expert = Expert.objects.select_for_update().filter(person=person).first() or Expert(person=person, number=new_number(day.year))
    if expert.pk and not expert.is_standing:
        EXPERT.apply(expert, "readmit")
    previous = expert.certificate
    for name, value in {
        "specialties": application.specialties, "main_specialty": application.specialties[0], "title": application.title,
        "employer": current.employer, "employer_uscc": current.uscc, "regions": application.regions, "sector": application.sector,
        "shared": application.shared, "appointed_on": day, "term_until": rules.months_later(rules.TERM, day), "trained_until": trained_until,
    }.items():  # fmt: skip
        setattr(expert, name, value)
    expert.certificate = request_document(
        "expert_certificate",
        subject=f"expert/{person.pseudonym}",
        title="评标专家聘书",
        context={
            "name": person.name, "number": expert.number, "employer": expert.employer, "title": expert.title, "issuer": regulator.name,
            "specialties": [words_of(code) for code in expert.specialties], "term": f"{day:%Y-%m-%d} 至 {expert.term_until:%Y-%m-%d}",
        },
        by=by,
        at=at,
        supersedes=previous,
    )  # fmt: skip
    expert.save()
    # What was declared before stays declared: who renews does not name every organisation again.
    for row in application.interests:
        known = expert.avoided.filter(uscc=row["uscc"], kind=row["kind"])
        if not known.update(organisation=row["organisation"], reason=row["reason"]):
            AvoidedOrganisation.objects.create(expert=expert, **row)
    tell(
        person, "你已被聘任为评标专家", f"专家编号 {expert.number}，聘期至 {expert.term_until:%Y-%m-%d}。以个人身份登录后可查看档案和聘书。",
        link=ARCHIVE, key=f"expert-appointed/{expert.certificate.number}",
    )  # fmt: skip
    record(
        ExpertAppointed(expert=person.pseudonym, term_until=expert.term_until.isoformat(), certificate=expert.certificate.number),
        by=by, role="supervisor",
    )  # fmt: skip
    return expert


def new_number(year):
    return f"ZJ{year}{next_number('expert', year):05d}"


def words(rule):
    return f"{rule.source}：{rule.says}"


@transaction.atomic
def activate(expert, *, by, at):
    """A person of the village pool may be drawn once trained in law, integrity and the business."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    training = training_of(expert.person, city_day(at), pool=expert.pool)
    if not training.is_met:
        raise Refused("not_trained", f"岗前培训还没有完成：{training.missing}。", rule=words(rules.VILLAGE_TRAINING))
    EXPERT.apply(expert, "activate")
    expert.trained_until = training.valid_until
    expert.save(update_fields=["state", "trained_until"])
    record(ExpertActivated(expert=expert.person.pseudonym), by=by, role="supervisor")


@transaction.atomic
def suspend(expert, cause, reason, *, until, by, at):
    """From now on no draw finds the expert, until the given day or (None) until further notice; running sessions call somebody else."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    if not reason.strip():
        raise Refused("no_reason", "请写明暂停的事由。", field="reason", status=400)
    if until is not None and until < city_day(at):
        raise Refused("over_already", "暂停的截止日期不能早于今天。", field="until", status=400)
    return put_off(expert, cause, reason, until=until, by=by, at=at)


def put_off(expert, cause, reason, *, until, by, at):
    """Suspend a locked expert; a second suspension of one who is suspended stands beside the first."""
    if expert.state != Expert.State.SUSPENDED:
        EXPERT.apply(expert, "suspend")
        expert.save(update_fields=["state"])
    row = Suspension.objects.create(expert=expert, cause=cause, reason=reason, since=city_day(at), until=until, by=by, at=at)
    ends = f"{until:%Y-%m-%d}" if until else "另行通知"
    tell(expert.person, f"你的评标专家资格已暂停，至 {ends}", reason, link=ARCHIVE, key=f"expert-suspended/{row.pk}")
    record(
        ExpertSuspended(expert=expert.person.pseudonym, cause=cause, until=until.isoformat() if until else ""), by=by,
        role="" if by.is_superuser else "supervisor", private={"reason": reason},
    )  # fmt: skip
    return row


@transaction.atomic
def restore(expert, reason, *, by, at):
    """The regulator lifts every running suspension, saying why."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    if not reason.strip():
        raise Refused("no_reason", "请写明恢复的理由。", field="reason", status=400)
    EXPERT.apply(expert, "restore")
    expert.save(update_fields=["state"])
    expert.suspensions.in_force(city_day(at)).update(lifted_at=at, lifted_reason=reason[:300])
    tell(expert.person, "你的评标专家资格已恢复", reason, link=ARCHIVE, key=f"expert-restored/{expert.pk}/{at:%Y%m%d%H%M%S}")
    record(ExpertRestored(expert=expert.person.pseudonym), by=by, role="supervisor")


def end_training_suspension(expert, *, at):
    """A locked expert has met the training again: what was suspended for want of it comes back, unless something else stands."""
    running = expert.suspensions.in_force(city_day(at))
    lifted = running.filter(cause=Suspension.Cause.TRAINING).update(lifted_at=at, lifted_reason="培训考试已达标")
    if not lifted or expert.state != Expert.State.SUSPENDED or running.all().exists():
        return
    EXPERT.apply(expert, "restore")
    expert.save(update_fields=["state"])
    key = f"expert-restored/{expert.pk}/{at:%Y%m%d%H%M%S}"
    tell(expert.person, "培训考试已达标，你的评标专家资格已恢复", link=ARCHIVE, key=key)
    record(ExpertRestored(expert=expert.person.pseudonym), by=None)


@transaction.atomic
def restore_if_over(expert, *, by, at):
    """A suspension whose days are over ends by itself; answers whether it did."""
    expert = locked(expert)
    if expert.state != Expert.State.SUSPENDED or not expert.suspensions.exists() or expert.suspensions.in_force(city_day(at)).exists():
        return False
    EXPERT.apply(expert, "restore")
    expert.save(update_fields=["state"])
    tell(expert.person, "暂停期已满，你的评标专家资格已恢复", link=ARCHIVE, key=f"expert-restored/{expert.suspensions.first().pk}")
    record(ExpertRestored(expert=expert.person.pseudonym), by=by)
    return True


def suspended_and_over(day):
    """Suspended experts with no suspension left in force."""
    running = Suspension.objects.filter(Q(until=None) | Q(until__gte=day), lifted_at=None)
    return (
        Expert.objects.filter(state=Expert.State.SUSPENDED, suspensions__isnull=False).exclude(pk__in=running.values("expert")).distinct()
    )


@transaction.atomic
def dismiss(expert, reason, *, decision_number="", for_good=False, by, at):
    """Remove from the pool at once. Records of conduct, sessions and ratings stay: liability does not end with it."""
    expert = locked(expert)
    require_regulator(by, expert.sector)
    if not reason.strip():
        raise Refused("no_reason", "请写明解聘的理由。", field="reason", status=400)
    if for_good and not decision_number.strip():
        raise Refused("needs_decision", "取消评标资格须有处理决定，请填写决定文书号。", field="decision_number", status=400)
    return leave(expert, Departure.Kind.DISMISSED, reason, decision_number=decision_number, for_good=for_good, by=by, at=at)


@transaction.atomic
def leave_pool(expert, reason, *, by, at):
    """The expert leaves of their own will."""
    expert = locked(expert)
    if expert.person_id != by.pk:
        raise Refused("not_own", "只能由本人申请退出。", status=403)
    if not reason.strip():
        raise Refused("no_reason", "请写明退出的原因。", field="reason", status=400)
    return leave(expert, Departure.Kind.EXITED, reason, by=by, at=at)


@transaction.atomic
def register_death(expert, reason, *, by, at):
    expert = locked(expert)
    require_regulator(by, expert.sector)
    return leave(expert, Departure.Kind.DECEASED, reason, by=by, at=at)


def bar(expert, reason, *, decision_number, by, at):
    """An expert who has already left is never admitted again."""
    Departure.objects.create(
        expert=expert, kind=Departure.Kind.DISMISSED, reason=reason[:300], decision_number=decision_number, for_good=True, by=by, at=at
    )
    record(
        ExpertRemoved(expert=expert.person.pseudonym, how=Departure.Kind.DISMISSED, for_good=True), by=by, role="supervisor",
        private={"reason": reason[:300]},
    )  # fmt: skip


def leave(expert, kind, reason, *, decision_number="", for_good=False, by, at):
    EXPERT.apply(expert, kind)
    expert.save(update_fields=["state"])
    row = Departure.objects.create(
        expert=expert, kind=kind, reason=reason[:300], decision_number=decision_number, for_good=for_good, by=by, at=at
    )
    if expert.certificate and kind != Departure.Kind.DECEASED:
        void_document(expert.certificate, reason=row.get_kind_display(), by=by, at=at)
    if kind == Departure.Kind.DISMISSED:
        tell(expert.person, "你已被解聘，不再参加评标", reason, link=ARCHIVE, key=f"expert-left/{row.pk}")
    role = "expert" if kind == Departure.Kind.EXITED else "supervisor"
    record(ExpertRemoved(expert=expert.person.pseudonym, how=kind, for_good=for_good), by=by, role=role, private={"reason": reason[:300]})
    return row
