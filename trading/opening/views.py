from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from ledger.alarms import raise_alarm
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.age import parse_header
from sealing.vault import read
from trading.deposits.queries import finding_for, findings
from trading.opening import actions, fallback
from trading.opening.models import Fallback, OpenedBid, OpenedFile, Opening, OpeningObjection
from trading.projects.models import Lot
from web.doors import open_to
from web.live import unchanged, versioned
from web.posted import posted
from web.streamed import streamed

STAGES = (("waiting", "等待开标"), ("keys", "解密"), ("decrypting", "读取文件"), ("revealed", "唱标与异议"), ("closed", "结束"))
REVEALED = (Opening.State.REVEALED, Opening.State.CLOSED)


def opening_of(number, no):
    """The lot's opening that is going on, or was last: with two envelopes the second, once the first is judged.

    No address leads to another one, so nothing can be asked of an envelope before its own opening is prepared.
    """
    found = Opening.objects.select_related(
        "lot__tender__project__owner", "lot__tender__project__agency", "lot__tender__document", "host"
    ).filter(lot__tender__number=number, lot__no=no)
    opening = found.order_by("-pk").first()
    if opening is None:
        raise Http404
    return opening


def not_before_the_lock(request, number, no):
    """Asking for the way into a bid before the lock is refused, and is an alarm: nothing of ours ever asks so early."""
    lot = get_object_or_404(Lot, tender__number=number, no=no)
    if Opening.objects.filter(lot=lot).exists():
        return
    raise_alarm(
        "key.early",
        f"{number}/{no}",
        "投标截止、锁定之前有人索取投标文件的密钥或文件头。",
        private={"person": request.user.pseudonym, "address": request.META.get("REMOTE_ADDR", ""), "path": request.path},
    )
    raise Forbidden("not_locked", "投标截止并锁定之前，任何人都不能开启投标文件。", rule="《招标投标法》第三十四条")


def may_watch(request, opening):
    """Bidders of this lot, those who work on or watch the tender, and the centre's staff."""
    tender = opening.lot.tender
    if "staff" in request.audiences or request.user.has_perm("trading.manage_tender", tender):
        return True
    if "supervisor" in request.audiences and request.user.has_perm("trading.supervise_tender", tender):
        return True
    return "bidder" in request.audiences and OpenedBid.objects.filter(opening__lot=opening.lot, bid__bidder=request.organisation).exists()


def own(request, opening):
    if "bidder" not in request.audiences:
        return None
    return opening.bids.filter(bid__bidder=request.organisation).select_related("opening", "bid__bidder", "bid__lot__tender").first()


def is_supervisor(request, tender):
    return "supervisor" in request.audiences and request.user.has_perm("trading.supervise_tender", tender)


def fallbacks_for(request, opening):
    """The emergency openings that this watcher has a part in: all for the host and supervisors, else those one holds a share of."""
    rows = Fallback.objects.filter(opened__opening=opening).select_related(
        "opened__opening", "opened__bid__bidder", "opened__bid__lot__tender", "requested_by"
    )
    found = []
    for row in rows.order_by("requested_at"):
        row.opened.opening = opening
        policy = fallback.policy_for(row.opened)
        given = set(row.shares.filter(right=True).values_list("kid", flat=True))
        places = [each for each in policy["holders"] if each["id"] == request.user.pseudonym]
        if places or "staff" in request.audiences or is_supervisor(request, opening.lot.tender):
            found.append(
                {
                    "row": row, "needed": policy["k"], "given": len(given), "holder": bool(places),
                    "done": any(each["kid"] in given for each in places), "bad": row.shares.filter(right=False).count(),
                }
            )  # fmt: skip
    return found


def stage_of(opening, fallbacks, asked):
    """Changes whenever the page needs other forms than it has: the browser then loads it anew."""
    shares = ";".join(f"{each['row'].pk},{each['row'].state},{each['done']}" for each in fallbacks)
    return f"{opening.envelope}/{opening.state}/{shares}/{asked.state if asked else ''}/{opening.proposed_minutes or ''}"


def first_of(opening):
    """The opening of the first envelope, when this is that of the second: its record stays at hand."""
    return Opening.objects.filter(lot=opening.lot).exclude(pk=opening.pk).select_related("record").first() if opening.is_second else None


