"""What experts keep up themselves: their time, and changes that the regulator confirms."""

from django.db import transaction
from django.db.models import Q

from experts import rules
from experts.actions.applications import check_specialties, check_uscc
from experts.actions.appointment import ARCHIVE, locked
from experts.actions.papers import keep_proof
from experts.events import ExpertChanged
from experts.models import Absence, AvoidedOrganisation, ChangeRequest, Employment, Proof
from experts.permissions import refuse_own, require_regulator
from ledger.acts import record
from postbox.actions import tell
from rulebook.clock import city_day
from rulebook.refusals import Refused

Kind = ChangeRequest.Kind


def own(expert, by):
    expert = locked(expert)
    if expert.person_id != by.pk:
        raise Refused("not_own", "只能办理本人的事项。", status=403)
    if not expert.is_standing:
        raise Refused("left", "你已不在专家库中。")
    return expert


@transaction.atomic
def add_absence(expert, data, *, by, at):
    """The expert cannot come in this time and is not drawn for it."""
    expert = own(expert, by)
    if data["until"] <= data["since"]:
        raise Refused("order", "结束时间要晚于开始时间。", field="until", status=400)
    if data["until"] <= at:
        raise Refused("past", "这段时间已经过去。", field="until", status=400)
    return Absence.objects.create(expert=expert, **data)


@transaction.atomic
def remove_absence(absence, *, by, at):
    own(absence.expert, by)
    if absence.until <= at:
        raise Refused("past", "已经过去的记录不能删除。")
    absence.delete()


@transaction.atomic
def ask_change(expert, kind, data, reason, uploaded, *, by, at):
    """Report a change of employer, title, specialties or avoidance, with its proof; it holds once approved.

    Organisations to be avoided, and a new employer, are avoided from this moment on: waiting for an approval could seat somebody with an interest.
    """
    expert = own(expert, by)
    if expert.changes.filter(kind=kind, state=ChangeRequest.State.WAITING).exists():
        raise Refused("waiting", f"已有一项{Kind(kind).label}变更等待审核。", field="kind")
    check_change(kind, data)
    if kind in (Kind.EMPLOYER, Kind.TITLE, Kind.SPECIALTY) and not uploaded:
        raise Refused("no_proof", "请上传证明材料。", field="file", status=400)
    proof = keep_proof(expert.person, Proof.Kind.CHANGE, uploaded, at=at) if uploaded else None
    if side := avoided_by(kind, data):
        data = {**data, "made": avoid(expert, *side, reason)}
    return ChangeRequest.objects.create(expert=expert, kind=kind, data=data, reason=reason, proof=proof, asked_at=at)


def avoided_by(kind, data):
    """(code, kind, name) of the organisation that a change makes the expert avoid from its asking on; None where it does not."""
    if kind == Kind.AVOIDANCE:
        return data["uscc"], data["kind"], data["organisation"]
    if kind == Kind.EMPLOYER and data["uscc"]:
        return data["uscc"], AvoidedOrganisation.Kind.OTHER, data["employer"]
    return None


def avoid(expert, uscc, kind, organisation, reason):
    """Whether the organisation was not avoided for this cause before; from now on it is."""
    if expert.avoided.filter(uscc=uscc, kind=kind).exists():
        return False
    AvoidedOrganisation.objects.create(expert=expert, uscc=uscc, kind=kind, organisation=organisation, reason=reason[:200])
    return True


def end_avoidance(expert, change):
    """Take back what this very request had made the expert avoid, unless another request asks for the same."""
    side = avoided_by(change.kind, change.data)
    if not side or not change.data.get("made"):
        return
    wanted = Q(state=ChangeRequest.State.WAITING) | Q(state=ChangeRequest.State.APPROVED, kind=Kind.AVOIDANCE)
    others = expert.changes.filter(wanted, data__uscc=side[0]).exclude(pk=change.pk)
    if all(avoided_by(each.kind, each.data)[:2] != side[:2] for each in others):
        expert.avoided.filter(uscc=side[0], kind=side[1]).delete()


def check_change(kind, data):
    if kind in (Kind.EMPLOYER, Kind.AVOIDANCE):
        check_uscc(data.get("uscc", ""))
    if kind == Kind.SPECIALTY:
        if not data["specialties"]:
            raise Refused("no_specialty", "请选择主专业。", field="specialty_1", status=400)
        check_specialties(data["specialties"])


@transaction.atomic
def decide_change(change, approved, words, *, by, at):
    """The sector's regulator approves or refuses a reported change; an approved one holds from now."""
    change = ChangeRequest.objects.select_for_update(of=["self"]).select_related("expert").get(pk=change.pk)
    expert = locked(change.expert)
    require_regulator(by, expert.sector)
    refuse_own(expert.person, by)
    if change.state != ChangeRequest.State.WAITING:
        raise Refused("decided", "这项变更已经审核。")
    if not approved and not words.strip():
        raise Refused("no_reason", "不同意的，请写明理由。", field="words", status=400)
    change.state = ChangeRequest.State.APPROVED if approved else ChangeRequest.State.REFUSED
    change.decided_by, change.decided_at, change.decision = by, at, words
    change.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    if approved:
        APPLY[change.kind](expert, change.data, city_day(at))
    # An employer that was approved is avoided as the employer from now on.
    if not approved or change.kind == Kind.EMPLOYER:
        end_avoidance(expert, change)
    tell(
        expert.person, f"{change.get_kind_display()}变更{change.get_state_display()}", words, link=ARCHIVE, key=f"expert-change/{change.pk}"
    )
    record(
        ExpertChanged(expert=expert.person.pseudonym, change=change.kind, approved=approved), by=by, role="supervisor", private=change.data
    )


def change_employer(expert, data, day):
    """The former employer stays on record: it is avoided for three more years."""
    Employment.objects.filter(person=expert.person, until=None).update(until=day)
    if expert.employer and not Employment.objects.filter(person=expert.person, employer=expert.employer).exists():
        Employment.objects.create(person=expert.person, employer=expert.employer, uscc=expert.employer_uscc, since=day, until=day)
    Employment.objects.create(person=expert.person, employer=data["employer"], uscc=data["uscc"], since=day)
    expert.employer, expert.employer_uscc = data["employer"], data["uscc"]
    expert.save(update_fields=["employer", "employer_uscc"])


def change_title(expert, data, day):
    expert.title = data["title"]
    expert.save(update_fields=["title"])


def change_specialties(expert, data, day=None):
    rules.SPECIALTIES.check(len(data["specialties"]))
    expert.specialties, expert.main_specialty = data["specialties"], data["specialties"][0]
    expert.save(update_fields=["specialties", "main_specialty"])


APPLY = {
    Kind.EMPLOYER: change_employer,
    Kind.TITLE: change_title,
    Kind.SPECIALTY: change_specialties,
    Kind.AVOIDANCE: lambda expert, data, day: None,
}
