from django import forms

from trading.tenders.models import Criterion, TenderDocument
from web.forms import HouseForm, MomentField, MoneyField


class DocumentForm(HouseForm, forms.ModelForm):
    """Dates and texts of a tender document; the editable sections and each lot's amounts become fields of their own."""

    supply_from = MomentField(label="文件获取开始", required=False)
    supply_until = MomentField(label="文件获取截止", required=False)
    questions_until = MomentField(label="提问截止", required=False)
    bids_due_at = MomentField(label="投标截止（开标）时间", required=False)

    class Meta:
        model = TenderDocument
        fields = (
            "supply_from", "supply_until", "questions_until", "bids_due_at", "bid_validity_days", "decrypt_minutes",
            "opening_place", "consortium_allowed",
        )  # fmt: skip

    def __init__(self, *args, earliest, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("supply_until", "bids_due_at"):
            self.fields[name].help_text = f"现在发布的话，不得早于 {earliest[name]:%Y-%m-%d}"
        self.sections = list(self.instance.sections.filter(fixed=False))
        self.lots = list(self.instance.tender.lots.all())
        for section in self.sections:
            self.fields[f"section{section.no}"] = forms.CharField(
                label=section.title, required=False, initial=section.text,
                widget=forms.Textarea(attrs={"rows": 5, "class": "form-control"}),
            )  # fmt: skip
        for lot in self.lots:
            self.fields[f"limit{lot.no}"] = MoneyField(label=f"{lot.name}最高投标限价（元）", required=False, initial=lot.price_limit)
            self.fields[f"deposit{lot.no}"] = MoneyField(label=f"{lot.name}投标保证金（元）", required=False, initial=lot.deposit)

    def parts(self):
        """(own data, sections by number, lots by number) as the action takes them."""
        data = {name: self.cleaned_data[name] for name in self._meta.fields}
        sections = {row.no: self.cleaned_data[f"section{row.no}"] for row in self.sections}
        lots = {
            row.no: {
                "price_limit": self.cleaned_data[f"limit{row.no}"],
                "deposit": self.cleaned_data[f"deposit{row.no}"] or 0,
            }
            for row in self.lots
        }
        return data, sections, lots

    def bound_sections(self):
        return [self[f"section{row.no}"] for row in self.sections]

    def bound_lots(self):
        return [(self[f"limit{row.no}"], self[f"deposit{row.no}"]) for row in self.lots]


class CriterionForm(HouseForm, forms.ModelForm):
    class Meta:
        model = Criterion
        fields = ("part", "title", "standard", "points", "objective")
        widgets = {"standard": forms.Textarea(attrs={"rows": 2})}


CriterionFormSet = forms.formset_factory(CriterionForm, extra=1, can_delete=True)


class PublishForm(HouseForm, forms.Form):
    publish_at = MomentField(label="定时发布", required=False, help_text="留空则立即发布")
    clauses_confirmed = forms.BooleanField(label="已逐条核对可能限制竞争的表述，均有法律依据", required=False)


class QuestionForm(HouseForm, forms.Form):
    text = forms.CharField(label="问题", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text="不要写出单位名称；答复对所有人公开，提问单位不公开")


class ClarificationForm(HouseForm, forms.Form):
    text = forms.CharField(label="澄清与修改内容", required=False, widget=forms.Textarea(attrs={"rows": 5}))
    affects_bids = forms.BooleanField(label="可能影响投标文件编制", required=False)
    new_bids_due_at = MomentField(label="顺延后的投标截止时间", required=False, help_text="不顺延则留空")

    def __init__(self, *args, questions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for question in self.questions:
            self.fields[f"answer{question.pk}"] = forms.CharField(
                label=f"问：{question.text}", required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"})
            )

    def answers(self):
        return {row.pk: self.cleaned_data[f"answer{row.pk}"] for row in self.questions if self.cleaned_data[f"answer{row.pk}"]}

    def clean(self):
        data = super().clean()
        if not data.get("text") and not any(data.get(f"answer{row.pk}") for row in self.questions):
            raise forms.ValidationError("请填写澄清内容，或至少答复一个问题")
        return data


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}))
    typed = forms.CharField(label="为防误操作，请输入项目编号")

    def __init__(self, *args, number, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number

    def clean_typed(self):
        if self.cleaned_data["typed"].strip() != self.number:
            raise forms.ValidationError(f"项目编号不一致，应为 {self.number}")
        return self.number
