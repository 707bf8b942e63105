from django import forms

from accounts.models import Person
from experts.classification import SECOND
from web.forms import HouseForm, MomentField

SPECIALTIES = [(code, f"{code} {name}") for code, name in SECOND.items()]


class ArrivalForm(HouseForm, forms.Form):
    code = forms.CharField(label="签到码", max_length=12, help_text="确认短信中的六位数字")
    identity = forms.CharField(label="身份证号", max_length=18, help_text="读取或者录入证件上的号码")
    locker = forms.CharField(label="通信工具寄存柜号", max_length=10, required=False, help_text="没有携带的留空")
    matched = forms.BooleanField(label="本人与证件相符", required=False, help_text="人脸核验或者当面核对；招标人代表另核对授权委托书")

    def __init__(self, *args, gate, **kwargs):
        """`gate`: whether a room of the evaluation area is booked, where telephones stay outside."""
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}
        if not gate:
            self.fields["locker"].widget = forms.HiddenInput()


class CommitteeForm(HouseForm, forms.Form):
    size = forms.TypedChoiceField(label="委员会人数", choices=[(5, "5 人"), (7, "7 人"), (9, "9 人")], coerce=int)
    specialties = forms.MultipleChoiceField(label="专业", choices=SPECIALTIES, widget=forms.CheckboxSelectMultiple)
    owner_representatives = forms.ModelMultipleChoiceField(
        label="招标人代表",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不超过成员总数的三分之一，抽取前确定",
    )
    starts_at = MomentField(label="评标时间")
    supervisor = forms.ModelChoiceField(label="监督部门参加人", queryset=None, empty_label="请选择")
    tenderee = forms.ModelChoiceField(label="招标人参加人", queryset=None, empty_label="请选择")

    def __init__(self, *args, people, parties, **kwargs):
        """`people` may represent the owner; `parties` are the possible takers of part in the draw, by role."""
        super().__init__(*args, **kwargs)
        self.fields["owner_representatives"].queryset = people
        for name in ("supervisor", "tenderee"):
            self.fields[name].queryset = Person.objects.filter(pk__in=[each.pk for each in parties[name]])
