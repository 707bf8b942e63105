"""Writing the tender document."""

from django.db import transaction

from rulebook.refusals import Refused
from trading.projects.permissions import require_handler
from trading.tenders import standard
from trading.tenders.clauses import hits_in
from trading.tenders.models import (
    ClauseConfirmation,
    Criterion,
    DocumentAttachment,
    DocumentSection,
    TenderDocument,
)
from trading.venues.models import ONLINE

SHORTEST_REASON = 10


@transaction.atomic
def draft_document(tender, *, by):
    """The tender's document, begun from the standard text if there is none yet."""
    require_handler(by, tender)
    document, made = TenderDocument.objects.get_or_create(tender=tender, defaults={"method_settings": standard.METHOD_SETTINGS})
    if made:
        known = facts_for(tender)
        for no, section in enumerate(standard.TEMPLATES[document.template], start=1):
            text = section.text if section.fixed else section.text.format(**known)
            DocumentSection.objects.create(document=document, no=no, title=section.title, fixed=section.fixed, text=text)
        write_criteria(document, [dict(zip(CRITERION, row, strict=True)) for row in standard.CRITERIA])
    return document


CRITERION = ("part", "title", "standard", "points", "objective")


def facts_for(tender):
    """What the registration already says, for the editable sections to begin with."""
    lots = list(tender.lots.all())
    many = len(lots) > 1
    named = [(f"{lot.name}：" if many else "", lot) for lot in lots]
    return {
        "address": tender.project.address,
        "scale": tender.project.scale,
        "content": "；".join(f"{name}{lot.content}" for name, lot in named),
        "qualification": "\n".join(f"{name}{lot.qualification}" for name, lot in named),
        "term": "、".join(f"{name}{lot.term_days or '—'}" for name, lot in named),
        "quality": lots[0].quality,
    }


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
def save_document(document, *, data, sections, lots, by, typed=None):
    """Keep dates, texts and amounts; fixed sections cannot be changed, whatever is sent.

    `typed` is the raw text of fields that make no value yet; it comes back as it was typed.
    """
    document = editable(document, by)
    for name, value in data.items():
        setattr(document, name, value)
    document.opening_place = document.hall.words if document.hall else ONLINE
    document.draft = typed or {}
    document.save()
    for row in document.sections.filter(no__in=sections):
        if row.fixed:
            raise Refused(
                "fixed_block",
                f"“{row.title}”是标准文本的固定版块，不能修改。",
                next_step="请在可编辑版块中写明特别约定。",
            )
        row.text = sections[row.no]
        row.save(update_fields=["text"])
    for lot in document.tender.lots.all():
        for name, value in lots.get(lot.no, {}).items():
            setattr(lot, name, value)
        lot.save()
    return document


@transaction.atomic
def save_criteria(document, rows, *, by, method_settings=None):
    """Replace the evaluation criteria (dicts of part, title, standard, points, objective) and the price formula."""
    document = editable(document, by)
    if method_settings is not None:
        document.method_settings = method_settings
    document.save()
    write_criteria(document, rows)


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
