from urllib.parse import quote

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from documents.actions import ensure_sealed, request_document
from documents.models import OfficialDocument
from documents.views import sent
from ledger.canonical import b64u, jcs, money
from ledger.signer import signer
from rulebook.clock import CITY, database_now
from rulebook.refusals import Refused
from sealing.keys import newest_key
from trading.bidding.actions import submit_bid
from trading.bidding.identity import names_of
from trading.bidding.models import Bid
from trading.bidding.parts import parts_of
from trading.bidding.preflight import CHECKS, SIZES, keep_preflight, last_preflight
from trading.bidding.queries import last_revision, offline_terms, receipt_of
from trading.deposits.queries import standing_of, standings
from trading.holders.queries import policy_file, policy_hash
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder
from trading.tenders.queries import published_document, require_open_to, require_sight, waiting_invitations
from web.doors import open_to
from web.posted import posted


def held_lot(request, number, no):
    """A lot whose tender document the acting bidder holds."""
    lot = get_object_or_404(
        Lot.objects.select_related("tender__project__owner", "tender__document"), tender__number=number, no=no, tender__published_at__isnull=False
    )  # fmt: skip
    require_open_to(lot.tender, request.organisation)
    if not DocumentHolder.objects.filter(tender=lot.tender, organisation=request.organisation).exists():
        raise Refused("no_document", "你单位尚未获取本项目的招标文件。", next_step="请在项目页面获取（免费）。", status=403)
    return lot


@open_to("bidder")
@require_safe
def bidder_desk(request):
    """What the bidder takes part in, by deadline."""
    now = database_now()
    held = DocumentHolder.objects.filter(organisation=request.organisation).values("tender")
    # Where no document is held and no bid sealed, whoever has taken a step takes part.
    mine = Q(tender__in=held) | Q(steps__organisation=request.organisation)
    lots = Lot.objects.filter(mine).select_related("tender", "tender__document").order_by("-bids_due_at").distinct()
    page = Paginator(lots, 20).get_page(request.GET.get("page"))
    bids = {bid.lot_id: bid for bid in Bid.objects.filter(bidder=request.organisation, lot__in=[lot.pk for lot in page]).order_by("rev")}
    deposits = standings(list(page), request.organisation)
    rows = [{"lot": lot, "bid": bids.get(lot.pk), "deposit": deposits[lot]} for lot in page]
    context = {
        "page": page,
        "rows": rows,
        "now": now,
        "key": newest_key(request.organisation),
        "invitations": waiting_invitations(request.organisation),
    }
    return render(request, "trading/bidding/desk.html", context)


def bid_terms(lot, bidder, key):
    """What the scripts need for sealing and handing in: the context, the policy and the addresses."""
    number, no = lot.tender.number, lot.no
    return {
        "origin": settings.ETP_ORIGIN, "tender": number, "lot": lot.key, "bidder": bidder.uscc, "policy": policy_hash(lot),
        "policy_file": policy_file(lot), "ledger": {"name": signer().name, "key": b64u(signer().ledger_public_key())},
        "kid": key.kid if key else "", "limit": money(lot.price_limit) if lot.price_limit else "",
        "envelopes": list(lot.tender.document.envelopes), "head_url": f"/me/bids/{number}/{no}/head/", "submit_url": f"/me/bids/{number}/{no}/submission/",
    }  # fmt: skip


@open_to("bidder")
@ensure_csrf_cookie
@never_cache
def bid(request, number, no):
    """The task list and the sealing of a bid. Price and files never leave the browser unsealed."""
    lot = held_lot(request, number, no)
    bidder = request.organisation
    last = last_revision(lot, bidder)
    key = newest_key(bidder)
    terms = bid_terms(lot, bidder, key) | parts_of(lot, bidder)
    return render(
        request, "trading/bidding/bid.html",
        {
            "names": sorted(names_of(bidder)) if lot.tender.document.blind_technical else [], "bill": terms["bill"], "register": terms["register"],
            "lot": lot, "tender": lot.tender, "last": last, "key": key, "terms": terms, "now": database_now(),
            "preflight": last_preflight(lot, bidder), "deposit": standing_of(lot, bidder),
            "revisions": Bid.objects.filter(lot=lot, bidder=bidder).order_by("-rev").prefetch_related("envelopes"),
            "open": lot.is_open_for_bids(database_now()),
        },
    )  # fmt: skip


