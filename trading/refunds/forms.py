from django import forms

from trading.procedures.rules.deposits import GROUNDS
from web.forms import HouseForm


class WithholdingForm(HouseForm, forms.Form):
    deposit = forms.ChoiceField(label="投标人", help_text="只列出保证金仍在押、保函仍有效的投标人")
    ground = forms.ChoiceField(
        label="法定情形", widget=forms.RadioSelect, choices=[(each.key, f"{each.says}（{each.source}）") for each in GROUNDS]
    )
    reason = forms.CharField(label="事实和理由", widget=forms.Textarea(attrs={"rows": 5}), help_text="将全文送达投标人")

    def __init__(self, *args, deposits, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deposit"].choices = [("", "请选择"), *((key, label) for key, (_, label) in deposits.items())]
