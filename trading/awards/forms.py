from django import forms

from web.forms import DayField, HouseForm, MoneyField


class ContractForm(HouseForm, forms.Form):
    number = forms.CharField(label="合同编号", max_length=60)
    amount = MoneyField(label="合同金额（元）")
    signed_on = DayField(label="签订日期")
    term_days = forms.IntegerField(label="工期（日历天）", min_value=1)
    manager = forms.CharField(label="项目经理", max_length=60)
    quality = forms.CharField(label="质量标准", max_length=120)
    file = forms.FileField(label="合同文件")


class PassOverForm(HouseForm, forms.Form):
    reason = forms.CharField(label="放弃或不能履约的理由", widget=forms.Textarea(attrs={"rows": 3}))
