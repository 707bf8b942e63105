"""The ways to trade, as data: stages in order, who acts, what each stage yields."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One stage: its label, who acts, and the lot states in which it is going on."""

    label: str
    actor: str
    states: tuple[str, ...]


@dataclass(frozen=True)
class Procedure:
    code: str
    name: str
    stages: tuple[Stage, ...]


OPEN_TENDER = Procedure(
    "GC-OT",
    "公开招标",
    (
        Stage("进场登记", "招标人、交易中心", ("registered",)),
        Stage("公告与投标", "招标人、投标人", ("bidding",)),
        Stage("开标", "交易中心、投标人", ("opening",)),
        Stage("评标", "评标委员会", ("evaluating", "evaluated")),
        Stage("候选人公示", "招标人", ("candidates_public",)),
        Stage("中标结果", "招标人", ("award_decided", "result_public")),
        Stage("合同与归档", "招标人、中标人", ("contracted", "archived")),
    ),
)

PROCEDURES = {procedure.code: procedure for procedure in (OPEN_TENDER,)}


def steps_of(procedure: Procedure, state: str) -> list[dict]:
    """The stages for the progress strip: done, now or still to come, seen from a lot's state."""
    current = next((place for place, stage in enumerate(procedure.stages) if state in stage.states), None)
    rows = []
    for place, stage in enumerate(procedure.stages):
        if current is None or place > current:
            mark = ""
        elif place < current or state == "archived":
            mark = "done"
        else:
            mark = "now"
        rows.append({"label": stage.label, "note": stage.actor, "state": mark})
    return rows
