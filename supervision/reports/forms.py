from django import forms

from trading.projects.models import Category, Project
from web.forms import DayField, HouseForm, MoneyField


class OffPlatformForm(HouseForm, forms.Form):
    unit = forms.CharField(label="交易单位", max_length=200, help_text="招标人、采购人或者出让、转让的单位")
    subject = forms.CharField(label="交易内容", max_length=200)
    category = forms.ChoiceField(label="交易类别", choices=[pair for pair in Category.choices if pair[0] in Project.KINDS_OF])
    kind = forms.ChoiceField(label="标的类型", choices=Project.Kind.choices)
    amount = MoneyField(label="交易金额（元）", help_text="可以写“120 万元”")
    happened_on = DayField(label="交易时间")
    facts = forms.CharField(label="情况说明", widget=forms.Textarea(attrs={"rows": 5}), help_text="写明何时、何地、怎样成交，从哪里得知")
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片，没有可以不附")

    def clean(self):
        good = super().clean()
        if good.get("kind") and good.get("category") and good["kind"] not in Project.KINDS_OF[good["category"]]:
            self.add_error("kind", f"{Category(good['category']).label}没有这种标的类型")
        return good