def hall_context(request, opening):
    """What this watcher may see now: before the reveal nobody sees a price or how another's decryption went."""
    mine = own(request, opening)
    asked = Fallback.objects.filter(opened=mine).first() if mine is not None else None
    shown = opening.state in REVEALED
    bids = opening.bids.select_related("bid__bidder")
    checked = set(opening.check_ins.values_list("organisation", flat=True))
    deposits = findings(opening.lot) if shown else {}
    fallbacks = fallbacks_for(request, opening)
    stages = [value for value, _ in STAGES]
    place = stages.index(opening.state) if opening.state in stages else -1
    return {
        "opening": opening, "lot": opening.lot, "tender": opening.lot.tender, "mine": mine, "shown": shown, "first": first_of(opening),
        "returned": mine is None and "bidder" in request.audiences,
        "rows": [{"bid": row, "checked": row.bid.bidder_id in checked, "own": mine is not None and row.pk == mine.pk,
                   "deposit": finding_for(opening.lot, row.bidder, deposits)} for row in bids],
        "lines": opening.lines.all()[:60],
        "objections": opening.objections.select_related("organisation").order_by("at"),
        "confirmed": mine is not None and opening.confirmations.filter(organisation=request.organisation).exists(),
        "confirmations": opening.confirmations.count(),
        "checked_in": mine is not None and request.organisation.pk in checked,
        "is_host": "staff" in request.audiences, "is_supervisor": is_supervisor(request, opening.lot.tender), "now": database_now(),
        "fallbacks": fallbacks, "asked": asked, "stage": stage_of(opening, fallbacks, asked),
        "asked_given": asked.shares.filter(right=True).count() if asked else 0,
        "asked_needed": fallback.policy_for(mine)["k"] if mine is not None else 0,
        "steps": [
            {"label": label, "note": "", "state": "done" if at < place or opening.state == "closed" else "now" if at == place else ""}
            for at, (_, label) in enumerate(STAGES)
        ],
    }  # fmt: skip


@open_to("bidder", "agency", "tenderee", "staff", "supervisor")
@require_safe
@ensure_csrf_cookie
@never_cache
def hall(request, number, no):
    lot = get_object_or_404(Lot.objects.select_related("tender"), tender__number=number, no=no)
    if not Opening.objects.filter(lot=lot).exists():
        return render(request, "trading/opening/not_yet.html", {"lot": lot, "now": database_now()})
    opening = opening_of(number, no)
    if not may_watch(request, opening):
        raise Http404
    context = hall_context(request, opening)
    base = f"/openings/{number}/{no}/"
    terms = {"version": opening.version, "stage": context["stage"], "live_url": f"{base}live/"}
    if context["mine"] is not None:
        terms |= {
            "about": actions.about(context["mine"]), "context": actions.context_of(context["mine"]),
            "header_url": f"{base}header/", "key_url": f"{base}key/", "fallback_url": f"{base}fallback/",
        }  # fmt: skip
    terms["shares"] = {
        str(each["row"].pk): {
            "about": actions.about(each["row"].opened), "context": actions.context_of(each["row"].opened),
            "header_url": f"{base}fallback/{each['row'].pk}/header/", "share_url": f"{base}fallback/{each['row'].pk}/share/",
        }
        for each in context["fallbacks"] if each["holder"] and each["row"].state == Fallback.State.APPROVED
    }  # fmt: skip
    return render(request, "trading/opening/hall.html", {**context, "terms": terms})


@open_to("bidder", "agency", "tenderee", "staff", "supervisor")
@require_safe
def live(request, number, no):
    """The changing parts of the hall; 304 while nothing changed."""
    opening = opening_of(number, no)
    if not may_watch(request, opening):
        raise Http404
    return unchanged(request, opening.version) or versioned(
        render(request, "trading/opening/_live.html", hall_context(request, opening)), opening.version
    )


@open_to("bidder")
@require_safe
def header(request, number, no):
    """The header of one's own sealed bid, a kilobyte, to unwrap the file key from."""
    not_before_the_lock(request, number, no)
    mine = actions.own_bid(opening_of(number, no), request.organisation)
    with mine.sealed.upload.open() as sealed:
        length = parse_header(sealed).length
        sealed.seek(0)
        return HttpResponse(sealed.read(length), content_type="application/octet-stream")


@open_to("bidder")
@require_POST
def release(request, number, no):
    not_before_the_lock(request, number, no)
    opening = opening_of(number, no)
    mine = actions.own_bid(opening, request.organisation)
    key, signature = (str(each) for each in posted(request, "file_key", "signature"))
    actions.release_key(mine, key, signature, by=request.user, at=database_now())
    return JsonResponse({"state": "key_ok"})


@open_to("bidder")
@require_POST
def check_in(request, number, no):
    actions.check_in(opening_of(number, no), request.organisation, by=request.user, at=database_now())
    messages.success(request, "已签到。")
    return redirect("trading:hall", number, no)


@open_to("bidder")
@require_POST
def raise_objection(request, number, no):
    text = request.POST.get("text", "").strip()
    if not text:
        raise Refused("empty", "请写明异议内容。", status=400)
    actions.object_in_hall(opening_of(number, no), request.organisation, text[:2000], by=request.user, at=database_now())
    messages.success(request, "异议已提出，主持人须当场答复。")
    return redirect("trading:hall", number, no)


@open_to("bidder")
@require_POST
def confirm(request, number, no):
    actions.confirm_record(opening_of(number, no), request.organisation, by=request.user, at=database_now())
    messages.success(request, "已确认开标记录。")
    return redirect("trading:hall", number, no)


HOSTING = {
    "start": "宣布开标", "extend": "提请延长解密时限", "fallback": "提请应急解密", "answer": "答复开标异议", "close": "宣布开标结束",
}  # fmt: skip


