"""The stages of a lot as its procedure has them, and what the ledger itself says happened in each."""

import json
from dataclasses import dataclass

from ledger.models import LedgerEntry
from trading.procedures.procedures import Stage
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from web.ledger_words import act_in_words

ENDED = (Lot.State.FAILED, Lot.State.TERMINATED)
# Entries of these kinds begin a stage; each belongs to the stage it begins.
BEGINS = {
    # A publication first finds its hall.
    "opening.placed": "bidding",
    "tender.published": "bidding",
    "lot.locked": "opening",
    "evaluation.reordered": "evaluating",
    "candidates.shown": "candidates_public",
    "award.decided": "award_decided",
    "contract.filed": "contracted",
}
# A step of the desk belongs to its own stage.
STEP = "step.taken"
# And these are the last of theirs.
ENDS = {"opening.closed": "evaluating"}
# The steps in whose stages bids, offers or talks decide: the centre witnesses them from beginning to end.
WITNESSED = ("opening", "evaluation", "session", "lot_session", "talks", "ranking", "entrants", "choice")
# The record does not bear witness of itself, and what was printed or kept secret says nothing to a reader.
UNSPOKEN = ("witness.", "archive.", "document.", "blind.")


def stages_of(lot) -> list[tuple[str, Stage]]:
    """(key, stage) in order; a stage is known by the first state of a lot that is in it."""
    return [(stage.states[0], stage) for stage in procedure_of(lot.tender).stages]


def stage_of(lot, names) -> str | None:
    """The key of the first stage that has one of these steps, named by their codes or their rooms; None where there is none."""
    return next((key for key, stage in stages_of(lot) if any(step.code in names or step.way in names for step in stage.steps)), None)


def witnessed_stages(lot) -> dict[str, Stage]:
    """The stages that must be witnessed before the lot's archive is sealed."""
    return {key: stage for key, stage in stages_of(lot) if any(step.code in WITNESSED for step in stage.steps)}


def place_of(lot):
    """At which stage a lot is, counted from 0; None for one that ended without an award."""
    return next((place for place, (_, stage) in enumerate(stages_of(lot)) if lot.state in stage.states), None)


def is_over(lot, key):
    """Whether a stage is done with: a later one has begun, the lot has ended, or it was the last and its contract is filed."""
    keys, at = [each for each, _ in stages_of(lot)], place_of(lot)
    return at is None or keys.index(key) < at or key == keys[at] == keys[-1]


@dataclass(frozen=True)
class Automatic:
    """A line that the ledger writes: its number in the tender's stream, when, what and by whom (as a role)."""

    n: int
    at: object
    act: str
    role: str


def automatic_lines(lot) -> dict[str, list[Automatic]]:
    """What the ledger says of a lot, by stage."""
    keys = [key for key, _ in stages_of(lot)]
    found, current, notices = {key: [] for key in keys}, keys[0], []
    for entry in LedgerEntry.objects.filter(stream=lot.tender.stream).order_by("n").only("n", "at", "kind", "data"):
        body = json.loads(bytes(entry.data))
        said = body.get("d", {})
        if said.get("lot", lot.key) != lot.key or entry.kind.startswith(UNSPOKEN):
            continue
        words = act_in_words(body)
        line = Automatic(entry.n, entry.at, words["act"], words["role"])
        if entry.kind == "notice.published":
            # It belongs to the act that follows: the notice stands in the ledger before what it announces.
            notices.append(line)
            continue
        begun = stage_of(lot, (said["step"],)) if entry.kind == STEP else BEGINS.get(entry.kind)
        current = begun if begun in keys else current
        found[current] += [*notices, line]
        current, notices = ENDS[entry.kind] if ENDS.get(entry.kind) in keys else current, []
    found[current] += notices
    return found


def reached(lot):
    """The keys of the stages that a lot has come to."""
    at = place_of(lot)
    keys = [key for key, _ in stages_of(lot)]
    if at is not None:
        return keys[: at + 1]
    lines = automatic_lines(lot)
    return [key for place, key in enumerate(keys) if place == 0 or lines[key]]
