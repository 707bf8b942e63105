from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from supervision.alerts import actions
from supervision.alerts.models import SplittingAlert
from supervision.alerts.queries import alerts_for
from supervision.alerts.rules import SPLITTING
from web.doors import open_to
from web.forms import HouseForm

OUTCOMES = [(state, SplittingAlert.State(state).label) for state in (SplittingAlert.State.EXPLAINED, SplittingAlert.State.CONFIRMED)]


class JudgementForm(HouseForm, forms.Form):
    state = forms.ChoiceField(label="核查结论", choices=OUTCOMES, widget=forms.RadioSelect)
    opinion = forms.CharField(label="核查意见", widget=forms.Textarea(attrs={"rows": 4}))


@open_to("supervisor", "staff")
@require_safe
def splitting(request):
    """Alerts about split projects, the open ones first."""
    rows = alerts_for(request.organisation).order_by("-state", "-found_at")
    return render(request, "supervision/splitting.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@open_to("supervisor", "staff")
@official_act("核查拆分预警", target="第 {pk} 号拆分预警")
def splitting_alert(request, pk):
    """The projects side by side, and what they turned out to be."""
    alert = get_object_or_404(alerts_for(request.organisation), pk=pk)
    form = JudgementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.judge_splitting(alert, **form.cleaned_data, by=request.user, at=database_now())
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "核查意见已登记。")
            return redirect("supervision:splitting")
    context = {"alert": alert, "projects": alert.projects, "form": form, "rule": SPLITTING}
    return render(request, "supervision/splitting_alert.html", context)
