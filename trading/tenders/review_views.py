"""Doors of the review of a tender document: what differs, what was found, and whose turn it is."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE, may_handle
from trading.tenders import actions, forms
from trading.tenders.clauses import hits_in
from trading.tenders.models import DocumentReview, TenderDocument
from trading.tenders.queries import changes_of
from trading.tenders.reviews import mended, stage_waiting, stages_of, standing_version, version_changes, waiting_for
from web.doors import open_to


@open_to("agency", "tenderee", "staff", "supervisor")
@require_safe
def document_changes(request, number):
    """For whoever reviews: which blocks are the standard's, and what the agency wrote into the others."""
    tender = get_object_or_404(Tender.objects.select_related("project__owner", "project__agency", "document"), number=number)
    watches = "staff" in request.audiences or request.user.has_perm(SUPERVISE, tender)
    document = getattr(tender, "document", None)
    if document is None or not watches and not may_handle(request.user, tender):
        raise Http404
    against = document.versions.filter(no=request.GET["against"]).first() if request.GET.get("against", "").isdigit() else None
    return render(
        request,
        "trading/tenders/changes.html",
        {
            "tender": tender, "document": document, "hits": hits_in(document), "versions": document.versions.all(), "against": against,
            "changes": version_changes(against, document) if against else changes_of(document),
            "old_name": f"第 {against.no} 次送审稿" if against else str(document.template), "new_name": "现在的内容",
        },
    )  # fmt: skip


REVIEW_ACTS = {"submit": "送审招标文件", "pass": "确认或备案招标文件", "return": "退回招标文件"}


@open_to("agency", "tenderee", "supervisor")
@official_act(REVIEW_ACTS, target="招标项目 {number}")
def review(request, number):
    """The review desk of one document: what was handed in, what differs, what was found, and whose turn it is."""
    tender = get_object_or_404(
        Tender.objects.select_related("project__owner", "project__agency", "project__regulator", "document"), number=number
    )
    writes = may_handle(request.user, tender) and request.organisation in (tender.project.agency, tender.project.owner)
    confirms = request.organisation == tender.project.owner
    watches = "supervisor" in request.audiences and request.user.has_perm(SUPERVISE, tender)
    document = getattr(tender, "document", None)
    if document is None or not (writes or confirms or watches):
        raise Http404
    version = document.versions.last()
    form = forms.ReturnForm(request.POST or None if request.POST.get("move") == "return" else None)
    if request.method == "POST":
        try:
            if done := move_review(request, document, version, form):
                messages.success(request, done)
                return redirect("trading:review", number)
        except Refused as refusal:
            form = forms.ReturnForm(request.POST)
            form.is_valid()
            form.errors.clear()
            form.add_refusal(refusal)
    stage = stage_waiting(version) if version else None
    turn = stage is not None and ((stage == "tenderee" and confirms) or (stage == "regulator" and watches))
    earlier = document.versions.exclude(pk=version.pk).last() if version else None
    open_document = document.state != TenderDocument.State.PUBLISHED
    return render(
        request,
        "trading/tenders/review.html",
        {
            "tender": tender, "document": document, "version": version, "stage": stage, "turn": turn and open_document, "writes": writes and open_document,
            "steps": review_steps(tender, version), "form": form, "hits": hits_in(document), "earlier": earlier,
            "stale": bool(version) and open_document and standing_version(document) is None,
            "versions": document.versions.select_related("by").prefetch_related("reviews__by").order_by("-no"),
            "problems": actions.problems_of(document, published_at=document.publish_at or database_now()) if open_document else [],
            "mended": mended(earlier, document) if earlier else [],
            "changed": [row["title"] for row in version_changes(earlier, document) if not row["same"]] if earlier else [],
        },
    )  # fmt: skip


def move_review(request, document, version, form):
    """Do what was asked for; answers what to say, or None when the form needs mending."""
    move, now = request.POST.get("move"), database_now()
    if move == "submit":
        made = actions.submit_document(document, by=request.user, at=now)
        return f"已送审（第 {made.no} 次）。"
    if version is None:
        raise Refused("not_waiting", "招标文件还没有送审。")
    if move == "return":
        if not form.is_valid():
            return None
        actions.return_document(version, reasons=form.cleaned_data["reasons"], by=request.user, at=now)
        return "已退回修改，理由已通知编制人。"
    actions.review_document(version, by=request.user, at=now)
    return "已登记。"


def review_steps(tender, version):
    """The stages of a review for the progress list, with what was answered."""
    answers = {row.stage: row for row in version.reviews.select_related("by")} if version else {}
    return [{"label": DocumentReview.Stage(stage).label, "answer": answers.get(stage)} for stage in stages_of(tender)]


@open_to("supervisor", "tenderee")
@require_safe
def reviews(request):
    """Documents that wait for this office: a regulator's to file, an owner's to confirm."""
    if "supervisor" in request.audiences:
        stage = DocumentReview.Stage.REGULATOR
        tenders = get_objects_for_user(request.user, SUPERVISE, klass=Tender.objects.all(), with_superuser=False)
    else:
        stage = DocumentReview.Stage.TENDEREE
        tenders = Tender.objects.filter(project__owner=request.organisation)
    return render(request, "trading/tenders/reviews.html", {"rows": waiting_for(tenders, stage), "stage": stage})
