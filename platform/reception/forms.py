from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import Certificate, Duty, Organisation, PermissionRequest
from reception.models import OrganisationPaper
from rulebook.identifiers import validate_mobile, validate_uscc
from web.forms import HouseForm, MoneyField

# Who registers by themselves; the centre looks at the papers of each. Offices are entered by the operator.
REGISTERED = (Organisation.Kind.BIDDER, Organisation.Kind.TENDEREE, Organisation.Kind.AGENCY, Organisation.Kind.PROCURER)


class MobileForm(HouseForm, forms.Form):
    mobile = forms.CharField(label="手机号", max_length=11, validators=[validate_mobile])


class NewPasswordForm(HouseForm, forms.Form):
    mobile = forms.CharField(label="手机号", max_length=11, validators=[validate_mobile])
    code = forms.CharField(label="短信验证码", max_length=6)
    password = forms.CharField(
        label="设置密码", widget=forms.PasswordInput(render_value=True), help_text="至少 10 位，不能全是数字，不要用常见密码"
    )

    def clean_password(self):
        validate_password(self.cleaned_data["password"])
        return self.cleaned_data["password"]


class SignUpForm(NewPasswordForm):
    name = forms.CharField(label="姓名", max_length=60)
    field_order = ("mobile", "code", "name", "password")


class SignInForm(HouseForm, forms.Form):
    mobile = forms.CharField(label="手机号", max_length=20)
    password = forms.CharField(label="密码", widget=forms.PasswordInput)


class TotpForm(HouseForm, forms.Form):
    code = forms.CharField(
        label="动态口令", max_length=6, help_text="打开身份验证器应用，输入本平台显示的六位数字",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class CertificateRevocationForm(HouseForm, forms.Form):
    reason = forms.ChoiceField(label="停用原因", choices=Certificate.Reason.choices)


class OrganisationForm(HouseForm, forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label="主体类型",
        choices=[(kind, kind.label) for kind in REGISTERED],
        widget=forms.CheckboxSelectMultiple,
        help_text="可以多选；登记一次，各类交易通用",
    )
    uscc = forms.CharField(label="统一社会信用代码", max_length=18, help_text="营业执照上的 18 位代码")
    registered_capital = MoneyField(label="注册资本（元）", required=False)

    class Meta:
        model = Organisation
        fields = (
            "uscc", "name", "kinds", "legal_representative", "address", "phone",
            "registered_capital", "qualifications", "basic_bank", "basic_account",
        )  # fmt: skip
        widgets = {"qualifications": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"qualifications": "每行一项，写明等级，例如：市政公用工程施工总承包一级"}

    def clean_uscc(self):
        code = self.cleaned_data["uscc"].strip().upper()
        validate_uscc(code)
        return code

    def validate_unique(self):
        """Whether the code is taken is the action's to say, with what to do about it."""


class PaperForm(HouseForm, forms.Form):
    kind = forms.ChoiceField(label="材料类型", choices=OrganisationPaper.Kind.choices)
    file = forms.FileField(label="文件", help_text="PDF、JPG 或 PNG，不超过 50 MB")


class ReviewForm(HouseForm, forms.Form):
    outcome = forms.ChoiceField(label="审核结果", choices=[("accepted", "通过"), ("returned", "退回补正")], widget=forms.RadioSelect)
    reasons = forms.CharField(
        label="意见", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="退回时一次写明全部需要补正的内容"
    )


class MemberForm(HouseForm, forms.Form):
    mobile = forms.CharField(label="对方手机号", max_length=11, validators=[validate_mobile])
    duties = forms.MultipleChoiceField(label="岗位", choices=Duty.choices, widget=forms.CheckboxSelectMultiple)


class PermissionForm(HouseForm, forms.Form):
    matter = forms.ChoiceField(label="事项")
    mobile = forms.CharField(label="对方手机号", max_length=11, validators=[validate_mobile])
    organisation = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none(), required=False, help_text="授予岗位时选择")
    duties = forms.MultipleChoiceField(label="岗位", choices=Duty.choices, required=False, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, person, organisation, **kwargs):
        super().__init__(*args, **kwargs)
        offices = Organisation.objects.filter(kinds__overlap=[Organisation.Kind.CENTRE, Organisation.Kind.REGULATOR])
        matter, office = self.fields["matter"], self.fields["organisation"]
        assert isinstance(matter, forms.ChoiceField) and isinstance(office, forms.ModelChoiceField)
        duties = PermissionRequest.Matter.DUTIES
        matter.choices = PermissionRequest.Matter.choices if person.is_administrator else [(duties, duties.label)]
        office.queryset = offices if person.is_administrator else offices.filter(pk=organisation.pk)
        office.initial = organisation
