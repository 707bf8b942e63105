"""Every procedure from its registration to its archive, each step through its action."""

import pytest

from tests.factories.procedures import archive, lot_under, take
from trading.procedures.records import records_of
from trading.procedures.versions import all_versions
from trading.projects.models import Lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_print")]

ROOMS = {"quotes", "buyers", "entrants"}
BY_DESK = [each for each in all_versions() if not each.is_sealed and not {step.way for step in each.steps} & ROOMS]


@pytest.mark.parametrize("procedure", BY_DESK, ids=lambda each: each.code)
def test_a_procedure_is_walked_from_registration_to_archive(procedure):
    lot = lot_under(procedure.code)
    assert (lot.tender.procedure, lot.tender.procedure_since) == (procedure.code, procedure.since)
    for step in procedure.steps:
        if step.by_form and not step.optional:
            row = take(lot, step)
            assert bool(row.notice) == bool(step.notice)
            assert bool(row.document) == step.prints
    archive(lot)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.ARCHIVED
    done = set(records_of(lot).values_list("step", flat=True))
    assert {step.code for step in procedure.steps if not step.optional} <= done
