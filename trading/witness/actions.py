"""Writing down what was seen, going through the check-list, and signing a stage for good."""

from django.db import transaction

from accounts.models import Duty, Organisation
from accounts.permissions import is_member, require_duty
from ledger.acts import record as enter
from postbox.actions import tell, tell_members
from rulebook.clock import city_day
from rulebook.refusals import Forbidden, Refused
from trading.projects.models import Lot
from trading.witness.computed import computed_answer
from trading.witness.events import StageWitnessed, WitnessConcern, WitnessCorrected, WitnessNamed
from trading.witness.models import LotWitness, RiskAnswer, WitnessLine, WitnessRecord
from trading.witness.queries import checklist, line_digest, open_points, record_digest
from trading.witness.risks import BY_CODE, points_of
from trading.witness.stages import automatic_lines, is_over, reached

V = RiskAnswer.Verdict


def require_witness(by):
    return require_duty(by, Organisation.Kind.CENTRE, Duty.OPENING)


def link_to(lot, stage):
    return f"/witness/{lot.tender.number}/{lot.no}/{stage}/"


@transaction.atomic
def name_witness(lot, person, *, by, at):
    """Name who witnesses a lot (一标一人一卡): somebody of the centre's opening and witnessing post."""
    centre = require_witness(by)
    if not is_member(person, centre, Duty.OPENING):
        raise Refused("no_witness", f"{person.name}不在“{Duty.OPENING.label}”岗位，不能担任见证人员。", field="person")
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender").get(pk=lot.pk)
    current = lot.witnesses.filter(until=None).first()
    if current is not None:
        if current.person_id == person.pk:
            return current
        current.until = at
        current.save(update_fields=["until"])
    made = LotWitness.objects.create(lot=lot, person=person, since=at, named_by=by)
    tell(person, f"担任见证人员：{lot.tender.name}{lot.name}", link=link_to(lot, reached(lot)[-1]), key=f"witness/{made.pk}")
    enter(WitnessNamed(tender=lot.tender.number, lot=lot.key, person=person.pseudonym), by=by, role="staff")
    return made


def locked_record(lot, stage, *, by, at):
    """The record of a stage that the lot has come to, locked; begun if there is none yet."""
    require_witness(by)
    lot = Lot.objects.select_related("tender__project").get(pk=lot.pk)
    if stage not in reached(lot):
        raise Refused("not_reached", "标段还没有进入这个环节，不能记录。")
    WitnessRecord.objects.get_or_create(lot=lot, stage=stage, defaults={"opened_by": by, "opened_at": at})
    found = WitnessRecord.objects.select_for_update().get(lot=lot, stage=stage)
    found.lot = lot
    return found


@transaction.atomic
def write_line(lot, stage, *, seen_at, place, text, present="", irregular=False, by, at):
    """Write down what was seen. In a signed record it stands as a correction; supervisors hear of what is irregular."""
    found = locked_record(lot, stage, by=by, at=at)
    if seen_at > at:
        raise Refused("future", "发生时间不能晚于现在。", field="seen_at")
    line = WitnessLine.objects.create(
        record=found, seen_at=seen_at, place=place, present=present, text=text, irregular=irregular, correction=found.is_signed,
        by=by, written_at=at,
    )  # fmt: skip
    if found.is_signed:
        said = {"tender": found.lot.tender.number, "lot": found.lot.key, "stage": stage}
        enter(WitnessCorrected(**said, line=line.pk, digest=line_digest(line)), by=by, role="staff")
    if irregular:
        raise_concern(found, "", line.pk, text, by=by)
    return line


def raise_concern(found, point, row, text, *, by):
    """Tell the tender's regulator, and let the ledger hold that somebody had a doubt."""
    lot = found.lot
    regulator = lot.tender.project.regulator
    if regulator is not None:
        what = f"{BY_CODE[point].says}：{text}" if point else text
        tell_members(
            regulator,
            f"见证疑点：{lot.tender.name}{lot.name}",
            what,
            link=link_to(lot, found.stage),
            key=f"concern/{point or 'line'}/{row}",
        )
    happened = WitnessConcern(tender=lot.tender.number, lot=lot.key, stage=found.stage, point=point, row=row)
    enter(happened, by=by, role="staff", private={**happened.payload(), "text": text[:500]})


@transaction.atomic
def answer_point(lot, stage, code, verdict, *, note="", by, at):
    """Answer one risk point of a stage; a later answer before the signature replaces it, and both stay on record."""
    found = locked_record(lot, stage, by=by, at=at)
    point = next((row for row in points_of(found.lot, stage, city_day(found.opened_at)) if row.code == code), None)
    if point is None:
        raise Refused("no_point", "这个环节没有这个风险点。", status=400)
    if found.is_signed:
        raise Refused("signed", "见证记录已经签署，核查结果不能再改。", next_step="有新情况的，请补充一条更正记录。")
    if computed_answer(code, found.lot):
        raise Refused("computed", f"“{point.says}”由平台按已有数据核查，不用填写。")
    if verdict != V.OK and not note.strip():
        raise Refused("no_note", f"“{point.says}”选择“{V(verdict).label}”的，请写明情况。", field=f"n_{code}")
    return keep_answer(found, point, verdict, note.strip(), computed=False, by=by, at=at)


def keep_answer(found, point, verdict, note, *, computed, by, at):
    answer = RiskAnswer.objects.create(record=found, point=point.code, verdict=verdict, note=note[:300], computed=computed, by=by, at=at)
    if verdict == V.CONCERN:
        raise_concern(found, point.code, answer.pk, note, by=by)
    return answer


@transaction.atomic
def sign_record(lot, stage, *, by, at):
    """Sign a stage that is over: from then on its record can only be added to.

    Refused while a risk point is open, while nothing was written, or for anybody but the named witness.
    """
    found = locked_record(lot, stage, by=by, at=at)
    lot = found.lot
    if found.is_signed:
        raise Refused("signed", "见证记录已经签署。")
    named = lot.witnesses.filter(until=None).select_related("person").first()
    if named is not None and named.person_id != by.pk:
        raise Forbidden("not_the_witness", f"这个标段的见证人员是{named.person.name}，须由本人签署。")
    if not is_over(lot, stage):
        raise Refused("stage_goes_on", "这个环节还没有结束，不能签署。")
    if not found.lines.exists():
        raise Refused("no_line", "还没有写见证情况，不能签署。", next_step="请至少写一条现场见证情况。")
    waiting = open_points(lot, stage, at)
    if waiting:
        named = "、".join(f"{point.code} {point.says}" for point in waiting[:5])
        raise Refused(
            "points_open",
            f"还有 {len(waiting)} 个风险点没有核查：{named}{'等' if len(waiting) > 5 else ''}。",
            next_step="请逐项核查后再签署。",
        )
    computed = [
        RiskAnswer.objects.create(record=found, point=row.point.code, verdict=row.verdict, note=row.note[:300], computed=True, by=by, at=at)
        for row in checklist(lot, stage, at)
        if row.computed
    ]
    found.entries = [line.n for line in automatic_lines(lot)[stage]]
    found.digest = record_digest(found, found.entries)
    found.state, found.signed_by, found.signed_at = WitnessRecord.State.SIGNED, by, at
    found.save()
    enter(
        StageWitnessed(tender=lot.tender.number, lot=lot.key, stage=stage, lines=found.lines.count(), digest=found.digest),
        by=by, role="staff",
    )  # fmt: skip
    for answer in computed:
        if answer.verdict == V.CONCERN:
            raise_concern(found, answer.point, answer.pk, answer.note, by=by)
    return found
