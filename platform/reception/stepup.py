"""The door where a page asks for the challenge of an official act."""

from urllib.parse import urlsplit

from django.http import Http404, JsonResponse
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import passkeys, stepup
from ledger.canonical import b64u, unb64u
from reception.passkeys import posted
from rulebook.refusals import Refused
from web.doors import open_to


@open_to("signed_in")
@require_POST
@never_cache
def challenge(request):
    """What is to be signed for posting a form to `path`: kind and target are the server's own words for that door."""
    data = posted(request)
    path, digest = urlsplit(str(data.get("path", ""))).path, str(data.get("digest", ""))
    found = resolve(path)
    act = getattr(found.func, "act", None)
    if act is None or not request.audiences & getattr(found.func, "audiences", frozenset()):
        raise Http404
    if not is_digest(digest):
        raise Refused("bad_digest", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400)
    kind = act.kind_of(str(data.get("fields", {}).get(act.field, "")) if isinstance(data.get("fields"), dict) else "")
    if kind is None or not stepup.must_sign(request):
        return JsonResponse({"act": None})
    row = stepup.ask(request, kind=kind, target=act.target_of(found.kwargs), digest=digest)
    who = f"{request.user.name}（{request.organisation.name}）" if request.organisation else request.user.name
    return JsonResponse(
        {
            "act": stepup.act_of(row),
            "who": who,
            "methods": stepup.methods_of(request.user),
            "rp_id": passkeys.site()[0],
            "credentials": [b64u(bytes(key.credential_id)) for key in request.user.live_passkeys],
        }
    )


def is_digest(text):
    try:
        return len(unb64u(text)) == 32
    except ValueError:
        return False
