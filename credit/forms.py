from django import forms

from accounts.models import Organisation
from credit.models import CreditRule
from web.forms import HouseForm


class ReportForm(HouseForm, forms.Form):
    uscc = forms.CharField(label="统一社会信用代码", max_length=18)
    rule = forms.ModelChoiceField(label="评价细则", queryset=CreditRule.objects.none(), empty_label="请选择")
    facts = forms.CharField(label="事实", widget=forms.Textarea(attrs={"rows": 4}))
    decision_number = forms.CharField(label="决定文书号", required=False, max_length=80, help_text="严重失信行为必填")
    tender_number = forms.CharField(label="相关项目编号", required=False, max_length=32)
    evidence = forms.FileField(label="证据材料")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = CreditRule.objects.filter(until=None).order_by("code")
        self.fields["rule"].label_from_instance = lambda row: f"{row.code} {row.title}（{row.points:+.0f} 分）"

    def clean_uscc(self):
        found = Organisation.objects.filter(uscc=self.cleaned_data["uscc"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError("没有找到使用这个代码的单位")
        self.organisation = found
        return found.uscc
