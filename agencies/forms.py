"""What people type in about agencies."""

from decimal import Decimal

from django import forms

from accounts.models import Organisation, Person
from agencies.models import (
    AgencyComplaint,
    AgencyContract,
    AgencyProfile,
    AgencyRequest,
    AgencyStaff,
    ControlPaper,
    Course,
    Inspection,
    SelectionEntry,
    Service,
)
from agencies.rules import ITEMS, fee_bases
from credit.models import CreditRule
from draws.forms import people_of
from rulebook.clock import database_now
from web.forms import DayField, HouseForm, MomentField, MoneyField


def lines(count):
    return forms.Textarea(attrs={"rows": count})


def mark_field(label, **more):
    return forms.DecimalField(label=label, min_value=0, max_value=100, max_digits=5, decimal_places=2, **more)


class NamedChoice(forms.ModelChoiceField):
    """A choice among people or organisations, by name."""

    def label_from_instance(self, row):
        return row.name


class WhereFrom(NamedChoice):
    """People with the office they come from."""

    def label_from_instance(self, row):
        return f"{row.name}（{'、'.join(row.organisations().values_list('name', flat=True))}）"


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", widget=lines(3), max_length=300)


class LiftForm(ReasonForm):
    decision = forms.CharField(
        label="复议、诉讼文书号", max_length=80, required=False, help_text="年度检查不合格的限制因复议、诉讼撤销的必填"
    )


