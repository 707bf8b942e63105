"""Risk points whose answer the platform has in its own records: (verdict, why), or None where people must look."""

from ledger.models import LedgerEntry
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.bidding.models import Bid
from trading.opening.models import OpenedBid, Opening, OpeningObjection
from trading.procedures.clock import DEADLINES, deposit_problems, minimum_periods
from trading.procedures.records import records_of
from trading.procedures.rules import works
from trading.procedures.versions import procedure_of
from trading.projects.models import ProjectPaper
from trading.projects.queries import control_points, entrustment_of, mandate_of
from trading.tenders.queries import altered_blocks
from trading.witness.models import RiskAnswer
from trading.witness.risks import BY_CODE

V = RiskAnswer.Verdict
_answers = {}


def answers(*codes):
    """Registers who answers these points: `function(lot)` gives None or (verdict, note)."""

    def remember(function):
        for code in codes:
            _answers[code] = function
        return function

    return remember


def computed_answer(code, lot):
    function = _answers.get(code)
    return function(lot) if function else None


def law_day(lot):
    """The day whose law holds for the lot: that of its publication."""
    return lot.tender.rules_on or city_day(lot.tender.published_at)


def verdict(fine, note):
    return (V.OK if fine else V.CONCERN), note


def kept(act, note):
    """A rule's own check as an answer: its refusal is the doubt."""
    try:
        act()
    except Refused as refusal:
        return V.CONCERN, refusal.message
    return V.OK, note


@answers("RP0103")
def papers(lot):
    gaps = [row["label"] for row in control_points(lot.tender.project) if not row["papers"] and not (row["mandate"] or row["entrustment"])]
    return verdict(not gaps, f"缺少{'、'.join(gaps)}" if gaps else "登记材料齐全")


@answers("RP0105", "ZC0105")
def agency_contract(lot):
    project = lot.tender.project
    if project.agency is None:
        return V.NOT_APPLICABLE, "招标人自行招标"
    if mandate_of(project) is not None:
        return verdict(True, "委托代理协议已在平台签订")
    if (entrustment := entrustment_of(project)) is not None:
        return verdict(True, f"{entrustment.body.name}已在平台接受委托")
    there = project.papers.filter(kind=ProjectPaper.Kind.AGENCY_CONTRACT).exists()
    return verdict(there, "委托代理协议已上传" if there else "没有委托代理协议")


@answers("RP0108")
def decision(lot):
    there = lot.tender.project.papers.filter(kind=ProjectPaper.Kind.DECISION).exists()
    return verdict(there, "集体决策记录已上传" if there else "没有集体决策记录")


@answers("RP0201")
def fixed_blocks(lot):
    changed = altered_blocks(lot.tender.document)
    return verdict(not changed, f"已改动：{'、'.join(changed)}" if changed else "与范本一致")


@answers("RP0202")
def clauses(lot):
    confirmed = lot.tender.document.confirmations.count()
    return None if confirmed else (V.OK, "没有命中限制竞争的词句")


@answers("RP0206", "ZC0206")
def deposit(lot):
    problems = deposit_problems(lot)
    return verdict(not problems, "；".join(row.message for row in problems) or f"{lot.deposit:,.2f} 元")


@answers("RP0302", "ZC0302")
def preparation(lot):
    document, tender = lot.tender.document, lot.tender

    def act():
        for rule in minimum_periods(procedure_of(tender), DEADLINES, on=law_day(lot)):
            begins = tender.published_at if rule.start == "notice_published" else document.supply_from
            rule.check(begins, lot.bids_due_at, subject="投标截止")

    return kept(act, "时间符合要求")


@answers("RP0308", "ZC0308")
def postponed(lot):
    times = lot.tender.clarifications.filter(new_bids_due_at__isnull=False).count()
    return verdict(times < BY_CODE["RP0308"].limit, f"推迟 {times} 次")


@answers("RP0401")
def clarified_late(lot):
    for row in lot.tender.clarifications.filter(affects_bids=True):
        found = kept(lambda row=row: works.CLARIFICATION.check(row.published_at, row.new_bids_due_at or row.old_bids_due_at), "")
        if found[0] == V.CONCERN:
            return found
    return V.OK, "影响投标的澄清都在规定时间前发出"


