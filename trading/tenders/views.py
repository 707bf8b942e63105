import secrets
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from disclosure.models import Notice
from documents.actions import ensure_sealed, store_file
from documents.views import sent
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from trading.methods.choosing import described
from trading.procedures.clock import clarification_periods, earliest_dates
from trading.procedures.procedures import place_of, strip_of
from trading.procedures.rules import procurement, works
from trading.procedures.versions import procedure_of
from trading.projects.models import Category, Lot, Project, Tender, ToleratedPaper
from trading.projects.queries import SUPERVISE, may_handle
from trading.standards.difference import difference
from trading.standards.facts import NAMES, pieces
from trading.tenders import actions, forms
from trading.tenders.clauses import hits_in
from trading.tenders.desk import desk_tasks
from trading.tenders.method_choice import chosen_method
from trading.tenders.models import (
    Clarification,
    ClarificationReceipt,
    DocumentAttachment,
    Invitation,
    Suspension,
    TenderDocument,
)
from trading.tenders.notices import shown
from trading.tenders.problems import method_problems
from trading.tenders.queries import (
    bidders_matching,
    chosen_for,
    clock_of,
    drawn_for,
    holds_document,
    is_open_to,
    may_read_tender,
    may_see_tender,
    published_document,
    receipts_shown,
    require_sight,
    statutory_dates,
    stopped_words,
)
from trading.tenders.reviews import standing_version
from trading.tenders.saying import facts_of
from trading.venues.models import VenueBooking
from trading.venues.queries import opening_place_of
from web.doors import open_to


def managed(request, number):
    """A tender the person was assigned to, while acting for one of its sides; for others it does not exist here."""
    tender = get_object_or_404(Tender.objects.select_related("project__owner", "project__agency"), number=number)
    sides = (tender.project.agency, tender.project.owner)
    if request.organisation not in sides or not may_handle(request.user, tender):
        raise Http404
    return tender


def published(request, number):
    """A published tender; a private one only for those who may see it."""
    found = get_object_or_404(
        Tender.objects.select_related("project__owner", "project__agency", "document"),
        number=number,
        published_at__isnull=False,
    )
    require_sight(request.user, request.organisation, found)
    return found


@open_to("agency", "tenderee")
@require_safe
def agency_desk(request):
    """What waits for me, the nearest deadline first, and all tenders of my side with how far they are."""
    now = database_now()
    mine = Tender.objects.filter(Q(project__agency=request.organisation) | Q(project__owner=request.organisation), number__isnull=False)
    drafts = Project.objects.filter(
        Q(agency=request.organisation) | Q(owner=request.organisation),
        state__in=[Project.State.DRAFT, Project.State.RETURNED],
    )
    rows = mine.select_related("project", "document").prefetch_related("lots").order_by("-pk")
    handled = get_objects_for_user(request.user, actions.MANAGE, klass=mine, with_superuser=False)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(
        request,
        "trading/tenders/agency_desk.html",
        {
            "page": page,
            "drafts": drafts.order_by("-updated_at")[:5],
            "tasks": desk_tasks(handled, now)[:12],
            "handled": {row.pk for row in handled},
            "now": now,
        },
    )


@open_to("staff")
@require_safe
def staff_desk(request):
    now = database_now()
    soon = (
        Lot.objects.filter(state__in=[Lot.State.BIDDING, Lot.State.OPENING], bids_due_at__isnull=False)
        .select_related("tender")
        .order_by("bids_due_at")
    )
    return render(
        request,
        "trading/tenders/staff_desk.html",
        {
            "now": now,
            "openings": soon[:30],
            "intake": Project.objects.filter(state=Project.State.SUBMITTED).count(),
            "evaluating": Lot.objects.filter(state=Lot.State.EVALUATING)
            .select_related("tender")
            .prefetch_related(Prefetch("evaluations", to_attr="rounds"))[:30],
        },
    )


@open_to("agency", "tenderee")
@require_safe
def tender_work(request, number):
    """All there is to do for one tender."""
    tender = managed(request, number)
    if not procedure_of(tender).is_sealed:
        return redirect("trading:steps", number, tender.lots.first().no)
    document = actions.draft_document(tender, by=request.user)
    now = database_now()
    open_document = document.state != TenderDocument.State.PUBLISHED
    return render(
        request,
        "trading/tenders/work.html",
        {
            "tender": tender,
            "document": document,
            "lots": tender.lots.all(),
            "questions": tender.questions.filter(answered_at=None),
            "hits": [hit for hit in hits_in(document) if hit.is_open] if open_document else [],
            "problems": actions.problems_of(document, published_at=document.publish_at or now) if open_document else [],
            "dates": statutory_dates(document, on=city_day(now)),
            "receipts": receipts_shown(tender),
            "suspensions": Suspension.objects.filter(lot__tender=tender).in_force(now).select_related("lot"),
            "next_round": getattr(tender, "next_round", None),
            "invitees": len(chosen_for(tender)) if procedure_of(tender).by_invitation else None,
            "bidding": tender.lots.filter(state=Lot.State.BIDDING).exists(),
            "now": now,
        },
    )


