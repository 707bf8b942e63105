from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.alerts import actions
from supervision.alerts.kinds import KINDS
from supervision.alerts.models import Alert
from supervision.alerts.queries import alerts_for, kind_label
from supervision.alerts.splitting import side_by_side
from trading.procedures.registry import rules_by_code
from web.doors import open_to
from web.forms import HouseForm


class ConclusionForm(HouseForm, forms.Form):
    conclusion = forms.CharField(label="核查情况和处置结论", widget=forms.Textarea(attrs={"rows": 5}))


@open_to("supervisor")
@require_safe
def alerts(request):
    """The regulator's alerts, open ones first, by kind if wanted."""
    state, kind = request.GET.get("state", Alert.State.OPEN), request.GET.get("kind", "")
    rows = alerts_for(request.organisation)
    if state in Alert.State.values:
        rows = rows.filter(state=state)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(
        request, "supervision/alerts/alerts.html",
        {
            "page": page, "rows": [(row, kind_label(row)) for row in page], "kinds": KINDS.items(), "states": Alert.State.choices,
            "kind": kind, "state": state,
        },
    )  # fmt: skip


@open_to("supervisor")
@official_act("处置预警", target="预警 {number}")
def alert(request, number):
    """One alert: what is wrong, by which rule, and what the official found."""
    found = get_object_or_404(alerts_for(request.organisation), number=number)
    form = ConclusionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.handle_alert(found, form.cleaned_data["conclusion"], by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "处置结论已登记。")
            return redirect("supervision:alert", number)
    labels, projects, facts = side_by_side(found.facts)
    return render(
        request, "supervision/alerts/alert.html",
        {
            "alert": found, "label": kind_label(found), "form": form, "rule": rules_by_code().get(found.rule), "labels": labels,
            "projects": projects, "facts": facts,
        },
    )  # fmt: skip
