"""Forms of the house: labels above, clear Chinese errors beside the field, nothing typed is lost."""

import re
from decimal import Decimal, InvalidOperation

from django import forms


class HouseForm(forms.BaseForm):
    """Mixin: our classes and ARIA wiring on every widget, Chinese messages that name the field."""

    template_name = "web/form.html"
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.dress(name)

    def dress(self, name):
        """Our classes, words and hints on a field; a form calls it for the fields it adds later."""
        field = self.fields[name]
        asked = "请选择" if isinstance(field, forms.ChoiceField | forms.FileField) else "请填写"
        field.error_messages["required"] = f"{asked}{field.label}"
        widget = field.widget
        base = "form-select" if isinstance(widget, forms.Select) else "form-control"
        if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
            base = "form-check-input"
        widget.attrs.setdefault("class", base)
        if field.help_text:
            widget.attrs["aria-describedby"] = f"h-{self.add_prefix(name)}"

    def full_clean(self):
        """Clean, then tie each error to its input for those who listen to the page."""
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.mark(name)

    def mark(self, name):
        field = self.fields[name]
        described = [f"h-{self.add_prefix(name)}"] if field.help_text else []
        described.append(f"e-{self.add_prefix(name)}")
        field.widget.attrs.update({"aria-invalid": "true", "aria-describedby": " ".join(described)})

    def add_refusal(self, refusal):
        """Show a refusal beside the field it names, or above the form."""
        name = refusal.field if refusal.field in self.fields else None
        text = refusal.message
        if refusal.rule:
            text += f"（依据：{refusal.rule}）"
        if refusal.next_step:
            text += refusal.next_step
        self.add_error(name, text)
        if name:
            self.mark(name)


class MoneyField(forms.DecimalField):
    """An amount in yuan; commas and a final 万元 are understood."""

    default_error_messages = {"invalid": "请填写金额，例如 3,860,000.00 或 386 万元", "negative": "金额不能为负数"}  # noqa: RUF012 - Django's own convention

    def __init__(self, **kwargs):
        super().__init__(**{"max_digits": 18, "decimal_places": 2, **kwargs})
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control num"})

    def to_python(self, value):
        if value in self.empty_values:
            return None
        text = re.sub(r"[,，\s]", "", str(value))
        factor = Decimal(1)
        for unit, size in (("万元", 10_000), ("万", 10_000), ("元", 1)):
            if text.endswith(unit):
                text, factor = text.removesuffix(unit), Decimal(size)
                break
        try:
            amount = Decimal(text) * factor
        except InvalidOperation as wrong:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from wrong
        if not amount.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if amount < 0:
            raise forms.ValidationError(self.error_messages["negative"], code="negative")
        if amount and amount.adjusted() > 15:
            raise forms.ValidationError("金额过大，请核对单位", code="large")
        if amount != amount.quantize(Decimal("0.01")):
            raise forms.ValidationError("金额最多保留两位小数", code="places")
        return amount.quantize(Decimal("0.01"))


class MomentField(forms.DateTimeField):
    """A moment in the city's time, by the browser's own picker."""

    def __init__(self, **kwargs):
        super().__init__(**{"input_formats": ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs})
        self.widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "form-control"})
        self.error_messages["invalid"] = "请填写完整的日期和时间，例如 2026-12-20 09:30"


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(**{"input_formats": ["%Y-%m-%d"], **kwargs})
        self.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})
        self.error_messages["invalid"] = "请填写日期，例如 2026-12-20"
