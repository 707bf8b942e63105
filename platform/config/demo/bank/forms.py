from decimal import Decimal

from django import forms

from web.forms import HouseForm, MomentField, MoneyField


class PaymentForm(HouseForm, forms.Form):
    account = forms.CharField(label="收款账号", max_length=32)
    amount = MoneyField(label="金额（元）", min_value=Decimal("0.01"))
    name = forms.CharField(label="付款户名", max_length=200)
    payer = forms.CharField(label="付款账号", max_length=40)
    bank = forms.CharField(label="付款银行", max_length=120, required=False)
    at = MomentField(label="到账时间", required=False, help_text="留空为现在；可填过去的时间，试迟付与补报")
    hold = forms.BooleanField(label="先不通知平台", required=False, help_text="之后可在下面的通知里以任意次序、任意次数发送")