@open_to("staff")
@require_POST
@official_act(HOSTING, target="{number} 第 {no} 标段")
def host_move(request, number, no):
    """The host's moves: start, extend the key window, answer an objection, close."""
    opening = opening_of(number, no)
    now, move = database_now(), request.POST.get("move")
    if move == "start":
        actions.start_opening(opening, by=request.user, at=now)
    elif move == "extend":
        minutes = int(request.POST.get("minutes") or 0)
        reason = request.POST.get("reason", "").strip()
        if not 0 < minutes <= 60 or not reason:
            raise Refused("bad_extension", "请填写延长分钟数（1 至 60）和理由。", status=400)
        actions.propose_extension(opening, minutes=minutes, reason=reason[:200], by=request.user, at=now)
    elif move == "fallback":
        opened = get_object_or_404(OpenedBid.objects.select_related("opening__lot"), pk=request.POST.get("bid") or 0, opening=opening)
        fallback.request_by_host(opened, request.POST.get("reason", "").strip(), by=request.user, at=now)
        messages.success(request, "已提请应急解密，等待监督人员批准。")
    elif move == "answer":
        objection = get_object_or_404(OpeningObjection, pk=request.POST.get("objection") or 0, opening=opening)
        answer = request.POST.get("answer", "").strip()
        if not answer:
            raise Refused("empty", "请写明答复。", status=400)
        actions.answer_objection(objection, answer, by=request.user, at=now)
    elif move == "close":
        actions.close_opening(opening, by=request.user, at=now)
    return redirect("trading:hall", number, no)


@open_to("supervisor")
@require_POST
@official_act("同意延长解密时限", target="{number} 第 {no} 标段")
def agree_extension(request, number, no):
    actions.agree_extension(opening_of(number, no), by=request.user, at=database_now())
    messages.success(request, "已同意延长解密时限。")
    return redirect("trading:hall", number, no)


@open_to("bidder")
@require_POST
def request_fallback(request, number, no):
    """A bidder's signed request for the emergency opening of its own bid (JSON)."""
    reason, signature = (str(each) for each in posted(request, "reason", "signature"))
    fallback.request_by_bidder(opening_of(number, no), request.organisation, reason, signature, by=request.user, at=database_now())
    return JsonResponse({"code": "fallback_pending"}, status=201)


def fallback_of(number, no, pk):
    rows = Fallback.objects.select_related("opened__opening__lot__tender", "opened__bid__bidder", "opened__bid__lot__tender")
    return get_object_or_404(rows, pk=pk, opened__opening__lot__tender__number=number, opened__opening__lot__no=no)


def fallback_named(number, no, pk):
    found = Fallback.objects.select_related("opened__bid__bidder").filter(pk=pk).first()
    return f"{number} 第 {no} 标段，{found.opened.bid.bidder.name}的投标文件" if found else f"{number} 第 {no} 标段"


@open_to("supervisor")
@require_POST
@official_act({"approve": "批准应急解密", "refuse": "不批准应急解密"}, field="decision", target=fallback_named)
def decide_fallback(request, number, no, pk):
    approve = request.POST.get("decision") == "approve"
    reason = request.POST.get("reason", "").strip()
    fallback.decide(fallback_of(number, no, pk), approve=approve, reason=reason, by=request.user, at=database_now())
    messages.success(request, "已批准，等待持钥人。" if approve else "已记录不批准的决定。")
    return redirect("trading:hall", number, no)


@open_to("agency", "tenderee", "staff", "supervisor")
@require_safe
def fallback_header(request, number, no, pk):
    """The header of a bid whose emergency opening was approved, for its holders alone."""
    found = fallback_of(number, no, pk)
    fallback.own_key(found, request.user)
    if found.state != Fallback.State.APPROVED:
        raise Refused("not_approved", "这项应急解密未获批准或已经结束。", next_step="请刷新页面查看。", status=403)
    with found.opened.sealed.upload.open() as sealed:
        length = parse_header(sealed).length
        sealed.seek(0)
        return HttpResponse(sealed.read(length), content_type="application/octet-stream")


@open_to("agency", "tenderee", "staff", "supervisor")
@require_POST
def give_share(request, number, no, pk):
    """One holder's share, signed (JSON)."""
    share, signature = (str(each) for each in posted(request, "share", "signature"))
    fallback.give_share(fallback_of(number, no, pk), share, signature, by=request.user, at=database_now())
    return JsonResponse({"state": "share_ok"})


@open_to("staff", "supervisor", "expert")
@require_safe
def opened_file(request, pk):
    """A file of an opened bid, for those who judge or watch; decrypted as it is sent."""
    file = get_object_or_404(OpenedFile.objects.select_related("bid__opening__lot__tender", "vault"), pk=pk)
    lot = file.bid.opening.lot
    # Of blind bids the committee reads what its desk gives it.
    scores = request.user.has_perm("trading.score_lot", lot) and not lot.tender.document.blind_technical
    if file.bid.opening.state not in REVEALED or not (scores or request.user.has_perm("trading.supervise_tender", lot.tender)):
        raise Http404
    return streamed(read(file.vault), name=file.name)
