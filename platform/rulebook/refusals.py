"""A refused act says which rule refused it and what the user can do next."""

from typing import Any


class Refused(Exception):
    """An act is refused. `message`, `rule` (the citation) and `next_step` are Chinese and shown to the user.

    `code` is for machines and tests; `field` names the form field it belongs beside; `status` is the HTTP status.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        rule: str = "",
        next_step: str = "",
        field: str = "",
        status: int = 409,
        details: Any = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.rule = rule
        self.next_step = next_step
        self.field = field
        self.status = status
        self.details = details or {}


class Forbidden(Refused):
    """The person may not do this at all, whatever the state of things."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(code, message, **{"status": 403, **more})
