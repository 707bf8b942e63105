"""A lot's procedure as its desk shows it: what is done, what is next, by whom, by when, and what stands in the way."""

from dataclasses import dataclass, field

from accounts.models import Organisation
from rulebook.periods import DatedPeriod, MaximumPeriod
from rulebook.provisions import CONFIDENCE, Rule
from trading.conduct.checking import law_day, obstacle
from trading.conduct.permissions import role_in
from trading.conduct.values import rows_of
from trading.procedures.models import StepRecord
from trading.procedures.procedures import Bend, Procedure, Step, place_of
from trading.procedures.reaching import milestones_of
from trading.procedures.records import is_done, is_required
from trading.projects.queries import SUPERVISE, may_handle, may_take_in, registrant
from trading.tenders.models import Suspension
from trading.tenders.queries import is_open_to, is_suspended

# Where a step is taken that nothing on the desk leads to: the address of its room's page, by way.
ROOMS = {"report": "trading:award"}


@dataclass
class Row:
    """One step on the desk; `why` says what stands in its way, `mine` that the reader may take it now, `room` where else he may."""

    step: Step
    actors: str
    done: bool
    records: list[dict] = field(default_factory=list)
    why: str = ""
    mine: bool = False
    due: object = None
    limits: list[dict] = field(default_factory=list)
    required: bool = True
    room: str = ""
    sealed: bool = False


def limit_words(rules) -> list[dict]:
    """Rules as desk and diagram show them: code, article, words, and how sure we are."""
    seen: dict[tuple, Rule] = {(rule.code, rule.says): rule for rule in rules}
    return [
        {
            "code": rule.code, "says": rule.says, "source": rule.source, "mark": rule.confidence, "sure": CONFIDENCE[rule.confidence],
            "then": str(rule.consequence),
        }
        for rule in seen.values()
    ]  # fmt: skip


def sides_of(person, organisation, lot):
    """As what somebody reads the desk: "inside" (works on it, watches it, the centre), "bidder", or "" (not at all)."""
    tender = lot.tender
    mine = organisation is not None and organisation in (tender.project.owner, tender.project.agency, registrant(tender.project))
    if may_handle(person, tender) or mine or person.has_perm(SUPERVISE, tender) or may_take_in(person, tender.project):
        return "inside"
    kinds = organisation.kinds if organisation is not None and organisation.is_active else []
    return "bidder" if tender.published_at and Organisation.Kind.BIDDER in kinds and is_open_to(tender, organisation) else ""


def may_read_step(person, organisation, file):
    """A step's files are for those who work on or watch the tender, and what was handed in secretly only once it is open."""
    rows = StepRecord.objects.filter(files=file).select_related("lot__tender__project__owner", "lot__tender__project__agency")
    return any(sides_of(person, organisation, row.lot) == "inside" for row in rows if not row.is_secret)


def due_of(step, reached, day):
    """The day by which a step is due, where a period that binds it runs."""
    days = [
        rule.permitted_on(reached[rule.start])
        for rule in step.limits_on(day)
        if isinstance(rule, MaximumPeriod) and rule.end == step.reaches and rule.start in reached
    ]
    return min(days, default=None)


def desk_of(lot, procedure: Procedure, person, organisation, at) -> list[dict]:
    """The stages with their steps, for one reader."""
    inside = sides_of(person, organisation, lot) == "inside"
    records = list(StepRecord.objects.filter(lot=lot).select_related("by", "organisation", "notice", "document").prefetch_related("files"))
    standing = [row for row in records if row.void_at is None]
    done = [row.step for row in standing]
    reached = milestones_of(lot.tender, lot)
    day = law_day(lot, at)
    stopped = is_suspended(lot, at)
    stages = []
    for stage in procedure.stages:
        rows = []
        for step in stage.steps:
            row = Row(
                step, procedure.actors(step.actors), is_done(lot, procedure, step, done), limits=limit_words(step.limits_on(day)),
                required=is_required(step, lot), due=due_of(step, reached, day),
            )  # fmt: skip
            row.records = [
                shown(step, each, inside) for each in records if each.step == step.code and may_see(each, step, inside, organisation)
            ]
            if place_of(procedure, lot.state) >= procedure.stages.index(stage) and not row.done and may_handle(person, lot.tender):
                row.room = ROOMS.get(step.way, "")
            own = any(each.organisation == organisation for each in standing if each.step == step.code and organisation)
            if step.by_form and not (own and step.secret):
                refusal = obstacle(lot, procedure, step, at, done=done, reached=reached)
                row.why = refusal.message if refusal else "交易活动已暂停，恢复后继续。" if stopped else ""
                row.mine = not row.why and role_in(person, organisation, lot, step, at) is not None
            row.sealed = inside and not step.hides_takers and any(each.step == step.code and each.is_secret for each in standing)
            if step.secret and not inside:
                row.done = own
            if step.hides_takers and inside and not row.records and (closes := reached.get(step.closes_at)) and at < closes:
                row.done = False
            rows.append(row)
        if not inside:
            rows = [row for row in rows if "bidder" in row.step.actors or any(each["notice"] for each in row.records)]
        stages.append({"stage": stage, "rows": rows})
    return [each for each in stages if each["rows"]]


def may_see(record, step, inside, organisation):
    """What a bidder said is its own until it is opened; what is not published is for those who work on the tender."""
    if record.organisation_id and organisation is not None and record.organisation_id == organisation.pk:
        return True
    if step.secret and not record.data:
        return False
    return inside or record.notice_id is not None


def shown(step, record, inside):
    return {
        "record": record, "by": record.organisation.name if record.organisation else record.by.name if inside else "",
        "rows": rows_of(step, record.data), "files": record.files.all() if inside else [], "notice": record.notice,
        "document": record.document, "void": record.void_reason if record.void_at else "", "overran": record.overran,
    }  # fmt: skip


def next_of(stages) -> list[Row]:
    """What the reader may take now, required steps first."""
    rows = [row for stage in stages for row in stage["rows"] if row.mine or row.room]
    return sorted(rows, key=lambda row: not row.required)


def bends_for(lot, procedure: Procedure, person, at) -> list[Bend]:
    """The bends of the desk that the reader may make happen now."""
    return [
        bend
        for bend in procedure.bends
        if bend.way == "desk" and lot.state in bend.states and role_in(person, None, lot, bend, at) is not None
    ]


def orders_of(lot, procedure: Procedure):
    """The regulator's orders given at this desk that still stop the lot; those of a complaint bear its number."""
    labels = [bend.label for bend in procedure.bends if bend.way == "desk" and bend.leads == "suspended"]
    return Suspension.objects.filter(lot=lot, cause=Suspension.Cause.ORDER, reference__in=labels, until=None)


def runs_of(procedure: Procedure) -> list[DatedPeriod]:
    """The periods that only run beside the steps."""
    bound = {rule for step in procedure.steps for rule in step.limits}
    return [rule for rule in procedure.clock if rule not in bound]
