"""Doors of draws: the public record of each, and the room in which its parties make the random numbers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Duty, Organisation
from accounts.permissions import require_duty
from accounts.stepup import official_act
from draws import actions
from draws.files import draw_file
from draws.forms import OpenDrawForm
from draws.models import Draw, DrawParty
from ledger.canonical import b64u
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to
from web.live import unchanged, versioned
from web.posted import posted

STAGES = (
    (Draw.State.COMMIT, "名单固定，各方承诺"),
    (Draw.State.REVEAL, "各方公开随机数"),
    (Draw.State.SEEDING, "存证后计算"),
    (Draw.State.RESULT, "结果"),
)
TAKERS = ("staff", "supervisor", "agency", "tenderee")


def steps_of(draw):
    state = Draw.State.REVEAL if draw.state == Draw.State.RECOVER else draw.state
    order = [value for value, _ in STAGES]
    place = order.index(state) if state in order else -1
    done = draw.state == Draw.State.RESULT
    return [
        {"label": label, "note": "", "state": "done" if at < place or done else "now" if at == place else ""}
        for at, (_, label) in enumerate(STAGES)
    ]


def rows_of(draw):
    """The order as it came out, stratum by stratum; names where they may be known."""
    shown = not draw.confidential
    for stratum in draw.strata:
        rows = draw.candidates.filter(stratum=stratum["id"])
        rows = rows.order_by("place" if draw.state == Draw.State.RESULT else "position")
        yield {
            "stratum": stratum,
            "count": rows.count(),
            "rows": [
                {
                    "row": row,
                    "name": named(actions.opened(row)["candidate"]) if shown or (draw.names_at and row.state == row.State.CHOSEN) else "",
                }
                for row in rows[:200]
            ],
        }


def named(candidate):
    """How a candidate is called on a page: by its name, or by what stands in for one."""
    return candidate.get("name") or candidate.get("expert") or candidate.get("value") or ""


@open_to("public")
@require_safe
def draws(request):
    """All draws, newest first."""
    page = Paginator(Draw.objects.all(), 30).get_page(request.GET.get("page"))
    return render(request, "draws/draws.html", {"page": page})


@open_to("public")
@require_safe
def draw(request, number):
    """A draw explained step by step, and computed again in the reader's own browser."""
    found = get_object_or_404(Draw, number=number)
    parties = found.parties.select_related("organisation").order_by("role")
    return render(
        request,
        "draws/draw.html",
        {"draw": found, "parties": parties, "lists": list(rows_of(found)), "steps": steps_of(found)},
    )


@open_to("public")
@require_safe
def draw_json(request, number):
    """Everything with which anybody verifies the draw without this platform."""
    return JsonResponse(draw_file(get_object_or_404(Draw, number=number)), json_dumps_params={"ensure_ascii": False})


@open_to(*TAKERS)
@require_safe
@never_cache
def own_draws(request):
    """The draws in which one takes part; the centre's staff see all that run."""
    rows = Draw.objects.filter(parties__person=request.user) | Draw.objects.filter(defined_by=request.user)
    return render(request, "draws/own.html", {"rows": rows.distinct()[:50], "is_staff": "staff" in request.audiences})


def watched(request, number):
    """A draw that the person takes part in or has begun, and the part (None for who only began it)."""
    found = get_object_or_404(Draw, number=number)
    party = found.parties.filter(person=request.user).select_related("key").first()
    if party is None and found.defined_by_id != request.user.pk:
        raise Http404
    return found, party


def room_context(found, party):
    parties = list(found.parties.select_related("organisation", "person", "key"))
    missing = [row for row in parties if not row.r] if found.state == Draw.State.RECOVER else []
    given = set()
    if party is not None:
        given = set(party.draw.parties.filter(recovered_shares__holder=party, recovered_shares__right=True).values_list("pk", flat=True))
    return {
        "draw": found,
        "party": party,
        "parties": parties,
        "steps": steps_of(found),
        "missing": [{"row": row, "given": row.pk in given} for row in missing if party is not None and row.pk != party.pk],
        "stage": f"{found.state}/{party.commit if party else ''}/{party.r if party else ''}/{sorted(given)}",
        "now": database_now(),
    }


