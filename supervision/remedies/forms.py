from django import forms

from supervision.remedies.models import Complaint, Objection
from web.forms import HouseForm


class ObjectionForm(HouseForm, forms.Form):
    matter = forms.ChoiceField(label="异议对象", choices=Objection.Matter.choices)
    facts = forms.CharField(label="异议事项与事实", widget=forms.Textarea(attrs={"rows": 6}))
    claim = forms.CharField(label="请求", widget=forms.Textarea(attrs={"rows": 3}))
    evidence = forms.FileField(label="证明材料", required=False)


class ComplaintForm(HouseForm, forms.Form):
    facts = forms.CharField(label="投诉事项与事实", widget=forms.Textarea(attrs={"rows": 6}))
    claim = forms.CharField(label="请求和主张", widget=forms.Textarea(attrs={"rows": 3}))
    evidence = forms.FileField(label="证明材料", required=False)


class AnswerForm(HouseForm, forms.Form):
    upheld = forms.ChoiceField(label="结论", choices=[("1", "异议成立"), ("0", "异议不成立")], widget=forms.RadioSelect)
    answer = forms.CharField(label="答复内容和理由", widget=forms.Textarea(attrs={"rows": 5}))


class ReviewForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(
        label="审查结果", widget=forms.RadioSelect, choices=[("accepted", "受理"), ("correction", "一次告知补正"), ("refused", "不予受理")]
    )
    reasons = forms.CharField(label="理由或补正内容", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class NoteForm(HouseForm, forms.Form):
    text = forms.CharField(label="调查记录", widget=forms.Textarea(attrs={"rows": 3}))


class SuspensionForm(HouseForm, forms.Form):
    reason = forms.CharField(label="责令暂停的理由", widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(HouseForm, forms.Form):
    upheld = forms.ChoiceField(label="结论", choices=[("1", "投诉成立"), ("0", "驳回投诉")], widget=forms.RadioSelect)
    findings = forms.CharField(label="查明事实", widget=forms.Textarea(attrs={"rows": 4}))
    basis = forms.CharField(label="处理依据", widget=forms.Textarea(attrs={"rows": 2}))
    decision = forms.CharField(label="处理意见", widget=forms.Textarea(attrs={"rows": 3}))
    remedy = forms.ChoiceField(label="处理措施", choices=Complaint.Remedy.choices)
