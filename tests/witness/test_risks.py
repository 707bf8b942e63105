"""一标一评估 for every way to trade: each stage has its points, on the law of its own trade, and what the desk knows is answered."""

from datetime import timedelta

import pytest

from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from tests.factories.procedures import lot_under, take, take_until
from trading.procedures.models import StepRecord
from trading.procedures.procedures import Procedure
from trading.procedures.versions import all_versions
from trading.projects.models import Lot, Tender
from trading.witness import actions
from trading.witness.points import RISK_POINTS
from trading.witness.queries import checklist
from trading.witness.risks import points_of
from trading.witness.stages import stages_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def lot_of(procedure: Procedure):
    return Lot(tender=Tender(procedure=procedure.code, procedure_since=procedure.since))


@pytest.mark.requirement("R230")
@pytest.mark.parametrize("procedure", all_versions(), ids=lambda each: each.code)
def test_each_stage_of_each_procedure_has_its_check_list(procedure):
    lot, day = lot_of(procedure), city_day(database_now())
    for key, stage in stages_of(lot):
        points = points_of(lot, key, day)
        assert points, f"{procedure.code}: nothing is checked in “{stage.label}”"
        assert all(procedure.category in point.categories and point.source and point.look for point in points)


def test_every_point_is_checked_somewhere_and_has_one_code():
    codes = [point.code for point in RISK_POINTS]
    assert len(codes) == len(set(codes))
    day, used = city_day(database_now()), set()
    for procedure in all_versions():
        lot = lot_of(procedure)
        used |= {point.code for key, _ in stages_of(lot) for point in points_of(lot, key, day)}
    assert set(codes) - used == set()


def test_a_point_of_another_trade_is_no_point_here():
    lot = lot_under("CQ-L")
    with pytest.raises(Refused) as refused:
        actions.answer_point(lot, "registered", "RP0101", "ok", by=lot.city.staff, at=database_now())
    assert refused.value.code == "no_point"
    assert actions.answer_point(lot, "registered", "CQ0107", "ok", by=lot.city.staff, at=database_now()).point == "CQ0107"


def test_the_small_works_lottery_is_not_asked_about_bids():
    lot = lot_of(next(each for each in all_versions() if each.code == "GC-LOT"))
    assert {point.code for point in points_of(lot, "opening", city_day(database_now()))} == {"GX0701", "GX0705"}


@pytest.mark.parametrize(("overran", "verdict"), [([], "ok"), (["T-ZC-12"], "concern")])
def test_what_was_late_at_the_desk_is_answered_by_the_platform(overran, verdict):
    lot = lot_under("ZC-XJ")
    take(lot, take_until(lot, "deal_contract"))
    StepRecord.objects.filter(lot=lot, step="deal_contract").update(overran=overran)
    lot.refresh_from_db()
    row = next(row for row in checklist(lot, "contracted", database_now()) if row.point.code == "ZC1001")
    assert (row.verdict, row.computed) == (verdict, True)
    assert ("签订采购合同超过法定期限" in row.note) == bool(overran)


@pytest.mark.parametrize(("step", "verdict"), [("proposal", "concern"), ("vote", "ok")])
def test_a_decision_that_the_law_wants_is_there_or_gives_cause_for_doubt(step, verdict):
    lot = lot_under("CJ-A")
    take(lot, take_until(lot, step))
    row = next(row for row in checklist(lot, "registered", database_now()) if row.point.code == "CJ0108")
    assert (row.verdict, row.computed) == (verdict, True)
