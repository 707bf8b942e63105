import hashlib

from django import forms

from trading.remote.models import SharedDesk
from trading.remote.queries import hosts
from web.forms import HouseForm, MomentField, MoneyField


class HostChoice(forms.ModelChoiceField):
    def label_from_instance(self, host):
        return f"{host.name}（共享工位 {host.shared_desks.filter(active=True).count()} 个）"


class RequestForm(HouseForm, forms.Form):
    """What the centre asks of a host."""

    host = HostChoice(label="副场", queryset=None, empty_label="请选择")
    seats = forms.IntegerField(label="异地席位数", min_value=1, max_value=30, help_text="各副场合计不少于委员会成员总数的三分之一")
    purpose = forms.CharField(label="评标事项", max_length=200, help_text="例如：工程施工评标，须两块显示屏和高拍仪")
    starts_at = MomentField(label="评标开始时间")
    ends_at = MomentField(label="预计结束时间")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["host"].queryset = hosts()


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class DesksForm(HouseForm, forms.Form):
    desks = forms.ModelMultipleChoiceField(label="工位", queryset=None, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, free, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["desks"].queryset = free


class InterruptionForm(HouseForm, forms.Form):
    what = forms.CharField(label="中断情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ResumeForm(HouseForm, forms.Form):
    resumes_at = MomentField(label="另定的评标时间", required=False, help_text="中断超过三十分钟、评标已封存的须填写")


class RecordingForm(HouseForm, forms.Form):
    """A recording by its file, of which only the digest is taken, or by a digest that was computed elsewhere."""

    name = forms.CharField(label="名称", max_length=120, help_text="例如：副场全程录像")
    minutes = forms.IntegerField(label="时长（分钟）", min_value=1, max_value=60 * 24 * 7)
    file = forms.FileField(label="文件", required=False, help_text="平台只计算摘要，不保存文件；文件较大的，可以在本地计算后填写摘要")
    sha256 = forms.CharField(label="SHA-256 摘要", max_length=64, required=False)
    place = forms.CharField(label="保存位置", max_length=200)

    def clean(self):
        good = super().clean()
        if file := good.pop("file", None):
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            good["sha256"] = digest.hexdigest()
        elif not good.get("sha256"):
            self.add_error("sha256", "请选择文件，或者填写摘要")
        return good


class StatementForm(HouseForm, forms.Form):
    meals = MoneyField(label="餐费（元）")
    note = forms.CharField(label="说明", max_length=300, required=False)


class TermsForm(HouseForm, forms.Form):
    meals = forms.CharField(label="用餐", max_length=200, required=False, help_text="例如：工作餐每人每餐 30 元")
    lodging = forms.CharField(label="住宿", max_length=200, required=False)
    expert_fees = forms.CharField(
        label="专家劳务报酬标准和支付方式", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeskForm(HouseForm, forms.ModelForm):
    fee = MoneyField(label="每半日费用（元）")

    class Meta:
        model = SharedDesk
        fields = ("name", "fee", "active")
