from django import forms

from accounts.models import Organisation
from trading.conduct.values import parties_named
from trading.procedures.versions import procedure_of
from web.forms import DayField, HouseForm, MomentField, MoneyField


class PartiesField(forms.CharField):
    """Organisations, one name or code a line, in order; only those of `allowed` where that is given."""

    def __init__(self, *, allowed=None, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), **kwargs)
        self.allowed = allowed

    def to_python(self, value):
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        rows = self.allowed if self.allowed is not None else Organisation.objects.of_kind(Organisation.Kind.BIDDER).active()
        known = {each.name: each for each in rows} | {each.uscc: each for each in rows}
        if strange := [line for line in lines if line not in known]:
            raise forms.ValidationError(f"没有找到这家单位：{'、'.join(strange)}。请填写单位全称或者统一社会信用代码，每行一家。")
        return list(dict.fromkeys(known[line] for line in lines))


FIELDS = {
    "text": forms.CharField, "amount": MoneyField, "number": forms.IntegerField, "date": DayField, "moment": MomentField,
    "file": forms.FileField,
}  # fmt: skip


class StepForm(HouseForm, forms.Form):
    """The form that a procedure's file describes for a step."""

    def __init__(self, *args, step, lot, **kwargs):
        super().__init__(*args, **kwargs)
        for field in step.fields:
            self.fields[field.name] = self.field_of(field, step, lot)
            self.dress(field.name)

    def field_of(self, field, step, lot):
        given = {"label": field.label, "required": field.required, "help_text": field.help}
        if field.kind == "choice":
            return forms.ChoiceField(choices=[("", "请选择"), *((each, each) for each in field.choices)], **given)
        if field.kind == "longtext":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **given)
        if field.kind == "number":
            return forms.IntegerField(min_value=0, **given)
        if field.kind != "parties":
            return FIELDS[field.kind](**given)
        allowed = None
        if field.among and (field.among in known_steps(lot) or "." in field.among):
            allowed = list(Organisation.objects.filter(uscc__in=parties_named(field.among, step, {}, lot)))
        words = "、".join(each.name for each in allowed) if allowed else ""
        given["help_text"] = field.help or (f"每行一家，可选：{words}" if words else "每行一家，填写单位全称或者统一社会信用代码")
        return PartiesField(allowed=allowed, **given)


def known_steps(lot):
    return {step.code for step in procedure_of(lot.tender).steps}


class BendForm(HouseForm, forms.Form):
    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 4}), help_text="写明事实和依据，将记入公开账本")