class ProfileForm(HouseForm, forms.ModelForm):
    services = forms.MultipleChoiceField(label="业务类型", choices=Service.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = AgencyProfile
        fields = ("services", "historic_grade", "introduction", "takes_draws")
        widgets = {"introduction": lines(4)}
        help_texts = {"historic_grade": "资格认定已经取消，等级只作历史信息展示，没有可不填"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["historic_grade"].choices = [("", "没有或不填"), *AgencyProfile.Grade.choices]
        self.fields["historic_grade"].required = self.fields["introduction"].required = False


class StaffForm(HouseForm, forms.Form):
    person = NamedChoice(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    title = forms.CharField(label="职务", max_length=60)

    def __init__(self, *args, agency, **kwargs):
        super().__init__(*args, **kwargs)
        known = AgencyStaff.objects.filter(agency=agency, left_at=None).values("person")
        people = Person.objects.filter(memberships__organisation=agency, memberships__until=None).exclude(pk__in=known)
        self.fields["person"].queryset = people.distinct()


class PaperForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="内控事项", choices=ControlPaper.Kind.choices)
    statement = forms.CharField(label="执行情况", widget=lines(4))
    file = forms.FileField(label="制度文件或证明材料")


class CheckForm(HouseForm, forms.Form):
    accepted = forms.TypedChoiceField(
        label="结论", choices=[("1", "内容完整，予以公示"), ("0", "退回补正")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    opinion = forms.CharField(label="意见", widget=lines(3), required=False, help_text="退回的，一次写明全部需要补正的内容")

    def __init__(self, *args, yes="", **kwargs):
        super().__init__(*args, **kwargs)
        if yes:
            self.fields["accepted"].choices = [("1", yes), ("0", "要求补正")]


class CourseForm(HouseForm, forms.ModelForm):
    held_on = DayField(label="培训日期")

    class Meta:
        model = Course
        fields = ("title", "content", "place", "held_on", "hours", "pass_mark", "valid_months")
        widgets = {"content": lines(3)}


class SignUpForm(HouseForm, forms.Form):
    staff = forms.ModelChoiceField(label="参加人员", queryset=AgencyStaff.objects.none(), empty_label="请选择")

    def __init__(self, *args, agency, course, **kwargs):
        super().__init__(*args, **kwargs)
        rows = AgencyStaff.objects.filter(agency=agency, left_at=None).exclude(attendances__course=course)
        self.fields["staff"].queryset = rows.select_related("person")
        self.fields["staff"].label_from_instance = lambda row: row.person.name


class ResultForm(HouseForm, forms.Form):
    attended = forms.TypedChoiceField(
        label="到课", choices=[("1", "到课并参加考试"), ("0", "缺席")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    mark = mark_field("考试成绩", required=False)


def weighted_lines(text, name, what):
    """[{"title", name}] of lines that end in a number; refused where one does not."""
    rows = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        title, _, number = line.replace("　", " ").rpartition(" ")
        if not title.strip() or not number.strip("%家").isdigit():
            raise forms.ValidationError(f"“{line}”没有写明{what}")
        rows.append({"title": title.strip(), name: int(number.strip("%家"))})
    return rows


class RequestForm(HouseForm, forms.Form):
    service = forms.ChoiceField(label="服务类型", choices=Service.choices)
    project_name = forms.CharField(label="项目名称", max_length=200)
    scope = forms.CharField(label="委托事项", widget=lines(3))
    fee_limit = MoneyField(label="服务费上限（元）", required=False, help_text="没有可不填")
    way = forms.ChoiceField(
        label="选择方式",
        choices=AgencyRequest.Way.choices,
        widget=forms.RadioSelect,
        help_text="由你单位自行决定，任何单位不得指定代理机构",
    )
    agency = NamedChoice(
        label="自主选择的机构", queryset=Organisation.objects.none(), required=False, empty_label="请选择", help_text="不限于名册中的机构"
    )
    due_at = MomentField(label="方案提交截止时间", required=False, help_text="竞争性遴选填写，自发出邀请起不少于三日")
    criteria = forms.CharField(
        label="评选标准", widget=lines(4), required=False, help_text="竞争性遴选填写。每行一项，最后写权重，合计 100，例如“服务方案 40”"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_at"].required = False
        self.fields["agency"].queryset = Organisation.objects.of_kind(Organisation.Kind.AGENCY).active()

    def clean_criteria(self):
        return weighted_lines(self.cleaned_data["criteria"], "weight", "权重，例如“服务方案 40”")

    def clean(self):
        data = super().clean()
        wanted = {AgencyRequest.Way.DIRECT: ("agency",), AgencyRequest.Way.COMPETITION: ("due_at", "criteria")}
        for name in wanted.get(data.get("way"), ()):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        return data


class DrawForm(HouseForm, forms.Form):
    supervisor = WhereFrom(label="监督部门参加人", queryset=Person.objects.none(), empty_label="请选择")
    tenderee = WhereFrom(label="委托人参加人", queryset=Person.objects.none(), empty_label="请选择")

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["supervisor"].queryset = people_of(Organisation.Kind.REGULATOR)
        self.fields["tenderee"].queryset = people_of(Organisation.Kind.TENDEREE).filter(
            memberships__organisation=row.owner, memberships__until=None
        )


class SelectionEventForm(HouseForm, forms.Form):
    title = forms.CharField(label="名称", max_length=200)
    service = forms.ChoiceField(label="业务类型", choices=[(each.value, each.label) for each in (Service.WORKS, Service.PROCUREMENT)])
    trial = forms.CharField(label="试用情况", max_length=200, required=False, help_text="例如：2018 年上半年试用后公开遴选")
    due_at = MomentField(label="报名截止时间")
    criteria = forms.CharField(label="评分标准", widget=lines(4), help_text="每行一项，最后写权重，合计 100，例如“人员与内控 30”")
    grades = forms.CharField(label="等次和名额", widget=lines(3), help_text="每行一个等次，从高到低，最后写名额，例如“A级 7”")

    def clean_criteria(self):
        return weighted_lines(self.cleaned_data["criteria"], "weight", "权重，例如“人员与内控 30”")

    def clean_grades(self):
        rows = weighted_lines(self.cleaned_data["grades"], "places", "名额，例如“A级 7”")
        most = SelectionEntry._meta.get_field("grade").max_length
        if any(len(row["title"]) > most for row in rows):
            raise forms.ValidationError(f"等次名称最长 {most} 个字。")
        return rows


class SelectionEntryForm(HouseForm, forms.Form):
    statement = forms.CharField(label="申报材料", widget=lines(8), max_length=6000, help_text="按评分标准逐项说明")


class SelectionMarksForm(HouseForm, forms.Form):
    def __init__(self, *args, event, marks, **kwargs):
        super().__init__(*args, **kwargs)
        for place, criterion in enumerate(event.criteria):
            initial = marks[place] if marks else None
            self.fields[f"mark-{place}"] = mark_field(f"{criterion['title']}（权重 {criterion['weight']}%）", initial=initial)
            self.dress(f"mark-{place}")

    def marks(self):
        return [self.cleaned_data[name] for name in self.fields]


class ListForm(HouseForm, forms.Form):
    valid_until = DayField(label="名单有效期至")


class ProposalForm(HouseForm, forms.Form):
    fee = MoneyField(label="服务费报价（元）")
    plan = forms.CharField(label="服务方案", widget=lines(8))
    file = forms.FileField(label="附件", required=False)


class ChoiceForm(HouseForm, forms.Form):
    """Marks for every proposal by every criterion, and the one that is taken."""

    proposal = forms.ModelChoiceField(label="选定", queryset=None, empty_label="请选择", help_text="应为得分最高的机构")
    reason = forms.CharField(label="理由", widget=lines(2), required=False, help_text="得分相同时须写明")

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row
        # Not before the time is over: until then nobody knows even who has proposed.
        self.proposals = row.proposals.readable_at(database_now()).select_related("agency")
        self.fields["proposal"].queryset = self.proposals
        self.fields["proposal"].label_from_instance = lambda each: each.agency.name
        for each in self.proposals:
            for place, criterion in enumerate(row.criteria):
                name = f"mark-{each.pk}-{place}"
                self.fields[name] = mark_field(f"{each.agency.name}：{criterion['title']}（权重 {criterion['weight']}）")
                self.dress(name)
        self.order_fields([name for name in self.fields if name.startswith("mark-")])

    def marks(self):
        return {
            each.pk: [self.cleaned_data[f"mark-{each.pk}-{place}"] for place in range(len(self.row.criteria))] for each in self.proposals
        }


class ContractForm(HouseForm, forms.ModelForm):
    fee = MoneyField(label="服务费（元）")
    fee_basis = forms.ChoiceField(label="收费依据")
    starts_on = DayField(label="委托期限自")
    ends_on = DayField(label="委托期限至")

    class Meta:
        model = AgencyContract
        fields = ("scope", "powers", "fee", "fee_basis", "payer", "starts_on", "ends_on", "additions")
        widgets = {"scope": lines(4), "powers": lines(4), "additions": lines(3)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fee_basis"].choices = fee_bases(self.instance)
        self.fields["additions"].required = False


class RatingForm(HouseForm, forms.Form):
    comment = forms.CharField(label="意见", widget=lines(3), required=False, help_text="有一项低于 60 分的须写明理由")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, item in ITEMS.items():
            self.fields[name] = mark_field(f"{item.label}（权重 {item.weight}%）", help_text="0 至 100 分")
            self.dress(name)
        self.order_fields(list(ITEMS))

    def marks(self):
        return {name: Decimal(self.cleaned_data[name]) for name in ITEMS}


class StatementForm(HouseForm, forms.Form):
    statement = forms.CharField(label="情况说明", widget=lines(5))


class InspectionForm(HouseForm, forms.Form):
    year = forms.TypedChoiceField(label="检查年度", coerce=int)
    centre = WhereFrom(label="交易中心参加人", queryset=Person.objects.none(), empty_label="请选择")
    third = WhereFrom(
        label="招标人（代理机构）参加人",
        queryset=Person.objects.none(),
        empty_label="请选择",
        help_text="可以是被检查机构，也可以是其他单位的人员",
    )

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]
        self.fields["centre"].queryset = people_of(Organisation.Kind.CENTRE)
        self.fields["third"].queryset = people_of(Organisation.Kind.TENDEREE, Organisation.Kind.AGENCY)


class FindingsForm(HouseForm, forms.Form):
    clean = forms.TypedChoiceField(
        label="检查结论", choices=[("1", "未发现问题"), ("0", "发现问题")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    findings = forms.CharField(label="检查情况", widget=lines(5), help_text="查阅了哪些资料，发现了什么问题")


class ConclusionForm(HouseForm, forms.Form):
    result = forms.ChoiceField(label="检查结果", choices=Inspection.Result.choices, widget=forms.RadioSelect)
    opinion = forms.CharField(label="检查意见", widget=lines(4))
    correct_by = DayField(label="整改期限", required=False)
    order_number = forms.CharField(label="决定文书号", max_length=80, required=False, help_text="不合格的必填")
    conduct = forms.ModelChoiceField(
        label="登记信用行为",
        queryset=CreditRule.objects.none(),
        required=False,
        empty_label="不登记",
        help_text="登记后由另一位同事在“信用记录”中复核",
    )
    evidence = forms.FileField(label="证据材料", required=False, help_text="登记信用行为的必须上传")

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["correct_by"].required = False
        self.fields["correct_by"].help_text = "限期整改和不合格的必填"
        self.fields["conduct"].queryset = deductions(on)
        self.fields["conduct"].label_from_instance = lambda row: f"{row.code} {row.title}（{row.points:+.0f} 分）"


# What an agency does is done in one of these trades; the regulator of it answers.
TRADES = [("GC", "工程建设"), ("ZC", "政府采购"), ("CQ", "国有产权"), ("TD", "土地使用权"), ("KY", "矿业权"), ("CJ", "村级集体")]


class ComplaintForm(HouseForm, forms.Form):
    category = forms.ChoiceField(label="交易类别", choices=TRADES)
    matter = forms.ChoiceField(label="反映的问题", choices=AgencyComplaint.Matter.choices)
    tender_number = forms.CharField(label="相关项目编号", max_length=32, required=False)
    facts = forms.CharField(label="事实", widget=lines(6), max_length=4000, help_text="写明何时、何事、有什么影响")
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片，没有可以不附")


class TakeComplaintForm(HouseForm, forms.Form):
    accepted = forms.TypedChoiceField(
        label="决定", choices=[("1", "受理"), ("0", "不予受理")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    opinion = forms.CharField(label="意见", widget=lines(3), required=False, help_text="不予受理的，写明理由")


def deductions(on):
    """The agencies' items of conduct that cost points on a day."""
    return CreditRule.objects.filter(party="agency", points__lt=0, since__lte=on, until=None).order_by("code")


class DecideComplaintForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(label="核查结论", choices=AgencyComplaint.Outcome.choices, widget=forms.RadioSelect)
    decision = forms.CharField(label="处理意见", widget=lines(4), help_text="告知投诉人和代理机构")
    conduct = forms.ModelChoiceField(
        label="记入信用行为",
        queryset=CreditRule.objects.none(),
        required=False,
        empty_label="不记入",
        help_text="属实、部分属实的必填；由另一位同事复核后生效",
    )
    decision_number = forms.CharField(label="决定文书号", max_length=80, required=False, help_text="严重失信行为必填")
    evidence = forms.FileField(label="证据材料", required=False, help_text="不上传的，采用投诉所附的证明材料")

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["conduct"].queryset = deductions(on)
        self.fields["conduct"].label_from_instance = lambda row: f"{row.code} {row.title}（{row.points:+.0f} 分）"


class CorrectionForm(HouseForm, forms.Form):
    report = forms.CharField(label="整改报告", widget=lines(6))


class RecheckForm(HouseForm, forms.Form):
    accepted = forms.TypedChoiceField(
        label="复查结论",
        choices=[("1", "整改到位，解除限制"), ("0", "整改不到位")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    recheck = forms.CharField(label="复查意见", widget=lines(3))
    correct_by = DayField(label="新的整改期限", required=False, help_text="整改不到位的必填")


class SuspensionForm(HouseForm, forms.Form):
    order_number = forms.CharField(label="决定文书号", max_length=80)
    basis = forms.CharField(label="依据", max_length=200)
    reason = forms.CharField(label="事由", widget=lines(3))
    until = DayField(label="至")


class SearchForm(forms.Form):
    """The filter of the public register."""

    q = forms.CharField(required=False)
    service = forms.ChoiceField(required=False, choices=[("", "全部业务"), *Service.choices])
