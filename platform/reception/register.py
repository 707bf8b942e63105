"""A bidder's register of people, qualifications and contracts: kept by its own people, seen by them alone until it is in a bid."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import Organisation, Person
from accounts.permissions import require_member
from documents.actions import store_file
from documents.models import StoredFile
from reception.models import RegisterEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from web.doors import open_to
from web.forms import DayField, HouseForm, MoneyField

Kind = RegisterEntry.Kind
# What the shared columns are called for each kind; None: not asked.
LABELS: dict[str, dict[str, str]] = {
    Kind.PERSON: {"name": "姓名", "about": "岗位", "certificate": "证书名称", "number": "证书编号", "on": "有效期至"},
    Kind.QUALIFICATION: {"name": "资质名称", "about": "等级", "number": "证书编号", "on": "有效期至"},
    Kind.RECORD: {"name": "项目名称", "about": "发包人", "number": "合同编号", "amount": "合同金额（元）", "on": "完成日期"},
}
NEEDED = {Kind.PERSON: ("name", "about"), Kind.QUALIFICATION: ("name", "number", "on"), Kind.RECORD: ("name", "about", "amount", "on")}
FIELDS = ("name", "about", "certificate", "number", "amount", "on")


class ShortField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, **kwargs)


class EntryForm(HouseForm, forms.Form):
    """One entry of a kind, with the columns that the kind has."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS[kind].items():
            kind_of_field: Callable[..., forms.Field] = {"on": DayField, "amount": MoneyField}.get(name, ShortField)
            self.fields[name] = kind_of_field(label=label, required=name in NEEDED[Kind(kind)])
        self.fields["proof"] = forms.FileField(label="证明材料", help_text="证书、合同或验收证明的扫描件")
        for name in self.fields:
            self.dress(name)


@transaction.atomic
def add_entry(organisation: Organisation, kind: str, data: dict, proof: StoredFile, *, by: Person, at: datetime) -> RegisterEntry:
    """Keep an entry (FIELDS by name) with its proof."""
    require_member(by, organisation)
    if Organisation.Kind.BIDDER not in organisation.kinds:
        raise Refused("not_bidder", "只有投标人登记人员、资质和业绩。", status=403)
    if kind == Kind.RECORD and data["on"] > city_day(at):
        raise Refused("not_completed", "业绩的完成日期不能晚于今天。", field="on", next_step="只登记已完成的合同。")
    return RegisterEntry.objects.create(
        organisation=organisation,
        kind=kind,
        proof=proof,
        by=by,
        added_at=at,
        **{name: data[name] for name in FIELDS if data.get(name) is not None},
    )


@transaction.atomic
def end_entry(entry: RegisterEntry, *, by: Person, at: datetime) -> None:
    """Take an entry out of use; it is not offered for bids any more."""
    require_member(by, entry.organisation)
    entry.ended_at = at
    entry.save(update_fields=["ended_at"])


def entries_of(organisation: Organisation, on: date) -> dict[str, list[dict]]:
    """What may go into a bid on a day, as the bid form takes it; certificates that have run out are left out."""
    found: dict[str, list[dict]] = {"team": [], "qualifications": [], "records": []}
    for row in organisation.register.filter(ended_at=None):
        day = f"{row.on:%Y-%m-%d}" if row.on else ""
        if row.kind != Kind.RECORD and row.on and row.on < on:
            continue
        if row.kind == Kind.PERSON:
            found["team"].append({"name": row.name, "post": row.about, "certificate": row.certificate, "number": row.number, "until": day})
        elif row.kind == Kind.QUALIFICATION:
            found["qualifications"].append({"name": row.name, "grade": row.about, "number": row.number, "until": day})
        else:
            found["records"].append({"name": row.name, "client": row.about, "amount": f"{row.amount:.2f}", "on": day, "number": row.number})
    return found


@open_to("bidder")
def register(request):
    """All entries by kind, and the form to add one."""
    today = city_day(database_now())
    kind = request.GET.get("kind", Kind.PERSON)
    if kind not in Kind.values:
        kind = Kind.PERSON
    form = EntryForm(request.POST or None, request.FILES or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        now = database_now()
        try:
            with transaction.atomic():
                proof = store_file(
                    form.cleaned_data["proof"], by=request.user, organisation=request.organisation, purpose="register", at=now
                )
                add_entry(request.organisation, kind, form.cleaned_data, proof, by=request.user, at=now)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "已登记，编制投标文件时可以直接选用。")
            return redirect(f"{request.path}?kind={kind}")
    rows = request.organisation.register.filter(kind=kind, ended_at=None).select_related("proof")
    kinds = [{"value": each.value, "label": each.label} for each in Kind]
    context = {"form": form, "rows": rows, "kind": kind, "kinds": kinds, "labels": LABELS[kind], "today": today}
    return render(request, "reception/register.html", context)


@open_to("bidder")
@require_POST
def end(request, pk):
    entry = get_object_or_404(RegisterEntry, pk=pk, organisation=request.organisation)
    end_entry(entry, by=request.user, at=database_now())
    messages.success(request, "已停用，不再出现在新的投标文件里。")
    return redirect(f"/me/register/?kind={entry.kind}")
