"""What the archive of a lot must hold: the document of each step of its procedure, and what belongs to no step, as dated data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from disclosure.models import Notice
from rulebook.provisions import Rule
from trading.bidding.models import Bid
from trading.deposits.queries import findings
from trading.opening.models import OpenedFile, Opening
from trading.procedures.procedures import Procedure
from trading.procedures.records import is_required, records_of
from trading.procedures.versions import procedure_of
from trading.projects.models import Category, Lot, ProjectPaper
from trading.projects.queries import entrustment_of, mandate_of
from trading.tenders.queries import published_document
from trading.witness.queries import unsigned_stages
from trading.witness.stages import reached, witnessed_stages

CONTRACTED = (Lot.State.CONTRACTED, Lot.State.ARCHIVED)
BROKEN = (Lot.State.FAILED, Lot.State.TERMINATED)
EVER = (*CONTRACTED, *BROKEN)
UNHELD = (Opening.State.FAILED, Opening.State.STOPPED)


@dataclass(frozen=True, kw_only=True)
class RequiredItem(Rule):
    """`says` is the document. What is not `mandatory` is only reminded of; what has a `room` is handed in there, not as a paper."""

    stage: str = ""
    supplier: str = ""
    mandatory: bool = True
    room: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnItem(RequiredItem):
    """An item that is no step's document: of which trades and ends, and who supplies it.

    It stands in place of the steps it is `of` and comes with the step it is `beside`; an `always` one is wanted without them too.
    """

    actors: tuple[str, ...]
    categories: tuple[str, ...] = tuple(Category.values)
    ends: tuple[str, ...] = EVER
    of: tuple[str, ...] = ()
    beside: str = ""
    always: bool = False

    def concerns(self, procedure: Procedure, state: str, day: date) -> bool:
        codes = {step.code for step in procedure.steps}
        named = self.always or not codes.isdisjoint({*self.of, self.beside})
        return named and procedure.category in self.categories and state in self.ends and self.holds_on(day)


SINCE = date(2024, 1, 1)
LAW, RULES, PROCUREMENT = "《招标投标法》", "《招标投标法实施条例》", "《政府采购法》"
SIGNED_DATA, PROCUREMENT_FILES = "《电子招标投标办法》第四十条", f"{PROCUREMENT}第四十二条"
LOCAL = "一标一档（地方做法，可调整）"
SIDE, CENTRE = ("tenderee", "agency"), ("staff",)
GC, ZC = (Category.WORKS,), (Category.PROCUREMENT,)
OTHERS = tuple(each for each in Category.values if each not in (*GC, *ZC))
OBJECTIONS = ("document_objection", "result_objection")


def item(code, actors, says, source, confidence="V", **more):
    return OwnItem(code=code, actors=actors, says=says, source=source, confidence=confidence, since=SINCE, **more)


OWN = (
    item("approval", ("tenderee",), "项目批准文件", f"{LAW}第九条", of=("approval",)),
    item("commission", SIDE, "委托代理合同", f"{RULES}第十四条", of=("commission",), categories=GC, always=True),
    item("commission", SIDE, "采购代理协议", f"{PROCUREMENT}第二十条", "H", of=("commission",), categories=ZC, always=True),
    item("commission", SIDE, "委托代理合同", LOCAL, "S", categories=OTHERS, always=True),
    item("fairness", SIDE, "公平竞争审查表", LOCAL, "S", beside="drafting", mandatory=False),
    item("remedies", SIDE, "异议答复、投诉处理决定", f"{RULES}第二十二条、第五十四条、第六十一条", of=OBJECTIONS, categories=GC, always=True),
    item("remedies", SIDE, "质疑答复、投诉处理决定", PROCUREMENT_FILES, of=OBJECTIONS, categories=ZC, always=True),
    item("remedies", SIDE, "异议答复、投诉处理决定", LOCAL, "S", categories=OTHERS, always=True),
    item("activity", SIDE, "采购活动记录", PROCUREMENT_FILES, categories=ZC, always=True),
    item("report", SIDE, "招标投标情况书面报告", f"{LAW}第四十七条", of=("report",), ends=CONTRACTED, room="trading:award"),
    item("performance", SIDE, "履约、验收材料", LOCAL, "S", of=("performance",), ends=CONTRACTED, mandatory=False),
    item("witness", CENTRE, "见证记录", "一标一记录（地方做法，可调整）", "S", always=True),
)  # fmt: skip
INSTEAD = {code for row in OWN for code in row.of}


# Whether an item is there: True or False, or None where the lot needs none. Keys are ways of rooms and codes of own items;
# a step of the desk is there when it was taken, and what nobody here knows comes as a paper.
_finders: dict[str, Callable] = {}


def found_by(code):
    def remember(function):
        _finders[code] = function
        return function

    return remember


def required_of(lot, state, day) -> list[tuple[RequiredItem, bool | None]]:
    """What the archive wants of a lot that ended in a state, in the order of its procedure, and whether each is there.

    A lot that broke off wants what was due until then: the documents up to the last step that was taken, and the notice of its end.
    """
    procedure = procedure_of(lot.tender)
    own = [row for row in OWN if row.concerns(procedure, state, day)]
    records = records_of(lot)
    if state not in BROKEN:
        # What is sealed until its time is not yet there for anybody.
        records = records.exclude(data={}, sealed__isnull=False)
    taken = set(records.values_list("step", flat=True))
    there = {step.code: document_of(lot, procedure, step, taken) for step in procedure.steps if step.way != "archive"}
    due = set(there)
    if state in BROKEN:
        codes = list(there)
        last = max((place for place, code in enumerate(codes) if there[code]), default=-1)
        due = set(codes[: last + 1])
    found: list[tuple[RequiredItem, bool | None]] = []
    for stage in procedure.stages:
        for step in stage.steps:
            if step.code in due - INSTEAD and there[step.code] is not None:
                found.append((derived(procedure, stage, step, day), there[step.code]))
            for row in [row for row in own if step.code in (*row.of, row.beside)]:
                own.remove(row)
                found.append((named(row, lot, procedure, stage.label), is_there(row.code, lot)))
    found += [(named(row, lot, procedure, "全过程"), is_there(row.code, lot)) for row in own]
    if state in BROKEN:
        found.append((ending(lot, procedure, state), notice_of_the_end(lot, state)))
    return found


def is_there(code, lot):
    return _finders[code](lot) if code in _finders else False


def document_of(lot, procedure, step, taken):
    """Whether a step left its document; None where the lot needs none of it."""
    if not step.by_form and step.way in _finders:
        return _finders[step.way](lot)
    if step.code in taken:
        return True
    other_way = any(each.code in taken for each in procedure.steps if step.code in each.instead_of)
    return None if other_way or not is_required(step, lot) else False


def derived(procedure, stage, step, day):
    return RequiredItem(
        code=step.code, says=step.document, source=basis_of(procedure, step, day), since=procedure.since, stage=stage.label,
        supplier=procedure.actors(step.actors),
    )  # fmt: skip


def basis_of(procedure, step, day):
    """The law that wants the document kept, then the rules that bind its step, or else the procedure's own basis."""
    sources = [rule.source for rule in step.limits_on(day)]
    if procedure.category == Category.PROCUREMENT:
        sources.insert(0, PROCUREMENT_FILES)
    elif procedure.category == Category.WORKS and procedure.is_sealed and not step.by_form:
        sources.insert(0, SIGNED_DATA)
    return "；".join(dict.fromkeys(sources or procedure.basis))


