from django.db.models import Q

from rulebook.clock import city_day
from supervision.remedies.models import Complaint, Objection, Remedy
from supervision.remedies.regimes import regime_of
from trading.awards.drafting import draft_of
from trading.awards.models import ContractDraft
from trading.procedures.models import Milestone
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import LOT
from trading.projects.models import Lot
from trading.tenders.actions import MANAGE

# The bend of a procedure that an upheld protest makes.
UPHELD = "challenge_upheld"


def is_contracted(lot):
    """Whether the contract is concluded, filed already or not."""
    draft = draft_of(lot)
    return lot.state in (Lot.State.CONTRACTED, Lot.State.ARCHIVED) or (draft is not None and draft.state == ContractDraft.State.SIGNED)


def upheld_bend(lot):
    """How the lot's procedure bends for an upheld protest; None where it does not."""
    return next((bend for bend in procedure_of(lot.tender).bends if bend.code == UPHELD), None)


def remedies_open_to(lot):
    """What an upheld protest may still do to the lot: it goes on, goes back or begins anew; after the contract nothing undoes it."""
    bend, found = upheld_bend(lot), [Remedy.NONE]
    if is_contracted(lot):
        return found
    going_back = LOT.moves["reevaluate"].sources if procedure_of(lot.tender).is_sealed else bend.states if bend else ()
    if lot.state in going_back:
        found.append(Remedy.REEVALUATE)
    if lot.state in LOT.moves["fail"].sources:
        found.append(Remedy.RETENDER)
    return found


def answers_open_to(lot):
    """What the purchaser may let follow from an upheld challenge, in its words; the lot goes back only as its procedure bends."""
    bend = upheld_bend(lot)
    words = {
        Remedy.NONE: "继续采购活动（需要的，另行澄清、修改采购文件，或者按排名另行确定供应商）",
        Remedy.RETENDER: "终止本次采购，重新开展采购活动",
    }
    if bend is not None and lot.state in bend.states:
        words[Remedy.REEVALUATE] = f"结果作废，退回“{procedure_of(lot.tender).step(bend.back).label}”重新办理"
    return {remedy: words[remedy] for remedy in remedies_open_to(lot) if remedy in words}


def decisions_open_to(lot):
    """What the regulator may order from an upheld complaint, in its words; after the contract it says what follows by law."""
    regime = regime_of(lot)
    if is_contracted(lot):
        return {Remedy.NONE: regime.after_contract}
    return {remedy: regime.remedies[remedy] for remedy in remedies_open_to(lot)}


def inspections_of(complaint):
    """How many tests, appraisals or expert reviews its investigation has had."""
    return Milestone.objects.filter(lot=complaint.lot, name="inspection_started", reference__startswith=f"{complaint.number}/").count()


def open_inspection(complaint):
    """The reference of the test, appraisal or expert review that is going on, or None."""
    last = f"{complaint.number}/{inspections_of(complaint)}"
    names = set(Milestone.objects.filter(lot=complaint.lot, reference=last).values_list("name", flat=True))
    return last if names == {"inspection_started"} else None


def may_read_evidence(person, organisation, file):
    """Evidence is read by those who must answer or decide: the tender's handlers and its regulator.

    What the regulator found itself (a note's file) stays with the regulator.
    """
    objection = Objection.objects.filter(Q(evidence=file) | Q(complaints__evidence=file)).select_related("lot__tender").first()
    if objection is not None and person.has_perm(MANAGE, objection.lot.tender):
        return True
    return (
        organisation is not None
        and Complaint.objects.filter(Q(evidence=file) | Q(objection__evidence=file) | Q(notes__file=file), regulator=organisation).exists()
    )


def progress_of(complaint):
    """The way of a complaint as steps for `web/steps.html`."""
    states = Complaint.State
    over = not complaint.is_open
    decided = complaint.state in (states.UPHELD, states.DISMISSED)
    rows = [("收到投诉", complaint.filed_at, True), ("决定受理", complaint.accepted_at, complaint.accepted_at is not None)]
    if over and not decided:
        rows.append((complaint.get_state_display(), None, True))
    else:
        rows += [("调查处理", None, decided), ("处理决定", complaint.decided_at, decided), ("送达与公开", complaint.decided_at, decided)]
    current = next((place for place, row in enumerate(rows) if not row[2]), None)
    return [
        {"label": label, "note": f"{city_day(at):%m-%d}" if at else "", "state": "done" if done else "now" if place == current else ""}
        for place, (label, at, done) in enumerate(rows)
    ]
