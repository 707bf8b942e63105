from django import forms

from accounts.models import Duty, Organisation, Person
from trading.witness.models import RiskAnswer
from web.forms import HouseForm, MomentField


class LineForm(HouseForm, forms.Form):
    """What somebody saw."""

    seen_at = MomentField(label="发生时间")
    place = forms.CharField(label="地点", max_length=120)
    present = forms.CharField(
        label="在场人员", max_length=300, required=False, help_text="按身份写，例如：招标人代表 1 人、代理机构 2 人、监督人员 1 人"
    )
    text = forms.CharField(label="见证情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    irregular = forms.BooleanField(label="异常情况，提请监督部门关注", required=False)


class ChecklistForm(HouseForm, forms.Form):
    """The open points of a stage: a verdict each, and why where it is not plain."""

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = [row for row in rows if not row.computed]
        for row in self.rows:
            code = row.point.code
            self.fields[f"v_{code}"] = forms.ChoiceField(
                label=row.point.says, choices=[("", "待核查"), *RiskAnswer.Verdict.choices], required=False, initial=row.verdict
            )
            self.fields[f"n_{code}"] = forms.CharField(
                label="说明", max_length=300, required=False, initial=row.note, widget=forms.TextInput(attrs={"placeholder": "说明"})
            )
            for name in (f"v_{code}", f"n_{code}"):
                self.dress(name)

    def changed(self):
        """(code, verdict, note) of each point that was answered anew."""
        for row in self.rows:
            code = row.point.code
            verdict, note = self.cleaned_data[f"v_{code}"], self.cleaned_data[f"n_{code}"]
            if verdict and (verdict, note) != (row.verdict, row.note):
                yield code, verdict, note

    def pairs(self):
        return [(row, self[f"v_{row.point.code}"], self[f"n_{row.point.code}"]) for row in self.rows]


class WitnessForm(HouseForm, forms.Form):
    person = forms.ModelChoiceField(Person.objects.none(), label="见证人员", empty_label="请选择")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        centres = Organisation.objects.of_kind(Organisation.Kind.CENTRE).active()
        self.fields["person"].queryset = Person.objects.filter(
            memberships__organisation__in=centres, memberships__until=None, memberships__duties__overlap=[Duty.OPENING, Duty.MANAGER]
        ).distinct()
