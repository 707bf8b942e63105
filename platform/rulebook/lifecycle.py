"""States move through one table per story; pages draw their buttons from it."""

from dataclasses import dataclass
from typing import Any

from rulebook.refusals import Refused


@dataclass(frozen=True)
class Move:
    """A named move from any of `sources` to `target`; `label` is the Chinese word on its button."""

    name: str
    sources: tuple
    target: str
    label: str = ""


class Lifecycle:
    """All moves of one state field."""

    def __init__(self, *moves: Move, field: str = "state") -> None:
        self.field = field
        self.moves = {move.name: move for move in moves}

    def apply(self, obj: Any, name: str) -> None:
        """Move the object (unsaved) or refuse, naming the state it is in and what is possible from there."""
        move = self.moves[name]
        state = getattr(obj, self.field)
        if state not in move.sources:
            shown = getattr(obj, f"get_{self.field}_display")()
            possible = "、".join(each.label for each in self.moves_from(state) if each.label)
            raise Refused(
                "wrong_state",
                f"当前状态为“{shown}”，不能{move.label or '进行此操作'}。",
                next_step=f"现在可以：{possible}。" if possible else "请刷新页面查看最新状态。",
            )
        setattr(obj, self.field, move.target)

    def moves_from(self, state: str) -> list[Move]:
        return [move for move in self.moves.values() if state in move.sources]
