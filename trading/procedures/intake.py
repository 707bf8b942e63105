"""What begins with the intake of a project: the version its tender stays on, and the first steps of its lots."""

from rulebook.clock import city_day
from trading.procedures.records import set_down
from trading.procedures.versions import offered, version_on
from trading.projects.actions import begins
from trading.projects.queries import offers


@offers
def ways_of(category, day):
    """The procedures of a category that may begin on a day, by code."""
    return {each.code: each.name for each in offered(day) if each.category == category}


@begins
def begin(tender, *, by, at):
    """A tender gets the version of its procedure that holds that day, for good; what came with the registration is done."""
    tender.procedure_since = version_on(tender.procedure, city_day(at)).since
    tender.save(update_fields=["procedure_since"])
    for lot in tender.lots.all():
        set_down(lot, "registration", by=by, at=at)
