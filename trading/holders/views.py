from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from ledger.canonical import b64u
from rulebook.clock import database_now
from rulebook.refusals import Refused
from sealing.keys import holder_key_of
from trading.holders import actions
from trading.holders.models import PolicyHolder
from trading.holders.queries import LEAST, MOST, newest_policy, possible_holders
from trading.projects.models import Lot, Tender
from trading.projects.permissions import require_handler
from web.doors import open_to
from web.posted import posted

OFFICES = ("agency", "tenderee", "staff", "supervisor")


@open_to("agency", "tenderee")
@require_safe
@ensure_csrf_cookie
@never_cache
def holders(request, number):
    """Who can open bids in an emergency, lot by lot; the handler appoints them by a signature."""
    tender = get_object_or_404(Tender.objects.select_related("project__owner", "project__agency", "document"), number=number)
    require_handler(request.user, tender)
    found, now = possible_holders(tender), database_now()
    lots = [
        {"lot": lot, "policy": newest_policy(lot), "open": lot.bids_due_at is None or now < lot.bids_due_at}
        for lot in tender.lots.order_by("no")
    ]
    terms = {
        "tender": tender.number,
        "holders": [
            {
                "id": key.enrolled_by.pseudonym,
                "org": key.organisation.uscc,
                "role": str(role),
                "spki": b64u(bytes(key.spki)),
                "kid": key.kid,
            }
            for key, role in found
        ],
        "lots": {str(row["lot"].no): {"lot": row["lot"].key, "window_min": tender.document.decrypt_minutes} for row in lots},
    }
    return render(
        request,
        "trading/holders/holders.html",
        {"tender": tender, "found": found, "lots": lots, "terms": terms, "range": range(LEAST, MOST + 1)},
    )


@open_to("agency", "tenderee")
@require_POST
def sign_policy(request, number, no):
    """Put a lot under the signed policy (JSON)."""
    lot = get_object_or_404(Lot.objects.select_related("tender__project", "tender__document"), tender__number=number, no=no)
    kids, k, signature = posted(request, "holders", "k", "signature")
    if not isinstance(kids, list) or type(k) is not int:
        raise Refused("incomplete", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400)
    signed = actions.sign_policy(lot, [str(kid) for kid in kids], k, str(signature), by=request.user)
    messages.success(request, f"{lot.name}的开标授权已签署。")
    return JsonResponse({"policy_hash": signed.hash}, status=201)


def own_places(person):
    """Where a person holds shares: the newest policy of each lot that has not been opened yet."""
    rows = PolicyHolder.objects.filter(
        key__enrolled_by=person, policy__lot__state__in=[Lot.State.REGISTERED, Lot.State.BIDDING, Lot.State.OPENING]
    ).select_related("policy__lot__tender", "key")
    return [row for row in rows.order_by("policy__lot__bids_due_at") if row.policy == newest_policy(row.policy.lot)]


@open_to(*OFFICES)
@require_safe
@ensure_csrf_cookie
@never_cache
def holdings(request):
    """For which openings one holds a share, and whether the drill was done."""
    places, now = own_places(request.user), database_now()
    terms = {
        str(row.pk): {
            "tender": row.policy.lot.tender.number,
            "lot": row.policy.lot.key,
            "policy": row.policy.hash,
            "holder": row.key.kid,
            "begin_url": reverse("trading:begin_drill", args=[row.pk]),
            "end_url": reverse("trading:end_drill", args=[row.pk]),
        }
        for row in places
    }
    context = {"places": places, "terms": terms, "now": now, "key": holder_key_of(request.user)}
    return render(request, "trading/holders/holdings.html", context)


def own_place(request, pk):
    return get_object_or_404(
        PolicyHolder.objects.select_related("policy__lot__tender", "key__organisation"), pk=pk, key__enrolled_by=request.user
    )


@open_to(*OFFICES)
@require_POST
def begin_drill(request, pk):
    return JsonResponse(actions.begin_drill(own_place(request, pk), by=request.user))


@open_to(*OFFICES)
@require_POST
def end_drill(request, pk):
    digest, signature = posted(request, "digest", "signature")
    actions.end_drill(own_place(request, pk), str(digest), str(signature), by=request.user, at=database_now())
    messages.success(request, "演练成功，已记入账本。")
    return JsonResponse({"state": "ready"})
