from decimal import Decimal

from django import forms

from accounts.models import Organisation
from rulebook.provisions import in_force
from trading.methods.choosing import kept, matters, plain, problem_of
from trading.methods.registry import CHOICE, LIST, TEXT
from trading.procedures.milestones import MILESTONES
from trading.procedures.rules.deposits import ceiling_of
from trading.projects.models import Lot
from trading.standards.facts import pieces
from trading.tenders.actions.drafting import LOT_FIELDS
from trading.tenders.actions.reporting import REPORTABLE
from trading.tenders.merging import Page
from trading.tenders.models import Criterion, TenderDocument
from trading.tenders.saying import facts_of
from trading.venues.models import ONLINE, VenueBooking
from trading.venues.queries import free_venues, opening_period, venues_for
from web.forms import HouseForm, MomentField, MoneyField

# An unticked box is never sent.
TICKED = ("consortium_allowed", "two_envelopes", "blind_technical")


class HallField(forms.ModelChoiceField):
    """An opening hall; each says whether it is free at the opening's time."""

    def __init__(self, *args, taken, **kwargs):
        super().__init__(*args, **kwargs)
        self.taken = taken

    def label_from_instance(self, hall):
        return f"{hall.words} · {hall.seats} 座{' · 该时段已占用' if hall.pk in self.taken else ''}"


def hall_field(starts_at, *, empty_label):
    """The choice of a hall; without a time yet, which are free is not known."""
    halls = venues_for(VenueBooking.Purpose.OPENING).select_related("centre")
    free = free_venues(VenueBooking.Purpose.OPENING, *opening_period(starts_at)) if starts_at else halls
    taken = set(halls.values_list("pk", flat=True)) - set(free.values_list("pk", flat=True))
    return HallField(halls, label="开标场地", required=False, empty_label=empty_label, taken=taken,
                     help_text="场地在公告发布时自动预留，按投标截止时间起两小时")  # fmt: skip


