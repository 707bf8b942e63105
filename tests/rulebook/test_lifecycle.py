"""A state moves only as its table says, and a refusal tells what is possible."""

import pytest

from rulebook.lifecycle import Lifecycle, Move
from rulebook.refusals import Forbidden, Refused

DOOR = Lifecycle(
    Move("open", ("closed",), "open", "开门"),
    Move("close", ("open",), "closed", "关门"),
    Move("lock", ("closed",), "locked", "上锁"),
)


class Door:
    def __init__(self, state):
        self.state = state

    def get_state_display(self):
        return {"open": "开着", "closed": "关着", "locked": "锁着"}[self.state]


def test_a_listed_move_changes_the_state():
    door = Door("closed")
    DOOR.apply(door, "open")
    assert door.state == "open"


def test_other_moves_are_refused_with_what_is_possible_now():
    with pytest.raises(Refused) as refused:
        DOOR.apply(Door("open"), "lock")
    assert (refused.value.code, refused.value.message) == ("wrong_state", "当前状态为“开着”，不能上锁。")
    assert refused.value.next_step == "现在可以：关门。"
    with pytest.raises(Refused) as refused:
        DOOR.apply(Door("locked"), "open")
    assert refused.value.next_step == "请刷新页面查看最新状态。"


def test_moves_from_a_state_are_what_pages_draw_as_buttons():
    assert [move.name for move in DOOR.moves_from("closed")] == ["open", "lock"]


def test_refusals_carry_their_status():
    assert Refused("a", "不行").status == 409
    assert Forbidden("a", "无权").status == 403
