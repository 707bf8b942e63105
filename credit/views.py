from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.stepup import official_act
from credit import actions, forms
from credit.models import CreditEntry, CreditScore
from credit.queries import public_entries, score_of
from documents.actions import store_file
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to


@open_to("public")
@require_safe
def subjects(request):
    """Market entities: find one by name or code."""
    rows = Organisation.objects.active().filter(kinds__overlap=[Organisation.Kind.BIDDER, Organisation.Kind.AGENCY])
    if question := request.GET.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=question) | Q(uscc=question.upper()))
    return render(
        request, "credit/subjects.html",
        {"nav": "credit", "page": Paginator(rows, 20).get_page(request.GET.get("page")), "q": question},
    )  # fmt: skip


@open_to("public")
@require_safe
def organisation(request, uscc):
    """The public credit page: the score, and every line that makes it."""
    row = get_object_or_404(Organisation.objects.active(), uscc=uscc)
    today = city_day(database_now())
    score, grade, lines = score_of(row, today)
    return render(
        request, "credit/organisation.html",
        {
            "nav": "credit", "organisation": row, "score": score, "grade": grade, "lines": lines, "today": today,
            "entries": public_entries(row, today), "history": CreditScore.objects.filter(organisation=row)[:12],
        },
    )  # fmt: skip


@open_to("supervisor")
@require_safe
def entries(request):
    rows = CreditEntry.objects.select_related("organisation", "rule", "reported_by")
    return render(request, "credit/entries.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("supervisor")
@official_act("填报信用记录", target="新的信用记录")
def report(request):
    form = forms.ReportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = database_now()
        data = form.cleaned_data
        try:
            file = store_file(data["evidence"], by=request.user, organisation=request.organisation, purpose="credit", at=now)
            actions.report_conduct(
                form.organisation, data["rule"], facts=data["facts"], evidence=file, decision_number=data["decision_number"],
                tender_number=data["tender_number"], by=request.user, at=now,
            )  # fmt: skip
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已填报，等待另一位同事复核。")
            return redirect("credit:entries")
    return render(request, "credit/report.html", {"form": form})


def entry_named(pk):
    found = CreditEntry.objects.select_related("organisation").filter(pk=pk).first()
    return f"{found.organisation.name}的信用记录（第 {pk} 号）" if found else f"第 {pk} 号信用记录"


@open_to("supervisor")
@require_POST
@official_act({"check": "复核信用记录", "effect": "信用记录生效", "revoke": "撤销信用记录"}, target=entry_named)
def move_entry(request, pk):
    """Check an entry as the second person, let it take effect, or revoke it."""
    entry = get_object_or_404(CreditEntry, pk=pk)
    now, move = database_now(), request.POST.get("move")
    if move == "check":
        actions.check_entry(entry, by=request.user, at=now)
        messages.success(request, "已复核并告知当事单位。")
    elif move == "effect":
        actions.make_effective(entry, by=request.user, at=now)
        messages.success(request, "记录已生效，评分随即更新。")
    elif move == "revoke":
        actions.revoke_entry(entry, request.POST.get("reason", ""), by=request.user, at=now)
        messages.success(request, "记录已撤销。")
    return redirect("credit:entries")


@open_to("bidder", "agency")
def own_credit(request):
    """One's own record; what is about to be entered can be answered here."""
    rows = CreditEntry.objects.filter(organisation=request.organisation).select_related("rule", "reporter")
    if request.method == "POST":
        entry = get_object_or_404(rows, pk=request.POST.get("entry"))
        actions.state_case(entry, request.organisation, request.POST.get("statement", ""), by=request.user, at=database_now())
        messages.success(request, "陈述已提交。")
        return redirect("credit:own")
    score, grade, lines = score_of(request.organisation, city_day(database_now()))
    return render(request, "credit/own.html", {"entries": rows, "score": score, "grade": grade, "lines": lines})
