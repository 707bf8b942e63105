"""What people do with a tender, from its document to its end."""

from trading.projects.queries import MANAGE
from trading.tenders.actions.clarification import (
    acknowledge_clarification,
    ask_question,
    obtain_document,
    publish_clarification,
    remind_unconfirmed,
)
from trading.tenders.actions.drafting import (
    add_attachment,
    confirm_clause,
    criteria_of,
    draft_document,
    note_presence,
    remove_attachment,
    save_bill,
    save_criteria,
    save_document,
)
from trading.tenders.actions.ending import fail_lot, open_next_round, terminate_tender
from trading.tenders.actions.inviting import end_privacy, name_invitee, remove_invitee
from trading.tenders.actions.publication import publish_tender, schedule_publication, unschedule_publication
from trading.tenders.actions.reporting import report_fact
from trading.tenders.actions.reviewing import return_document, review_document, submit_document
from trading.tenders.actions.stopping import resume_lot, suspend_lot
from trading.tenders.actions.tolerating import lapse_tolerance, supply_paper, watch_tolerances
from trading.tenders.actions.waiving import waive_limit
from trading.tenders.notices import notice_of, shown
from trading.tenders.problems import problems_of

__all__ = [
    "MANAGE",
    "acknowledge_clarification",
    "add_attachment",
    "ask_question",
    "confirm_clause",
    "criteria_of",
    "draft_document",
    "end_privacy",
    "fail_lot",
    "name_invitee",
    "note_presence",
    "notice_of",
    "obtain_document",
    "open_next_round",
    "problems_of",
    "publish_clarification",
    "publish_tender",
    "remind_unconfirmed",
    "remove_attachment",
    "remove_invitee",
    "report_fact",
    "resume_lot",
    "return_document",
    "review_document",
    "save_bill",
    "save_criteria",
    "save_document",
    "schedule_publication",
    "shown",
    "submit_document",
    "suspend_lot",
    "terminate_tender",
    "unschedule_publication",
    "lapse_tolerance",
    "supply_paper",
    "watch_tolerances",
    "waive_limit",
]
