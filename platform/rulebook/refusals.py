"""A refused act says which rule refused it and what the user can do next."""


class Refused(Exception):
    """An act is refused. `message`, `rule` (the citation) and `next_step` are Chinese and shown to the user.

    `code` is for machines and tests; `field` names the form field it belongs beside; `status` is the HTTP status.
    """

    def __init__(self, code, message, *, rule="", next_step="", field="", status=409, details=None):
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

    def __init__(self, code, message, **more):
        super().__init__(code, message, **{"status": 403, **more})
