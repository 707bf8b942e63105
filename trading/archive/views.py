from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.archive import actions, forms
from trading.archive.actions.reading import may_look_up
from trading.archive.holds import reasons_to_keep
from trading.archive.models import ArchiveDisposal, ArchiveException, ArchiveHold, ArchiveLookUp, LotArchive
from trading.archive.queries import FINISHED, completeness_of, lots_to_archive, unsealed_papers
from trading.archive.required import CONTRACTED
from trading.archive.retention import BY_CODE, ended_on, retention_of
from trading.projects.models import Lot, Tender
from trading.tenders.actions import MANAGE
from web.doors import open_to

SIDES = ("staff", "supervisor", "agency", "tenderee")


@open_to("staff")
@require_safe
def archives(request):
    """Finished lots that wait for their archive, and the volumes there are."""
    made = LotArchive.objects.select_related("lot__tender", "requested_by").order_by("-requested_at", "-volume")
    waiting, now = lots_to_archive().select_related("tender__project").order_by("tender__number", "no"), database_now()
    page = Paginator(waiting, 20).get_page(request.GET.get("waiting"))
    return render(
        request, "trading/archive/archives.html",
        {
            "waiting": [(lot, completeness_of(lot, now)) for lot in page], "count": waiting.count(), "waiting_page": page,
            "page": Paginator(made, 20).get_page(request.GET.get("page")), "packing": made.filter(finished_at=None).exists(),
            "expired": made.filter(kept_until__lte=city_day(now), vault__isnull=False)[:20], "today": city_day(now),
        },
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_safe
def own_archives(request):
    """The finished lots of my tenders, and what my side still has to hand in for their archives."""
    handled, now = get_objects_for_user(request.user, MANAGE, klass=Tender, with_superuser=False), database_now()
    rows = Lot.objects.filter(tender__in=handled, state__in=(*FINISHED, *CONTRACTED)).select_related("tender__project").order_by("-pk")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "trading/archive/own.html", {"page": page, "rows": [(lot, completeness_of(lot, now)) for lot in page]})


@open_to("staff")
@require_POST
@official_act("归档", target="{number} 第 {no} 标段")
def make_archive(request, number, no):
    lot = get_object_or_404(Lot, tender__number=number, no=no)
    actions.request_archive(lot, by=request.user, at=database_now())
    messages.success(request, "正在归档，完成后可以下载。")
    return redirect("trading:archives")


def read_lot(request, number, no):
    """A lot whose archive the person may look up; for others it does not exist."""
    rows = Lot.objects.select_related("tender__project__owner", "tender__project__agency")
    lot = get_object_or_404(rows, tender__number=number, no=no)
    if not may_look_up(request.user, request.organisation, lot.tender):
        raise Http404
    return lot


MOVES = {
    "paper": None, "verify": None, "except": "提出缺项归档", "approve_exception": "同意缺项归档", "hold": "暂停处置档案", "free": "解除暂停处置",
    "propose": "提出处置到期档案", "dispose": "同意处置到期档案",
}  # fmt: skip


