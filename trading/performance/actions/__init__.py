"""What people do while a contract is carried out."""

from trading.performance.actions.acceptance import (
    apply_for_acceptance,
    hold_acceptance,
    rate_performance,
    report_defects_mended,
    report_good_conduct,
)
from trading.performance.actions.attendance import check_in, site_code
from trading.performance.actions.bonds import ask_bond, claim_bond, confirm_bond, decide_claim, put_up_bond, state_on_claim
from trading.performance.actions.changes import agree_change, approve_change, propose_change, refuse_change
from trading.performance.actions.conflicts import find_conflicts, hold_manager, settle_conflict
from trading.performance.actions.custody import (
    agree_replacement,
    approve_replacement,
    ask_replacement,
    name_team_member,
    refuse_replacement,
    register_key_person,
    release_all,
    withdraw_key_person,
)
from trading.performance.actions.deductions import (
    decide_deduction,
    issue_inspection_deduction,
    issue_monthly_deduction,
    reply_to_deduction,
)
from trading.performance.actions.inspections import (
    hold_inspection,
    pick_flight_inspection,
    plan_inspection,
    recheck_finding,
    report_rectified,
)
from trading.performance.actions.payments import approve_payment, plan_payment, record_payment, request_payment, return_payment
from trading.performance.actions.settings import change_setting

__all__ = [
    "agree_change",
    "agree_replacement",
    "apply_for_acceptance",
    "approve_change",
    "approve_payment",
    "approve_replacement",
    "ask_bond",
    "ask_replacement",
    "change_setting",
    "check_in",
    "claim_bond",
    "confirm_bond",
    "decide_claim",
    "decide_deduction",
    "find_conflicts",
    "hold_acceptance",
    "hold_inspection",
    "hold_manager",
    "issue_inspection_deduction",
    "issue_monthly_deduction",
    "name_team_member",
    "pick_flight_inspection",
    "plan_inspection",
    "plan_payment",
    "propose_change",
    "put_up_bond",
    "rate_performance",
    "recheck_finding",
    "record_payment",
    "refuse_change",
    "refuse_replacement",
    "register_key_person",
    "release_all",
    "reply_to_deduction",
    "report_defects_mended",
    "report_good_conduct",
    "report_rectified",
    "request_payment",
    "return_payment",
    "settle_conflict",
    "site_code",
    "state_on_claim",
    "withdraw_key_person",
]
