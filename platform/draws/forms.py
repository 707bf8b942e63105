from django import forms

from accounts.models import Organisation, Person
from draws.models import Draw, DrawParty
from sealing.models import EncryptionKey
from web.forms import HouseForm

# Whose person draws for who tenders.
TENDERING = [Organisation.Kind.TENDEREE, Organisation.Kind.AGENCY, Organisation.Kind.PROCURER]
OPEN_PURPOSES = (Draw.Purpose.AGENCY, Draw.Purpose.LOTS, Draw.Purpose.COEFFICIENT, Draw.Purpose.INSPECTION)


def people_of(*kinds):
    """People of such organisations who have a holder's key in force."""
    return Person.objects.filter(
        memberships__until=None,
        memberships__organisation__kinds__overlap=list(kinds),
        pk__in=EncryptionKey.objects.filter(role=EncryptionKey.Role.HOLDER, revoked_at=None).values("enrolled_by"),
    ).distinct()


class OpenDrawForm(HouseForm, forms.Form):
    """A draw among an open list, which everybody may read before the first random number is known."""

    purpose = forms.ChoiceField(label="抽取事项", choices=[(row.value, row.label) for row in OPEN_PURPOSES])
    title = forms.CharField(label="名称", max_length=200)
    rule = forms.CharField(label="规则", widget=forms.Textarea(attrs={"rows": 3}), help_text="写明名单从何而来、抽取几个、结果如何使用")
    candidates = forms.CharField(label="名单", widget=forms.Textarea(attrs={"rows": 8}), help_text="每行一个，不得重复；公布后不能更改")
    take = forms.IntegerField(label="抽取数量", min_value=1)
    supervisor: forms.ModelChoiceField = forms.ModelChoiceField(label="监督部门参加人", queryset=None, empty_label="请选择")
    tenderee: forms.ModelChoiceField = forms.ModelChoiceField(label="招标人（代理机构）参加人", queryset=None, empty_label="请选择")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offices = {"supervisor": [Organisation.Kind.REGULATOR], "tenderee": TENDERING}
        for name, kinds in offices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people_of(*kinds)

    def clean_candidates(self):
        lines = [line.strip() for line in self.cleaned_data["candidates"].splitlines() if line.strip()]
        if len(set(lines)) != len(lines):
            twice = next(line for line in lines if lines.count(line) > 1)
            raise forms.ValidationError(f"“{twice}”重复出现。")
        return lines

    def parties(self, by, centre):
        """(role, person, organisation) of the three who draw."""
        data = self.cleaned_data
        offices = {
            DrawParty.Role.SUPERVISOR: (data["supervisor"], [Organisation.Kind.REGULATOR]),
            DrawParty.Role.TENDEREE: (data["tenderee"], TENDERING),
        }
        rows = [(DrawParty.Role.CENTRE, by, centre)]
        for role, (person, kinds) in offices.items():
            office = Organisation.objects.filter(memberships__person=person, memberships__until=None, kinds__overlap=kinds).first()
            rows.append((role, person, office))
        return rows
