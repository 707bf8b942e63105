from django import forms

from trading.evaluation.bounds import LOW_PRICE, REASONS
from trading.evaluation.models import BidQuestion
from trading.evaluation.motions import ASKED_FIRST
from trading.opening.models import OpenedBid
from web.forms import HouseForm

# A correction is asked about by rule, and a low price is never moved against without being asked about.
ASKED_BY_MEMBERS = [row for row in BidQuestion.Matter.choices if row[0] != BidQuestion.Matter.ARITHMETIC]
MOVED_BY_MEMBERS = [row for row in REASONS.items() if row[0] != ASKED_FIRST]


class BidChoice(forms.ModelChoiceField):
    def label_from_instance(self, bid):
        return bid.bidder.name


class AskForm(HouseForm, forms.Form):
    bid = BidChoice(OpenedBid.objects.none(), label="投标人", empty_label="请选择")
    matter = forms.ChoiceField(label="事项", choices=ASKED_BY_MEMBERS)
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
    code = forms.ChoiceField(label="情形", choices=[("", "请选择"), *MOVED_BY_MEMBERS])
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


class PriceVoteForm(HouseForm, forms.Form):
    agrees = forms.ChoiceField(
        label="报价是否合理", choices=[("1", "不能证明报价合理，否决"), ("0", "报价合理，予以接受")], widget=forms.RadioSelect
    )
    reason = forms.CharField(label="理由", max_length=300, required=False, help_text="必须写明：过往成交、市场价格、行业平均成本等判断依据")


class CorrectionForm(HouseForm, forms.Form):
    accepted = forms.ChoiceField(label="是否接受修正", choices=[("1", "确认修正"), ("0", "不接受，投标将被否决")], widget=forms.RadioSelect)
    answer = forms.CharField(
        label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="不接受的，必须写明理由；提交后不能修改"
    )


class BidderAnswerForm(HouseForm, forms.Form):
    answer = forms.CharField(
        label="答复", widget=forms.Textarea(attrs={"rows": 6}), help_text="不得超出投标文件的范围或者改变实质性内容；提交后不能修改"
    )
    proof = forms.FileField(label="证明材料", required=False, help_text="PDF、图片、Word、Excel 或 ZIP，没有可以不附")
