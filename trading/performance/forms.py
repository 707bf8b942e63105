"""What people type in while a contract is carried out; one form to a page."""

from django import forms

from trading.performance.models import Acceptance, Custody, KeyPerson, PerformanceBond, Post, SiteCheckIn, SiteInspection
from trading.performance.rules import CERTIFICATES, RATING
from web.forms import DayField, HouseForm, MomentField, MoneyField

PROOF = "PDF 或图片，没有可以不附"
FINDINGS = 3


def lines(count):
    return forms.Textarea(attrs={"rows": count})


class SignedMoneyField(MoneyField):
    """A difference: a minus sign, or -386 万元, means less."""

    def to_python(self, value):
        text = str(value or "").strip()
        less = text.startswith(("-", "−", "－"))
        amount = super().to_python(text.lstrip("+-−－＋"))
        return -amount if less and amount is not None else amount


class StepForm(HouseForm, forms.Form):
    """A step on a contract; `contract` and `target` (the row it is about, or None) shape its choices."""

    def __init__(self, *args, contract, target=None, **kwargs):
        self.contract, self.target = contract, target
        super().__init__(*args, **kwargs)

    def ask(self, name, field):
        self.fields[name] = field
        self.dress(name)


class NothingForm(StepForm):
    """Nothing to fill in: pressing the button is the act."""


class ReasonForm(StepForm):
    remark = forms.CharField(label="理由", widget=lines(3))


class KeyPersonForm(HouseForm, forms.Form):
    name = forms.CharField(label="姓名", max_length=60)
    certificate = forms.ChoiceField(label="证书种类", choices=KeyPerson.Certificate.choices)
    level = forms.TypedChoiceField(label="等级", choices=KeyPerson.Level.choices, coerce=int)
    number = forms.CharField(label="证书编号", min_length=6, max_length=40, help_text="加密保存；其他单位只能看到末四位")
    valid_until = DayField(label="有效期至")


def free_people(contract, **more):
    held = Custody.objects.filter(released_at=None).values("certificate")
    return KeyPerson.objects.filter(organisation=contract.winner, withdrawn_at=None, **more).exclude(number_digest__in=held)


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, row):
        return f"{row.name}（{row.get_certificate_display()}，{row.get_level_display()}，{row.masked}）"


class TeamForm(StepForm):
    post = forms.TypedChoiceField(label="岗位", choices=Post.choices, coerce=Post)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        works = self.contract.lot.tender.project.is_construction
        supervision = (Post.CHIEF_SUPERVISOR, Post.SITE_SUPERVISOR)
        self.fields["post"].choices = [each for each in Post.choices if (each[0] in supervision) != works]
        people = free_people(self.contract)
        self.ask(
            "person", PersonChoice(label="人员", queryset=people, empty_label="请选择", help_text="来自“关键人员”登记；已锁定的不在其中")
        )