def named(row, lot, procedure, stage):
    """An own item as this procedure says it."""
    stages = witnessed_stages(lot)
    says = f"{'、'.join(each.label for each in stages.values())}{row.says}" if row.code == "witness" else row.says
    return replace(row, says=says, stage=stage, supplier=procedure.actors(row.actors))


def ending(lot, procedure, state):
    """The notice of a lot's end without a deal, on the basis of what may lead the procedure there."""
    leads = {"failed": ("failed", "judged"), "terminated": ("terminated",)}[state]
    bends = [bend for bend in procedure.bends if bend.leads in leads]
    sources = dict.fromkeys(source for bend in bends for source in (bend.basis, *(rule.source for rule in bend.rules)) if source)
    return RequiredItem(
        code="ending", says="交易失败公告" if state == Lot.State.FAILED else "终止公告", source="；".join(sources or procedure.basis),
        since=procedure.since, stage="结束", supplier=procedure.actors(SIDE),
    )  # fmt: skip


def notice_of_the_end(lot, state):
    """What was never announced ends without a notice."""
    if lot.tender.published_at is None:
        return None
    return notices_of(lot, Notice.Kind.FAILURE if state == Lot.State.FAILED else Notice.Kind.TERMINATION).exists()


def has_paper(lot, kind):
    return lot.tender.project.papers.filter(kind=kind).exists()


