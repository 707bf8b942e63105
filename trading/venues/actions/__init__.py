from trading.venues.actions.access import admit, admit_expert, keep_phone, let_out, list_visitor, return_phone, strike_visitor, turn_away
from trading.venues.actions.booking import (
    book_venue,
    cancel_booking,
    decide_request,
    move_booking,
    move_opening,
    place_opening,
    release_bookings,
    request_venue,
    require_keeper,
    save_venue,
)
from trading.venues.actions.faults import repair_fault, report_fault

__all__ = [
    "admit", "admit_expert", "book_venue", "cancel_booking", "decide_request", "keep_phone", "let_out", "list_visitor", "move_booking", "move_opening", "place_opening",
    "release_bookings", "repair_fault", "report_fault", "request_venue", "require_keeper", "return_phone", "save_venue", "strike_visitor", "turn_away",
]  # fmt: skip
