from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from rulebook.workdays import workdays_between
from supervision.remedies import actions, forms
from supervision.remedies.links import links_for
from supervision.remedies.models import Complaint, Objection
from supervision.remedies.queries import answers_open_to, decisions_open_to, open_inspection, progress_of
from supervision.remedies.regimes import is_procurement, regime_of
from supervision.remedies.rules import CONTRACT_WAITS
from trading.procedures.rules import procurement, works
from trading.projects.models import Lot, Tender
from trading.tenders.actions import MANAGE
from trading.tenders.queries import require_sight
from web.doors import open_to


def kept(request, file, at):
    """The evidence that came with a form, if any."""
    return file and store_file(file, by=request.user, organisation=request.organisation, purpose="remedy", at=at)


@open_to("bidder")
@require_safe
def own_remedies(request):
    return render(
        request, "supervision/own.html",
        {
            "objections": Objection.objects.filter(organisation=request.organisation)
            .select_related("lot__tender__project")
            .prefetch_related("complaints"),
            "complaints": Complaint.objects.filter(organisation=request.organisation).select_related("lot__tender", "document"),
            "now": database_now(),
        },
    )  # fmt: skip


@open_to("bidder")
def new_objection(request, number, no):
    """Where a bidder objects, or a supplier challenges; to whoever is not concerned the page itself is refused."""
    lot = get_object_or_404(Lot.objects.select_related("tender__project"), tender__number=number, no=no, tender__published_at__isnull=False)
    require_sight(request.user, request.organisation, lot.tender)
    now, word = database_now(), regime_of(lot).protest
    form, rule = protest_form(request, lot, now)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            evidence = kept(request, data.pop("evidence"), now)
            made = actions.file_objection(lot, request.organisation, **data, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{word} {made.number} 已提出。{FILED[word]}")
            return redirect("supervision:own")
    return render(
        request, "supervision/form.html", {"form": form, "lot": lot, "title": f"提出{word}", "button": f"提交{word}", "rule": rule}
    )


FILED = {"异议": "招标人答复前，招标投标活动暂停。", "质疑": f"采购人、代理机构应当在收到后 {procurement.CHALLENGE_REPLY.words()}内答复。"}


def protest_form(request, lot, now):
    """The form for the lot's branch of law, and the rule that it stands under."""
    given = request.POST or None, request.FILES or None
    if is_procurement(lot):
        links = links_for(lot, request.organisation, now)
        in_time = next((link.key for link in reversed(links) if link.is_open(now)), None)
        return forms.ChallengeForm(*given, links=links, at=now, initial={"link": in_time}), procurement.CHALLENGE_FILING
    bidding = lot.state == Lot.State.BIDDING
    matter = Objection.Matter.DOCUMENT if bidding else Objection.Matter.RESULT
    rule = works.DOCUMENT_OBJECTION if bidding else works.RESULT_OBJECTION_REPLY
    return forms.ObjectionForm(*given, initial={"matter": matter}), rule


@open_to("bidder")
@require_POST
def withdraw_objection(request, objection):
    found = get_object_or_404(Objection, number=objection, organisation=request.organisation)
    actions.withdraw_objection(found, by=request.user, at=database_now())
    messages.success(request, f"{found.regime.protest}已撤回。")
    return redirect("supervision:own")


@open_to("bidder")
def new_complaint(request, objection):
    found = get_object_or_404(Objection.objects.select_related("lot__tender__project"), number=objection, organisation=request.organisation)
    form = forms.ComplaintForm(request.POST or None, request.FILES or None, initial={"facts": found.facts, "claim": found.claim})
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, database_now()
        try:
            evidence = kept(request, data.pop("evidence"), now)
            made = actions.file_complaint(found, request.organisation, **data, evidence=evidence, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"投诉 {made.number} 已提交。")
            return redirect("supervision:own_complaint", made.number)
    return render(
        request,
        "supervision/form.html",
        {
            "form": form,
            "lot": found.lot,
            "title": "投诉",
            "button": "提交投诉",
            "rule": found.regime.filing,
            "until": found.complaint_until,
        },
    )


@open_to("bidder")
def own_complaint(request, number):
    """The complainant's view: how it stands, what to correct, how to take it back."""
    found = get_object_or_404(
        Complaint.objects.select_related("lot__tender", "regulator", "document", "notice"), number=number, organisation=request.organisation
    )
    wanted = request.POST.get("move")
    correction = forms.ComplaintForm(
        request.POST if wanted == "correct" else None, request.FILES or None, initial={"facts": found.facts, "claim": found.claim}
    )
    withdrawal = forms.WithdrawalForm(request.POST if wanted == "withdraw" else None)
    form = {"correct": correction, "withdraw": withdrawal}.get(wanted)
    if request.method == "POST" and form is not None and form.is_valid():
        data, now = form.cleaned_data, database_now()
        try:
            if wanted == "correct":
                actions.correct_complaint(found, **{**data, "evidence": kept(request, data["evidence"], now)}, by=request.user, at=now)
            else:
                actions.withdraw_complaint(found, reason=data["reason"], by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "补正已提交。" if wanted == "correct" else "撤回已登记。")
            return redirect("supervision:own_complaint", number)
    return render(
        request, "supervision/own_complaint.html",
        {"complaint": found, "steps": progress_of(found), "correction": correction, "withdrawal": withdrawal, "now": database_now()},
    )  # fmt: skip


@open_to("agency", "tenderee")
@require_safe
def objections(request):
    mine = get_objects_for_user(request.user, MANAGE, Tender)
    rows = Objection.objects.filter(lot__tender__in=mine).select_related("lot__tender__project", "organisation")
    return render(request, "supervision/objections.html", {"rows": rows, "now": database_now()})


@open_to("agency", "tenderee")
@official_act("答复异议、质疑", target="{number}")
def objection(request, number):
    found = get_object_or_404(Objection.objects.select_related("lot__tender__project", "organisation", "evidence"), number=number)
    if not request.user.has_perm(MANAGE, found.lot.tender):
        raise Http404
    challenge = is_procurement(found.lot)
    form = forms.AnswerForm(request.POST or None, word=found.regime.protest, remedies=answers_open_to(found.lot) if challenge else None)
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data, "upheld": form.cleaned_data["upheld"] == "1"}
        try:
            actions.answer_objection(found, **said, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已答复。")
            return redirect("supervision:objections")
    rules = (procurement.CHALLENGE_REPLY, CONTRACT_WAITS) if challenge else (works.RESULT_OBJECTION_REPLY,)
    return render(
        request,
        "supervision/objection.html",
        {"objection": found, "form": form, "now": database_now(), "rules": rules, "works": not challenge},
    )


@open_to("supervisor")
@require_safe
def desk(request):
    rows = Complaint.objects.filter(regulator=request.organisation).select_related("lot__tender", "organisation")
    return render(
        request, "supervision/desk.html",
        {"going": [row for row in rows if row.is_open], "over": [row for row in rows if not row.is_open], "now": database_now()},
    )  # fmt: skip


MOVES = {
    "review": forms.ReviewForm, "note": forms.NoteForm, "suspend": forms.SuspensionForm, "decide": forms.DecisionForm,
    "inspect": forms.InspectionForm, "inspected": forms.InspectionForm,
    "grant": forms.GrantForm,
}  # fmt: skip


COMPLAINT = {
    "review": "投诉受理审查", "suspend": "责令暂停活动", "decide": "作出投诉处理决定", "grant": "准予撤回投诉",
    # What an investigator writes down for the file is not an act towards anybody.
    "note": None,
    "inspect": "开始检验鉴定，暂停计算期限", "inspected": "结束检验鉴定，继续计算期限",
}  # fmt: skip


@open_to("supervisor")
@official_act(COMPLAINT, target="投诉 {number}")
def complaint(request, number):
    """One complaint from its receipt to the published decision."""
    found = get_object_or_404(
        Complaint.objects.select_related("lot__tender__project__owner", "organisation", "objection__evidence", "evidence", "document"),
        number=number, regulator=request.organisation,
    )  # fmt: skip
    wanted, now = request.POST.get("move", ""), database_now()
    more = {"decide": {"remedies": decisions_open_to(found.lot)}}
    given = {
        name: form(request.POST if wanted == name else None, request.FILES or None, **more.get(name, {})) for name, form in MOVES.items()
    }
    if request.method == "POST" and wanted in given and given[wanted].is_valid():
        try:
            carry_out(request, found, wanted, given[wanted].cleaned_data, now)
        except Refused as refusal:
            given[wanted].add_refusal(refusal)
        else:
            messages.success(request, DONE[wanted])
            return redirect("supervision:complaint", number)
    return render(
        request, "supervision/complaint.html",
        {
            "complaint": found, "forms": given, "notes": found.notes.select_related("by", "file"), "now": now, "steps": progress_of(found),
            "inspecting": open_inspection(found),
            "stops": found.lot.suspensions.filter(until=None),
            "stopped": found.lot.suspensions.filter(until=None, reference=found.number).exists(), "investigators": found.regime.investigators,
            "used": workdays_used(found, now) if found.state == Complaint.State.ACCEPTED else None,
            "allowed": found.regime.decision.days,
        },
    )  # fmt: skip


def workdays_used(complaint, now):
    rule = complaint.regime.decision
    since = complaint.filed_at if rule.start == "complaint_filed" else complaint.accepted_at
    return min(workdays_between(city_day(since), city_day(now)), rule.days)


DONE = {
    "review": "审查结果已登记，并通知了投诉人。", "note": "调查记录已添加。", "suspend": "已责令暂停，并通知各方。",
    "decide": "处理决定已作出并公开。", "grant": "已准予撤回。",
    "inspect": "已登记开始，期限暂停计算。", "inspected": "已登记结束，处理期限相应顺延。",
}  # fmt: skip


def carry_out(request, found, move, data, now):
    by = {"by": request.user, "at": now}
    if move == "review":
        actions.review_complaint(found, data["outcome"], reasons=data["reasons"], **by)
    elif move == "note":
        actions.add_note(found, data["text"], file=kept(request, data["file"], now), **by)
    elif move == "inspect":
        actions.begin_inspection(found, data["text"], **by)
    elif move == "inspected":
        actions.end_inspection(found, data["text"], **by)
    elif move == "suspend":
        actions.order_suspension(found, data["reason"], **by)
    elif move == "grant":
        actions.grant_withdrawal(found, **by)
    else:
        actions.decide_complaint(found, **{**data, "upheld": data["upheld"] == "1"}, **by)
