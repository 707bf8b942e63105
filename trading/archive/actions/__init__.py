"""What people do with the archive of a lot: complete it, seal it, read it, keep it, and dispose of it in time."""

from trading.archive.actions.disposal import approve_disposal, end_hold, place_hold, propose_disposal
from trading.archive.actions.papers import add_paper, approve_exception, ask_exception
from trading.archive.actions.reading import look_up, verify_archive
from trading.archive.actions.sealing import finish_archive, request_archive

__all__ = [
    "add_paper",
    "approve_disposal",
    "approve_exception",
    "ask_exception",
    "end_hold",
    "finish_archive",
    "look_up",
    "place_hold",
    "propose_disposal",
    "request_archive",
    "verify_archive",
]
