"""Doors for changes of permissions: who asks, what waits, who decides."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import PermissionRequest
from accounts.stepup import official_act
from reception import forms, grants
from reception.actions import is_office
from rulebook.clock import database_now
from rulebook.refusals import Refused
from web.doors import open_to


def require_office(request):
    """Managers of other organisations have no business here."""
    office = request.organisation is not None and is_office(request.organisation)
    if not (request.user.is_administrator or office):
        raise Http404


@open_to("staff", "supervisor", "admin")
@official_act("申请权限变更", target="岗位和管理员权限")
def permissions(request):
    """Requests that wait and those decided, and the form to ask for a change."""
    require_office(request)
    form = forms.PermissionForm(request.POST or None, person=request.user, organisation=request.organisation)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            grants.ask_permission(data.pop("matter"), data.pop("mobile"), **data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "申请已提交，须由另一人批准后生效。")
            return redirect("accounts:permissions")
    rows = grants.requests_of(request.user)
    return render(
        request, "reception/permissions.html",
        {
            "form": form, "may_ask": grants.may_work_on(request.user, PermissionRequest.Matter.DUTIES, request.organisation), "waiting": rows.filter(decided_at=None),
            "page": Paginator(rows.exclude(decided_at=None), 20).get_page(request.GET.get("page")),
        },
    )  # fmt: skip


def named(pk):
    row = PermissionRequest.objects.select_related("person", "organisation").filter(pk=pk).first()
    if row is None:
        return f"第 {pk} 号申请"
    parts = [row.get_matter_display(), row.person.name, row.organisation.name if row.organisation else "", row.duty_names()]
    return "，".join(filter(None, parts))


@open_to("staff", "supervisor", "admin")
@require_POST
@official_act({"approve": "批准权限变更", "refuse": "不批准权限变更", "withdraw": "撤回权限变更申请"}, target=named)
def decide(request, pk):
    row = get_object_or_404(grants.requests_of(request.user), pk=pk)
    approved = request.POST.get("move") == "approve"
    grants.decide_permission(row, approved=approved, by=request.user, at=database_now())
    messages.success(request, "已批准，变更已生效。" if approved else "申请已结束，没有变更。")
    return redirect("accounts:permissions")
