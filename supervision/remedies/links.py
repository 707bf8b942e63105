"""What a supplier may challenge of a procurement lot: its links (采购程序环节), and since when the time for each counts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from accounts.models import Organisation
from disclosure.models import Notice
from rulebook.clock import city_day
from rulebook.periods import day_end
from rulebook.refusals import Refused
from supervision.remedies.models import BEFORE_OPENING, Objection
from trading.awards.actions import current_award
from trading.awards.contesting import challenged_from
from trading.awards.desk_debrief import named, suppliers_of
from trading.bidding.queries import bidders_of
from trading.conduct.values import latest
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.procedures.rules.procurement import CHALLENGE_FILING, NOTICE_PERIOD
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot
from trading.tenders.models import DocumentHolder
from trading.tenders.queries import is_open_to

S = Lot.State
# The steps by which a desk hands out its document, and the ends of its supply where it goes on for some time.
DOCUMENT_STEPS = ("negotiation_notice", "consultation_notice", "inquiry_notice", "collection", "document")
SUPPLY_ENDS = ("consultation_doc_sale_end", "tender_doc_sale_end")
UNDER_WAY = (S.BIDDING, S.OPENING, S.EVALUATING, S.EVALUATED)
RESULT_STEPS = ("deal_result", "entry_notice")


@dataclass(frozen=True)
class Link:
    """One link that may be challenged; `known_on` is the day on which its harm counts as known (《政府采购法实施条例》第五十三条)."""

    matter: str
    label: str
    known_on: date
    step: str = ""

    @property
    def key(self) -> str:
        return f"{self.matter}/{self.step}"

    @property
    def until(self) -> datetime:
        return day_end(CHALLENGE_FILING.due_on(self.known_on))

    def is_open(self, at: datetime) -> bool:
        return at <= self.until


def links_of(lot, organisation, at) -> list[Link]:
    """What the organisation is concerned with, in the order of the procedure; those whose time is over too."""
    document = document_link(lot, organisation)
    found = [document] if document else []
    if takes_part(lot, organisation):
        found += process_links(lot, organisation, at)
        if known_on := result_known_on(lot):
            found.append(Link(Objection.Matter.RESULT, "采购过程和采购结果", known_on))
    return found


def links_for(lot, organisation, at) -> list[Link]:
    """The same, refused to whoever is concerned with nothing."""
    found = links_of(lot, organisation, at)
    if not found:
        raise Refused(
            "not_concerned", "你单位没有获取本项目的采购文件，也没有参与采购活动，不能提出质疑。", status=403,
            rule="《政府采购质疑和投诉办法》第十一条：提出质疑的供应商应当是参与所质疑项目采购活动的供应商",
            next_step="有疑问的，可以向采购人、代理机构询问。",
        )  # fmt: skip
    return found


def document_link(lot, organisation) -> Link | None:
    """The document, from the day it was obtained or amended or, where that is later, the end of the notice or of the supply."""
    known_on = handed_out_on(lot, organisation)
    return Link(Objection.Matter.DOCUMENT, "采购文件", known_on) if known_on else None


def handed_out_on(lot, organisation) -> date | None:
    reached = milestones_of(lot.tender, lot)
    if procedure_of(lot.tender).is_sealed:
        holder = DocumentHolder.objects.filter(tender=lot.tender, organisation=organisation).first()
        if holder is None:
            return None
        amended = lot.tender.clarifications.filter(affects_bids=True).order_by("-published_at").first()
        got = [holder.obtained_at, *([amended.published_at] if amended else [])]
        return max(NOTICE_PERIOD.falls_on(city_day(lot.tender.published_at)), *map(city_day, got))
    given = next(filter(None, (latest(lot, code) for code in DOCUMENT_STEPS)), None)
    if given is None or not may_obtain(lot, organisation):
        return None
    return city_day(max([given.at, *(reached[name] for name in SUPPLY_ENDS if name in reached)]))


def may_obtain(lot, organisation) -> bool:
    """At a desk nobody's taking of the document is on record: it is for each supplier to whom the tender is open."""
    if sole := named(lot, "uniqueness", "supplier"):
        return organisation.uscc in sole
    return organisation.is_active and Organisation.Kind.BIDDER in organisation.kinds and is_open_to(lot.tender, organisation)


def participants_of(lot):
    """The suppliers that take part, once that may be known."""
    if procedure_of(lot.tender).is_sealed:
        return Organisation.objects.none() if lot.state in BEFORE_OPENING else bidders_of(lot)
    return suppliers_of(lot) | Organisation.objects.filter(uscc__in=named(lot, "uniqueness", "supplier"))


def takes_part(lot, organisation) -> bool:
    return participants_of(lot).filter(pk=organisation.pk).exists()


def process_links(lot, organisation, at) -> list[Link]:
    """The steps under way that a supplier takes or is named in, once they have ended.

    What happens behind closed doors becomes known with the result, and is challenged with it.
    """
    procedure, reached, rows = procedure_of(lot.tender), milestones_of(lot.tender, lot), list(records_of(lot))
    found = []
    for step in procedure.steps:
        taken = [row for row in rows if row.step == step.code]
        own = "bidder" in step.actors or any(organisation.uscc in row.data.get("supplier", ()) for row in taken)
        if not taken or not own or not set(procedure.stage_of(step).states) & set(UNDER_WAY) or step.code in DOCUMENT_STEPS:
            continue
        ended = reached.get(step.closes_at) or max(row.at for row in taken)
        if ended <= at:
            found.append(Link(Objection.Matter.PROCESS, f"采购过程：{step.label}", city_day(ended), step.code))
    return found


def result_known_on(lot) -> date | None:
    """From the end of the notice of the result that stands, or the day on which the public learned that there is none."""
    if lot.state in (S.FAILED, S.TERMINATED):
        kinds = (Notice.Kind.FAILURE, Notice.Kind.TERMINATION)
        notices = Notice.objects.filter(Q(lot_no=lot.no) | Q(lot_no=None), tender_number=lot.tender.number, kind__in=kinds)
        notice = notices.order_by("-published_at").first()
        return challenged_from(notice.published_at, result=False) if notice else None
    published_at = announced_at(lot)
    return challenged_from(published_at) if published_at else None


def announced_at(lot) -> datetime | None:
    """When the result that stands was announced: by the award, or by the desk's step."""
    if procedure_of(lot.tender).is_sealed:
        award = current_award(lot)
        return award.published_at if award else None
    announced = next(filter(None, (latest(lot, code) for code in RESULT_STEPS)), None)
    return announced.at if announced else None
