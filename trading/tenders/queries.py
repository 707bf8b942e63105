"""What a page or another room wants to know of a tender."""

import difflib

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length, StrIndex

from accounts.models import Organisation
from ledger.canonical import HJ, b64u
from rulebook.refusals import Refused
from trading.procedures.timeline import statutory_timeline
from trading.procedures.versions import procedure_of
from trading.projects.models import Tender
from trading.projects.queries import SUPERVISE, may_handle
from trading.tenders import standard
from trading.tenders.models import DocumentAttachment, DocumentHolder, Suspension

# Shorter names are ordinary words.
SHORTEST_NAME = 6


def document_digest(document):
    """The digest over everything the published tender document says, its attachments included."""
    return b64u(
        HJ(
            "tender-document",
            {
                "v": 1,
                "sections": [[row.title, row.text] for row in document.sections.all()],
                "criteria": [[row.part, row.title, row.standard, str(row.points), row.objective] for row in document.criteria.all()],
                "settings": {key: str(value) for key, value in document.method_settings.items()},
                "attachments": [[row.title, row.file.sha256] for row in document.attachments.all()],
            },
        )
    )


def require_running(lot, at):
    """Refuse while an objection is unanswered or a regulator has stopped the lot."""
    stop = Suspension.objects.filter(lot=lot).in_force(at).first()
    if stop is not None:
        raise Refused(
            "suspended",
            f"招标投标活动已暂停（{stop.get_cause_display()}）：{stop.reason}",
            rule="《招标投标法实施条例》第二十二条、第五十四条、第六十二条",
            next_step="异议答复或监督部门恢复后才能继续。",
        )


def is_suspended(lot, at):
    return Suspension.objects.filter(lot=lot).in_force(at).exists()


def holds_document(tender, organisation):
    return organisation is not None and DocumentHolder.objects.filter(tender=tender, organisation=organisation).exists()


def may_read_tender(person, organisation, tender):
    """Whether somebody may read the tender document: who holds it, works on it, watches it or judges by it."""
    if holds_document(tender, organisation) or may_handle(person, tender) or person.has_perm(SUPERVISE, tender):
        return True
    if organisation is not None and organisation.is_active and Organisation.Kind.CENTRE in organisation.kinds:
        return True
    return any(person.has_perm("trading.score_lot", lot) for lot in tender.lots.all())


def may_read_document(person, organisation, obj):
    """The same for the printed document (by its subject) and for attachments (by the file)."""
    subject = getattr(obj, "subject", None)
    if subject is not None:
        tenders = Tender.objects.filter(number=subject.removeprefix("tender/"))
    else:
        found = DocumentAttachment.objects.filter(file=obj).values("document__tender")
        tenders = Tender.objects.filter(pk__in=found)
    return any(may_read_tender(person, organisation, tender) for tender in tenders.select_related("project"))


def bidders_named_in(texts, tender):
    """Registered bidders whose name, or name without its legal form, stands in the texts; not the tender's own sides."""
    whole = "\n".join(texts)
    if not whole.strip():
        return []
    short = Func(
        F("name"), Value("(股份|集团)*(有限)?(责任)?公司$"), Value(""), function="regexp_replace"
    )  # fmt: skip
    rows = Organisation.objects.of_kind(Organisation.Kind.BIDDER).annotate(short=short).annotate(
        at_name=StrIndex(Value(whole), F("name")),
        at_short=StrIndex(Value(whole), F("short")),
        short_length=Length(F("short")),
    )  # fmt: skip
    own = [tender.project.owner_id, tender.project.agency_id]
    named = Q(at_name__gt=0) | Q(at_short__gt=0, short_length__gte=SHORTEST_NAME)
    return list(rows.filter(named).exclude(pk__in=[pk for pk in own if pk]).order_by("pk"))


def statutory_dates(document, *, on):
    """The statutory periods that the document's dates, planned or published, have set running, as they stand on a day."""
    tender = document.tender
    last = tender.clarifications.filter(affects_bids=True).order_by("no").last()
    events = {
        # Without a plan the document would be handed out from a publication that day.
        "tender_doc_sale_start": document.supply_from or document.publish_at or on,
        "tender_doc_sale_end": document.supply_until,
        "bid_deadline": document.bids_due_at,
        "tender_clarification_sent": last.published_at if last else None,
    }
    return statutory_timeline(events, procedure_of(tender), on=on, law_of=tender.rules_on)


def changes_of(document):
    """Each block against the standard text: `same` where no word differs, else the lines with their marks."""
    template = standard.TEMPLATES[document.template]
    changed = {row.pk for row in standard.altered(document)}
    rows = []
    for row in document.sections.all():
        original = template[row.no - 1].text if row.no <= len(template) else ""
        lines = [
            {"mark": {"+ ": "added", "- ": "removed"}.get(line[:2], ""), "text": line[2:]}
            for line in difflib.ndiff(original.splitlines(), row.text.splitlines())
            if not line.startswith("? ")
        ]
        rows.append({"section": row, "same": original == row.text, "altered": row.pk in changed, "lines": lines})
    return rows
