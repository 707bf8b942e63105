"""Writing the tender document."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from trading.methods.choosing import default_method, described, kept
from trading.methods.presets import default_preset
from trading.methods.registry import METHODS
from trading.procedures.versions import procedure_of
from trading.projects.design_build import is_design_build
from trading.projects.permissions import require_handler
from trading.standards.queries import template_for
from trading.tenders.clauses import hits_in
from trading.tenders.merging import settle
from trading.tenders.models import (
    BillItem,
    ClauseConfirmation,
    Criterion,
    DocumentAttachment,
    DocumentPresence,
    DocumentSection,
    TenderDocument,
)
from trading.venues.models import ONLINE

SHORTEST_REASON = 10
# A page that has not asked for so long is closed.
PRESENT = timedelta(seconds=90)


@transaction.atomic
def draft_document(tender, *, by):
    """The tender's document, begun from the template version in force today if there is none yet."""
    require_handler(by, tender)
    document = TenderDocument.objects.filter(tender=tender).first()
    if document is not None:
        return document
    template = template_for(tender.project, on=city_day(database_now()))
    preset = default_preset(procedure_of(tender).code, tender.project.kind)
    begins = method_of(tender, template) if preset is None else method_by(preset)
    if is_design_build(tender.project):
        begins["consortium_allowed"] = True
    document, made = TenderDocument.objects.get_or_create(tender=tender, defaults=begins | {"template": template})
    if made:
        DocumentSection.objects.bulk_create(
            DocumentSection(document=document, no=row.no, title=row.title, fixed=row.fixed, text=row.text)
            for row in template.sections.all()
        )
        checks = [row for row in template.criteria if row["part"] in Criterion.CHECKS]
        write_criteria(document, template.criteria if preset is None else [*checks, *preset.criteria()])
    return document


def method_by(preset):
    """The method of a rule of the library, with its parameters, in the envelopes that it wants."""
    return {
        "method": preset.method.code, "method_settings": kept(preset.method, preset.full_settings()), "two_envelopes": preset.method.two_envelopes,
    }  # fmt: skip


def method_of(tender, template):
    """The method a document begins with: the first its procedure offers, with the parameters of the standard text."""
    method = METHODS[default_method(procedure_of(tender).code, tender.project.kind)].for_kind(tender.project.kind)
    return {"method": method.code, "method_settings": kept(method, {**method.defaults(), **template.method_settings})}


def editable(document, by):
    """Lock the document for a change; a scheduled one becomes a draft again, to be looked at once more."""
    document = TenderDocument.objects.select_for_update(of=["self"]).select_related("tender__project").get(pk=document.pk)
    require_handler(by, document.tender)
    if document.state == TenderDocument.State.PUBLISHED:
        raise Refused("published", "招标文件已经发布，不能直接修改。", next_step="如需修改，请发布澄清与修改公告。")
    if document.state == TenderDocument.State.SCHEDULED:
        document.state, document.publish_at = TenderDocument.State.DRAFT, None
    return document


@transaction.atomic
def save_document(document, *, data, sections, lots, by, typed=None, page=None):
    """Keep dates, texts and amounts; fixed sections cannot be changed, whatever is sent.

    `typed` is the raw text of fields that make no value yet; it comes back as it was typed. `page` tells what the writer's
    page knew: what somebody else changed meanwhile is merged, or left as it is and answered in `document.conflicts`.
    """
    document = editable(document, by)
    document.conflicts = []
    for name, value in data.items():
        setattr(document, name, settled(document, page, name, getattr(document, name), value, by))
    document.opening_place = document.hall.words if document.hall else ONLINE
    if typed is not None or page is None:
        document.draft = typed or {}
    for row in document.sections.filter(no__in=sections):
        if row.fixed:
            raise Refused(
                "fixed_block",
                f"“{row.title}”是范本的固定版块，不能修改。",
                next_step="请在可编辑版块中写明特别约定。",
            )
        text = sections[row.no].replace("\r\n", "\n")
        row.text, conflict = settle(document, page, f"section{row.no}", row.text, text, by=by)
        document.conflicts += [conflict] if conflict else []
        row.save(update_fields=["text"])
    for lot in document.tender.lots.all():
        for name, value in lots.get(lot.no, {}).items():
            setattr(lot, name, settled(document, page, f"{LOT_FIELDS[name]}{lot.no}", getattr(lot, name), value, by))
        lot.save()
    document.save()
    return document


