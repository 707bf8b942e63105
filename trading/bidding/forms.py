from django import forms

from trading.deposits.models import BidDeposit
from web.forms import DayField, HouseForm, MoneyField


class DepositForm(HouseForm, forms.Form):
    form = forms.ChoiceField(label="缴纳方式", choices=BidDeposit.Form.choices)
    amount = MoneyField(label="金额（元）")
    reference = forms.CharField(label="流水号或保函编号", max_length=80)
    payer_account = forms.CharField(label="付款账号", max_length=40, required=False, help_text="转账须从基本账户转出")
    valid_until = DayField(label="保函有效期至", required=False, help_text="保函、保险须填写")
    proof = forms.FileField(label="凭证")
