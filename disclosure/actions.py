"""Pinning to the public board. Everybody above may; what hangs there is never changed, only followed."""

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from disclosure.events import NoticePublished, NoticesDisclosed
from disclosure.models import Notice
from disclosure.search import index_notice
from documents.actions import disclose_documents, request_document
from documents.models import OfficialDocument
from ledger.acts import record
from ledger.canonical import HJ, b64u, instant
from rulebook.clock import city_day
from rulebook.numbering import next_number


@transaction.atomic
def publish_notice(
    kind,
    *,
    title,
    context,
    category,
    facts,
    by,
    at,
    tender_number="",
    lot_no=None,
    region_code="429900",
    owner_name="",
    agency_name="",
    amount=None,
    due_at=None,
    supersedes=None,
    template="",
    private=False,
):
    """Render a notice once from `templates/notices/<template or kind>.html`, pin it to the board and enter its digest in the ledger.

    `facts` are [label, value] pairs of text for the table of key facts; `amount` is in yuan; `due_at` is the moment
    the reader must act by, if any; a `private` notice stays off the board. The caller has already decided that `by` may publish. The PDF and the search index
    follow from a worker.
    """
    year = city_day(at).year
    notice = Notice(
        number=f"GG{year}-{next_number('notice', year):05d}",
        kind=kind,
        title=title,
        tender_number=tender_number,
        lot_no=lot_no,
        category=category,
        region_code=region_code,
        owner_name=owner_name,
        agency_name=agency_name,
        amount=amount,
        facts=[[label, str(value)] for label, value in facts],
        due_at=due_at,
        published_at=at,
        supersedes=supersedes,
        private=private,
    )
    notice.body = render_to_string(f"notices/{template or notice.kind}.html", {**context, "notice": notice})
    notice.text = " ".join(strip_tags(notice.body).split())
    notice.digest = b64u(notice_digest(notice))
    notice.document = request_document(
        "notice",
        subject=f"tender/{tender_number}" if tender_number else "notices",
        title=title,
        context={"notice_number": notice.number, "kind": notice.get_kind_display(), "facts": notice.facts, "body": notice.body},
        by=by,
        at=at,
        public=not private,
        supersedes=supersedes.document if supersedes else None,
    )
    notice.save()
    notice.entry = record(
        NoticePublished(number=notice.number, notice_kind=notice.kind, tender_number=tender_number, digest=notice.digest),
        by=by,
    )
    notice.save(update_fields=["entry"])
    return notice


@transaction.atomic
def disclose_notices(tender_number, *, by):
    """Put on the board what was published of a tender for some readers only. The caller has decided that it is time."""
    rows = list(Notice.objects.select_for_update(of=["self"]).filter(tender_number=tender_number, private=True).order_by("pk"))
    if not rows:
        return
    disclose_documents(OfficialDocument.objects.filter(pk__in=[row.document_id for row in rows]))
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(private=False)
    record(NoticesDisclosed(tender_number=tender_number, numbers=[row.number for row in rows]), by=by)


def notice_digest(notice):
    """SHA-256 over the canonical form of everything a reader sees of the notice; anyone can recompute it."""
    return HJ(
        "notice",
        {
            "v": 1,
            "number": notice.number,
            "kind": str(notice.kind),
            "title": notice.title,
            "tender": notice.tender_number,
            "lot": notice.lot_no,
            "facts": notice.facts,
            "body": notice.body,
            "published_at": instant(notice.published_at),
        },
    )


def keep_historical(row, *, publisher, uri, licence, at):
    """Show a contracting process of others as historical data; "taken", "renewed", or "known" where nothing is newer.

    `row` has ocid, title, buyer, category, at, amount (yuan or None), facts and a context for the template. It has no
    place of its own in the ledger: it is no act of this platform, and a newer release takes its place.
    """
    key = f"ocds/{row.ocid}"
    known = Notice.objects.select_for_update().filter(source_key=key).first()
    if known is not None and known.published_at >= row.at:
        return "known"
    year = city_day(at).year
    notice = known or Notice(number=f"LS{year}-{next_number('history', year):06d}", kind=Notice.Kind.HISTORICAL, source_key=key)
    notice.title, notice.owner_name, notice.category = row.title, row.buyer, row.category
    notice.amount, notice.published_at, notice.source = row.amount, row.at, publisher[:200]
    notice.facts = [[label, text] for label, text in [*row.facts, ("来源", publisher), ("来源地址", uri), ("许可", licence)] if text]
    notice.body = render_to_string("notices/HISTORICAL.html", {**row.context, "notice": notice})
    notice.text = " ".join(strip_tags(notice.body).split())
    notice.digest = b64u(notice_digest(notice))
    notice.save()
    index_notice(notice)
    return "renewed" if known else "taken"
