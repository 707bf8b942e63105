from django import forms

from web.forms import HouseForm, MomentField

SPECIALTIES = [("A08", "工程施工"), ("A06", "工程造价"), ("A04", "设计"), ("A05", "监理"), ("A07", "项目管理")]


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

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner_representatives"].queryset = people
