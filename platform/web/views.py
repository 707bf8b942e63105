"""Doors of the frame itself: the way to one's desk, health, the clock."""

import json
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ledger.clocks import check_clocks
from ledger.cosigning import LARGEST_NOTE, take_cosignature, with_cosignatures
from ledger.models import LedgerEntry, LedgerLeaf, LedgerQueue
from ledger.proofs import proof_of
from rulebook.clock import database_now
from web.doors import open_to
from web.menus import role_of
from web.templatetags.ledger import acts_in

DESKS = {
    "staff": "trading:staff_desk",
    "supervisor": "supervision:desk",
    "host": "trading:host_desk",
    "agency": "trading:agency_desk",
    "tenderee": "trading:agency_desk",
    "bidder": "trading:bidder_desk",
    "expert": "trading:expert_desk",
    "admin": "accounts:admin_desk",
}


@open_to("signed_in")
@require_safe
def desk(request):
    """To the desk of whoever the person acts as; who acts for nobody yet is led to register."""
    return redirect(DESKS.get(role_of(request), "accounts:profile"))


@open_to("public")
@require_safe
def health(request):
    """Whether the parts answer: 200 when all do, 503 otherwise. Shows nothing about the data."""
    found = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = "ok"
        oldest = LedgerQueue.objects.order_by("entry_id").values_list("entry__at", flat=True).first()
        waits = (database_now() - oldest).total_seconds() if oldest else 0
        found["sequencer"] = "ok" if waits < 60 else "behind"
        found["clock"] = "off" if check_clocks("web") else "ok"
    except Exception:
        found["database"] = "away"
    try:
        cache.get("health")
        found["queue"] = "ok"
    except Exception:
        found["queue"] = "away"
    return JsonResponse(found, status=200 if found["database"] == "ok" else 503)


@open_to("public")
@require_safe
def clock(request):
    """The platform's time, by the database's clock."""
    response = JsonResponse({"now": database_now().isoformat()})
    response["Cache-Control"] = "no-store"
    return response


@open_to("public")
@require_safe
def accessibility(request):
    return render(request, "web/accessibility.html")


KINDS_OF_FILES = {
    "checkpoints.txt": "text/plain; charset=utf-8",
    "cosigned": "text/plain; charset=utf-8",
    "keys.json": "application/json",
}


@open_to("public")
@csrf_exempt
@require_POST
def cosignatures(request):
    """A witness hands in the newest checkpoint with its line; what makes it welcome is that line's signature."""
    take_cosignature(request.read(LARGEST_NOTE + 1))
    return HttpResponse(status=204)


@open_to("public")
@require_safe
def ledger_proof(request, entry):
    """The entry with its inclusion proof, for programs."""
    row = get_object_or_404(LedgerEntry, pk=entry)
    proof = proof_of(row)
    if proof is None:
        raise Http404
    said = {"v": 1, "type": "etp-entry", "entry": json.loads(bytes(row.data)), **proof}
    response = JsonResponse(said, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="entry-{proof["index"]}.json"'
    return response


@open_to("public")
@require_safe
def ledger_stream(request, stream):
    """All public acts of one stream, in their order. A private stream has none before it is opened, and then is told of elsewhere."""
    rows = acts_in(stream).order_by("n")
    if not rows.exists():
        raise Http404
    return render(
        request,
        "web/ledger_stream.html",
        {"stream": stream, "page": Paginator(rows, 50).get_page(request.GET.get("page")), "nav": "ledger"},
    )


@open_to("public")
@require_safe
def ledger_file(request, path):
    """The log's static files, for whoever mirrors or checks it; a front server may serve the folder itself."""
    root = settings.ETP_LEDGER.resolve()
    wanted = (root / path).resolve()
    if not wanted.is_relative_to(root) or not wanted.is_file() or wanted.name.startswith("."):
        raise Http404
    response: HttpResponseBase
    if path == "checkpoint":
        response = HttpResponse(with_cosignatures(wanted.read_text()), content_type="text/plain; charset=utf-8")
    else:
        response = FileResponse(wanted.open("rb"), content_type=KINDS_OF_FILES.get(wanted.name, "application/octet-stream"))
    full = path.startswith("tile/") and ".p/" not in path
    response["Cache-Control"] = "public, max-age=31536000, immutable" if full else "no-cache"
    return response


@open_to("public")
@require_safe
def verifier(request):
    """The page that checks the log by itself; the only one with a script of its own inside, which its policy names by hash."""
    path = finders.find("build/verify.html")
    if path is None:
        raise Http404
    data = Path(path).read_bytes()
    policy = re.search(rb'http-equiv="Content-Security-Policy" content="([^"]+)"', data)
    assert policy is not None, "the build puts a policy into the page"
    headers = {"Content-Security-Policy": f"{policy[1].decode()}; frame-ancestors 'none'", "Cache-Control": "no-cache"}
    return HttpResponse(data, headers=headers)


@open_to("public")
@require_safe
def ledger_entry(request, entry):
    """One entry of the ledger with the proof that it stands in the log."""
    row = LedgerEntry.objects.filter(pk=entry).first()
    if row is None:
        raise Http404
    return render(
        request,
        "web/ledger_entry.html",
        {"entry": row, "text": bytes(row.data).decode(), "leaf": bytes(row.leaf_hash).hex(), "proof": proof_of(row)},
    )


@open_to("public")
@require_safe
def ledger_home(request):
    """How long the log is, its newest checkpoint, and how to check it."""
    checkpoint = settings.ETP_LEDGER / "checkpoint"
    return render(
        request,
        "web/ledger.html",
        {
            "size": LedgerLeaf.objects.count(),
            "note": checkpoint.read_text() if checkpoint.exists() else "",
        },
    )