@answers("RP0402", "ZC0402")
def delivered(lot):
    holders = set(lot.tender.holders.values_list("organisation", flat=True))
    for row in lot.tender.clarifications.all():
        missing = holders - set(row.receipts.values_list("organisation", flat=True))
        if missing:
            return V.CONCERN, f"第 {row.no} 号澄清有 {len(missing)} 家没有送达"
    return V.OK, "澄清已送达全部获取人"


def opening_of(lot):
    """The opening with which the lot began: with two envelopes that of the first."""
    return lot.openings.order_by("pk").first()


@answers("RP0701")
def on_time(lot):
    entries = LedgerEntry.objects.filter(stream=lot.tender.stream, kind="opening.started").order_by("n")
    started = next((row.at for row in entries if f'"lot":"{lot.key}"'.encode() in bytes(row.data)), None)
    if started is None:
        return V.NOT_APPLICABLE, "没有开标"
    late = started - lot.bids_due_at
    return verdict(late <= BY_CODE["RP0701"].limit, f"公告时间后 {int(late.total_seconds() // 60)} 分钟开标")


@answers("RP0702", "ZC0702")
def enough_bids(lot):
    opening = opening_of(lot)
    if opening is None:
        return V.NOT_APPLICABLE, "没有开标"
    opened = opening.state != opening.State.FAILED
    least = procedure_of(lot.tender).least_count("too_few", law_day(lot)).minimum
    return verdict(opening.count >= least or not opened, f"投标人 {opening.count} 家{'' if opened else '，未开标'}")


@answers("RP0703", "ZC0703")
def none_late(lot):
    late = Bid.objects.filter(lot=lot, received_at__gte=lot.bids_due_at).count()
    return verdict(not late, f"迟到 {late} 份" if late else "全部在截止前接收")


@answers("RP0704", "ZC0704")
def decrypted(lot):
    rows = OpenedBid.objects.filter(opening__lot=lot)
    total, failed = rows.count(), rows.exclude(state=OpenedBid.State.OPENED).count()
    return verdict(failed < total * BY_CODE["RP0704"].limit or not failed, f"{total} 份中 {failed} 份未解密")


@answers("RP0707")
def answered(lot):
    waiting = OpeningObjection.objects.filter(opening__lot=lot, answered_at=None).count()
    return verdict(not waiting, f"{waiting} 件没有答复" if waiting else "没有未答复的现场异议")


@answers("RP0708", "ZC0708")
def recorded(lot):
    held = lot.openings.exclude(state=Opening.State.FAILED)
    if not held.exists():
        return V.NOT_APPLICABLE, "没有开标"
    unwritten = held.filter(record=None).exists()
    return verdict(not unwritten, "没有开标记录" if unwritten else "开标记录已公布")


def last_evaluation(lot):
    return lot.evaluations.order_by("-round").first()


@answers("RP0602", "ZC0602")
def committee(lot):
    evaluation = last_evaluation(lot)
    if evaluation is None:
        return V.NOT_APPLICABLE, "没有评标"
    seats = evaluation.members.filter(state="accepted")
    total, experts = seats.count(), seats.filter(owner_representative=False).count()

    def act():
        works.COMMITTEE_SIZE.check(total)
        works.COMMITTEE_EXPERT_SHARE.check(experts, base=total)

    return kept(act, f"{total} 人，其中专家 {experts} 人")


@answers("RP0806", "ZC0806")
def reasons(lot):
    evaluation = last_evaluation(lot)
    bare = evaluation.rejections.filter(reason="").count() if evaluation else 0
    return verdict(not bare, f"{bare} 件没有理由" if bare else "否决的都写明了理由")


def last_publicity(lot):
    return lot.publicities.filter(void_at=None).order_by("-since").first()


@answers("RP0901")
def shown_in_time(lot):
    publicity = last_publicity(lot)
    if publicity is None or publicity.notice_id is None or publicity.evaluation.finished_at is None:
        return V.NOT_APPLICABLE, "没有公示"
    return kept(lambda: works.CANDIDATES_DUE.check(publicity.evaluation.finished_at, publicity.since, subject="公示"), "在期限内公示")


@answers("RP0902")
def shown_long_enough(lot):
    publicity = last_publicity(lot)
    if publicity is None or publicity.notice_id is None:
        return V.NOT_APPLICABLE, "没有公示"
    return kept(lambda: works.CANDIDATES_SHOWN.check(publicity.since, publicity.until, subject="公示截止"), "公示期符合要求")


