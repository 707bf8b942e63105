"""What a step's form says: as it is kept, as people read it, and what later steps refer to."""

import json
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from accounts.models import Organisation
from ledger.canonical import money
from rulebook.clock import CITY, database_now
from sealing.vault import read
from trading.procedures.models import StepRecord
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.procedures.versions import procedure_of
from trading.tenders.notices import shown


def kept(field, value):
    """A value as the record keeps it: text, or a list of codes."""
    if value in (None, "", []):
        return ""
    if field.kind == "parties":
        return [row.uscc for row in value]
    if field.kind == "file":
        return str(value.key)
    if field.kind == "amount":
        return money(value)
    if field.kind in ("date", "moment"):
        return value.isoformat()
    return str(value)


def restored(field, text):
    """The value again; None where nothing was said. Organisations stay codes, files stay keys."""
    if text in ("", [], None):
        return None
    if field.kind == "amount":
        return Decimal(text)
    if field.kind == "number":
        return int(text)
    if field.kind == "date":
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if field.kind == "moment" else text


def moment_of(value):
    """A field's day or moment as a moment; a day ends with its last minute in the city."""
    if isinstance(value, datetime) or value is None:
        return value
    return datetime(value.year, value.month, value.day, 23, 59, 59, tzinfo=CITY)


def worded(field, value, names=None):
    """A kept value as people read it."""
    value = restored(field, value)
    if value is None:
        return ""
    if field.kind == "amount":
        return f"{value:,.2f} 元"
    if field.kind == "moment":
        return shown(value)
    if field.kind == "parties":
        names = names if names is not None else names_of(value)
        return "、".join(names.get(code, code) for code in value)
    return str(value)


def names_of(codes):
    return dict(Organisation.objects.filter(uscc__in=codes).values_list("uscc", "name"))


def latest(lot, code) -> StepRecord | None:
    return records_of(lot).filter(step=code).last()


def referred(reference, step, data, lot):
    """(field, value) that a reference names: of this form (`data`, kept values), of an earlier step, or the estimate."""
    if reference == "estimate":
        return None, lot.estimate
    owner, _, name = reference.rpartition(".")
    source = procedure_of(lot.tender).step(owner) if owner else step
    if owner:
        record = latest(lot, owner)
        data = record.data if record else {}
    field = source.field(name)
    return field, restored(field, data.get(name))


def amount_of(reference, step, data, lot):
    """The sum or count a reference names; None where nothing was said."""
    _, value = referred(reference, step, data, lot)
    return None if value is None else Decimal(value)


def sealed_amount(reference, lot):
    """A sum that a step of the tenderee's side has sealed, opened for the platform's own comparison; None where none was.

    Never to be shown: what is sealed is told only once `open_secrets` has opened it.
    """
    owner, _, name = reference.rpartition(".")
    row = latest(lot, owner) if owner else None
    if row is None:
        return None
    said = row.data or json.loads(b"".join(read(row.sealed)))
    return Decimal(said[name]) if said.get(name) else None


def gain_of(step, lot):
    """[label, words] of the added value that a notice shows: deal minus base, in yuan and as a share of the base."""
    if not step.gain:
        return []
    deal, base = (amount_of(reference, step, {}, lot) for reference in step.gain)
    if deal is None or not base:
        return []
    gain = deal - base
    share = (gain / base * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return [("增值额", f"{gain:,.2f} 元"), ("增值率", f"{share}%")]


def parties_named(reference, step, data, lot):
    """The codes of the organisations a reference names: those of a field, or those that took a step.

    Who took a secret step is nobody's to know before its end, whoever asks.
    """
    taken = next((each for each in procedure_of(lot.tender).steps if each.code == reference), None)
    if taken is None:
        return referred(reference, step, data, lot)[1] or []
    rows = records_of(lot).filter(step=reference)
    if taken.hides_takers and not has_closed(taken, lot):
        rows = rows.exclude(sealed__isnull=False, data={})
    return list(rows.values_list("organisation__uscc", flat=True))


def has_closed(step, lot):
    """Whether the moment has passed after which a step may not be taken."""
    closes = milestones_of(lot.tender, lot).get(step.closes_at)
    return closes is not None and closes <= database_now()


def rows_of(step, data):
    """[label, value] pairs of what a form said, files apart, in the order it asks."""
    return [(field.label, worded(field, data.get(field.name))) for field in step.fields if field.kind != "file" and data.get(field.name)]
