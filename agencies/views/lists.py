"""The open selection of agencies and its list: for everybody, for who enters, and at the centre's desk."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from agencies import actions, forms
from agencies.models import SelectionEvent
from agencies.rules import FREE_CHOICE, FREE_CHOICE_PURCHASES, SELECTION_PERIOD
from agencies.views.filling import fill_in
from rulebook.clock import database_now
from web.doors import open_to

LAW = (FREE_CHOICE, FREE_CHOICE_PURCHASES)
CRUMBS = [("公开遴选", "agencies:lists")]


@open_to("public")
@require_safe
def lists(request):
    """Every selection with its list: information alone."""
    page = Paginator(SelectionEvent.objects.all(), 20).get_page(request.GET.get("page"))
    return render(request, "agencies/lists.html", {"nav": "agencies", "page": page, "law": LAW, "staff": "staff" in request.audiences})


@open_to("public")
@require_safe
def selection_list(request, number):
    """One selection: its terms, its marks and list once published, the record, and what it does not mean."""
    row, now = get_object_or_404(SelectionEvent.objects.select_related("notice"), number=number), database_now()
    listed = row.state == SelectionEvent.State.LISTED
    entries = list(row.entries.select_related("agency")) if listed else []
    context = {
        "nav": "agencies", "row": row, "law": LAW, "listed": listed, "open": row.is_open(now), "is_agency": "agency" in request.audiences,
        "is_staff": "staff" in request.audiences and not listed and now >= row.due_at, "entries": entries,
        "nobody": now >= row.due_at and not row.entries.exists(),
        "marks": [(each, list(zip(row.criteria, each.marks, strict=True))) for each in entries],
        "stream": f"agency-selection/{number}",
    }  # fmt: skip
    return render(request, "agencies/list.html", context)


@open_to("staff")
@official_act("发起代理机构公开遴选", target="新的公开遴选")
def new_list(request):
    form = forms.SelectionEventForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.open_event(form.cleaned_data, by=request.user, at=database_now()), title="发起代理机构公开遴选",
        button="公布并接受报名", done="遴选已公布。", back="agencies:lists", crumbs=CRUMBS,
        notes=f"{SELECTION_PERIOD.says}。评分标准和名额公布后不再改动。{FREE_CHOICE.says}（{FREE_CHOICE.source}）：名单只供参考，不用于限制委托。",
    )  # fmt: skip


@open_to("agency")
@official_act("报名参加公开遴选", target="遴选 {number}")
def enter_list(request, number):
    row = get_object_or_404(SelectionEvent, number=number)
    own = row.entries.filter(agency=request.organisation).first()
    form = forms.SelectionEntryForm(request.POST or None, initial={"statement": own.statement if own else ""})
    return fill_in(
        request, form, lambda form: actions.enter_event(row, request.organisation, form.cleaned_data["statement"], by=request.user, at=database_now()),
        title=f"报名：{row.title}", button="提交", done="已报名；截止前可以修改。", back=reverse("agencies:list", args=[number]), crumbs=CRUMBS,
        facts=[(each["title"], f"权重 {each['weight']}") for each in row.criteria],
    )  # fmt: skip


@open_to("staff")
@require_safe
def list_desk(request, number):
    """Who has entered, once the time is over, and what is still to be marked."""
    row = get_object_or_404(SelectionEvent, number=number)
    over = database_now() >= row.due_at
    entries = list(row.entries.select_related("agency")) if over else []
    context = {"row": row, "over": over, "entries": entries, "ready": entries and all(each.score is not None for each in entries)}
    return render(request, "agencies/list_desk.html", context)


@open_to("staff")
@official_act("遴选评分", target="遴选 {number} 第 {pk} 号")
def mark_entry(request, number, pk):
    row = get_object_or_404(SelectionEvent, number=number, due_at__lte=database_now())
    entry = get_object_or_404(row.entries.select_related("agency"), pk=pk)
    form = forms.SelectionMarksForm(request.POST or None, event=row, marks=entry.marks)
    return fill_in(
        request, form, lambda form: actions.mark_entry(entry, form.marks(), by=request.user, at=database_now()), title=f"评分：{entry.agency.name}",
        button="登记评分", done="评分已登记。", back=reverse("agencies:list_desk", args=[number]), crumbs=CRUMBS, facts=[("申报材料", entry.statement)],
    )  # fmt: skip


@open_to("staff")
@official_act("公布遴选名单", target="遴选 {number}")
def confirm_list(request, number):
    row = get_object_or_404(SelectionEvent, number=number)
    form = forms.ListForm(request.POST or None)
    return fill_in(
        request, form, lambda form: actions.confirm_list(row, **form.cleaned_data, by=request.user, at=database_now()), title=f"公布名单：{row.title}",
        button="核对无误，公布", done="名单已公布。", back=reverse("agencies:list", args=[number]), crumbs=CRUMBS,
        notes="公布人不能是评分人。得分相同的名次相同；与某一等次最后一名并列的，同入该等次。",
    )  # fmt: skip