def standing_award(lot):
    return lot.awards.filter(void_at=None).select_related("candidate__result__bid", "candidate__publicity", "contract").first()


@answers("RP0904")
def in_order(lot):
    award = standing_award(lot)
    if award is None:
        return V.NOT_APPLICABLE, "没有定标"
    skipped = award.candidate.publicity.candidates.filter(rank__lt=award.candidate.rank, passed_over_at=None).count()
    return verdict(not skipped, "跳过了排名在前的候选人" if skipped else f"中标人排名第 {award.candidate.rank}")


@answers("RP0906", "ZC0906")
def not_stopped(lot):
    award = standing_award(lot)
    if award is None:
        return V.NOT_APPLICABLE, "没有定标"
    stopped = lot.suspensions.in_force(award.decided_at).exists()
    return verdict(not stopped, "定标时招标活动处于暂停" if stopped else "定标时没有暂停")


@answers("RP0908")
def gave_up(lot):
    publicity = last_publicity(lot)
    if publicity is None:
        return V.NOT_APPLICABLE, "没有公示"
    count = publicity.candidates.filter(passed_over_at__isnull=False).count()
    return verdict(not count, f"{count} 名候选人放弃或被递补" if count else "没有候选人放弃")


def contract_of(lot):
    award = standing_award(lot)
    return (award, getattr(award, "contract", None)) if award else (None, None)


@answers("RP1001")
def signed_in_time(lot):
    award, contract = contract_of(lot)
    if contract is None or award.contract_due_on is None:
        return V.NOT_APPLICABLE, "没有合同"
    return verdict(
        contract.signed_on <= award.contract_due_on, f"{contract.signed_on:%Y-%m-%d} 签订，期限 {award.contract_due_on:%Y-%m-%d}"
    )


@answers("RP1002")
def same_as_bid(lot):
    award, contract = contract_of(lot)
    if contract is None:
        return V.NOT_APPLICABLE, "没有合同"
    bid, price = award.candidate.result.bid, award.candidate.result.price
    pairs = (("价款", contract.amount, price), ("工期", contract.term_days, bid.term_days), ("项目经理", contract.manager, bid.manager))
    differing = [label for label, one, other in pairs if one != other]
    return verdict(not differing, f"{'、'.join(differing)}与投标文件不一致" if differing else "价款、工期、项目经理一致")


@answers("RP1003")
def published(lot):
    _, contract = contract_of(lot)
    if contract is None:
        return V.NOT_APPLICABLE, "没有合同"
    return verdict(contract.notice_id is not None, f"{city_day(contract.filed_at):%Y-%m-%d} 公布" if contract.notice_id else "没有公布")


# What the desk notes on a step that was taken late: points, and the steps that they are about.
LATE = {
    "ZC0905": ("deal_decision", "deal_result", "deal_report"),
    "ZC1001": ("deal_contract", "contract"),
    "ZC1003": ("contract_copy",),
    "ZC1007": ("payment",),
    "TD0901": ("transfer_result",),
    "TD1001": ("transfer_contract",),
    "TD1007": ("first_payment", "full_payment"),
    "CQ1007": ("settlement",),
}


def taken_late(codes):
    def answer(lot):
        """None where none of the steps was taken at the desk: then people look."""
        rows = [row for row in records_of(lot).filter(step__in=codes) if procedure_of(lot.tender).step(row.step).by_form]
        late = dict.fromkeys(procedure_of(lot.tender).step(row.step).label for row in rows if row.overran)
        return verdict(not late, f"{'、'.join(late)}超过法定期限" if late else "在期限内办理") if rows else None

    return answer


for _code, _steps in LATE.items():
    answers(_code)(taken_late(_steps))


# Decisions without which a lot may not go on: points, and the steps that record them.
DECISIONS = {"CR0108": "joint_decision", "CJ0108": "vote", "CJ0112": "township_review", "CJ1011": "account"}


def taken(code):
    def answer(lot):
        step = procedure_of(lot.tender).step(code)
        there = records_of(lot).filter(step=code).exists()
        return verdict(there, f"已形成{step.document}" if there else f"没有{step.document}")

    return answer


for _code, _step in DECISIONS.items():
    answers(_code)(taken(_step))
