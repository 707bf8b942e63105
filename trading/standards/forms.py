from django import forms

from trading.standards.models import ClausePattern, DocumentTemplate, TemplateSection
from web.forms import DayField, HouseForm


class TemplateForm(HouseForm, forms.ModelForm):
    class Meta:
        model = DocumentTemplate
        fields = ("name", "source")


class SectionForm(HouseForm, forms.ModelForm):
    """One block of a standard text; an empty one at the end is for adding."""

    class Meta:
        model = TemplateSection
        fields = ("title", "fixed", "text", "note")
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}
        help_texts = {"fixed": "代理机构不能改动", "note": "写给编制人，不进入招标文件"}


SectionFormSet = forms.formset_factory(SectionForm, extra=1, can_order=True, can_delete=True)


class TemplatePublicationForm(HouseForm, forms.Form):
    since = DayField(label="施行日期", help_text="从这一天起新编制的招标文件使用本版；已在编制和已发布的不受影响")


class TrialForm(HouseForm, forms.Form):
    text = forms.CharField(
        label="试查一段文字", max_length=5000, widget=forms.Textarea(attrs={"rows": 5}), help_text="贴入一段招标文件，看看会查出什么"
    )


class PatternForm(HouseForm, forms.ModelForm):
    class Meta:
        model = ClausePattern
        fields = (
            "code", "matter", "severity", "pattern", "unless", "why", "source", "confidence", "suggestion", "example", "counterexample",
        )  # fmt: skip
        help_texts = {
            "code": "如 P-801", "pattern": "用 | 分隔几种说法，用 (?:…)? 表示可有可无", "unless": "同一句里出现这些说法时不算",
            "example": "保存时据此核对词式", "counterexample": "保存时核对词式不会误查它",
        }  # fmt: skip


class PatternEndForm(HouseForm, forms.Form):
    reason = forms.CharField(label="停用的理由", max_length=200)
