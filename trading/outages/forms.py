from django import forms

from rulebook.clock import CITY
from trading.outages.models import Component
from web.forms import HouseForm


def moment_field(label):
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), input_formats=["%Y-%m-%dT%H:%M"]
    )


class OutageForm(HouseForm, forms.Form):
    """What the operator reports. Components that the platform measures itself are not on offer."""

    component = forms.ChoiceField(
        label="故障部位",
        choices=[(each, each.label) for each in (Component.NETWORK, Component.CA, Component.WEB)],
        widget=forms.RadioSelect,
    )
    began_at = moment_field("开始时间")
    ended_at = moment_field("恢复时间")
    reason = forms.CharField(label="情况说明", widget=forms.Textarea(attrs={"rows": 3}), help_text="原因、影响范围，将写入公告和故障证明")
    evidence = forms.FileField(label="证明材料", help_text="监控截图、运营商说明等，PDF 或图片")

    def clean_began_at(self):
        return self.cleaned_data["began_at"].replace(tzinfo=CITY)

    def clean_ended_at(self):
        return self.cleaned_data["ended_at"].replace(tzinfo=CITY)