@open_to("agency", "tenderee")
@official_act("登记已办事项", target="项目 {number}")
def tender_clock(request, number):
    """The tender's whole statutory clock for who works on it, and the reporting of what was done outside the platform."""
    row = managed(request, number)
    form = forms.FactForm(request.POST or None, tender=row)
    now = database_now()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.report_fact(row, data["lot"], data["name"], data["happened_on"], by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已登记。")
            return redirect("trading:tender_clock", number)
    return render(
        request, "trading/tenders/clock.html", {"tender": row, "form": form, "clock": clock_of(row, on=city_day(now)), "now": now}
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_POST
def supply_paper(request, number, pk):
    """Hand in a paper that was promised for later."""
    row = get_object_or_404(ToleratedPaper.objects.select_related("project"), pk=pk, project__tenders__number=number)
    if request.organisation not in (row.project.agency, row.project.owner):
        raise Http404
    if "file" not in request.FILES:
        raise Refused("no_file", "请选择要补交的文件。", status=400)
    now = database_now()
    file = store_file(request.FILES["file"], by=request.user, organisation=request.organisation, purpose="project", at=now)
    actions.supply_paper(row, file, by=request.user, at=now)
    messages.success(request, "材料已补交。")
    return redirect("trading:project", row.project_id)


@open_to("agency", "tenderee")
def edit_document(request, number):
    """Dates, amounts and texts; kept while one types, even what makes no value yet."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    now = database_now()
    form = forms.DocumentForm(request.POST or None, instance=document, earliest=earliest_dates(now, procedure_of(tender)))
    conflicts = []
    if request.method == "POST":
        good = form.is_valid()
        data, sections, lots = form.parts()
        document = actions.save_document(
            document, data=data, sections=sections, lots=lots, by=request.user, typed=form.typed(), page=form.page()
        )
        conflicts = shown_conflicts(document.conflicts, {name: field.label for name, field in form.fields.items()})
        problems = actions.problems_of(document, published_at=now)
        if request.headers.get("ETP-Part"):
            context = {
                "now": now,
                "form": form,
                "conflicts": conflicts,
                "problems": problems,
                "dates": statutory_dates(document, on=city_day(now)),
            }
            return render(request, "trading/tenders/_saved.html", context)
        if good and not conflicts:
            messages.success(request, "招标文件已保存。")
            return redirect("trading:publish", number)
    return render(
        request,
        "trading/tenders/edit.html",
        {
            "tender": tender,
            "document": document,
            "form": form,
            "conflicts": conflicts,
            "page": request.POST.get("page") or page_name(),
            "revision": request.POST.get("revision") or document.revision,
            "names": NAMES,
            "fixed": [{"title": row.title, "pieces": pieces(row.text, facts_of(document))} for row in document.sections.filter(fixed=True)],
            "earliest": earliest_dates(now, procedure_of(tender)),
            "dates": statutory_dates(document, on=city_day(now)),
            "problems": actions.problems_of(document, published_at=document.publish_at or now),
            "attachment_form": forms.AttachmentForm(),
            "attachments": document.attachments.select_related("file"),
        },
    )


def page_name():
    """A name for an open page, by which its later saves are known as its own."""
    return secrets.token_urlsafe(12)


def shown_conflicts(conflicts, labels):
    """Contradicting changes for the page: both sides beside each other, word by word."""
    return [
        {"conflict": row, "label": labels.get(row.field, row.field), "lines": difference(readable(row.theirs), readable(row.mine))}
        for row in conflicts
    ]


def readable(text):
    """A moment as people write it; other text as it is."""
    try:
        return shown(datetime.fromisoformat(text)) if text[10:11] == "T" else text
    except ValueError:
        return text


@open_to("agency", "tenderee")
@require_safe
def presence(request, number):
    """Who else has the draft open, and what was changed since this page began; a part of the page that asks again and again."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    others = actions.note_presence(document, by=request.user, at=database_now())
    since = request.GET.get("since", "")
    edits = document.edits.filter(applied=True, revision__gt=int(since) if since.isdigit() else document.revision).exclude(by=request.user)
    labels = forms.labels_of(document)
    changes = {(row.by.name, row.field): row for row in edits.select_related("by")}
    rows = [{"who": row.by.name, "at": row.at, "what": labels.get(row.field, row.field)} for row in changes.values()]
    return render(request, "trading/tenders/_others.html", {"others": others, "changes": rows[-6:]})


@open_to("agency", "tenderee")
@require_POST
def add_attachment(request, number):
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    form = forms.AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refused("no_file", "请填写名称并选择要上传的文件。", status=400)
    file = store_file(
        form.cleaned_data["file"], by=request.user, organisation=request.organisation, purpose="tender_document",
        at=database_now(),
    )  # fmt: skip
    actions.add_attachment(document, form.cleaned_data["title"], file, by=request.user)
    messages.success(request, "附件已上传。")
    return redirect("trading:edit_document", number)


@open_to("agency", "tenderee")
@require_POST
def remove_attachment(request, number, pk):
    tender = managed(request, number)
    actions.remove_attachment(get_object_or_404(DocumentAttachment, document__tender=tender, pk=pk), by=request.user)
    messages.success(request, "附件已移除。")
    return redirect("trading:edit_document", number)


@open_to("agency", "tenderee")
def edit_criteria(request, number):
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    chosen = chosen_method(document, preset=request.GET.get("preset"), method=request.POST.get("m-method") or request.GET.get("method"))
    conflicts = []
    formset = forms.CriterionFormSet(request.POST or None, initial=None if request.POST else chosen.criteria, prefix="c")
    method = forms.MethodForm(request.POST or None, initial=chosen.settings, prefix="m", method=chosen.method, day=city_day(database_now()))
    if request.method == "POST" and formset.is_valid() and method.is_valid():
        rows = [
            {key: value for key, value in row.items() if key != "DELETE"} for row in formset.cleaned_data if row and not row.get("DELETE")
        ]
        page = forms.page_of(request.POST)
        document = actions.save_criteria(
            document, rows, by=request.user, method=chosen.method.code, method_settings=method.settings(), page=page
        )
        conflicts = shown_conflicts(document.conflicts, {"criteria": "评审标准和价格公式"})
        if not conflicts:
            messages.success(request, "评标办法和评审标准已保存。")
            return redirect("trading:publish", number)
    return render(
        request,
        "trading/tenders/criteria.html",
        {
            "tender": tender, "formset": formset, "form": method, "chosen": chosen, "conflicts": conflicts, "page": request.POST.get("page") or page_name(),
            "revision": request.POST.get("revision") or document.revision,
            "problems": method_problems(document, city_day(database_now())) if chosen.saved else [],
        },
    )  # fmt: skip


@open_to("agency", "tenderee")
def clauses(request, number):
    """Each phrase that may shut bidders out: mended in the text, or answered for with a reason."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    form = forms.ClauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_clause(document, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已记录保留理由。")
            return redirect("trading:clauses", number)
    return render(
        request,
        "trading/tenders/clauses.html",
        {"tender": tender, "document": document, "form": form, "hits": hits_in(document)},
    )


@open_to("agency", "tenderee")
def invitees(request, number):
    """Whom an invited tender invites: found in the register and named, or as the desk has drawn them."""
    tender = managed(request, number)
    form = forms.InviteeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.name_invitee(tender, form.cleaned_data["organisation"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"已列入受邀单位：{form.cleaned_data['organisation'].name}。")
            return redirect("trading:invitees", number)
    named = tender.invitations.select_related("organisation")
    question = request.GET.get("q", "").strip()[:60]
    return render(
        request,
        "trading/tenders/invitees.html",
        {
            "tender": tender, "form": form, "q": question, "rule": works.INVITEES, "chosen": chosen_for(tender), "drawn": bool(drawn_for(tender)),
            "named": named, "found": bidders_matching(question).exclude(invitations__tender=tender)[:20] if question else [],
        },
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_POST
def remove_invitee(request, number, pk):
    tender = managed(request, number)
    actions.remove_invitee(get_object_or_404(Invitation, tender=tender, pk=pk), by=request.user)
    messages.success(request, "已从受邀单位中移除。")
    return redirect("trading:invitees", number)


@open_to("agency", "tenderee")
@official_act({"": "发布招标公告和招标文件", "1": "取消定时发布"}, field="withdraw", target="招标项目 {number}")
def publish(request, number):
    """The last look before publication: what still breaks a rule, and the button."""
    tender = managed(request, number)
    document = actions.draft_document(tender, by=request.user)
    now = database_now()
    form = forms.PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moment = form.cleaned_data["publish_at"]
        try:
            if "withdraw" in request.POST:
                actions.unschedule_publication(document, by=request.user)
                messages.success(request, "已取消定时发布。")
            elif moment:
                actions.schedule_publication(document, moment, by=request.user, at=now)
                messages.success(request, "已安排定时发布。")
            else:
                made = actions.publish_tender(tender, by=request.user, at=now)
                messages.success(request, "投标邀请书已发出，只有受邀单位能看到。" if made.private else "公告已发布，公众现在就能看到。")
            return redirect("trading:tender_work", number)
        except Refused as refusal:
            form.add_refusal(refusal)
    return render(
        request,
        "trading/tenders/publish.html",
        {
            "tender": tender,
            "document": document,
            "by_invitation": procedure_of(tender).by_invitation,
            "form": form,
            "lots": tender.lots.all(),
            "problems": actions.problems_of(document, published_at=document.publish_at or now),
            "sections": sections_shown(document),
            "reviewed": standing_version(document),
            "method": described(document.method, document.method_settings),
            "criteria": document.criteria.order_by("no"),
            "attachments": document.attachments.select_related("file"),
        },
    )


def sections_shown(document):
    """The blocks as readers get them, with the inserted facts marked."""
    facts = facts_of(document)
    return [
        {
            "title": row.title,
            "fixed": row.fixed,
            "pieces": [{"text": row.published_text}] if row.published_text else pieces(row.text, facts),
        }
        for row in document.sections.all()
    ]


@open_to("agency", "tenderee")
@official_act("发布澄清与修改", target="招标项目 {number}")
def clarify(request, number):
    tender = managed(request, number)
    if published_document(tender) is None:
        raise Http404
    waiting = tender.questions.filter(answered_at=None)
    form = forms.ClarificationForm(request.POST or None, questions=waiting, hall=tender.document.hall)
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_clarification(
                tender,
                text=form.cleaned_data["text"],
                answers=form.answers(),
                affects_bids=form.cleaned_data["affects_bids"],
                new_bids_due_at=form.cleaned_data["new_bids_due_at"],
                hall=form.cleaned_data.get("hall"),
                by=request.user,
                at=database_now(),
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "澄清已发布并通知全部文件获取人。")
            booking = opening_place_of(tender)
            if booking is not None and booking.state == VenueBooking.State.UNPLACED:
                messages.success(request, "原开标场地在新时间已被占用，已通知交易中心另行安排，安排后会通知你和文件获取人。")
            return redirect("trading:tender_work", number)
    periods = clarification_periods(procedure_of(tender), on=tender.rules_on or city_day(database_now()))
    latest = min((rule.latest_start(city_day(tender.document.bids_due_at)) for rule in periods), default=None)
    return render(request, "trading/tenders/clarify.html", {"tender": tender, "form": form, "latest": latest})


@open_to("agency", "tenderee")
@official_act("终止招标", target="招标项目 {number}")
def terminate(request, number):
    tender = managed(request, number)
    form = forms.ReasonForm(request.POST or None, number=tender.number)
    if request.method == "POST" and form.is_valid():
        actions.terminate_tender(tender, reason=form.cleaned_data["reason"], by=request.user, at=database_now())
        messages.success(request, "已终止招标并发布公告。")
        return redirect("trading:tender_work", number)
    return render(request, "trading/tenders/terminate.html", {"tender": tender, "form": form})


@open_to("agency", "tenderee")
@require_POST
def next_round(request, number, no):
    tender = managed(request, number)
    lot = get_object_or_404(Lot, tender=tender, no=no)
    again = actions.open_next_round(lot, by=request.user, at=database_now())
    messages.success(request, "已建立新一次招标，请修改招标文件后发布。")
    return redirect("trading:tender_work", again.number)


OUTCOMES = (
    Notice.Kind.OPENING, Notice.Kind.CANDIDATES, Notice.Kind.RESULT, Notice.Kind.CONTRACT, Notice.Kind.FAILURE, Notice.Kind.TERMINATION,
)  # fmt: skip


# What the public page tells of protest, by category.
WORKS_REMEDIES = (works.DOCUMENT_OBJECTION, works.RESULT_OBJECTION_REPLY, works.COMPLAINT_FILING)
REMEDIES = {Category.PROCUREMENT: (procurement.CHALLENGE_FILING, procurement.CHALLENGE_REPLY, procurement.COMPLAINT_FILING)}


@open_to("public")
@require_safe
def tender(request, number):
    """The public page of a tender: where it stands, and everything that was published about it."""
    row = published(request, number)
    organisation = request.organisation if "bidder" in request.audiences else None
    lots = list(row.lots.all())
    now = database_now()
    procedure = procedure_of(row)
    furthest = max(lots, key=lambda lot: place_of(procedure, lot.state))
    document = published_document(row)
    return render(
        request,
        "trading/tenders/tender.html",
        {
            "tender": row,
            "document": document,
            "procedure": procedure,
            "lots": lots,
            "steps": strip_of(procedure, furthest.state),
            "notices": Notice.objects.filter(tender_number=row.number).defer("body", "text", "search"),
            "first": document.notice if document else Notice.objects.filter(tender_number=row.number).last(),
            "outcome": Notice.objects.filter(tender_number=row.number, kind__in=OUTCOMES).defer("body", "text", "search").first(),
            "questions": row.questions.exclude(answered_at=None).order_by("answered_at"),
            "holds": holds_document(row, organisation),
            "is_bidder": organisation is not None and is_open_to(row, organisation),
            "remedies": REMEDIES.get(row.project.category, WORKS_REMEDIES),
            "activity": stopped_words(row)[0],
            "reviews": "staff" in request.audiences or request.user.has_perm(SUPERVISE, row),
            "suspensions": Suspension.objects.filter(lot__tender=row).in_force(now).select_related("lot"),
            "clock": [each for each in clock_of(row, on=city_day(now)) if each.row.is_public],
            "earlier": shown_round(request, row.previous),
            "later": shown_round(request, Tender.objects.filter(previous=row).first()),
            "now": now,
            "nav": "notices",
        },
    )


def shown_round(request, row):
    """The earlier or later round of a tender, if it is published and the reader may see it."""
    return row if row and row.published_at and may_see_tender(request.user, request.organisation, row) else None


@open_to("bidder")
@require_POST
def obtain(request, number):
    row = published(request, number)
    actions.obtain_document(row, request.organisation, by=request.user, at=database_now())
    messages.success(request, "已取得招标文件，可以下载、提问和编制投标文件。获取人名单在开标前保密。")
    return redirect("trading:held", number)


def held_tender(request, number):
    """A tender whose document the acting bidder holds; for others this page does not exist."""
    row = published(request, number)
    if not holds_document(row, request.organisation):
        raise Http404
    return row


@open_to("bidder")
@require_safe
def held(request, number):
    """What a holder has of a tender: the document, its attachments, the clarifications with their receipts, its questions."""
    row = held_tender(request, number)
    return render(
        request,
        "trading/tenders/held.html",
        {
            "tender": row,
            "document": row.document,
            "lots": row.lots.all(),
            "attachments": row.document.attachments.select_related("file"),
            "receipts": ClarificationReceipt.objects.filter(
                clarification__tender=row, organisation=request.organisation
            ).select_related("clarification__notice").order_by("clarification__no"),
            "questions": row.questions.filter(asker=request.organisation).select_related("clarification__notice"),
            "now": database_now(),
        },
    )  # fmt: skip


@open_to("bidder")
@require_POST
def acknowledge(request, number, no):
    row = held_tender(request, number)
    clarification = get_object_or_404(Clarification, tender=row, no=no)
    actions.acknowledge_clarification(clarification, request.organisation, by=request.user, at=database_now())
    messages.success(request, f"已确认收到第 {no} 号澄清。")
    return redirect("trading:held", number)


@open_to("bidder", "agency", "tenderee", "staff", "supervisor")
@require_safe
def download(request, number):
    """The tender document, for who holds it and for those who work on or watch the tender."""
    row = published(request, number)
    document = published_document(row)
    if document is None:
        raise Http404
    if not may_read_tender(request.user, request.organisation, row):
        raise Forbidden("no_document", "你单位尚未获取本项目的招标文件。", next_step="请先在项目页面获取招标文件（免费）。")
    return sent(ensure_sealed(document.printed).sealed)


@open_to("bidder")
def ask(request, number):
    row = held_tender(request, number)
    form = forms.QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_question(row, request.organisation, form.cleaned_data["text"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "问题已提交。答复会对所有人公开，不会显示你单位的名称。")
            return redirect("trading:held", number)
    return render(request, "trading/tenders/ask.html", {"tender": row, "form": form})
