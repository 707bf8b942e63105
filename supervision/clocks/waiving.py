"""The supervisor's door for waiving a limit."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from guardian.shortcuts import get_objects_for_user

from accounts.stepup import official_act
from rulebook.clock import database_now
from rulebook.refusals import Refused
from trading.procedures.registry import rules_by_code
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE
from trading.tenders.actions import waive_limit
from web.doors import open_to
from web.forms import HouseForm


class WaiverForm(HouseForm, forms.Form):
    rule = forms.ChoiceField(label="时限")
    until = forms.DateField(label="改为的期限", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), help_text="将在公告中公布")
    basis = forms.CharField(label="依据", max_length=300, help_text="法规条款、批准文件及文号")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(code, rule.says) for code, rule in rules_by_code().items() if rule.waivable]


@open_to("supervisor")
@official_act("豁免法定时限", target="项目 {number}")
def waive(request, number):
    mine = get_objects_for_user(request.user, SUPERVISE, klass=Tender, with_superuser=False)
    tender = get_object_or_404(mine.select_related("project"), number=number)
    form = WaiverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            waive_limit(
                tender, data["rule"], until=data["until"], reason=data["reason"], basis=data["basis"], by=request.user, at=database_now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已豁免，并发布公告。")
            return redirect("supervision:clock", number)
    return render(request, "supervision/clocks/waiver.html", {"tender": tender, "form": form})
