"""What a page or another room wants to know of a tender."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length, StrIndex

from accounts.models import Organisation
from credit.queries import is_excluded
from ledger.canonical import HJ, b64u
from rulebook.periods import day_end
from rulebook.refusals import Forbidden, Refused
from trading.procedures.reaching import occurrences_of, waivers_of
from trading.procedures.records import records_of
from trading.procedures.rules.procurement import SUSPENSION
from trading.procedures.rules.works import INVITEES
from trading.procedures.timeline import Occurrence, TimelineRow, statutory_timeline
from trading.procedures.versions import procedure_of
from trading.projects.models import Category, Lot, Tender
from trading.projects.queries import SUPERVISE, may_handle
from trading.standards.queries import blocks_of, section_differences
from trading.tenders.bill import bill_row
from trading.tenders.models import DocumentAttachment, DocumentHolder, Invitation, Suspension, TenderDocument
from trading.tenders.saying import sections_said

# Shorter names are ordinary words.
SHORTEST_NAME = 6


def document_digest(document):
    """The digest over everything the published tender document says, its attachments included."""
    bill = [[lot.no, *bill_row(row)] for lot in document.tender.lots.all() for row in lot.bill.all()]
    return b64u(
        HJ(
            "tender-document",
            {
                # Documents without a bill keep the digest they had before there were bills.
                **({"bill": bill} if bill else {}),
                "v": 1,
                "sections": [list(row) for row in sections_said(document)],
                "criteria": [[row.part, row.title, row.standard, str(row.points), row.objective] for row in document.criteria.all()],
                "settings": {key: str(value) for key, value in document.method_settings.items()},
                "attachments": [[row.title, row.file.sha256] for row in document.attachments.all()],
                # Documents of one envelope keep the digest they always had.
                # Before there was a choice of methods, the digest named none.
                **({"method": document.method} if document.method != "COMPREHENSIVE_ASSESSMENT" else {}),
                **({"envelopes": list(document.envelopes)} if document.two_envelopes else {}),
                **({"blind": True} if document.blind_technical else {}),
            },
        )
    )


def require_running(lot, at):
    """Refuse while an objection is unanswered or a regulator has stopped the lot."""
    stop = Suspension.objects.filter(lot=lot).in_force(at).first()
    if stop is not None:
        activity, source = stopped_words(lot.tender)
        raise Refused(
            "suspended",
            f"{activity}已暂停（{stop.get_cause_display()}）：{stop.reason}",
            rule=source,
            next_step="异议答复或监督部门恢复后才能继续。",
        )


def stopped_words(tender):
    """What is stopped, and the provision that lets it be: in a procurement only the finance department stops it."""
    if tender.project.category == Category.PROCUREMENT:
        return "采购活动", SUSPENSION.source
    return "招标投标活动", "《招标投标法实施条例》第二十二条、第五十四条、第六十二条"


def is_suspended(lot, at):
    return Suspension.objects.filter(lot=lot).in_force(at).exists()


def holds_document(tender, organisation):
    return organisation is not None and DocumentHolder.objects.filter(tender=tender, organisation=organisation).exists()


def drawn_for(tender):
    """The codes of the suppliers that the desk has drawn to be invited; none where no draw was entered."""
    found = []
    for lot in tender.lots.all():
        row = records_of(lot).filter(step="supplier_draw").last()
        found += row.data["invited"] if row else []
    return list(dict.fromkeys(found))


def chosen_for(tender):
    """The organisations that the tender will invite: those drawn, else those named."""
    if drawn := drawn_for(tender):
        return list(Organisation.objects.filter(uscc__in=drawn).order_by("pk"))
    return list(Organisation.objects.filter(invitations__tender=tender).order_by("invitations__pk"))


def bidders_matching(words):
    """Registered bidders by a part of their name or by their code, in the order of their names."""
    rows = Organisation.objects.of_kind(Organisation.Kind.BIDDER).active()
    return rows.filter(Q(name__icontains=words) | Q(uscc__iexact=words)).order_by("name")


def bar_to_invitation(tender, organisation, *, on):
    """Why an organisation may not be invited, as a refusal; None where it may."""
    if not organisation.is_active or Organisation.Kind.BIDDER not in organisation.kinds:
        return Refused("not_bidder", f"{organisation.name}不是平台登记的投标人，不能邀请。", next_step="请从登记的投标人中选择。")
    if is_own_side(tender, organisation):
        return own_side(organisation)
    if is_excluded(organisation, tender.project.category, on):
        return Refused(
            "excluded", f"{organisation.name}处于禁止参与期内，不能邀请。", rule="《招标投标法实施条例》第三十八条、生效的处理决定",
            next_step="请另选符合条件的单位。",
        )  # fmt: skip
    return None


def is_own_side(tender, organisation):
    return organisation is not None and organisation.pk in (tender.project.owner_id, tender.project.agency_id)


def own_side(organisation):
    return Refused(
        "own_side", f"{organisation.name}是本项目的招标人或者代理机构，不能参加本项目的投标。",
        rule="《招标投标法实施条例》第十三条、第三十四条", next_step="请由与本项目没有利害关系的其他单位参加。",
    )  # fmt: skip


def is_open_to(tender, organisation):
    """Whether the organisation may take part: anybody but who tenders it, unless the tender has invited some."""
    if is_own_side(tender, organisation):
        return False
    invited = set(Invitation.objects.filter(tender=tender).exclude(sent_at=None).values_list("organisation", flat=True))
    return not invited or (organisation is not None and organisation.pk in invited)


def not_invited(tender):
    return Forbidden(
        "not_invited", f"本项目采用{procedure_of(tender).name}，只有收到投标邀请书的单位可以查看和参加。",
        rule=f"{INVITEES.code} {INVITEES.source}：{INVITEES.says}", next_step="如你同时代表受邀的单位，请切换到该单位后再试。",
    )  # fmt: skip


def require_open_to(tender, organisation):
    """Refuse who tenders it, whoever an invited tender has not invited, and who did not pass its pre-qualification."""
    if is_own_side(tender, organisation):
        raise own_side(organisation)
    if not is_open_to(tender, organisation):
        raise not_invited(tender)
    require_qualified(tender, tender.lots.all(), organisation)


def qualified_for(tender, lots):
    """The codes of those whom the procedure lets take the document and bid for one of these lots; None where anybody may."""
    step = procedure_of(tender).step_of("supply")
    if step is None or not step.among:
        return None
    owner, _, name = step.among.partition(".")
    rows = [records_of(lot).filter(step=owner).last() for lot in lots]
    return {code for row in rows if row for code in row.data[name]}


def require_qualified(tender, lots, organisation):
    qualified = qualified_for(tender, lots)
    if qualified is not None and (organisation is None or organisation.uscc not in qualified):
        raise Forbidden(
            "not_qualified", "你单位没有通过本项目的资格预审，不能获取招标文件和投标。", rule="《招标投标法实施条例》第十九条",
            next_step="对资格预审结果有异议的，可依法向招标人提出异议。",
        )  # fmt: skip


def may_see_tender(person, organisation, tender):
    """Whether somebody may see a published tender: a private one is for those invited, and who works on it, watches or judges it."""
    if not tender.private or is_open_to(tender, organisation) or may_handle(person, tender) or person.has_perm(SUPERVISE, tender):
        return True
    own = organisation is not None and organisation.is_active
    if own and (organisation.pk in (tender.project.owner_id, tender.project.agency_id) or Organisation.Kind.CENTRE in organisation.kinds):
        return True
    return person.has_perm("trading.score_lot", tender)


def require_sight(person, organisation, tender):
    if not may_see_tender(person, organisation, tender):
        raise not_invited(tender)


def may_read_notice(person, organisation, document):
    """Notices, and what stands beside them, that are not public yet: for those who may see their tender."""
    tender = Tender.objects.select_related("project").filter(number=document.subject.removeprefix("tender/")).first()
    return tender is not None and may_see_tender(person, organisation, tender)


def waiting_invitations(organisation):
    """Tenders that have invited the organisation, that go on, and whose document it has not taken yet; the newest first."""
    rows = Invitation.objects.filter(organisation=organisation, tender__state=Tender.State.PUBLISHED).exclude(sent_at=None)
    return rows.exclude(tender__holders__organisation=organisation).select_related("tender__document").order_by("-sent_at")


def receipts_shown(tender):
    """Who has confirmed each clarification, for those who work on the tender: only once no bids are taken any more.

    Before, names and numbers of holders are secret (《招标投标法》第二十二条): then only whether every holder has confirmed.
    """
    secret = any(lot.state in (Lot.State.BIDDING, Lot.State.REGISTERED) for lot in tender.lots.all())
    rows = []
    for clarification in tender.clarifications.order_by("no"):
        receipts = clarification.receipts
        rows.append({
            "clarification": clarification, "complete": not receipts.filter(acknowledged_at=None).exists(),
            "receipts": [] if secret else receipts.select_related("organisation").order_by("organisation__name"), "secret": secret,
        })  # fmt: skip
    return rows


def may_read_tender(person, organisation, tender):
    """Whether somebody may read the tender document: who holds it, works on it, watches it or judges by it."""
    if holds_document(tender, organisation) or may_handle(person, tender) or person.has_perm(SUPERVISE, tender):
        return True
    if organisation is not None and organisation.is_active and Organisation.Kind.CENTRE in organisation.kinds:
        return True
    return person.has_perm("trading.score_lot", tender)


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
    return statutory_timeline(events, procedure_of(tender), on=on, law_of=tender.rules_on, waivers=waivers_of(tender))


def published_document(tender):
    """The tender document, once it is out: the desk may make a tender public before, while the document is a draft."""
    return TenderDocument.objects.filter(tender=tender, state=TenderDocument.State.PUBLISHED).select_related("notice").first()


def events_of(tender, lot=None):
    """What has happened on a tender and what its document plans, as occurrences; with a lot, what concerns it alone too."""
    found = occurrences_of(tender, lot)
    if tender.project.accepted_at and tender.round == 1:
        found.append(Occurrence("project_accepted", tender.project.accepted_at))
    document = published_document(tender)
    if document is None:
        return found
    # The dates are the document's own: a deadline that moves has one truth, and no second row of it to keep in step.
    due_at = lot.bids_due_at if lot else document.bids_due_at
    found += [Occurrence("tender_doc_sale_end", document.supply_until), Occurrence("bid_deadline", due_at)]
    valid_until = due_at + timedelta(days=document.bid_validity_days)
    return [*found, Occurrence("bid_validity_end", valid_until), Occurrence("bid_deposit_validity_end", valid_until)]


@dataclass(frozen=True)
class ClockRow:
    """One running or past period of a tender, and the lots that it concerns."""

    tender: Tender
    lots: tuple[Lot, ...]
    row: TimelineRow

    @property
    def due_at(self):
        return day_end(self.row.permitted)

    @property
    def key(self):
        """Names the period for whoever must tell it from others: once reminded, once reported."""
        return f"{self.row.key}/{','.join(lot.key for lot in self.lots)}"


# Nothing is due any more on a lot that ended so.
ENDED = (Lot.State.FAILED, Lot.State.TERMINATED, Lot.State.ARCHIVED)


def clock_of(tender, *, on, ended=True):
    """The statutory clock of a tender as it stands on a day: each period once, with its lots; without `ended` lots if so asked."""
    waivers = waivers_of(tender)
    lots = [lot for lot in tender.lots.all() if ended or lot.state not in ENDED]
    found = {}
    for lot in lots:
        for row in statutory_timeline(events_of(tender, lot), procedure_of(tender), on=on, law_of=tender.rules_on, waivers=waivers):
            _, together = found.setdefault((row.key, row.since, row.permitted, row.actual), (row, []))
            together.append(lot)
    rows = [ClockRow(tender, tuple(together), row) for row, together in found.values()]
    return sorted(rows, key=lambda each: (not each.row.is_running, each.row.permitted, each.row.rule.code))


def altered_blocks(document):
    """Titles of fixed blocks that are not, word for word, those of the template version."""
    standing = {title: (fixed, text) for title, fixed, text in blocks_of(document)}
    theirs = {title: (fixed, text) for title, fixed, text in blocks_of(document.template)}
    return [
        title
        for title in dict.fromkeys([*theirs, *standing])
        if (theirs.get(title, (False,))[0] or standing.get(title, (False,))[0]) and theirs.get(title) != standing.get(title)
    ]


def changes_of(document):
    """Each block against the template version it is written from; `altered` marks fixed blocks that are not the template's."""
    altered = altered_blocks(document)
    rows = section_differences(blocks_of(document.template), blocks_of(document))
    return [row | {"altered": row["title"] in altered} for row in rows]
