from django import forms

from trading.awards.drafting import FACTS
from trading.awards.models import ContractDraft
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


class DraftForm(HouseForm, forms.ModelForm):
    """The facts of the contract. Those of the bid stand there too: whoever changes them is told which law forbids it."""

    amount = MoneyField(label="合同金额（元）")
    starts_on = DayField(label="计划开工（履行开始）日期", required=False)

    class Meta:
        model = ContractDraft
        fields = FACTS
        widgets = {"payment": forms.Textarea(attrs={"rows": 3}), "additions": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["additions"].help_text = "只写招标文件和投标文件没有约定的事项；背离其实质性内容的约定无效，平台不予保存"
        self.fields["payment_days"].help_text = "自交付（计量）之日起；中标人为中小企业的，最长六十日"
        for name in ("additions", "payment_days"):
            self.dress(name)

    def _post_clean(self):
        """The draft itself is changed by the action, under its lock."""


class ReturnForm(HouseForm, forms.Form):
    reason = forms.CharField(label="退回的理由", widget=forms.Textarea(attrs={"rows": 3}))


class ReportForm(HouseForm, forms.Form):
    report = forms.FileField(label="招标投标情况书面报告")