@open_to("bidder")
@ensure_csrf_cookie
@never_cache
def preflight(request, number, no):
    """The trial page; its outcome is posted back (JSON) and shown to nobody but the bidder."""
    lot = held_lot(request, number, no)
    bidder = request.organisation
    now = database_now()
    if request.method == "POST":
        passed, size, seal_ms, upload_ms = posted(request, "passed", "size", "seal_ms", "upload_ms")
        keep_preflight(lot, bidder, passed=passed, size=size, seal_ms=seal_ms, upload_ms=upload_ms, by=request.user, at=now)
        return JsonResponse({"page_url": request.path}, status=201)
    key = newest_key(bidder)
    last = last_preflight(lot, bidder)
    return render(
        request, "trading/bidding/preflight.html",
        {
            "lot": lot, "tender": lot.tender, "key": key, "sizes": SIZES, "last": last, "open": lot.is_open_for_bids(now),
            "checks": [{"name": name, "says": says, "good": bool(last) and name in last.passed} for name, says in CHECKS.items()],
            "terms": bid_terms(lot, bidder, key),
        },
    )  # fmt: skip


@open_to("public")
@require_safe
@never_cache
def offline_policy(request, number, key):
    """What the offline sealing page needs to know of a lot: its policy with the proof, and what the form asks."""
    lots = Lot.objects.select_related("tender__document", "tender__project").filter(
        tender__number=number, tender__published_at__isnull=False
    )
    lot = next((row for row in lots if row.key == key), None)
    if lot is None or published_document(lot.tender) is None:
        raise Http404
    require_sight(request.user, request.organisation, lot.tender)
    response = HttpResponse(jcs(offline_terms(lot)), content_type="application/json")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'封存规则-{number}-{key}.json')}"
    return response


@open_to("bidder")
@require_safe
@never_cache
def head(request, number, no):
    """Where one's own revisions stand, for the next manifest."""
    last = last_revision(held_lot(request, number, no), request.organisation)
    return JsonResponse({"rev": last.rev if last else 0, "manifest": last.manifest_hash if last else None})


@open_to("bidder")
@require_POST
def submit(request, number, no):
    """Take in a signed manifest (JSON); answers the signed ack and where the receipt will be."""
    lot = held_lot(request, number, no)
    manifest, signature = posted(request, "manifest", "signature")
    found, ack = submit_bid(lot, request.organisation, manifest, str(signature), by=request.user)
    base = f"/me/bids/{number}/{no}/"
    return JsonResponse(
        {
            **ack, "received_at": found.received_at.astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S"),
            "receipt_url": f"{base}receipts/{found.rev}.json", "page_url": base,
        },
        status=201,
    )  # fmt: skip


@open_to("bidder")
@require_safe
@never_cache
def receipt(request, number, no, rev):
    """The machine-readable receipt; 202 while the ledger has not placed the entry."""
    found = get_object_or_404(Bid, lot=held_lot(request, number, no), bidder=request.organisation, rev=rev)
    body = receipt_of(found)
    if body is None:
        return JsonResponse({"code": "receipt_pending", "message": "已收到，回执正在登记入账。"}, status=202)
    response = HttpResponse(jcs(handed_out(found, body)), content_type="application/json")
    response["Content-Disposition"] = f'inline; filename="receipt-{number}-{no}-{rev}.json"'
    return response


def handed_out(bid, body):
    """The receipt and, beside it, the manifest that it names by its hash: so anybody can check the sealed file itself."""
    return {**body, "manifest": bid.manifest}


@open_to("bidder")
@require_safe
def receipt_pdf(request, number, no, rev):
    """The receipt as an official document, with the machine-readable one in it."""
    lot = held_lot(request, number, no)
    found = get_object_or_404(Bid.objects.select_related("entry"), lot=lot, bidder=request.organisation, rev=rev)
    body = receipt_of(found)
    if body is None:
        raise Refused("receipt_pending", "回执正在登记入账，请几秒后再试。")
    subject = f"receipt/{found.manifest_hash}"
    document = OfficialDocument.objects.filter(kind="receipt", subject=subject).first()
    if document is None:
        place = body["receipt"]
        document = request_document(
            "receipt", subject=subject, title=f"投标回执（第 {rev} 版）", by=request.user, at=database_now(), readers=[request.organisation],
            attachments={"receipt.json": handed_out(found, body)},
            context={
                "tender": lot.tender.name, "lot": lot.name, "bidder": request.organisation.name, "rev": rev,
                "action": found.get_action_display(), "received_at": found.received_at.astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S"),
                "deadline": found.deadline.astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S"), "manifest": found.manifest_hash,
                "files": [{"name": row.get_name_display(), "sha256": row.sha256} for row in found.envelopes.all()], "index": place["index"], "size": place["size"], "root": place["root"],
            },
        )  # fmt: skip
    return sent(ensure_sealed(document).sealed)