@open_to(*SIDES)
@official_act(MOVES, target="{number} 第 {no} 标段的档案")
def archive(request, number, no):
    """One lot's archive: what is there, what is missing and who supplies it; volumes, look-ups, holds and disposal."""
    lot, now = read_lot(request, number, no), database_now()
    found, wanted = completeness_of(lot, now), request.POST.get("move", "")
    given = {
        "paper": forms.PaperForm(
            request.POST if wanted == "paper" else None, request.FILES or None, items=[row.item for row in found.places if row.there is not None and not row.item.room],
            initial={"item": request.GET.get("item", "")},
        ),
        "except": forms.ExceptionForm(request.POST if wanted == "except" else None, missing=found.missing, prefix="e"),
        "hold": forms.ReasonForm(request.POST if wanted == "hold" else None, prefix="h"),
        "propose": forms.ReasonForm(request.POST if wanted == "propose" else None, prefix="p"),
    }  # fmt: skip
    if request.method == "POST":
        form = given.get(wanted)
        if form is None or form.is_valid():
            try:
                done = carry_out(request, lot, wanted, form.cleaned_data if form else {}, {"by": request.user, "at": now})
            except Refused as refusal:
                if form is None:
                    raise
                form.add_refusal(refusal)
            else:
                messages.success(request, done)
                return redirect("trading:archive", number, no)
    rule, ended = retention_of(lot, city_day(now)), ended_on(lot)
    volumes = list(lot.archives.select_related("requested_by", "vault").prefetch_related("papers"))
    return render(
        request, "trading/archive/archive.html",
        {
            "lot": lot, "found": found, "volumes": volumes, "unsealed": unsealed_papers(lot).select_related("organisation", "file"), "forms": given,
            "rule": rule, "ended": ended, "free_on": rule.earliest(ended) if ended else None, "reasons": reasons_to_keep(lot), "rules": BY_CODE,
            "holds": lot.archive_holds.filter(until=None).select_related("by"), "disposal": ArchiveDisposal.objects.filter(lot=lot).first(),
            "look_ups": ArchiveLookUp.objects.filter(archive__lot=lot).select_related("by", "organisation", "archive")[:20],
            "is_staff": "staff" in request.audiences, "watches": "staff" in request.audiences or "supervisor" in request.audiences,
            "hands_in": "supervisor" not in request.audiences, "finished": lot.state in FINISHED, "going": lot.state not in (*FINISHED, *CONTRACTED), "today": city_day(now),
        },
    )  # fmt: skip


def carry_out(request, lot, move, data, act):
    """The move, and what to say when it is done."""
    if move == "paper":
        file = store_file(data["file"], by=request.user, organisation=request.organisation, purpose="archive", at=act["at"])
        actions.add_paper(lot, data["title"], file, item=data["item"], organisation=request.organisation, **act)
        return "材料已收下，将封入下一卷。"
    if move == "except":
        actions.ask_exception(lot, data["item"], data["reason"], **act)
        return "已提出，等待另一人同意。"
    if move == "approve_exception":
        actions.approve_exception(get_object_or_404(ArchiveException, lot=lot, item=request.POST.get("item")), **act)
        return "已同意缺项归档。"
    if move == "hold":
        actions.place_hold(lot, data["reason"], **act)
        return "已暂停处置。"
    if move == "free":
        actions.end_hold(get_object_or_404(ArchiveHold, lot=lot, pk=request.POST.get("hold") or 0), **act)
        return "已解除暂停处置。"
    if move == "propose":
        actions.propose_disposal(lot, data["reason"], **act)
        return "已提出处置，等待另一人同意。"
    if move == "dispose":
        actions.approve_disposal(get_object_or_404(ArchiveDisposal, lot=lot), **act)
        return "档案已处置，清单和处置记录永久保留。"
    if move == "verify" and "staff" in request.audiences:
        volume = get_object_or_404(
            LotArchive.objects.select_related("vault", "lot__tender"), lot=lot, volume=request.POST.get("volume") or 0
        )
        damage = actions.verify_archive(volume, at=act["at"])
        return f"核验发现不符：{damage}。已告警。" if damage else f"第 {volume.volume} 卷核验一致。"
    raise Refused("unknown_move", "没有这项操作。", next_step="请刷新页面后重试。", status=400)


@open_to(*SIDES)
@require_safe
def archive_file(request, number, no):
    """A volume's ZIP, for the centre, for those who ran the tender, and for its regulator; each look-up is on record."""
    lot = read_lot(request, number, no)
    volume = request.GET.get("volume", "1")
    found = get_object_or_404(
        LotArchive.objects.select_related("lot__tender", "vault"), lot=lot, volume=volume if volume.isdigit() else 0, vault__isnull=False
    )
    pieces = actions.look_up(found, request.organisation, by=request.user, at=database_now())
    return FileResponse(pieces, as_attachment=True, filename=found.file_name, content_type="application/zip")
