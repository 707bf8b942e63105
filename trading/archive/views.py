from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.stepup import official_act
from rulebook.clock import database_now
from sealing.vault import read
from trading.archive.actions import request_archive
from trading.archive.models import LotArchive
from trading.archive.queries import lots_to_archive
from trading.projects.models import Lot
from trading.projects.queries import SUPERVISE
from trading.tenders.actions import MANAGE
from web.doors import open_to


@open_to("staff")
@require_safe
def archives(request):
    """Finished lots that wait for their archive, and the archives there are."""
    made = LotArchive.objects.select_related("lot__tender", "requested_by").order_by("-requested_at")
    return render(
        request, "trading/archive/archives.html",
        {
            "waiting": lots_to_archive().select_related("tender").order_by("tender__number", "no"),
            "page": Paginator(made, 20).get_page(request.GET.get("page")),
            "packing": made.filter(finished_at=None).exists(),
        },
    )  # fmt: skip


@open_to("staff")
@require_POST
@official_act("归档", target="{number} 第 {no} 标段")
def make_archive(request, number, no):
    lot = get_object_or_404(Lot, tender__number=number, no=no)
    request_archive(lot, by=request.user, at=database_now())
    messages.success(request, "正在归档，完成后可以下载。")
    return redirect("trading:archives")


@open_to("staff", "supervisor", "agency", "tenderee")
@require_safe
def archive_file(request, number, no):
    """The ZIP, for the centre, for those who ran the tender, and for its regulator; decrypted as it is sent."""
    found = get_object_or_404(
        LotArchive.objects.select_related("lot__tender", "vault"), lot__tender__number=number, lot__no=no, vault__isnull=False
    )
    tender = found.lot.tender
    if "staff" not in request.audiences and not (request.user.has_perm(MANAGE, tender) or request.user.has_perm(SUPERVISE, tender)):
        raise Http404
    return FileResponse(read(found.vault), as_attachment=True, filename=found.file_name, content_type="application/zip")
