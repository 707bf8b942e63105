"""The ways to trade as data, and where a lot stands on its way."""

import pytest

from trading.procedures.procedures import INVITED_TENDER, OPEN_TENDER, PROCEDURES, steps_of
from trading.projects.models import Lot


def test_open_and_invited_tender_are_on_offer():
    assert {code: way.name for code, way in PROCEDURES.items()} == {"GC-OT": "公开招标", "GC-IT": "邀请招标"}


def test_an_invited_tender_invites_where_an_open_one_announces():
    open_labels = [step.label for step in OPEN_TENDER.steps]
    invited_labels = [step.label for step in INVITED_TENDER.steps]
    assert [label for label in open_labels if label not in invited_labels] == ["资格预审", "发布招标公告"]
    assert [label for label in invited_labels if label not in open_labels] == ["向三个以上受邀人发出投标邀请书"]


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=str)
def test_every_state_that_leads_to_a_contract_has_one_stage(procedure):
    states = [state for stage in procedure.stages for state in stage.states]
    side = {Lot.State.FAILED, Lot.State.TERMINATED}
    assert states == [state for state in Lot.State.values if state not in side]
    assert all(step.actor and step.document for step in procedure.steps)


@pytest.mark.parametrize(
    ("state", "marks"),
    [
        ("registered", ["now", "", "", "", "", "", ""]),
        ("evaluated", ["done", "done", "done", "now", "", "", ""]),
        ("archived", ["done"] * 7),
        ("failed", [""] * 7),
    ],
)
def test_the_progress_strip_shows_done_now_and_to_come(state, marks):
    assert [row["state"] for row in steps_of(OPEN_TENDER, state)] == marks
