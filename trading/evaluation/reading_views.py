"""The doors of the reading desk: files on the page beside the criteria, and the draft that is saved as one types."""

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from documents.actions import ensure_sealed
from documents.views import sent
from rulebook.clock import CITY, database_now
from rulebook.refusals import Refused
from sealing.vault import read
from trading.evaluation import blind, offsite, reading
from trading.evaluation.drafts import keep_draft
from trading.evaluation.models import Evaluation
from trading.evaluation.views import own_desk
from trading.remote.rules import INTERRUPTION
from web.doors import open_to
from web.posted import posted
from web.streamed import streamed


def reading_seat(request, pk):
    """(evaluation, seat) of a member who may read bids now; refused before the pledge, and once the evaluation is over."""
    evaluation, seat = own_desk(request, pk)
    if not reading.may_read(seat, evaluation):
        raise Refused("desk_closed", "签署无利害关系承诺之后、评标结束之前，才能查阅投标文件。", status=403, next_step="请回到评标桌面。")
    if offsite.is_sealed(evaluation, database_now()):
        raise Refused("sealed", "评标已暂停并封存，恢复以前不能查阅投标文件。", rule=f"{INTERRUPTION.source}：{INTERRUPTION.says}")
    return evaluation, seat


@open_to("expert", "tenderee", "supervisor")
@require_safe
def bid_file(request, pk, attachment):
    """A file of an opened bid: a PDF to be read on the page, anything else as a download; decrypted as it is sent."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("lot__tender__document"), pk=pk)
    if not request.user.has_perm("trading.supervise_tender", evaluation.lot.tender):
        evaluation, _ = reading_seat(request, pk)
        blind.require_shown(evaluation)
    file = get_object_or_404(reading.files_of(evaluation), pk=attachment)
    if reading.is_pdf(file):
        return streamed(read(file.vault), name=file.name, content_type="application/pdf", inline=True)
    return streamed(read(file.vault), name=file.name)


@open_to("expert", "tenderee")
@require_safe
def tender_paper(request, pk, no):
    """The tender document as it was published (0), or one of its clarifications."""
    evaluation, _ = reading_seat(request, pk)
    tender = evaluation.lot.tender
    printed = tender.document.printed if no == 0 else get_object_or_404(tender.clarifications.select_related("printed"), no=no).printed
    if printed is None:
        raise Http404
    return sent(ensure_sealed(printed).sealed)


@open_to("expert", "tenderee")
@require_POST
@never_cache
def draft(request, pk):
    """Keep what stands in the sheet (JSON); answers the moment it was saved."""
    evaluation, seat = own_desk(request, pk)
    if blind.hides(evaluation) and not blind.waiting_seats(evaluation).filter(pk=seat.pk).exists():
        raise Refused("not_writing", "你的技术评分已经提交，不再保存草稿。", next_step="请等待其他成员。")
    (fields,) = posted(request, "fields")
    kept = keep_draft(seat, fields, at=database_now())
    return JsonResponse({"saved_at": f"{kept.saved_at.astimezone(CITY):%H:%M:%S}"})


@open_to("expert", "tenderee")
@require_safe
def blind_file(request, pk, no, attachment):
    """A technical file of the bid behind a code, without its bidder's name."""
    evaluation, _ = reading_seat(request, pk)
    if not blind.hides(evaluation):
        raise Refused("blind_over", "技术评分已全部提交，请按投标人名称查阅原文件。", next_step="请刷新评标桌面。", status=403)
    codes = blind.coded(evaluation)
    files = blind.technical_files(codes[no - 1][1]) if 0 < no <= len(codes) else []
    if not 0 < attachment <= len(files):
        raise Http404
    copy = blind.blind_copy(files[attachment - 1], at=database_now())
    if copy.problem:
        raise Refused("blind_problem", copy.problem, rule=blind.BASIS, next_step="请由评标委员会按招标文件处理。", status=404)
    return streamed(read(copy.vault), name=f"技术标 {attachment}（暗标）.pdf", content_type="application/pdf", inline=True)
