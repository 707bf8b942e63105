from django import forms

from accounts.models import Organisation, Person
from trading.catalogue.models import CentralItem
from trading.projects.models import Category, Lot, Project, ProjectPaper, ProjectReview
from trading.projects.queries import ASKED, UNNAMED, entrustment_of
from trading.projects.rules import TOLERABLE, URGENCIES
from web.forms import HouseForm, MoneyField

CLASSES = [
    ("A01", "房屋建筑"), ("A02", "市政"), ("A03", "公路"), ("A07", "水利"), ("A08", "能源"), ("A13", "信息网络"), ("A99", "其他工程"),
    ("Z99", "非工程类"),
]  # fmt: skip


class ProjectForm(HouseForm, forms.ModelForm):
    """Everything may stay empty while it is a draft; handing in asks for the rest."""

    owner = forms.ModelChoiceField(label="招标人", required=False, queryset=Organisation.objects.none(), empty_label="请选择已入库的招标人")
    classification = forms.ChoiceField(label="工程分类", choices=CLASSES)
    urgency = forms.ChoiceField(
        label="绿色通道", required=False, choices=[("", "不申请"), *((code, row.label) for code, row in URGENCIES.items())],
        help_text="申请的，受理时由交易中心核定",
    )  # fmt: skip
    estimate = MoneyField(label="项目估算价（元）", required=False, help_text="可以写“3860 万元”")
    central_item = forms.ModelChoiceField(
        label="集中采购目录品目", required=False, queryset=CentralItem.objects.none(), empty_label="没有列入集中采购目录",
        help_text="列入目录的，不论金额都实行集中采购",
    )  # fmt: skip

    class Meta:
        model = Project
        fields = (
            "name", "owner", "category", "kind", "epc_stage", "epc_ground", "procedure", "central_item", "organisation_form", "classification", "estimate", "address", "scale", "fund_source", "state_funded", "invest_code",
            "approval_name", "approval_number", "approval_authority", "contact_name", "contact_phone", "exemption", "urgency", "urgency_reason",
        )  # fmt: skip
        widgets = {
            "scale": forms.Textarea(attrs={"rows": 3}),
            "exemption": forms.Textarea(attrs={"rows": 2}),
            "urgency_reason": forms.Textarea(attrs={"rows": 2}),
            "epc_ground": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "epc_stage": "批复文件在“材料”中上传，不能容缺",
            "epc_ground": "在初步设计审批前发包的填写",
            "exemption": "如有不适用集中交易目录的情形，写明理由；没有则不填",
            "invest_code": "在线审批监管平台的 24 位项目代码，没有可不填",
        }

    def __init__(self, *args, ways=(), on, **kwargs):
        """`ways` are the procedures on offer for the project as it stands: [code, name] pairs; `on` is the day whose lists hold."""
        super().__init__(*args, **kwargs)
        for name in ("category", "kind", "procedure"):
            self.fields[name].required = False
        self.fields["category"].choices = [pair for pair in Category.choices if pair[0] in Project.KINDS_OF]
        self.fields["kind"].choices = [
            (kind, Project.Kind(kind).label) for kind in Project.KINDS_OF.get(self.instance.category, Project.Kind)
        ]
        self.fields["procedure"].widget = forms.Select(choices=ways, attrs={"class": "form-select"})
        self.fields["owner"].queryset = Organisation.objects.of_kind(Organisation.Kind.TENDEREE).active()
        self.fields["name"].required = False
        if self.initial.get("name") == UNNAMED:
            self.initial["name"] = ""
        self.fields["central_item"].queryset = CentralItem.objects.in_force(on)
        self.fields["organisation_form"].required = False
        if not self.instance.agency_id or entrustment_of(self.instance) is not None:
            del self.fields["owner"]
        for name in ASKED:
            if name in self.fields:
                self.fields[name].asked = True

    def clean(self):
        """What was not posted stays; a kind that the category does not have becomes its first."""
        data = super().clean()
        for name in ("category", "kind", "procedure"):
            data[name] = data.get(name) or getattr(self.instance, name)
        kinds = Project.KINDS_OF[data["category"]]
        data["kind"] = data["kind"] if data["kind"] in kinds else kinds[0]
        self.errors.pop("kind", None)
        return data

    def clean_name(self):
        return self.cleaned_data["name"] or UNNAMED


