"""What a record holds, what is still open in it, and which doubts a supervisor has to see."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from guardian.shortcuts import get_objects_for_user

from ledger.canonical import HJ, b64u, instant
from rulebook.clock import city_day
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, Tender
from trading.projects.queries import SUPERVISE
from trading.witness.computed import computed_answer
from trading.witness.models import RiskAnswer, WitnessLine, WitnessRecord
from trading.witness.points.point import RiskPoint
from trading.witness.risks import points_of
from trading.witness.stages import ENDED, is_over, reached, stages_of

V = RiskAnswer.Verdict


@dataclass
class CheckedPoint:
    """A risk point with its answer: kept, or what the platform would answer now (`computed`), or none yet."""

    point: RiskPoint
    verdict: str = ""
    note: str = ""
    computed: bool = False

    @property
    def is_open(self):
        return not self.verdict

    @property
    def label(self):
        return V(self.verdict).label if self.verdict else "待核查"


def record_of(lot, stage):
    return WitnessRecord.objects.filter(lot=lot, stage=stage).select_related("signed_by").first()


def newest_answers(record):
    return {row.point: row for row in record.answers.order_by("pk")} if record else {}


def checklist(lot, stage, at):
    """Every point of a stage with its answer; once signed, exactly the answers that were signed."""
    record = record_of(lot, stage)
    kept = newest_answers(record)
    rows = []
    for point in points_of(lot, stage, city_day(record.opened_at if record else at)):
        row = CheckedPoint(point)
        # Until the signature the platform answers from its records of this moment.
        found = None if record and record.is_signed else computed_answer(point.code, lot)
        if found:
            row.verdict, row.note, row.computed = *found, True
        elif point.code in kept:
            answer = kept[point.code]
            row.verdict, row.note, row.computed = answer.verdict, answer.note, answer.computed
        rows.append(row)
    return rows


def open_points(lot, stage, at):
    return [row.point for row in checklist(lot, stage, at) if row.is_open]


def plain_line(line):
    return [
        instant(line.seen_at), line.place, line.present, line.text, line.irregular, line.by.pseudonym, instant(line.written_at)
    ]  # fmt: skip


def line_digest(line):
    return b64u(HJ("witness-line", {"v": 1, "line": plain_line(line)}))


def record_digest(record, entries):
    """The digest a signature is under: the lines written before it, the newest answers, and which ledger entries were shown."""
    lines = record.lines.filter(correction=False).select_related("by").order_by("pk")
    answers = [[row.point, row.verdict, row.note, row.computed] for _, row in sorted(newest_answers(record).items())]
    said = {"v": 1, "stage": record.stage, "lines": [plain_line(line) for line in lines], "answers": answers, "entries": entries}
    return b64u(HJ("witness-record", said))


def unsigned_stages(lot, stages):
    """Which of these stages, as far as the lot came to them, still want the witness's signature."""
    signed = set(WitnessRecord.objects.filter(lot=lot, state=WitnessRecord.State.SIGNED).values_list("stage", flat=True))
    return [key for key in reached(lot) if key in stages and key not in signed]


def progress_of(lot):
    """Every stage of a lot for the page: its key, label, and how far its record is."""
    come = set(reached(lot))
    signed = dict(WitnessRecord.objects.filter(lot=lot).values_list("stage", "state"))
    procedure = procedure_of(lot.tender)
    return [
        {
            "key": key, "label": stage.label, "actor": procedure.actors_of(stage), "reached": key in come,
            "over": key in come and is_over(lot, key),
            "signed": signed.get(key) == WitnessRecord.State.SIGNED, "begun": key in signed,
        }
        for key, stage in stages_of(lot)
    ]  # fmt: skip


def witnessed_lots():
    """The lots that have something to witness: published and not yet archived."""
    return Lot.objects.filter(tender__published_at__isnull=False).exclude(state=Lot.State.ARCHIVED).exclude(state__in=ENDED)


def concerns_for(person):
    """Irregular lines and doubtful risk points of the tenders a supervisor watches, the newest first."""
    watched = get_objects_for_user(person, SUPERVISE, klass=Tender)
    lines = WitnessLine.objects.filter(irregular=True, record__lot__tender__in=watched)
    later = RiskAnswer.objects.filter(record=OuterRef("record"), point=OuterRef("point"), pk__gt=OuterRef("pk"))
    answers = RiskAnswer.objects.filter(~Exists(later), verdict=V.CONCERN, record__lot__tender__in=watched)
    rows = [(row.written_at, row, None) for row in lines.select_related("record__lot__tender", "by")]
    rows += [(row.at, row, row.point) for row in answers.select_related("record__lot__tender", "by")]
    return sorted(rows, key=lambda row: row[0], reverse=True)