# The lot's facts that the editor writes, by the name of their field.
LOT_FIELDS = {"price_limit": "limit", "deposit": "deposit", "qualification": "qualification", "term_days": "term", "quality": "quality"}


def settled(document, page, name, current, value, by):
    """The value of a single fact after somebody's save; a fact that two people changed stays as it is."""
    text, conflict = settle(document, page, name, written(current), written(value), by=by, whole=name[:13] != "qualification")
    if conflict:
        document.conflicts.append(conflict)
    return value if text == written(value) else current if text == written(current) else text


def written(value):
    """A fact as text, the same for equal values."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


@transaction.atomic
def note_presence(document, *, by, at):
    """Somebody has the draft open; answers who else has."""
    require_handler(by, document.tender)
    DocumentPresence.objects.update_or_create(document=document, person=by, defaults={"seen_at": at})
    return document.presences.filter(seen_at__gt=at - PRESENT).exclude(person=by).select_related("person")


@transaction.atomic
def save_criteria(document, rows, *, by, method=None, method_settings=None, page=None):
    """Replace the evaluation criteria (dicts of part, title, standard, points, objective), the method and its parameters.

    They are one whole: what somebody else changed meanwhile is refused in `document.conflicts`, not overwritten.
    """
    document = editable(document, by)
    code = method or document.method
    settings = document.method_settings if method_settings is None else method_settings
    typed = criteria_text(rows, code, settings)
    standing = criteria_text(criteria_of(document), document.method, document.method_settings)
    text, conflict = settle(document, page, "criteria", standing, typed, by=by, whole=True)
    document.conflicts = [conflict] if conflict else []
    if text == typed:
        document.method, document.method_settings = code, settings
        write_criteria(document, rows)
    document.save()
    return document


def criteria_of(document):
    return list(document.criteria.order_by("no").values("part", "title", "standard", "points", "objective"))


def criteria_text(rows, code, settings):
    """All criteria as lines, for comparing: one for each factor, then the method."""
    lines = [
        f"{Criterion.Part(row['part']).label}：{row['title']}，{Decimal(row['points'] or 0):.2f} 分"
        f"{'（客观分）' if row['objective'] else ''}。{row['standard']}".replace("\r\n", "\n")
        for row in rows
    ]
    return "\n".join([*lines, *(f"{label}：{value}" for label, value in described(code, settings))])


def write_criteria(document, rows):
    document.criteria.all().delete()
    for no, row in enumerate(rows, start=1):
        Criterion.objects.create(document=document, no=no, **row)


@transaction.atomic
def add_attachment(document, title, file, *, by):
    """A bill of quantities, drawings and the like, handed out with the document."""
    document = editable(document, by)
    document.save()
    return DocumentAttachment.objects.create(document=document, title=title, file=file)


@transaction.atomic
def remove_attachment(attachment, *, by):
    editable(attachment.document, by).save()
    attachment.delete()


@transaction.atomic
def confirm_clause(document, key, *, reason, by, at):
    """Answer by name for a phrase that may restrict competition: why it is lawful in this tender."""
    document = editable(document, by)
    hit = next((row for row in hits_in(document) if row.key == key), None)
    if hit is None:
        raise Refused("no_hit", "这处表述已经修改，无需确认。", next_step="请刷新页面查看最新结果。")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("no_reason", f"请写明保留的理由，不少于 {SHORTEST_REASON} 个字。", field="reason")
    document.save()
    confirmation, _ = ClauseConfirmation.objects.update_or_create(
        document=document,
        key=key,
        defaults={
            "place": hit.place, "phrase": hit.phrase, "excerpt": hit.excerpt, "reason": reason.strip(), "by": by, "at": at,
        },
    )  # fmt: skip
    return confirmation


@transaction.atomic
def save_bill(lot, items, *, by):
    """Replace a lot's bill of quantities (dicts of code, name, unit, quantity, ceiling, in order); an empty list takes it away."""
    document = editable(lot.tender.document, by)
    document.revision += 1
    document.save()
    lot.bill.all().delete()
    BillItem.objects.bulk_create(BillItem(lot=lot, no=no, **row) for no, row in enumerate(items, start=1))
    return document