def notices_of(lot, kind):
    return Notice.objects.filter(Q(lot_no=lot.no) | Q(lot_no=None), tender_number=lot.tender.number, kind=kind)


def last_evaluation(lot):
    return lot.evaluations.order_by("-round").first()


def standing_award(lot):
    return lot.awards.filter(void_at=None).select_related("contract").first()


@found_by("approval")
def approval(lot):
    return has_paper(lot, ProjectPaper.Kind.APPROVAL)


@found_by("commission")
def agency_contract(lot):
    project = lot.tender.project
    if project.agency_id is None:
        return None
    return has_paper(lot, ProjectPaper.Kind.AGENCY_CONTRACT) or mandate_of(project) is not None or entrustment_of(project) is not None


@found_by("fairness")
def fairness(lot):
    return has_paper(lot, ProjectPaper.Kind.POLICY)


@found_by("registration")
def registration(lot):
    return lot.tender.project.reviews.filter(outcome="accepted").exists()


@found_by("drafting")
def tender_document(lot):
    return getattr(published_document(lot.tender), "printed_id", None) is not None


@found_by("publication")
def tender_notice(lot):
    return getattr(published_document(lot.tender), "notice_id", None) is not None


def was_opened(lot):
    return lot.openings.exclude(state__in=UNHELD).exists()


@found_by("supply")
def supply(lot):
    """Who took the document stays secret where no bid was opened."""
    return lot.tender.holders.exists() if was_opened(lot) else None


@found_by("clarification")
def clarifications(lot):
    rows = lot.tender.clarifications.all()
    return not rows.filter(notice=None).exists() if rows.exists() else None


@found_by("deposit")
def deposits(lot):
    """On the platform's books, or proved by the voucher in the bids that were opened. Where none was opened they stay secret."""
    if not lot.deposit or not was_opened(lot):
        return None
    return bool(findings(lot)) or OpenedFile.objects.filter(bid__opening__lot=lot).exists()


@found_by("bids")
def bids(lot):
    """Nobody learns before the deadline whether there are any; a lot may break off without one."""
    if lot.state in (Lot.State.REGISTERED, Lot.State.BIDDING):
        return False
    return Bid.objects.filter(lot=lot).exists() or (None if lot.state in BROKEN else False)


@found_by("opening")
def opening_record(lot):
    """None where too few bids, or the end of the tender, kept it from being held."""
    if lot.state in BROKEN and not was_opened(lot):
        return None
    held = lot.openings.exclude(state__in=UNHELD)
    return held.exists() and not held.filter(record=None).exists()


@found_by("committee")
def draw_record(lot):
    return lot.evaluations.filter(draw__isnull=False).exists()


@found_by("evaluation")
def evaluation_report(lot):
    evaluation = last_evaluation(lot)
    return evaluation is not None and evaluation.report_id is not None


@found_by("witness")
def witnessed(lot):
    wanted = set(witnessed_stages(lot)) & set(reached(lot))
    return not unsigned_stages(lot, wanted) if wanted else None


@found_by("candidates")
def candidates(lot):
    return lot.publicities.filter(void_at=None).exists()


@found_by("award")
def award_notice(lot):
    award = standing_award(lot)
    return award is not None and award.award_notice_id is not None


@found_by("result")
def result_notice(lot):
    award = standing_award(lot)
    return award is not None and award.result_notice_id is not None


@found_by("report")
def written_report(lot):
    return getattr(standing_award(lot), "report", None) is not None


@found_by("contract")
def contract(lot):
    return getattr(standing_award(lot), "contract", None) is not None
