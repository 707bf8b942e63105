"""Looking at a person's protected data: only whose task needs it, only what it needs, and never without a trace."""

from django.db import transaction

from accounts.models import Organisation
from experts.events import PersonalDataLooked
from experts.models import Expert, ExpertApplication, PersonalDataLook
from experts.permissions import regulators_of, require_centre, require_regulator
from experts.privacy import FIELDS, values_of
from ledger.acts import record
from rulebook.refusals import Forbidden, Refused
from sealing.vault import read

# Reviewing takes identity, age and relatives; calling and paying take telephone, address and account.
NEEDED = {
    Organisation.Kind.REGULATOR: ("identity", "birthday", "relatives", "address", "phone"),
    Organisation.Kind.CENTRE: ("phone", "address", "bank", "account"),
}


def office_for(person, by):
    """For which office `by` may look at the person: the regulator of the person's sector, or the centre."""
    sectors = set(Expert.objects.filter(person=person).values_list("sector", flat=True))
    # A draft is nobody's business yet.
    sectors |= set(
        ExpertApplication.objects.filter(person=person).exclude(state=ExpertApplication.State.DRAFT).values_list("sector", flat=True)
    )
    if not sectors:
        raise Forbidden("not_in_pool", "此人没有提交过专家申请，也不在专家库中。")
    if regulators_of(by).exists():
        for sector in sectors:
            if regulators_of(by).filter(sectors__contains=[sector]).exists():
                return Organisation.Kind.REGULATOR, require_regulator(by, sector)
        require_regulator(by, next(iter(sectors)))
    return Organisation.Kind.CENTRE, require_centre(by)


@transaction.atomic
def look_at(person, *, why, by, at):
    """{label: value} of what the office's task needs of the person's protected data; the look is recorded first."""
    if not why.strip():
        raise Refused("no_reason", "请写明查看事由，本人可以看到。", field="why", status=400)
    kind, office = office_for(person, by)
    wanted = NEEDED[kind]
    note(person, "、".join(FIELDS[name] for name in wanted), why, office, by=by, at=at)
    found = values_of(person)
    return {FIELDS[name]: found[name] for name in wanted if found.get(name)}


@transaction.atomic
def look_at_proof(proof, *, why, by, at):
    """The proof's bytes, piece by piece. One's own proofs may be read without a trace, others' only by the regulator."""
    if proof.person_id != by.pk:
        if not why.strip():
            raise Refused("no_reason", "请写明查看事由，本人可以看到。", field="why", status=400)
        kind, office = office_for(proof.person, by)
        if kind != Organisation.Kind.REGULATOR:
            raise Forbidden("not_needed", "证明材料只由行业主管部门审核时查看。")
        note(proof.person, f"{proof.get_kind_display()}：{proof.name}"[:200], why, office, by=by, at=at)
    return read(proof.kept)


def note(person, what, why, office, *, by, at):
    PersonalDataLook.objects.create(person=person, by=by, organisation=office, at=at, what=what, why=why[:200])
    record(PersonalDataLooked(expert=person.pseudonym, what=what.split("：")[0]), by=by, private={"why": why[:200]})
