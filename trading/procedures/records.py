"""Setting down that a step of a lot's procedure was taken, and reading it back."""

from trading.procedures.models import StepRecord
from trading.procedures.procedures import place_of
from trading.procedures.reaching import reach
from trading.procedures.versions import procedure_of


def records_of(lot):
    """What stands of a lot's steps, in the order it happened."""
    return StepRecord.objects.filter(lot=lot, void_at=None)


def set_down(lot, way, *, by, at, notice=None, document=None):
    """A room has done its part of a lot's procedure: called by its action, in its transaction.

    Nothing happens where the procedure has no such step. A step that can be taken once is set down once.
    """
    for step in procedure_of(lot.tender).steps:
        if step.way == way:
            write(lot, step, by=by, at=at, notice=notice, document=document)


def write(lot, step, *, by, at, **facts):
    """One occurrence of a step, and the milestone it reaches; the first report of a step taken once stands.

    The caller holds the lot's row, so that occurrences are counted one after the other.
    """
    rows = StepRecord.objects.filter(lot=lot, step=step.code)
    if not step.repeats and (known := rows.filter(void_at=None).first()):
        return known
    record = StepRecord.objects.create(lot=lot, step=step.code, no=rows.count() + 1, by=by, at=at, **facts)
    # A room sets down its own milestones, with the occurrences that it knows of.
    if step.reaches and step.by_form:
        reach(lot.tender, step.reaches, at=at, lot=lot, reference=str(record.no) if record.no > 1 else "")
    return record


def is_done(lot, procedure, step, done):
    """Whether a step lies behind: it was set down (`done` are the codes), or its room has moved the lot past its stage.

    A lot may pass an optional step of a room without taking it.
    """
    if step.code in done or any(each.code in done for each in procedure.steps if step.code in each.instead_of):
        return True
    return not step.by_form and not step.optional and place_of(procedure, lot.state) > procedure.stages.index(procedure.stage_of(step))


def is_required(step, lot):
    """Whether the way may not go on without the step: always, unless it is optional and its condition does not hold."""
    if not step.required_if:
        return not step.optional
    reference, _, word = step.required_if.partition("=")
    owner, _, name = reference.partition(".")
    row = records_of(lot).filter(step=owner).last()
    return row is not None and row.data.get(name) == word


def undo_from(lot, code, *, reason, at):
    """A bend takes the lot back to a step: that step and what follows it no longer stand, and stay to be read."""
    steps = [step.code for step in procedure_of(lot.tender).steps]
    if code in steps:
        records_of(lot).filter(step__in=steps[steps.index(code) :]).update(void_at=at, void_reason=reason)
