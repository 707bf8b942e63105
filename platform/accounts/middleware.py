from accounts.permissions import audiences


class ActingOrganisationMiddleware:
    """Sets `request.organisation` (for whom the person acts now, or None) and `request.audiences`.

    The choice stands in the session; a person with one membership needs none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.organisation = self.organisation_of(request) if request.user.is_authenticated else None
        request.audiences = audiences(request.user, request.organisation)
        return self.get_response(request)

    @staticmethod
    def organisation_of(request):
        chosen = request.session.get("organisation")
        mine = list(request.user.organisations())
        if chosen == "self":
            return None
        return next((row for row in mine if row.pk == chosen), mine[0] if mine else None)
