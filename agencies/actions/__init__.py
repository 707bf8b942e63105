"""What people do with agencies: the register, training, selection, contracts, assessments, inspections."""

from agencies.actions.assessments import close_assessment, open_assessment, rate, state_case
from agencies.actions.complaints import answer_complaint, decide_complaint, file_complaint, take_complaint, withdraw_complaint
from agencies.actions.contracts import (
    drop_use,
    end_contract,
    offer_contract,
    return_contract,
    save_contract,
    sign_contract,
    text_digest,
    use_contract,
)
from agencies.actions.inspections import (
    begin_inspection,
    conclude_inspection,
    inspect_tender,
    lift_restriction,
    recheck_correction,
    report_correction,
    suspend_agency,
)
from agencies.actions.lists import confirm_list, enter_event, mark_entry, open_event
from agencies.actions.register import (
    add_staff,
    check_control_paper,
    check_profile,
    declare_control_paper,
    end_staff,
    leave_register,
    save_profile,
    submit_profile,
)
from agencies.actions.selection import begin_draw, choose_proposal, close_request, decline_request, make_request, propose
from agencies.actions.training import hold_course, record_result, sign_up

__all__ = [
    "add_staff",
    "answer_complaint",
    "begin_draw",
    "begin_inspection",
    "check_control_paper",
    "check_profile",
    "choose_proposal",
    "close_assessment",
    "close_request",
    "conclude_inspection",
    "confirm_list",
    "decide_complaint",
    "declare_control_paper",
    "decline_request",
    "drop_use",
    "end_contract",
    "end_staff",
    "enter_event",
    "file_complaint",
    "hold_course",
    "inspect_tender",
    "leave_register",
    "lift_restriction",
    "make_request",
    "mark_entry",
    "offer_contract",
    "open_assessment",
    "open_event",
    "propose",
    "rate",
    "recheck_correction",
    "record_result",
    "report_correction",
    "return_contract",
    "save_contract",
    "save_profile",
    "sign_contract",
    "sign_up",
    "state_case",
    "submit_profile",
    "suspend_agency",
    "take_complaint",
    "text_digest",
    "use_contract",
    "withdraw_complaint",
]