class ReplacementForm(StepForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = free_people(self.contract, certificate=CERTIFICATES[self.target.post])
        self.ask("successor", PersonChoice(label="接替人员", queryset=people, empty_label="请选择"))
        self.ask("reason", forms.CharField(label="更换理由", widget=lines(3)))
        self.ask("proof", forms.FileField(label="证明材料", required=False, help_text=PROOF))


class DecisionForm(StepForm):
    decision = forms.CharField(label="意见", widget=lines(3), required=False)


class RefusalForm(StepForm):
    decision = forms.CharField(label="不同意的理由", widget=lines(3))


class CustodyChoice(forms.ModelChoiceField):
    def label_from_instance(self, row):
        return f"{row.get_post_display()} {row.key_person.name}"


class CheckInForm(StepForm):
    way = forms.ChoiceField(label="签到方式", choices=[each for each in SiteCheckIn.Way.choices if each[0] != SiteCheckIn.Way.MANUAL])
    proof = forms.CharField(label="现场码", required=False, max_length=6, help_text="现场屏幕上的六位数字，五分钟更换一次")
    site = forms.CharField(label="地点", required=False, max_length=120)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ask("custody", team_choice(self.contract))
        self.order_fields(["custody"])


def team_choice(contract, **more):
    rows = Custody.objects.filter(lot=contract.lot, released_at=None).select_related("key_person")
    return CustodyChoice(label="人员", queryset=rows, empty_label="请选择", **more)


class PresenceForm(StepForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ask("custody", team_choice(self.contract))
        self.ask("site", forms.CharField(label="地点", max_length=120))
        self.ask("photo", forms.FileField(label="现场照片"))


class BondForm(StepForm):
    amount = MoneyField(label="履约保证金金额（元）")
    due_on = DayField(label="提交期限")


class BondPaperForm(StepForm):
    form = forms.ChoiceField(label="提交方式", choices=PerformanceBond.Form.choices)
    reference = forms.CharField(label="流水号或保函编号", max_length=80)
    valid_until = DayField(label="保函（保单）有效期至", required=False)
    proof = forms.FileField(label="凭证或保函")


class ClaimForm(StepForm):
    amount = MoneyField(label="主张金额（元）")
    reason = forms.CharField(label="理由和合同依据", widget=lines(3))


class StatementForm(StepForm):
    statement = forms.CharField(label="陈述", widget=lines(4))


class ClaimDecisionForm(StepForm):
    upheld = forms.ChoiceField(label="决定", choices=[("1", "扣除"), ("0", "放弃主张")], widget=forms.RadioSelect)
    decision = forms.CharField(label="理由", widget=lines(3))


class ChangeForm(StepForm):
    title = forms.CharField(label="变更事项", max_length=120)
    reason = forms.CharField(label="变更理由", widget=lines(3))
    amount = SignedMoneyField(label="价款增减（元）", required=False, help_text="减少的前面加负号，不变的留空")
    days = forms.IntegerField(label="工期增减（日历天）", required=False, help_text="缩短的填负数，不变的留空")
    proof = forms.FileField(label="变更依据", required=False, help_text=PROOF)


class PlanForm(StepForm):
    title = forms.CharField(label="付款节点", max_length=120)
    amount = MoneyField(label="计划金额（元）")
    planned_on = DayField(label="计划时间", required=False)


class PaymentForm(StepForm):
    progress = forms.CharField(label="完成情况", widget=lines(3))
    delivered_on = DayField(label="交付（计量）日期", help_text="付款期限从这一天起算")
    amount = MoneyField(label="申请金额（元）")
    proof = forms.FileField(label="计量单、发票等", required=False, help_text=PROOF)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        plan = self.contract.payment_plan.all()
        if plan:
            field = forms.ModelChoiceField(label="付款节点", queryset=plan, required=False, empty_label="计划之外")
            field.label_from_instance = lambda row: f"{row.no}. {row.title}（{row.amount:,.2f} 元）"
            self.ask("milestone", field)
            self.order_fields(["milestone"])


class PaymentApprovalForm(StepForm):
    approved = MoneyField(label="核定金额（元）")
    remark = forms.CharField(label="审核意见", required=False, widget=lines(2), help_text="核减的须写明理由")


class PaidForm(StepForm):
    paid_on = DayField(label="支付日期")


class InspectionPlanForm(StepForm):
    kind = forms.ChoiceField(label="检查方式", choices=SiteInspection.Kind.choices)
    planned_at = MomentField(label="检查时间")
    units = forms.CharField(label="参加单位", required=False, max_length=200, help_text="联合检查须填写")


class InspectionForm(StepForm):
    inspectors = forms.CharField(label="检查人员", max_length=200)
    text = forms.CharField(label="检查记录", widget=lines(4))
    photo = forms.FileField(label="现场照片", required=False, help_text=PROOF)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Custody.objects.filter(lot=self.contract.lot, released_at=None).select_related("key_person")
        absent = forms.ModelMultipleChoiceField(
            label="缺岗人员", queryset=rows, required=False, widget=forms.CheckboxSelectMultiple, help_text="勾选检查时不在岗的人员"
        )
        absent.label_from_instance = lambda row: f"{row.get_post_display()} {row.key_person.name}"
        self.ask("absent", absent)
        for no in range(1, FINDINGS + 1):
            self.ask(f"problem{no}", forms.CharField(label=f"问题 {no}", required=False, widget=lines(2)))
            self.ask(f"suggestion{no}", forms.CharField(label=f"问题 {no} 的整改要求", required=False))
            self.ask(f"due{no}", DayField(label=f"问题 {no} 的整改期限", required=False))
        self.order_fields(["inspectors", "text", "absent"])

    def clean(self):
        data = super().clean()
        data["findings"] = []
        for no in range(1, FINDINGS + 1):
            row = [data.get(f"{part}{no}") for part in ("problem", "suggestion", "due")]
            if any(row) and not all(row):
                self.add_error(f"problem{no}", "问题、整改要求和期限须一并填写")
            elif all(row):
                data["findings"].append(tuple(row))
        return data


class RectifiedForm(StepForm):
    reply = forms.CharField(label="整改情况", widget=lines(4))
    proof = forms.FileField(label="整改照片或材料", required=False, help_text=PROOF)


class RecheckForm(StepForm):
    passed = forms.ChoiceField(label="复查结论", choices=[("1", "整改合格"), ("0", "不合格，继续整改")], widget=forms.RadioSelect)
    recheck = forms.CharField(label="复查意见", widget=lines(3))
    due_on = DayField(label="新的整改期限", required=False, help_text="不合格的须填写")


class MonthForm(StepForm):
    month = forms.DateField(
        label="月份", input_formats=["%Y-%m"], widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={"invalid": "请填写月份，例如 2026-11"},
    )  # fmt: skip


class ReplyForm(StepForm):
    reply = forms.CharField(label="陈述申辩", widget=lines(4))
    file = forms.FileField(label="证明材料", required=False, help_text=PROOF)


class DeductionDecisionForm(StepForm):
    confirmed = forms.ChoiceField(label="决定", choices=[("1", "确认扣款"), ("0", "撤销通知")], widget=forms.RadioSelect)
    decision = forms.CharField(label="处理意见", widget=lines(3))


class AcceptanceForm(StepForm):
    statement = forms.CharField(label="完成情况", widget=lines(4))
    finished_on = DayField(label="完工（交付）日期")
    proof = forms.FileField(label="竣工资料", required=False, help_text=PROOF)


class AcceptanceResultForm(StepForm):
    panel = forms.CharField(label="验收组成员", widget=lines(3), help_text="每行一人：姓名，空格，单位")
    result = forms.ChoiceField(
        label="结论", widget=forms.RadioSelect,
        choices=[(Acceptance.State.PASSED, "合格"), (Acceptance.State.DEFECTS, "有缺陷，整改后复验"), (Acceptance.State.FAILED, "不合格")],
    )  # fmt: skip
    opinion = forms.CharField(label="验收意见", widget=lines(3))
    defects = forms.CharField(label="缺陷", required=False, widget=lines(2))
    rectify_by = DayField(label="整改期限", required=False)
    settlement = MoneyField(label="结算金额（元）", required=False, help_text="留空按变更后的合同价款")

    def clean_panel(self):
        rows = [line.split(None, 1) for line in self.cleaned_data["panel"].splitlines() if line.strip()]
        if any(len(row) != 2 for row in rows):
            raise forms.ValidationError("每行写姓名和单位，中间空格，例如：王某某 市质监站")
        return rows


class MendedForm(StepForm):
    rectification = forms.CharField(label="整改情况", widget=lines(4))


class RatingForm(StepForm):
    remark = forms.CharField(label="评价说明", required=False, widget=lines(3))

    def __init__(self, *args, side, **kwargs):
        super().__init__(*args, **kwargs)
        for item in RATING[side]:
            self.ask(item.name, forms.IntegerField(label=f"{item.label}（满分 {item.most}）", min_value=0, max_value=item.most))
        self.order_fields([item.name for item in RATING[side]])


class EvidenceForm(StepForm):
    evidence = forms.FileField(label="证明材料", help_text="验收书、履约评价等")


class SettingForm(HouseForm, forms.Form):
    value = forms.DecimalField(label="新的数值", min_value=0, max_digits=14, decimal_places=2)
    source = forms.CharField(label="依据文件", max_length=200)
    since = DayField(label="生效日期")
