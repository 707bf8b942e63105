from django import forms

from trading.deposits.models import Guarantee
from web.forms import DayField, HouseForm


class GuaranteeForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="保函种类", choices=Guarantee.Kind.choices, widget=forms.RadioSelect, initial=Guarantee.Kind.BANK)


class ClaimForm(HouseForm, forms.Form):
    reference = forms.CharField(label="银行流水号", max_length=64, help_text="账号填错、款项没有自动认出时填写，须从本单位基本账户转出")


class StatementForm(HouseForm, forms.Form):
    day = DayField(label="对账日期")


class ConclusionForm(HouseForm, forms.Form):
    conclusion = forms.CharField(label="处理结论", max_length=300)
