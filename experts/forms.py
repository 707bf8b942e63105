"""What people type in about experts."""

from decimal import Decimal

from django import forms

from accounts.models import Organisation, Person
from draws.forms import people_of
from experts import rules
from experts.classification import grouped
from experts.models import (
    Absence,
    ApplicationReview,
    AvoidedOrganisation,
    ChangeRequest,
    CheckedSitting,
    ConductRecord,
    Course,
    Exam,
    Expert,
    ExpertApplication,
    Proof,
    Question,
    Sector,
    Stage,
    Suspension,
    Topic,
)
from web.forms import DayField, HouseForm, MomentField

REGIONS = [("429900", "清江市本级"), ("429901", "滨江新区"), ("429902", "云岭县"), ("429903", "青禾县"), ("429904", "南渡县")]
MOST = rules.SPECIALTIES.maximum
BLANK = [("", "请选择")]


def asked(form, *names):
    """Fields that a complete application needs although a draft may leave them empty: they carry the star."""
    for name in names:
        form.fields[name].asked = True


class SpecialtiesForm(HouseForm, forms.Form):
    """Up to five specialties of the national classification, the first the main one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for place in range(1, MOST + 1):
            label = "主专业" if place == 1 else f"专业 {place}"
            self.fields[f"specialty_{place}"] = forms.ChoiceField(label=label, required=False, choices=[("", "不选"), *grouped()])
            self.dress(f"specialty_{place}")
        asked(self, "specialty_1")

    def specialties(self):
        return [code for place in range(1, MOST + 1) if (code := self.cleaned_data.get(f"specialty_{place}"))]

    @staticmethod
    def initial_of(codes):
        return {f"specialty_{place}": code for place, code in enumerate(codes, start=1)}


class ApplicationForm(SpecialtiesForm):
    """The whole application but its lists; everything may be left empty until it is handed in."""

    sector = forms.ChoiceField(label="申请行业", required=False, choices=[*BLANK, *Sector.choices], help_text="由该行业主管部门审核")
    title = forms.CharField(label="职称", required=False, max_length=60, help_text="例如 高级工程师")
    level = forms.ChoiceField(label="职称等级", required=False, choices=[*BLANK, *ExpertApplication.Level.choices])
    working_since = DayField(label="从事本专业工作起始日期", required=False)
    education = forms.ChoiceField(label="学历", required=False, choices=[*BLANK, *ExpertApplication.Education.choices])
    school = forms.CharField(label="毕业院校", required=False, max_length=80)
    major = forms.CharField(label="所学专业", required=False, max_length=80)
    regions = forms.MultipleChoiceField(label="可参加评标的地区", required=False, choices=REGIONS, widget=forms.CheckboxSelectMultiple)
    shared = forms.BooleanField(label="同意把姓名、联系电话、单位、职称和专业共享给区域和联盟的专家库", required=False)
    identity = forms.CharField(label="身份证号", required=False, max_length=18, help_text="出生日期由此得出")
    address = forms.CharField(label="通讯地址", required=False, max_length=200)
    phone = forms.CharField(label="其他联系电话", required=False, max_length=40, help_text="登录手机号之外的电话，可不填")
    bank = forms.CharField(label="开户银行", required=False, max_length=80)
    account = forms.CharField(label="银行账号", required=False, max_length=40, help_text="用于发放劳务报酬")
    relatives = forms.CharField(
        label="近亲属", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="配偶、父母、子女、兄弟姐妹的姓名和工作单位，每人一行；没有的写“无”",
    )  # fmt: skip
    PLAIN = ("sector", "title", "level", "working_since", "education", "school", "major", "regions", "shared")
    PERSONAL = ("identity", "phone", "address", "bank", "account", "relatives")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        asked(self, "sector", "title", "level", "working_since", "education", "school", "regions", "identity", "address", "bank", "account")
        # As they stand on the page, so that the list of errors reads in that order.
        specialties = [f"specialty_{place}" for place in range(1, MOST + 1)]
        self.order_fields([*self.PLAIN[: self.PLAIN.index("regions")], *specialties, "regions", *self.PERSONAL, "shared"])

    def clean_identity(self):
        return self.cleaned_data["identity"].strip().upper()

    def clean_account(self):
        account = self.cleaned_data["account"].replace(" ", "")
        if account and not account.isdigit():
            raise forms.ValidationError("银行账号只含数字")
        return account

    def plain(self):
        return {**{name: self.cleaned_data[name] for name in self.PLAIN}, "specialties": self.specialties()}

    def personal(self):
        return {name: self.cleaned_data[name] for name in self.PERSONAL}

    @classmethod
    def initial_from(cls, application, personal):
        return {
            **{name: getattr(application, name) for name in cls.PLAIN}, **cls.initial_of(application.specialties),
            **{name: personal.get(name, "") for name in cls.PERSONAL},
        }  # fmt: skip


class EmploymentForm(HouseForm, forms.Form):
    employer = forms.CharField(label="工作单位", max_length=200)
    uscc = forms.CharField(label="统一社会信用代码", max_length=18, required=False, help_text="知道的请填写，用于自动回避")
    duty = forms.CharField(label="职务或岗位", max_length=80, required=False)
    since = DayField(label="开始日期")
    until = DayField(label="结束日期", required=False, help_text="现在仍在此单位的不填")

    def clean_uscc(self):
        return self.cleaned_data["uscc"].strip().upper()

    def clean(self):
        good = super().clean()
        if good.get("since") and good.get("until") and good["until"] < good["since"]:
            self.add_error("until", "结束日期不能早于开始日期")
        return good


class CertificateForm(HouseForm, forms.Form):
    name = forms.CharField(label="证书名称", max_length=80, help_text="例如 一级建造师（市政公用工程）")
    number = forms.CharField(label="证书编号", max_length=60)
    expires_on = DayField(label="有效期至", required=False)


class InterestForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="回避原因", choices=AvoidedOrganisation.Kind.choices)
    organisation = forms.CharField(label="单位名称", max_length=200)
    uscc = forms.CharField(label="统一社会信用代码", max_length=18)
    reason = forms.CharField(label="说明", max_length=200, help_text="例如 兄弟任总经理、持股 5%")

    def clean_uscc(self):
        return self.cleaned_data["uscc"].strip().upper()


class ProofForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(
        label="材料类型", choices=[row for row in Proof.Kind.choices if row[0] not in (Proof.Kind.RECOMMENDATION, Proof.Kind.CHANGE)]
    )
    file = forms.FileField(label="文件", help_text="PDF、JPG 或 PNG，加密保存")


class RecommendationForm(HouseForm, forms.Form):
    recommender = forms.CharField(label="推荐单位经办人", max_length=60)
    opinion = forms.CharField(label="单位推荐意见", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(label="单位推荐表", help_text="加盖单位公章的扫描件")


class ReviewForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(label="审核结果", choices=ApplicationReview.Outcome.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label="审核意见", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="退回或者不予通过的必填，本人可以看到"
    )


class LookForm(HouseForm, forms.Form):
    why = forms.CharField(label="查看事由", max_length=200, help_text="记入本人的查看记录")


class AbsenceForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="类型", choices=Absence.Kind.choices)
    since = MomentField(label="开始时间")
    until = MomentField(label="结束时间")
    note = forms.CharField(label="说明", max_length=100, required=False)


class EmployerChangeForm(HouseForm, forms.Form):
    employer = forms.CharField(label="新的工作单位", max_length=200)
    uscc = forms.CharField(label="统一社会信用代码", max_length=18, required=False)
    reason = forms.CharField(label="说明", max_length=300)
    file = forms.FileField(label="证明材料", required=False)

    def change(self):
        return {"employer": self.cleaned_data["employer"], "uscc": self.cleaned_data["uscc"].strip().upper()}


class TitleChangeForm(HouseForm, forms.Form):
    title = forms.CharField(label="新的职称", max_length=60)
    reason = forms.CharField(label="说明", max_length=300)
    file = forms.FileField(label="证明材料", required=False)

    def change(self):
        return {"title": self.cleaned_data["title"]}


class SpecialtyChangeForm(SpecialtiesForm):
    reason = forms.CharField(label="说明", max_length=300)
    file = forms.FileField(label="证明材料", required=False)

    def change(self):
        return {"specialties": self.specialties()}


class AvoidanceChangeForm(InterestForm):
    reason = forms.CharField(label="说明", max_length=200, help_text="提交后立即回避")
    file = forms.FileField(label="证明材料", required=False)

    def change(self):
        good = self.cleaned_data
        return {"kind": good["kind"], "organisation": good["organisation"], "uscc": good["uscc"]}


CHANGES = {
    ChangeRequest.Kind.EMPLOYER: EmployerChangeForm,
    ChangeRequest.Kind.TITLE: TitleChangeForm,
    ChangeRequest.Kind.SPECIALTY: SpecialtyChangeForm,
    ChangeRequest.Kind.AVOIDANCE: AvoidanceChangeForm,
}


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", max_length=300)


class SuspendForm(HouseForm, forms.Form):
    cause = forms.ChoiceField(label="原因", choices=Suspension.Cause.choices)
    reason = forms.CharField(label="事由", max_length=300)
    until = DayField(label="暂停至", required=False, help_text="不填表示另行通知")


class DismissForm(HouseForm, forms.Form):
    reason = forms.CharField(label="解聘理由", max_length=300)
    decision_number = forms.CharField(label="决定文书号", max_length=80, required=False, help_text="取消评标资格的必填")
    for_good = forms.BooleanField(label="取消评标资格，不得再入库", required=False)


class ConductForm(HouseForm, forms.Form):
    code = forms.ChoiceField(label="行为", choices=[])
    facts = forms.CharField(label="事实", widget=forms.Textarea(attrs={"rows": 3}))
    decision_number = forms.CharField(label="决定文书号", max_length=80, required=False, help_text="严重违规的必填")
    tender_number = forms.CharField(label="相关项目编号", max_length=64, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [
            (code, f"{rule.says}（{rule.points:+.0f} 分{'，立即出库' if rule.removes else ''}）") for code, rule in rules.CONDUCT.items()
        ]


class RecordForm(HouseForm, forms.Form):
    """About one entry of an expert's record of conduct, of those given."""

    record = forms.ModelChoiceField(label="行为记录", queryset=ConductRecord.objects.none(), empty_label=None)

    def __init__(self, *args, records, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["record"].queryset = records
        self.fields["record"].label_from_instance = lambda row: f"{row.on:%Y-%m-%d} {row.says}"


class WithdrawForm(RecordForm):
    reason = forms.CharField(label="撤销理由", max_length=300)


class SanctionForm(RecordForm):
    basis = forms.CharField(label="处理依据", max_length=300)
    decision = forms.CharField(label="处理决定", widget=forms.Textarea(attrs={"rows": 3}), help_text="将向社会公开")


class DecisionForm(HouseForm, forms.Form):
    approved = forms.ChoiceField(label="审核结果", choices=[("1", "同意"), ("0", "不同意")], widget=forms.RadioSelect)
    words = forms.CharField(label="审核意见", max_length=300, required=False, help_text="不同意的请写明理由")


class BatchLineForm(SpecialtiesForm):
    """A person of the pool for the year's adjustment; applicants are added from their own list."""

    number = forms.CharField(label="专家编号", max_length=20)
    kind = forms.ChoiceField(label="调整", choices=[("specialty", "调整专业"), ("remove", "出库")])
    reason = forms.CharField(label="理由", max_length=300)
    field_order = ("number", "kind", "reason")

    def clean_number(self):
        found = Expert.objects.in_pool().filter(number=self.cleaned_data["number"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError("库中没有这个编号的专家")
        self.expert = found
        return found.number


class BasisForm(HouseForm, forms.Form):
    basis = forms.CharField(label="决定依据", max_length=200, help_text="会议纪要或者文件文号")


class CourseForm(HouseForm, forms.ModelForm):
    topics = forms.MultipleChoiceField(label="内容", choices=Topic.choices, widget=forms.CheckboxSelectMultiple)
    starts_at = MomentField(label="开始时间")
    ends_at = MomentField(label="结束时间")

    class Meta:
        model = Course
        fields = ("title", "stage", "pool", "batch", "topics", "hours", "place", "starts_at", "ends_at")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = Stage.choices

    def clean(self):
        good = super().clean()
        if good.get("starts_at") and good.get("ends_at") and good["ends_at"] <= good["starts_at"]:
            self.add_error("ends_at", "结束时间要晚于开始时间")
        return good


class QuestionForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="题型", choices=Question.Kind.choices)
    topic = forms.ChoiceField(label="内容", choices=Topic.choices)
    text = forms.CharField(label="题目", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    options = forms.CharField(label="选项", widget=forms.Textarea(attrs={"rows": 4}), help_text="每行一个；判断题写“对”“错”两行")
    answer = forms.CharField(label="正确答案", max_length=20, help_text="选项的行号，多个用逗号隔开，例如 1,3")

    def clean_options(self):
        return [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]

    def clean_answer(self):
        try:
            return sorted({int(part) - 1 for part in self.cleaned_data["answer"].replace("，", ",").split(",")})
        except ValueError as wrong:
            raise forms.ValidationError("请填写选项的行号，例如 1,3") from wrong


class ExamForm(HouseForm, forms.ModelForm):
    opens_at = MomentField(label="开放时间")
    closes_at = MomentField(label="截止时间")

    class Meta:
        model = Exam
        fields = ("title", "stage", "single", "multiple", "judge", "minutes", "opens_at", "closes_at")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = Stage.choices

    def clean(self):
        good = super().clean()
        if good.get("opens_at") and good.get("closes_at") and good["closes_at"] <= good["opens_at"]:
            self.add_error("closes_at", "截止时间要晚于开放时间")
        return good


class CallForm(HouseForm, forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    specialties = forms.MultipleChoiceField(label="征集专业", choices=[], widget=forms.SelectMultiple(attrs={"size": 8}))
    text = forms.CharField(label="征集说明", widget=forms.Textarea(attrs={"rows": 4}))
    until = DayField(label="报名截止")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["specialties"].choices = grouped()
        self.fields["specialties"].widget.attrs["class"] = "form-select"


class ImportForm(HouseForm, forms.Form):
    partner = forms.CharField(label="来源", max_length=120, help_text="例如 省综合评标专家库、云岭县")
    file = forms.FileField(label="CSV 文件", help_text="第一行为表头，UTF-8 或 GB18030 编码，不超过 5000 行")


class ShareForm(HouseForm, forms.Form):
    partner = forms.CharField(label="接收方", max_length=120)
    why = forms.CharField(label="共享依据", max_length=200, help_text="例如 联盟专家共享协议文号；记入每位专家的查看记录")


class RatingForm(HouseForm, forms.Form):
    """One side's marks for one expert, each item up to what the rule gives it."""

    remark = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="合计低于 60 分的必填"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, most in rules.RATING_ITEMS.parts.items():
            self.fields[name] = forms.DecimalField(
                label=f"{rules.ITEM_NAMES[name]}（满分 {most} 分）", min_value=Decimal(0), max_value=most, decimal_places=1, max_digits=4,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control num"}),
                error_messages={
                    "min_value": f"应在 0 到 {most} 分之间", "max_value": f"应在 0 到 {most} 分之间", "invalid": "请填写分数",
                },
            )  # fmt: skip
            self.dress(name)
        self.order_fields([*rules.RATING_ITEMS.parts, "remark"])

    def points(self):
        return {name: self.cleaned_data[name] for name in rules.RATING_ITEMS.parts}


class WhereFrom(forms.ModelChoiceField):
    """People with the office they come from."""

    def label_from_instance(self, row):
        return f"{row.name}（{'、'.join(row.organisations().values_list('name', flat=True))}）"


class BeginCheckForm(HouseForm, forms.Form):
    year = forms.TypedChoiceField(label="抽查年度", coerce=int)
    centre = WhereFrom(label="交易中心参加人", queryset=Person.objects.none(), empty_label="请选择")
    third = WhereFrom(
        label="招标人（代理机构）参加人", queryset=Person.objects.none(), empty_label="请选择", help_text="参加人看不到名单，只提交随机数"
    )

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]
        self.fields["centre"].queryset = people_of(Organisation.Kind.CENTRE)
        self.fields["third"].queryset = people_of(Organisation.Kind.TENDEREE, Organisation.Kind.AGENCY)


class SpotFindingsForm(HouseForm, forms.Form):
    """One verdict and one note for each item of the check form."""

    def __init__(self, *args, findings, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in rules.SPOT_ITEMS.items():
            known = findings.get(name)
            self.fields[f"{name}_ok"] = forms.TypedChoiceField(
                label=label, choices=[("1", "未发现问题"), ("0", "发现问题")], coerce=lambda value: value == "1", widget=forms.RadioSelect,
                initial=None if known is None else str(int(known["ok"])),
            )  # fmt: skip
            self.fields[f"{name}_note"] = forms.CharField(
                label=f"{label.partition('：')[0]}：事实", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
                initial=known["note"] if known else "", help_text="发现问题的必填",
            )  # fmt: skip
            self.dress(f"{name}_ok")
            self.dress(f"{name}_note")

    def findings(self):
        data = self.cleaned_data
        return {name: {"ok": data[f"{name}_ok"], "note": data[f"{name}_note"]} for name in rules.SPOT_ITEMS}


class SpotConclusionForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(label="结论", choices=CheckedSitting.Outcome.choices, widget=forms.RadioSelect)
    opinion = forms.CharField(label="抽查意见", widget=forms.Textarea(attrs={"rows": 3}))
    code = forms.ChoiceField(label="记入的行为", choices=[], required=False, help_text="结论为记入行为档案的必填")
    decision_number = forms.CharField(label="决定文书号", max_length=80, required=False, help_text="严重违规的必填")
    correct_by = DayField(label="改正期限", required=False, help_text="结论为限期改正的必填")
    until = DayField(label="暂停至", required=False, help_text="结论为暂停的必填")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [
            ("", "不记入"), *((code, f"{rule.says}（{rule.points:+.0f} 分）") for code, rule in rules.CONDUCT.items() if rule.points < 0)
        ]  # fmt: skip
        for name in ("correct_by", "until"):
            self.fields[name].required = False


class StatementForm(HouseForm, forms.Form):
    words = forms.CharField(label="内容", widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)


class SpotRecheckForm(HouseForm, forms.Form):
    accepted = forms.TypedChoiceField(
        label="复核结论", choices=[("1", "改正到位"), ("0", "改正不到位")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    recheck = forms.CharField(label="复核意见", widget=forms.Textarea(attrs={"rows": 3}))
    correct_by = DayField(label="新的改正期限", required=False, help_text="改正不到位的必填")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["correct_by"].required = False
