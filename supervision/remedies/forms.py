from django import forms

from supervision.remedies.models import Complaint, Remedy
from supervision.remedies.regimes import WORKS
from trading.tenders.notices import shown
from web.forms import HouseForm


def lines(count):
    return forms.Textarea(attrs={"rows": count})


class ObjectionForm(HouseForm, forms.Form):
    matter = forms.ChoiceField(label="异议对象", choices=WORKS.matters.items())
    facts = forms.CharField(label="异议事项与事实", widget=lines(6))
    claim = forms.CharField(label="请求", widget=lines(3))
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片，没有可以不附")


class ChallengeForm(HouseForm, forms.Form):
    """A challenge to one of the links that concern the supplier; each shows until when."""

    link = forms.ChoiceField(label="质疑环节", help_text="针对同一环节的质疑，请一次提出")
    facts = forms.CharField(label="质疑事项、事实依据和必要的法律依据", widget=lines(6))
    claim = forms.CharField(label="与质疑事项相关的请求", widget=lines(3))
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片，没有可以不附")

    def __init__(self, *args, links, at, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["link"].choices = [
            (link.key, f"{link.label}（{'' if link.is_open(at) else '期限已过，'}截止 {shown(link.until)}）") for link in links
        ]

    def clean(self):
        """The matter and the step that the chosen link names."""
        cleaned = super().clean()
        cleaned["matter"], _, cleaned["step"] = cleaned.pop("link", "").partition("/")
        return cleaned


class ComplaintForm(HouseForm, forms.Form):
    facts = forms.CharField(label="投诉事项与事实", widget=lines(6))
    claim = forms.CharField(label="请求和主张", widget=lines(3))
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片，没有可以不附")


class WithdrawalForm(HouseForm, forms.Form):
    reason = forms.CharField(label="撤回的理由", widget=lines(2))


class AnswerForm(HouseForm, forms.Form):
    """The answer to an objection or a challenge; `remedies` are what may follow from an upheld challenge."""

    upheld = forms.ChoiceField(label="结论", widget=forms.RadioSelect)
    answer = forms.CharField(label="答复内容和理由", widget=lines(5))
    remedy = forms.ChoiceField(label="成立后的处理", initial=Remedy.NONE)

    def __init__(self, *args, word, remedies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["upheld"].choices = [("1", f"{word}成立"), ("0", f"{word}不成立")]
        if remedies:
            self.fields["remedy"].choices = remedies.items()
        else:
            del self.fields["remedy"]


class ReviewForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(
        label="审查结果", widget=forms.RadioSelect,
        choices=[(Complaint.State.ACCEPTED, "受理"), (Complaint.State.CORRECTION, "一次告知补正"), (Complaint.State.REFUSED, "不予受理")],
    )  # fmt: skip
    reasons = forms.CharField(label="理由或补正内容", required=False, widget=lines(3))


class NoteForm(HouseForm, forms.Form):
    text = forms.CharField(label="调查记录", widget=lines(3))
    file = forms.FileField(label="材料", required=False)


class InspectionForm(HouseForm, forms.Form):
    text = forms.CharField(label="事项与机构", widget=lines(2))


class SuspensionForm(HouseForm, forms.Form):
    reason = forms.CharField(label="责令暂停的理由", widget=lines(2))


class GrantForm(HouseForm, forms.Form):
    """Nothing to fill in: the leave to withdraw."""


class DecisionForm(HouseForm, forms.Form):
    upheld = forms.ChoiceField(label="结论", choices=[("1", "投诉成立"), ("0", "驳回投诉")], widget=forms.RadioSelect)
    findings = forms.CharField(label="查明事实", widget=lines(4))
    basis = forms.CharField(label="处理依据", widget=lines(2))
    decision = forms.CharField(label="处理意见", widget=lines(3))
    remedy = forms.ChoiceField(label="处理措施")

    def __init__(self, *args, remedies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["remedy"].choices = remedies.items()
