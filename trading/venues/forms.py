from datetime import datetime

from django import forms

from rulebook.clock import CITY
from trading.projects.models import Lot
from trading.venues.models import Capacity, Venue, VenueBooking
from trading.venues.rules import ACCESS
from web.forms import DayField, HouseForm

Purpose = VenueBooking.Purpose


class TimeField(forms.TimeField):
    def __init__(self, **kwargs):
        super().__init__(**{"input_formats": ["%H:%M"], **kwargs})
        self.widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": "1800", "class": "form-control"})
        self.error_messages["invalid"] = "请填写时间，例如 09:30"


class PeriodForm(HouseForm, forms.Form):
    """A room for some hours of one day."""

    venue = forms.ModelChoiceField(Venue.objects.filter(active=True), label="场地", empty_label="请选择")
    day = DayField(label="日期")
    starts = TimeField(label="开始时间")
    ends = TimeField(label="结束时间")

    def period(self):
        """(start, end) as aware moments."""
        good = self.cleaned_data
        return tuple(datetime.combine(good["day"], good[name], tzinfo=CITY) for name in ("starts", "ends"))


class BookingForm(PeriodForm):
    """The centre books: for a lot that it names by its tender's number, or to close the room."""

    purpose = forms.ChoiceField(label="用途", choices=[row for row in Purpose.choices if row[0] != Purpose.OPENING])
    lot = forms.ModelChoiceField(Lot.objects.none(), label="标段", required=False, empty_label="停用维护不用选")
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="停用的请写明原因")
    field_order = ("purpose", "lot", "venue", "day", "starts", "ends", "note")

    def __init__(self, *args, lots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lot"].queryset = lots
        self.fields["lot"].label_from_instance = lot_words

    def clean(self):
        good = super().clean()
        closed = good.get("purpose") == Purpose.CLOSED
        if not closed and "lot" not in self.errors and not good.get("lot"):
            self.add_error("lot", "请选择标段")
        if closed and not good.get("note"):
            self.add_error("note", "请写明停用的原因")
        return good


class RequestForm(PeriodForm):
    """A side asks for a room for one of its lots."""

    purpose = forms.ChoiceField(label="用途", choices=[row for row in Purpose.choices if row[0] not in (Purpose.OPENING, Purpose.CLOSED)])
    lot = forms.ModelChoiceField(Lot.objects.none(), label="标段", empty_label="请选择")
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="如人数、需要的设备")
    field_order = ("lot", "purpose", "venue", "day", "starts", "ends", "note")

    def __init__(self, *args, lots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lot"].queryset = lots
        self.fields["lot"].label_from_instance = lot_words


def lot_words(lot):
    return f"{lot.tender.name} {lot.name}（{lot.tender.number}）"


class MoveForm(PeriodForm):
    reason = forms.CharField(label="调整事由", max_length=200)


class ReasonForm(HouseForm, forms.Form):
    reason = forms.CharField(label="取消事由", max_length=200)


class AnswerForm(HouseForm, forms.Form):
    granted = forms.ChoiceField(label="答复", choices=[("1", "同意"), ("0", "不同意")], widget=forms.RadioSelect)
    reason = forms.CharField(label="理由", max_length=200, required=False, help_text="不同意的请写明理由")


class VenueForm(HouseForm, forms.ModelForm):
    class Meta:
        model = Venue
        fields = ("name", "kind", "level", "place", "seats", "equipment", "active")
        widgets = {"equipment": forms.Textarea(attrs={"rows": 2})}


class VisitorForm(HouseForm, forms.Form):
    """Somebody for a session's list; only those with business in the room's area are on offer."""

    capacity = forms.ChoiceField(label="身份")
    name = forms.CharField(label="姓名", max_length=60, required=False, help_text="评标专家不填，只发证号")
    unit = forms.CharField(label="单位", max_length=120, required=False)

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["capacity"].choices = [(each, Capacity(each).label) for each, zones in ACCESS.zones.items() if zone in zones]


class TurnAwayForm(HouseForm, forms.Form):
    name = forms.CharField(label="姓名（自称）", max_length=60)
    unit = forms.CharField(label="单位", max_length=120, required=False)
    reason = forms.CharField(label="不予进场的事由", max_length=200)


class FaultForm(HouseForm, forms.Form):
    venue = forms.ModelChoiceField(Venue.objects.filter(active=True), label="场地", empty_label="请选择")
    what = forms.CharField(label="故障情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    blocks = forms.BooleanField(label="影响使用，修复前不安排活动", required=False)
    expected_on = DayField(label="预计修复日期", required=False, help_text="影响使用的必须填写")


class RepairForm(HouseForm, forms.Form):
    repair = forms.CharField(label="处理结果", max_length=300)
