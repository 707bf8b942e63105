"""Where a page may send people on to."""

from django.utils.http import url_has_allowed_host_and_scheme


def safe_target(request, target):
    """The address if it is one of ours, else an empty string."""
    target = target if isinstance(target, str) else ""
    right = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if right else ""
