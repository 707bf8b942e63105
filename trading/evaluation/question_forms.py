from django import forms

from trading.evaluation.bounds import LOW_PRICE, REASONS
from trading.evaluation.models import BidQuestion
from trading.opening.models import OpenedBid
from web.forms import HouseForm


class BidChoice(forms.ModelChoiceField):
    def label_from_instance(self, bid):
        return bid.bidder.name


class AskForm(HouseForm, forms.Form):
    bid = BidChoice(OpenedBid.objects.none(), label="投标人", empty_label="请选择")
    matter = forms.ChoiceField(label="事项", choices=BidQuestion.Matter.choices)
    text = forms.CharField(
        label="要求澄清、说明的内容",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明投标文件的位置和不明确之处；不得暗示、诱导，不得要求改变实质性内容",
    )
    minutes = forms.IntegerField(label="答复时间（分钟）", initial=int(LOW_PRICE.least.total_seconds() // 60))

    def __init__(self, *args, bids, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids


class MotionForm(HouseForm, forms.Form):
    bid = BidChoice(OpenedBid.objects.none(), label="投标人", empty_label="请选择")
    code = forms.ChoiceField(label="情形", choices=[("", "请选择"), *REASONS.items()])
    clause = forms.CharField(label="招标文件条款", max_length=200, help_text="例如：评标办法第 3.1 条、投标人须知第 1.4 条")
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}))
    opinion = forms.CharField(
        label="否决后竞争性的意见", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="否决后有效投标不足三个的，必须填写"
    )

    def __init__(self, *args, bids, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["bid"].queryset = bids


class VoteForm(HouseForm, forms.Form):
    agrees = forms.ChoiceField(label="表决", choices=[("1", "同意否决"), ("0", "不同意")], widget=forms.RadioSelect)
    reason = forms.CharField(label="意见", max_length=300, required=False, help_text="不同意的，必须写明")


class BidderAnswerForm(HouseForm, forms.Form):
    answer = forms.CharField(
        label="答复", widget=forms.Textarea(attrs={"rows": 6}), help_text="不得超出投标文件的范围或者改变实质性内容；提交后不能修改"
    )
    proof = forms.FileField(label="证明材料", required=False, help_text="PDF、图片、Word、Excel 或 ZIP，没有可以不附")