class EntrustmentForm(HouseForm, forms.Form):
    """What a purchaser puts into the hands of the central procurement body."""

    body = forms.ModelChoiceField(label="集中采购机构", queryset=Organisation.objects.none(), empty_label="请选择")
    scope = forms.CharField(label="代理范围", widget=forms.Textarea(attrs={"rows": 3}), help_text="例如：编制采购文件、发布公告、组织评审")
    powers = forms.CharField(label="代理权限", widget=forms.Textarea(attrs={"rows": 3}), help_text="写明哪些事项须先经采购人确认")
    ends_on = forms.DateField(label="委托期限至", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = Organisation.objects.of_kind(Organisation.Kind.PROCURER).active()


class AnswerForm(HouseForm, forms.Form):
    reason = forms.CharField(label="退回理由", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="接受的不填")


class LotForm(HouseForm, forms.ModelForm):
    estimate = MoneyField(label="合同估算价（元）")

    class Meta:
        model = Lot
        fields = ("name", "content", "estimate", "term_days", "quality", "qualification")
        widgets = {"content": forms.Textarea(attrs={"rows": 2}), "qualification": forms.Textarea(attrs={"rows": 2})}


class PromiseForm(HouseForm, forms.Form):
    """A paper that is promised for later."""

    kind = forms.ChoiceField(label="容缺材料", choices=[(each, each.label) for each in TOLERABLE])
    due_on = forms.DateField(label="补齐期限", widget=forms.DateInput(attrs={"type": "date"}))
    promise = forms.CharField(
        label="承诺", widget=forms.Textarea(attrs={"rows": 3}), initial="承诺在上述期限前补齐该材料；逾期未补的，同意暂停交易并记录。"
    )


class PaperForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="材料类型", choices=ProjectPaper.Kind.choices)
    file = forms.FileField(label="文件", help_text="PDF、图片、Word、Excel 或 ZIP，不超过 50 MB")


class ReviewForm(HouseForm, forms.Form):
    """The centre's word on a registration; the department that will supervise may be chosen where there are several."""

    outcome = forms.ChoiceField(label="受理结果", choices=ProjectReview.Outcome.choices, widget=forms.RadioSelect)
    regulator = forms.ModelChoiceField(
        label="行政监督部门", queryset=Organisation.objects.none(), required=False, empty_label=None,
        help_text="受理后由该部门监督本项目",
    )  # fmt: skip
    reasons = forms.CharField(
        label="意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="退回或不予受理时，一次写明全部理由",
    )

    officer = forms.ModelChoiceField(
        label="专办员", queryset=Person.objects.none(), required=False, empty_label="请选择", help_text="受理后由专办员跟到合同签订"
    )
    field_order = ("outcome", "regulator", "officer", "reasons")

    def __init__(self, *args, project, regulators, officers, ruled, **kwargs):
        """`ruled`: the department is named by a ruling, or must be: there is nothing to choose here."""
        super().__init__(*args, **kwargs)
        self.fields["regulator"].queryset = regulators
        self.fields["officer"].queryset = officers
        if ruled:
            del self.fields["regulator"]
        if not project.urgency:
            del self.fields["officer"]


class RulingRequestForm(HouseForm, forms.Form):
    question = forms.CharField(label="提请说明", widget=forms.Textarea(attrs={"rows": 3}), help_text="写明项目内容分别涉及哪些部门的职责")


class RulingForm(HouseForm, forms.Form):
    regulator = forms.ModelChoiceField(label="指定的监督部门", queryset=Organisation.objects.none(), empty_label="请选择")
    reason = forms.CharField(label="指定理由", widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["regulator"].queryset = candidates


class OfficerForm(HouseForm, forms.Form):
    officer = forms.ModelChoiceField(label="专办员", queryset=Person.objects.none(), empty_label="请选择")

    def __init__(self, *args, officers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = officers


class HandlerForm(HouseForm, forms.Form):
    person = forms.ModelChoiceField(label="经办人", queryset=Person.objects.none(), empty_label="请选择本单位人员")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
