import time

from accounts.permissions import audiences

# Writing a session costs a commit: a busy person's is written this often, in seconds.
SEEN_EVERY = 60


class ActingOrganisationMiddleware:
    """Sets `request.organisation` (for whom the person acts now, or None) and `request.audiences`.

    The choice stands in the session; a person with one membership needs none. A session in use is kept from ending.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.organisation = None
        if request.user.is_authenticated:
            request.organisation = self.organisation_of(request)
            self.keep_session(request.session)
        request.audiences = audiences(request.user, request.organisation)
        return self.get_response(request)

    @staticmethod
    def keep_session(session):
        """Every write moves the session's end."""
        now = int(time.time())
        if now - session.get("seen", 0) >= SEEN_EVERY:
            session["seen"] = now

    @staticmethod
    def organisation_of(request):
        chosen = request.session.get("organisation")
        mine = list(request.user.organisations())
        if chosen == "self":
            return None
        return next((row for row in mine if row.pk == chosen), mine[0] if mine else None)
