"""What the archive of a lot must hold, as dated data: who supplies each item, and how the platform knows that it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from disclosure.models import Notice
from rulebook.provisions import Rule
from trading.bidding.models import Bid
from trading.procedures.records import records_of
from trading.projects.models import Lot, ProjectPaper
from trading.witness.queries import unsigned_stages

WORKS = ("GC-OT", "GC-IT")
CONTRACTED = (Lot.State.CONTRACTED, Lot.State.ARCHIVED)
BROKEN = (Lot.State.FAILED, Lot.State.TERMINATED)
EVER = (*CONTRACTED, *BROKEN)
# The stages that the centre must have witnessed from beginning to end.
WITNESSED = ("opening", "evaluating")
OWNER, AGENCY, CENTRE, BIDDERS = "招标人", "代理机构", "交易中心", "投标人"


@dataclass(frozen=True, kw_only=True)
class RequiredItem(Rule):
    """`says` is the document; an item of `ends` is wanted of lots in these states. What is not `mandatory` is only reminded of."""

    stage: str
    supplier: str
    ends: tuple[str, ...] = EVER
    procedures: tuple[str, ...] = WORKS
    mandatory: bool = True


SINCE = date(2024, 1, 1)
LAW, RULES = "《招标投标法》", "《招标投标法实施条例》"
SIGNED_DATA = "《电子招标投标办法》第四十条"
LOCAL = "一标一档（地方做法，可调整）"


def item(code, stage, supplier, says, source, confidence="V", **more):
    return RequiredItem(code=code, stage=stage, supplier=supplier, says=says, source=source, confidence=confidence, since=SINCE, **more)


REQUIRED = (
    item("GC01", "进场登记", OWNER, "项目批准文件", f"{LAW}第九条"),
    item("GC02", "进场登记", AGENCY, "委托代理合同", f"{RULES}第十四条"),
    item("GC03", "进场登记", CENTRE, "进场登记及受理意见", LOCAL, "S"),
    item("GC04", "公告与投标", AGENCY, "招标文件", SIGNED_DATA),
    item("GC05", "公告与投标", AGENCY, "招标公告或者投标邀请书", SIGNED_DATA),
    item("GC06", "公告与投标", AGENCY, "招标文件的澄清与修改", SIGNED_DATA),
    item("GC07", "公告与投标", BIDDERS, "投标文件及回执", SIGNED_DATA, ends=CONTRACTED),
    item("GC08", "公告与投标", AGENCY, "公平竞争审查表", LOCAL, "S", mandatory=False),
    item("GC09", "开标", CENTRE, "开标记录", SIGNED_DATA, ends=CONTRACTED),
    item("GC10", "评标", CENTRE, "评标专家抽取记录", f"{RULES}第四十六条", ends=CONTRACTED),
    item("GC11", "评标", "评标委员会", "评标报告", SIGNED_DATA, ends=CONTRACTED),
    item("GC12", "见证", CENTRE, "开标、评标见证记录", "一标一记录（地方做法，可调整）", "S"),
    item("GC13", "中标结果", OWNER, "中标候选人公示", f"{RULES}第五十四条", ends=CONTRACTED),
    item("GC14", "中标结果", OWNER, "中标通知书", SIGNED_DATA, ends=CONTRACTED),
    item("GC15", "中标结果", OWNER, "中标结果公告", SIGNED_DATA, ends=CONTRACTED),
    item("GC16", "中标结果", OWNER, "招标投标情况书面报告", f"{LAW}第四十七条", ends=CONTRACTED),
    item("GC17", "合同与归档", OWNER, "合同", SIGNED_DATA, ends=CONTRACTED),
    item("GC18", "合同与归档", OWNER, "履约、验收材料", LOCAL, "S", ends=CONTRACTED, mandatory=False),
    item("GC19", "合同与归档", OWNER, "招标失败或者终止公告", f"{RULES}第三十一条", ends=BROKEN),
)
BY_CODE = {row.code: row for row in REQUIRED}

# Whether an item is there: True or False, or None where the lot needs none. What nobody here knows comes as a paper.
_finders: dict[str, Callable] = {}


def found_by(code):
    def remember(function):
        _finders[code] = function
        return function

    return remember


def is_there(code, lot):
    return _finders[code](lot) if code in _finders else False


def required_of(lot, day):
    """The items that hold for a lot's procedure and its end, by the table of that day."""
    return [row for row in REQUIRED if lot.tender.procedure in row.procedures and lot.state in row.ends and row.holds_on(day)]


def has_paper(lot, kind):
    return lot.tender.project.papers.filter(kind=kind).exists()


def notices_of(lot, kind):
    return Notice.objects.filter(Q(lot_no=lot.no) | Q(lot_no=None), tender_number=lot.tender.number, kind=kind)


def last_evaluation(lot):
    return lot.evaluations.order_by("-round").first()


def standing_award(lot):
    return lot.awards.filter(void_at=None).select_related("contract").first()


@found_by("GC01")
def approval(lot):
    return has_paper(lot, ProjectPaper.Kind.APPROVAL)


@found_by("GC02")
def agency_contract(lot):
    return has_paper(lot, ProjectPaper.Kind.AGENCY_CONTRACT) if lot.tender.project.agency_id else None


@found_by("GC03")
def registration(lot):
    return lot.tender.project.reviews.filter(outcome="accepted").exists()


@found_by("GC04")
def tender_document(lot):
    return lot.tender.published_at is not None and lot.tender.document.printed_id is not None


@found_by("GC05")
def tender_notice(lot):
    return lot.tender.published_at is not None and lot.tender.document.notice_id is not None


@found_by("GC06")
def clarifications(lot):
    rows = lot.tender.clarifications.all()
    return not rows.filter(notice=None).exists() if rows.exists() else None


@found_by("GC07")
def bids(lot):
    return Bid.objects.filter(lot=lot).exists()


@found_by("GC08")
def fairness(lot):
    return has_paper(lot, ProjectPaper.Kind.POLICY)


@found_by("GC09")
def opening_record(lot):
    return lot.openings.exists() and not lot.openings.filter(record=None).exists()


@found_by("GC10")
def draw_record(lot):
    return lot.evaluations.filter(draw__isnull=False).exists()


@found_by("GC11")
def report(lot):
    evaluation = last_evaluation(lot)
    return evaluation is not None and evaluation.report_id is not None


@found_by("GC12")
def witnessed(lot):
    return not unsigned_stages(lot, WITNESSED)


@found_by("GC13")
def candidates(lot):
    return lot.publicities.filter(void_at=None).exists()


@found_by("GC14")
def award_notice(lot):
    award = standing_award(lot)
    return award is not None and award.award_notice_id is not None


@found_by("GC15")
def result_notice(lot):
    award = standing_award(lot)
    return award is not None and award.result_notice_id is not None


@found_by("GC16")
def written_report(lot):
    """Handed in on the platform, on the award's page or as a step of the procedure; one made elsewhere comes as a paper."""
    return getattr(standing_award(lot), "report", None) is not None or records_of(lot).filter(step="report").exists()


@found_by("GC17")
def contract(lot):
    return getattr(standing_award(lot), "contract", None) is not None


@found_by("GC19")
def failure(lot):
    kind = Notice.Kind.FAILURE if lot.state == Lot.State.FAILED else Notice.Kind.TERMINATION
    return notices_of(lot, kind).exists()
