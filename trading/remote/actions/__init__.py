from trading.remote.actions.desks import publish_terms, save_desk
from trading.remote.actions.recordings import register_recording, take_recordings
from trading.remote.actions.requests import confirm_session, refuse_session, request_session, withdraw_session
from trading.remote.actions.running import (
    begin,
    close_discussion,
    draw_sessions,
    finish_sessions,
    gather,
    report_interruption,
    resume_session,
    write_line,
)
from trading.remote.actions.settling import answer_statement, hand_in_statement

__all__ = [
    "answer_statement",
    "begin",
    "close_discussion",
    "confirm_session",
    "draw_sessions",
    "finish_sessions",
    "gather",
    "hand_in_statement",
    "publish_terms",
    "refuse_session",
    "register_recording",
    "report_interruption",
    "request_session",
    "resume_session",
    "save_desk",
    "take_recordings",
    "withdraw_session",
    "write_line",
]
