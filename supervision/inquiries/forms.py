from django import forms

from accounts.models import Organisation
from supervision.inquiries.models import Inquiry
from trading.projects.models import Category, Tender
from web.forms import HouseForm


class InquiryForm(HouseForm, forms.Form):
    text = forms.CharField(
        label="询问事项", widget=forms.Textarea(attrs={"rows": 5}), help_text="答复和问题会公开，不公开询问单位；请不要写出本单位名称"
    )


class TakeInForm(HouseForm, forms.Form):
    """What the centre was asked by telephone or letter."""

    tender = forms.CharField(label="项目编号", max_length=32)
    uscc = forms.CharField(label="询问单位统一社会信用代码", max_length=18)
    channel = forms.ChoiceField(label="收到方式", choices=[row for row in Inquiry.Channel.choices if row[0] != Inquiry.Channel.ONLINE])
    text = forms.CharField(label="询问事项", widget=forms.Textarea(attrs={"rows": 4}))

    def clean_tender(self):
        found = Tender.objects.filter(number=self.cleaned_data["tender"].strip(), project__category=Category.PROCUREMENT).first()
        if found is None:
            raise forms.ValidationError("没有这个编号的政府采购项目")
        return found

    def clean_uscc(self):
        found = Organisation.objects.active().filter(uscc=self.cleaned_data["uscc"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError("平台没有这个代码的单位，请先请对方登记")
        return found


class AnswerForm(HouseForm, forms.Form):
    answer = forms.CharField(label="答复", widget=forms.Textarea(attrs={"rows": 5}), help_text="答复将公开，不要写出询问单位")