@open_to(*TAKERS)
@require_safe
@ensure_csrf_cookie
@never_cache
def room(request, number):
    """Where the parties commit to their numbers and reveal them."""
    found, party = watched(request, number)
    context = room_context(found, party)
    base = reverse("draws:room", args=[number])
    terms = {"version": found.version, "stage": context["stage"], "live_url": f"{base}live/", "draw": number, "state": found.state}
    if party is not None:
        terms |= {
            "party": party.role,
            "kid": party.key.kid,
            "k": found.k,
            "parties": [{"kid": row.key.kid, "spki": b64u(bytes(row.key.spki))} for row in context["parties"]],
            "commit": party.commit,
            "own_copy": party.own_copy,
            "commit_url": f"{base}commitment/",
            "reveal_url": f"{base}number/",
            "shares": {
                str(each["row"].pk): {
                    "party": each["row"].role,
                    "commit": each["row"].commit,
                    "url": f"{base}shares/{each['row'].pk}/",
                    "share": next(share for share in each["row"].shares if share["kid"] == party.key.kid),
                }
                for each in context["missing"]
            },
        }
    return render(request, "draws/room.html", {**context, "terms": terms})


@open_to(*TAKERS)
@require_safe
def room_live(request, number):
    """The changing part of the room; 304 while nothing changed."""
    found, party = watched(request, number)
    return unchanged(request, found.version) or versioned(render(request, "draws/_live.html", room_context(found, party)), found.version)


@open_to("supervisor")
@require_safe
@never_cache
def full_list(request, number):
    """The whole list with all salts, for the supervisor who takes part: the draw's candidates can be checked in private."""
    found, party = watched(request, number)
    if party is None or party.role != DrawParty.Role.SUPERVISOR:
        raise Http404
    response = JsonResponse(draw_file(found, full=True), json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{number}-full.json"'
    return response


@open_to(*TAKERS)
@require_POST
def commit(request, number):
    found, _ = watched(request, number)
    value, shares, own_copy, signature = posted(request, "commit", "shares", "own_copy", "signature")
    if not isinstance(shares, list) or not isinstance(own_copy, dict):
        raise Refused("incomplete", "提交的内容不完整。", next_step="请刷新页面后重试。", status=400)
    actions.commit(found, str(value), shares, own_copy, str(signature), by=request.user, at=database_now())
    return JsonResponse({"state": "committed"}, status=201)


@open_to(*TAKERS)
@require_POST
def reveal(request, number):
    found, _ = watched(request, number)
    (r,) = posted(request, "r")
    actions.reveal(found, str(r), by=request.user, at=database_now())
    return JsonResponse({"state": "revealed"})


@open_to(*TAKERS)
@require_POST
def give_share(request, number, pk):
    found, _ = watched(request, number)
    share, signature = posted(request, "share", "signature")
    missing = get_object_or_404(DrawParty.objects.select_related("draw"), pk=pk, draw=found)
    actions.give_share(missing, str(share), str(signature), by=request.user, at=database_now())
    return JsonResponse({"state": "share_ok"})


@open_to("staff")
@official_act("发起公开抽取", target="新的抽取")
def new_draw(request):
    """Begin a draw among an open list: agencies, lots, coefficients, objects of inspection."""
    form = OpenDrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            centre = require_duty(request.user, Organisation.Kind.CENTRE, Duty.DRAW)
            made = actions.define_draw(
                data["purpose"],
                title=data["title"],
                rule=data["rule"],
                strata=[{"id": "all", "name": "全部", "take": data["take"]}],
                candidates={"all": [{"name": line} for line in data["candidates"]]},
                parties=form.parties(request.user, centre),
                confidential=False,
                by=request.user,
                at=database_now(),
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "抽取已发起，名单已固定。请三方分别进入抽取室提交随机数。")
            return redirect("draws:room", made.number)
    return render(request, "draws/new.html", {"form": form})


@open_to("staff")
@require_POST
@official_act("抽取作废", target="抽取 {number}")
def void(request, number):
    found, _ = watched(request, number)
    require_duty(request.user, Organisation.Kind.CENTRE, Duty.DRAW)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("no_reason", "请写明作废的理由。", status=400)
    actions.void_draw(found, reason, by=request.user, at=database_now())
    messages.success(request, "抽取已作废。")
    return redirect("draws:room", number)