class DocumentForm(HouseForm, forms.ModelForm):
    """Dates and texts of a tender document; the editable sections and each lot's amounts become fields of their own."""

    supply_from = MomentField(label="文件获取开始", required=False, help_text="留空则从公告发布时开始")
    supply_until = MomentField(label="文件获取截止", required=False)
    questions_until = MomentField(label="提问截止", required=False)
    bids_due_at = MomentField(label="投标截止（开标）时间", required=False)

    class Meta:
        model = TenderDocument
        fields = (
            "supply_from", "supply_until", "questions_until", "bids_due_at", "bid_validity_days", "decrypt_minutes",
            "hall", *TICKED,
        )  # fmt: skip
        help_texts = {
            "two_envelopes": "技术和报价分别封存：先开技术部分并评审，再开通过者的报价；未通过者的报价不开启，退回",
            "blind_technical": "技术文件隐去投标人信息，以抽定的编号评分；全体成员提交技术评分后，才揭示名称、报价、业绩和信用",
        }

    def __init__(self, *args, earliest, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hall"] = hall_field(self.instance.bids_due_at, empty_label=f"{ONLINE}（线上开标，不用场地）")
        self.dress("hall")
        for name in ("supply_until", "bids_due_at"):
            self.fields[name].help_text = f"现在发布的话，不得早于 {earliest[name]:%Y-%m-%d}"
        self.sections = list(self.instance.sections.filter(fixed=False))
        self.lots = list(self.instance.tender.lots.all())
        for section in self.sections:
            self.fields[f"section{section.no}"] = forms.CharField(
                label=section.title, required=False, initial=section.text, widget=forms.Textarea(attrs={"rows": min(max(section.text.count("\n") + 2, 3), 16)}),
            )  # fmt: skip
        # What readers get in place of the names between braces.
        facts = facts_of(self.instance)
        for section in self.sections:
            section.pieces = pieces(section.text, facts)
        notes = dict(self.instance.template.sections.values_list("title", "note"))
        for section in self.sections:
            self.fields[f"section{section.no}"].help_text = notes.get(section.title, "")
            self.dress(f"section{section.no}")
        project = self.instance.tender.project
        ceiling = ceiling_of(project.category, project.kind)
        for lot in self.lots:
            self.fields[f"qualification{lot.no}"] = forms.CharField(
                label=f"{lot.name}投标人资格要求", required=False, initial=lot.qualification, widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
            self.fields[f"term{lot.no}"] = forms.IntegerField(
                label=f"{lot.name}计划工期（日历天）", required=False, initial=lot.term_days, min_value=1, max_value=3650,
                error_messages={"invalid": "工期请填写整数天数"},
            )  # fmt: skip
            self.fields[f"quality{lot.no}"] = forms.CharField(
                label=f"{lot.name}质量要求", required=False, initial=lot.quality, max_length=120
            )
            for name in ("qualification", "term", "quality"):
                self.dress(f"{name}{lot.no}")
            self.fields[f"limit{lot.no}"] = MoneyField(label=f"{lot.name}最高投标限价（元）", required=False, initial=lot.price_limit)
            self.fields[f"deposit{lot.no}"] = MoneyField(
                label=f"{lot.name}投标保证金（元）", required=False, initial=lot.deposit,
                help_text=f"不超过 {ceiling.limit(lot.estimate):,.2f} 元，可填 0",
            )  # fmt: skip
            self.dress(f"limit{lot.no}")
            self.dress(f"deposit{lot.no}")
        # What was typed but made no value yet comes back as it was.
        self.initial.update(self.instance.draft)
        for name, typed in self.instance.draft.items():
            if name in self.fields:
                self.fields[name].initial = typed

    def parts(self):
        """(own data, sections by number, lots by number) as the action takes them."""
        good = self.cleaned_data
        # A field that was not sent is nobody's change.
        good = {name: value for name, value in good.items() if name in self.data or name in TICKED}
        data = {name: good[name] for name in self._meta.fields if name in good}
        sections = {row.no: good[f"section{row.no}"] for row in self.sections if f"section{row.no}" in good}
        lots = {}
        for row in self.lots:
            sent = {fact: good[f"{name}{row.no}"] for fact, name in LOT_FIELDS.items() if f"{name}{row.no}" in good}
            if "deposit" in sent:
                sent["deposit"] = sent["deposit"] or Decimal(0)
            lots[row.no] = sent
        return data, sections, lots

    def page(self):
        return page_of(self.data)

    def typed(self):
        """The raw text of fields that make no value yet."""
        return {name: self.data.get(name, "") for name in self.errors if name in self.fields}

    def bound_sections(self):
        return [
            {"field": self[f"section{row.no}"], "pieces": row.pieces, "named": any("name" in piece for piece in row.pieces)}
            for row in self.sections
        ]

    def bound_lots(self):
        names = ("limit", "deposit", "term", "quality", "qualification")
        return [{"lot": row, **{name: self[f"{name}{row.no}"] for name in names}} for row in self.lots]


def page_of(posted):
    """What the page that saves knew, for merging with what others changed meanwhile; None if it does not say."""
    revision = posted.get("revision", "")
    if not revision.isdigit():
        return None
    seen = {name[5:]: int(value) for name, value in posted.items() if name.startswith("seen-") and value.isdigit()}
    return Page(int(revision), posted.get("page", "")[:22], seen)


def labels_of(document):
    """What each field of the editor is called."""
    names = {name: TenderDocument._meta.get_field(name).verbose_name for name in DocumentForm.Meta.fields}
    names |= {f"section{row.no}": row.title for row in document.sections.all()}
    for lot in document.tender.lots.all():
        labels = {
            "limit": "最高投标限价",
            "deposit": "投标保证金",
            "term": "计划工期",
            "quality": "质量要求",
            "qualification": "投标人资格要求",
        }
        names |= {f"{name}{lot.no}": f"{lot.name}{label}" for name, label in labels.items()}
    return names | {"criteria": "评审标准和价格公式"}


class CriterionForm(HouseForm, forms.ModelForm):
    """One line of the criteria; an empty one at the end is for adding."""

    part = forms.ChoiceField(label="评审部分", choices=[("", "请选择"), *Criterion.Part.choices])

    class Meta:
        model = Criterion
        fields = ("part", "title", "standard", "points", "objective")
        widgets = {"standard": forms.Textarea(attrs={"rows": 2})}


CriterionFormSet = forms.formset_factory(CriterionForm, extra=1, can_delete=True)


class MethodForm(HouseForm, forms.Form):
    """The parameters of one method, as the document states them; what does not matter with the others is not asked for."""

    method = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, method, day, every=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.method, self.day = method, day
        self.initial = {"method": method.code, **method.defaults(), **self.initial}
        self.parameters = [row for row in method.parameters if every or row.in_documents]
        given = {row.name: self.data.get(self.add_prefix(row.name)) or self.initial[row.name] for row in self.parameters}
        self.used = [row.name for row in self.parameters if matters(method, row, given)]
        for row in self.parameters:
            self.fields[row.name] = self.field_of(row)
            self.dress(row.name)

    def used_fields(self):
        """What matters with the choices as they are."""
        return [self[name] for name in self.used]

    def unused_fields(self):
        """What another choice would ask for."""
        return [self[row.name] for row in self.parameters if row.name not in self.used]

    def field_of(self, row):
        notes = filter(None, [row.help, "" if row.name in self.used else self.when_of(row), self.bounds_of(row)])
        more = {"label": row.label, "required": False, "help_text": "；".join(notes)}
        if row.kind == CHOICE:
            return forms.ChoiceField(choices=row.choices, **more)
        mode = "text" if row.kind in (LIST, TEXT) else "decimal"
        return forms.CharField(max_length=200, widget=forms.TextInput(attrs={"inputmode": mode}), **more)

    def when_of(self, row):
        """Which choice makes this parameter matter."""
        parent = next((each for each in self.method.parameters if row.when and each.name == row.when[0]), None)
        if parent is None or len(parent.choices) == 1:
            return ""
        names = "、".join(f"“{label.split('，')[0]}”" for value, label in parent.choices if value in row.when[1])
        return f"{parent.label}为{names}时使用"

    def bounds_of(self, row):
        if row.rule is None:
            return ""
        least, most = row.bounds(self.day)
        return f"{plain(least)} 至 {plain(most)}（{in_force(row.rule, self.day).source}）"

    def clean(self):
        data = super().clean()
        values = {row.name: (data.get(row.name) or "").strip() or row.default for row in self.parameters}
        for row in self.parameters:
            if matters(self.method, row, values) and (problem := problem_of(row, values[row.name], day=self.day)):
                self.add_error(row.name, problem)
        self.values = values
        return data

    def settings(self):
        """As `method_settings` keeps them: decimals as strings, only what matters."""
        return kept(self.method, self.values)


class AttachmentForm(HouseForm, forms.Form):
    title = forms.CharField(label="名称", max_length=120, help_text="如“工程量清单”“施工图纸”")
    file = forms.FileField(label="文件", help_text="PDF、图片、Word、Excel 或 ZIP，不超过 50 MB")


class BillForm(HouseForm, forms.Form):
    file = forms.FileField(label="清单文件", help_text=".xlsx，用下载的模板填写；上传后替换现有清单")


class ClauseForm(HouseForm, forms.Form):
    key = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label="保留理由和法律依据", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReturnForm(HouseForm, forms.Form):
    reasons = forms.CharField(
        label="退回的理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="写明要改哪里、依据是什么"
    )


class PublishForm(HouseForm, forms.Form):
    publish_at = MomentField(label="定时发布", required=False, help_text="留空则立即发布")


class FactForm(HouseForm, forms.Form):
    """What was done outside the platform, for which lot and on which day."""

    lot = forms.ModelChoiceField(Lot.objects.none(), label="标段", empty_label=None)
    name = forms.ChoiceField(label="事项", choices=[(name, MILESTONES[name]) for name in REPORTABLE])
    happened_on = forms.DateField(label="办理日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, tender, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lot"].queryset = tender.lots.all()


class QuestionForm(HouseForm, forms.Form):
    text = forms.CharField(
        label="问题",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="不要写出单位名称；答复对所有人公开，提问单位不公开",
    )


class ClarificationForm(HouseForm, forms.Form):
    text = forms.CharField(label="澄清与修改内容", required=False, widget=forms.Textarea(attrs={"rows": 5}))
    affects_bids = forms.BooleanField(label="可能影响投标文件编制", required=False)
    new_bids_due_at = MomentField(
        label="顺延后的投标截止时间",
        required=False,
        help_text="不顺延则留空；可能影响投标文件编制的，距投标截止不足十五日必须顺延",
    )

    def __init__(self, *args, questions=(), hall=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        if hall is not None:
            self.fields["hall"] = forms.ModelChoiceField(
                venues_for(VenueBooking.Purpose.OPENING), label="顺延后的开标场地", required=False, empty_label=f"沿用{hall.name}",
                help_text="新时间原场地已被占用、又没有另选的，由交易中心另行安排并通知你",
            )  # fmt: skip
            self.dress("hall")
        for question in self.questions:
            self.fields[f"answer{question.pk}"] = forms.CharField(
                label=f"问：{question.text}", required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.dress(f"answer{question.pk}")

    def answers(self):
        return {row.pk: self.cleaned_data[f"answer{row.pk}"] for row in self.questions if self.cleaned_data[f"answer{row.pk}"]}

    def clean(self):
        data = super().clean()
        if not data.get("text") and not any(data.get(f"answer{row.pk}") for row in self.questions):
            raise forms.ValidationError("请填写澄清内容，或至少答复一个问题")
        return data


class InviteeForm(HouseForm, forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.of_kind(Organisation.Kind.BIDDER), to_field_name="uscc", label="受邀单位")


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
