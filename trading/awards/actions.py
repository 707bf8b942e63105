"""From the ranking to the filed contract; the law says in which order, how long, and who may not be passed by."""

from datetime import datetime, time

from django.db import transaction

from accounts.permissions import require
from credit.queries import is_excluded
from disclosure.models import Notice
from documents.actions import request_document, void_document
from draws.actions import publish_names
from draws.models import Draw
from ledger.acts import record
from ledger.canonical import instant, money
from postbox.actions import tell_members
from rulebook.clock import CITY, city_day
from rulebook.money import capital
from rulebook.refusals import Refused
from trading.awards.events import (
    AwardDecided,
    AwardPublished,
    CandidatePassedOver,
    CandidatesShown,
    ContractFiled,
    PublicityVoided,
    WrittenReportSubmitted,
)
from trading.awards.models import Award, Candidate, CandidatePublicity, Contract, ContractDraft
from trading.awards.rules import contract_rules
from trading.bidding.queries import bidders_of
from trading.evaluation.declared import accepted_declaration
from trading.evaluation.models import Evaluation
from trading.evaluation.publishing import deducted_facts, result_facts
from trading.methods.rules import DECLARATION_PUBLIC
from trading.procedures.reaching import reach
from trading.procedures.records import set_down
from trading.procedures.rules import works
from trading.procedures.versions import procedure_of
from trading.projects.lifecycle import LOT
from trading.projects.models import Category, Lot
from trading.tenders.actions import MANAGE, end_privacy
from trading.tenders.notices import notice_of, shown
from trading.tenders.queries import require_running

NEXT_IN_RANK = "《招标投标法实施条例》第五十五条、第七十四条，《政府采购法实施条例》第四十九条"


def locked(lot, by, at, *, running=True):
    lot = Lot.objects.select_for_update(of=["self"]).select_related("tender__project__owner", "tender__project__agency").get(pk=lot.pk)
    require(by, MANAGE, lot.tender)
    if running:
        require_running(lot, at)
    return lot


def about(lot):
    return {"tender": lot.tender.number, "lot": lot.key}


@transaction.atomic
def publish_candidates(evaluation, *, by, at):
    """Show at most three ranked candidates, with scores and who was rejected and why, for at least three days."""
    lot = locked(evaluation.lot, by, at)
    procedure, day = procedure_of(lot.tender), lot.tender.rules_on
    if procedure.step_of("candidates") is None:
        raise Refused("no_publicity", f"{procedure.name}不公示中标候选人，由{procedure.actor('tenderee')}直接确定中标人。")
    evaluation = Evaluation.objects.get(pk=evaluation.pk)
    if evaluation.state != Evaluation.State.SIGNED:
        raise Refused("not_signed", "评标报告尚未由全体成员签署，不能公示候选人。")
    LOT.apply(lot, "show_candidates")
    lot.save(update_fields=["state"])
    results = list(evaluation.results.filter(aside=False).select_related("bid__bid__bidder")[: works.CANDIDATE_COUNT.maximum])
    until = procedure.period_of("candidates", "candidate_publicity_end", day).ends_at(at)
    end_privacy(lot.tender, by=by)
    notice = notice_of(
        lot.tender, Notice.Kind.CANDIDATES, title=f"{lot.tender.name}{lot.name}中标候选人公示", lot=lot, by=by, at=at, due_at=until,
        context={
            "lot": lot, "results": results, "until": until, "objection": works.RESULT_OBJECTION_REPLY,
            "rejections": evaluation.rejections.select_related("bid__bid__bidder"),
        },
        facts=[("标段", lot.name), ("公示开始", shown(at)), ("公示截止", shown(until)),
               *((f"第 {row.rank} 名", f"{row.bid.bidder.name}，{row.price_said}，{row.said}") for row in results),
               *result_facts(evaluation, results)],
    )  # fmt: skip
    publicity = CandidatePublicity.objects.create(lot=lot, evaluation=evaluation, notice=notice, since=at, until=until)
    for row in results:
        Candidate.objects.create(publicity=publicity, result=row, rank=row.rank)
    set_down(lot, "candidates", by=by, at=at, notice=notice)
    for bidder in bidders_of(lot):
        tell_members(
            bidder, f"中标候选人公示：{lot.tender.name}", f"对评标结果有异议的，请在 {shown(until)} 前提出。",
            link=f"/notices/{notice.number}/", key=f"candidates/{publicity.pk}",
        )  # fmt: skip
    happened(lot, publicity, "candidates_published", at=at)
    happened(lot, publicity, "candidate_publicity_end", at=until)
    record(CandidatesShown(**about(lot), notice=notice.number, until=instant(until)), by=by)
    return publicity


def happened(lot, publicity, name, *, at):
    """Set down a step of the award that follows from one evaluation: another evaluation, or another winner, has steps of its own."""
    given_up = Award.objects.filter(candidate__publicity=publicity, void_at__isnull=False).count()
    reference = f"{publicity.evaluation.round}/{given_up + 1}" if given_up else str(publicity.evaluation.round)
    reach(lot.tender, name, at=at, lot=lot, reference=reference)


def recommended(lot, procedure, at):
    """The committee's candidates where the procedure shows none in public: the owner decides on the signed report."""
    evaluation = lot.evaluations.filter(state=Evaluation.State.SIGNED).order_by("-round").first()
    if evaluation is None or lot.state != Lot.State.EVALUATED or procedure.step_of("candidates") is not None:
        return None
    publicity, _ = CandidatePublicity.objects.get_or_create(lot=lot, evaluation=evaluation, defaults={"since": at, "until": at})
    for row in evaluation.results.filter(aside=False)[: works.CANDIDATE_COUNT.maximum]:
        Candidate.objects.get_or_create(publicity=publicity, result=row, defaults={"rank": row.rank})
    return publicity


def current_award(lot):
    rows = Award.objects.filter(lot=lot, void_at=None)
    return rows.select_related("lot__tender__project__owner", "candidate__result__bid__bid__bidder", "award_notice").first()


def current_publicity(lot):
    return CandidatePublicity.objects.filter(lot=lot, void_at=None).order_by("-since").first()


@transaction.atomic
def void_publicity(publicity, *, reason, by, at):
    """An upheld objection or a regulator's decision takes the result, and an award made on it, away.

    The caller answers for the right to.
    """
    publicity = CandidatePublicity.objects.select_for_update(of=["self"]).select_related("lot__tender").get(pk=publicity.pk)
    if publicity.void_at is not None:
        raise Refused("void", "这次公示已经撤销。")
    publicity.void_at, publicity.void_reason = at, reason
    publicity.save(update_fields=["void_at", "void_reason"])
    for award in Award.objects.filter(candidate__publicity=publicity, void_at=None).select_related("award_notice"):
        void_award(award, reason=reason, by=by, at=at)
    record(PublicityVoided(**about(publicity.lot), reason=reason[:500]), by=by)


def next_candidate(publicity):
    """Who the law says is next: the first in rank that was not passed over."""
    return publicity.candidates.filter(passed_over_at=None).select_related("result__bid__bid__bidder").first()


def first_of(lot, publicity):
    """The candidate who has won, or who would win next."""
    award = current_award(lot)
    return award.candidate if award else next_candidate(publicity)


@transaction.atomic
def pass_over_first(lot, *, reason, by, at):
    """Whoever stands first gives up, cannot perform or, having won, signs no contract: the next in rank may follow.

    An award that was made is void, its notice too; the public is told where it knew. The reason stays on record
    (条例第五十五条、第七十四条；政府采购法实施条例第四十九条).
    """
    lot = locked(lot, by, at)
    direct = procedure_of(lot.tender).step_of("candidates") is None
    publicity = current_publicity(lot) or recommended(lot, procedure_of(lot.tender), at)
    candidate = first_of(lot, publicity) if publicity else None
    if candidate is None or lot.state not in (
        Lot.State.CANDIDATES_PUBLIC,
        Lot.State.EVALUATED,
        Lot.State.AWARD_DECIDED,
        Lot.State.RESULT_PUBLIC,
    ):
        raise Refused("nobody_first", f"标段当前为“{lot.get_state_display()}”，没有可以递补的候选人。", rule=NEXT_IN_RANK)
    if not reason.strip():
        raise Refused("no_reason", "请写明放弃或不能履约的理由。", field="reason", rule=NEXT_IN_RANK)
    candidate.passed_over_at, candidate.passed_over_reason = at, reason
    candidate.save(update_fields=["passed_over_at", "passed_over_reason"])
    if award := current_award(lot):
        if ContractDraft.objects.filter(award=award, state=ContractDraft.State.SIGNED).exists():
            raise Refused("signed", "双方已经签订合同，不能再由下一名递补。", next_step="请备案合同；需要解除的，依合同约定办理。")
        LOT.apply(lot, "undo_direct_award" if direct else "undo_award")
        lot.save(update_fields=["state"])
        void_award(award, reason=reason, by=by, at=at)
    record(CandidatePassedOver(**about(lot), rank=candidate.rank, reason=reason[:500]), by=by)
    return candidate


def void_award(award, *, reason, by, at):
    """An award counts no more: its notice is void, and where the result was public, so is that."""
    award.void_at = at
    award.save(update_fields=["void_at"])
    if award.award_notice is not None:
        void_document(award.award_notice, reason=reason, by=by, at=at)
    lot, bidder = award.lot, award.candidate.result.bid.bidder
    tell_members(
        bidder, f"中标资格已取消：{lot.tender.name}", reason[:500], link=f"/tenders/{lot.tender.number}/", key=f"award-void/{award.pk}"
    )
    if award.published_at is not None:
        notice_of(
            lot.tender, Notice.Kind.RESULT, title=f"{lot.tender.name}{lot.name}中标结果撤销公告", lot=lot, by=by, at=at,
            template="GC_WIN_VOID", context={"lot": lot, "bidder": bidder, "reason": reason},
            facts=[("标段", lot.name), ("原中标人", bidder.name), ("撤销时间", shown(at))],
        )  # fmt: skip


@transaction.atomic
def decide_award(lot, *, by, at):
    """Fix the winner: the first candidate, after the publicity has ended and while nothing stops the lot."""
    lot = locked(lot, by, at)
    procedure = procedure_of(lot.tender)
    publicity = current_publicity(lot) or recommended(lot, procedure, at)
    if publicity is None:
        raise Refused("no_candidates", "没有有效的中标候选人公示。")
    if publicity.notice_id and at <= publicity.until:
        shown_for = procedure.period_of("candidates", "candidate_publicity_end", lot.tender.rules_on)
        raise Refused(
            "publicity_runs", f"公示期到 {shown(publicity.until)} 止，期满后才能定标。",
            rule=f"{shown_for.source}：{shown_for.says}",
        )  # fmt: skip
    candidate = next_candidate(publicity)
    if candidate is None:
        raise Refused(
            "nobody_left", "全部候选人均已放弃或不能履约。", next_step="请依法重新招标。", rule="《招标投标法实施条例》第五十五条"
        )
    winner, bid = candidate.result.bid.bidder, candidate.result.bid
    if is_excluded(winner, lot.tender.project.category, city_day(at)):
        raise Refused("excluded", f"“{winner.name}”处于禁止参与期内，不能中标。", next_step="请登记理由后按排名处理下一名。", status=403)
    LOT.apply(lot, "decide_award")
    lot.save(update_fields=["state"])
    due = procedure.period_of("award", "contract_signed", lot.tender.rules_on).due_on(city_day(at))
    project = lot.tender.project
    document = request_document(
        "award_notice", subject=lot.tender.stream, title=f"{lot.tender.name}{lot.name}中标通知书", by=by, at=at,
        readers=[row for row in (winner, project.owner, project.agency, project.regulator) if row is not None],
        context={
            "tender": lot.tender.name, "lot": lot.name, "winner": winner.name, "owner": project.owner.name, "amount": money(candidate.result.price),
            "capital": capital(candidate.result.price), "term_days": bid.term_days, "quality": bid.quality, "manager": bid.manager,
            "contract_due": due.isoformat(),
        },
    )  # fmt: skip
    award = Award.objects.create(lot=lot, candidate=candidate, decided_at=at, decided_by=by, award_notice=document, contract_due_on=due)
    tell_members(winner, f"中标通知书：{lot.tender.name}", link=f"/documents/{document.check_code}.pdf", key=f"award/{award.pk}")
    happened(lot, publicity, "winner_decided", at=at)
    happened(lot, publicity, "award_notice_sent", at=at)
    set_down(lot, "award", by=by, at=at, document=document)
    record(AwardDecided(**about(lot), winner=winner.uscc, amount=money(candidate.result.price)), by=by)
    return award


@transaction.atomic
def publish_result(award, *, by, at):
    """Tell the public and every loser who won, at what price."""
    lot = locked(award.lot, by, at)
    LOT.apply(lot, "publish_result")
    lot.save(update_fields=["state"])
    result = award.candidate.result
    bid, declaration = result.bid, accepted_declaration(result.evaluation, result.bid.bidder)
    end_privacy(lot.tender, by=by)
    award.result_notice = notice_of(
        lot.tender, Notice.Kind.RESULT, title=f"{lot.tender.name}{lot.name}中标结果公告", lot=lot, by=by, at=at, amount=result.price,
        context={"lot": lot, "bid": bid, "result": result, "declaration": declaration, "rule": DECLARATION_PUBLIC},
        facts=[("标段", lot.name), ("中标人", bid.bidder.name), ("中标价", f"{result.price:,.2f} 元"),
               *([("报价", result.price_said)] if result.is_corrected else []),
               ("工期", f"{bid.term_days} 日历天"), ("项目经理", bid.manager),
               *deducted_facts(result),
               *([("中小企业声明函", declaration)] if declaration else [])],
    )  # fmt: skip
    award.published_at = at
    award.save(update_fields=["result_notice", "published_at"])
    set_down(lot, "result", by=by, at=at, notice=award.result_notice)
    for bidder in bidders_of(lot).exclude(pk=bid.bidder.pk):
        tell_members(
            bidder, f"招标结果通知：{lot.tender.name}", f"中标人为{bid.bidder.name}。", link=f"/notices/{award.result_notice.number}/",
            key=f"result/{award.pk}",
        )  # fmt: skip
    happened(lot, award.candidate.publicity, "result_published", at=at)
    record(AwardPublished(**about(lot), notice=award.result_notice.number, winner=bid.bidder.uscc), by=by)
    # The committee's names are secret until the result is public (招标投标法 art. 37).
    for evaluation in lot.evaluations.filter(draw__state=Draw.State.RESULT).order_by("round"):
        publish_names(evaluation.draw, by=by, at=at)
    return award


def deviations(award, facts):
    """The main terms in which the facts depart from the winner's bid: (field, label) each."""
    bid = award.candidate.result.bid
    promised = {
        "amount": ("合同金额", award.candidate.result.price), "term_days": ("工期", bid.term_days), "manager": ("项目经理", bid.manager),
        "quality": ("质量标准", bid.quality or award.lot.quality),
    }  # fmt: skip
    return [(field, label) for field, (label, value) in promised.items() if facts[field] != value]


def require_agreement(differs):
    if differs:
        raise Refused(
            "differs_from_bid", f"{'、'.join(label for _, label in differs)}与中标人的投标文件不一致，不能订立或者备案。",
            rule="《招标投标法》第四十六条、《招标投标法实施条例》第五十七条：合同的标的、价款、质量、履行期限等主要条款应当与招标文件和中标人的投标文件的内容一致",
            next_step="请按投标文件核对；确因法定事由变更的，签订后另行登记变更。", field=differs[0][0] if len(differs) == 1 else "",
        )  # fmt: skip


@transaction.atomic
def file_contract(award, data, file, *, by, at):
    """File a contract that was signed on paper. What differs from tender and bid in substance is refused (条例第五十七条)."""
    lot = locked(award.lot, by, at)
    if ContractDraft.objects.filter(award=award).exclude(state=ContractDraft.State.WRITING).exists():
        raise Refused("signing_online", "合同正在平台上订立，不能再上传另一份。", next_step="请在合同页面完成确认和备案。")
    require_agreement(deviations(award, data))
    if not city_day(award.decided_at) <= data["signed_on"] <= city_day(at):
        raise Refused("signed_on", "签订日期应在发出中标通知书之后、今天之前。", field="signed_on")
    signed_at = datetime.combine(data["signed_on"], time(), tzinfo=CITY)
    happened(lot, award.candidate.publicity, "contract_signed", at=signed_at)
    return enter_contract(award, lot, data, file=file, by=by, at=at)


def enter_contract(award, lot, facts, *, by, at, file=None, document=None):
    """The concluded contract enters the register: filed with the regulator, its key facts public."""
    LOT.apply(lot, "file_contract")
    lot.save(update_fields=["state"])
    project, bid, rules = lot.tender.project, award.candidate.result.bid, contract_rules(lot.tender.project.category)
    contract = Contract(award=award, **facts, file=file, document=document, filed_at=at, filed_by=by)
    late = facts["signed_on"] > award.contract_due_on
    kind = Notice.Kind.PROCUREMENT_CONTRACT if project.category == Category.PROCUREMENT else Notice.Kind.CONTRACT
    contract.notice = notice_of(
        lot.tender, kind, title=f"{lot.tender.name}{lot.name}{kind.label}", lot=lot, by=by, at=at, amount=contract.amount,
        context={"contract": contract, "lot": lot, "bid": bid, "late": late, "rules": rules},
        facts=[
            ("合同编号", contract.number), ("中标人", bid.bidder.name), ("合同金额", f"{contract.amount:,.2f} 元"), ("工期", f"{contract.term_days} 日历天"),
            ("质量标准", contract.quality), ("项目经理", contract.manager), ("签订日期", contract.signed_on.isoformat()),
            ("签订时限", f"{award.contract_due_on.isoformat()}{'（已逾期）' if late else ''}"),
        ],
    )  # fmt: skip
    contract.save()
    happened(lot, award.candidate.publicity, "contract_published", at=at)
    happened(lot, award.candidate.publicity, "contract_copy_filed", at=at)
    if project.regulator is not None:
        tell_members(
            project.regulator, f"合同备案：{lot.tender.name}{lot.name}", link=f"/work/contracts/{lot.tender.number}/{lot.no}/",
            key=f"contract-filed/{contract.pk}",
        )  # fmt: skip
    set_down(lot, "contract", by=by, at=at, notice=contract.notice)
    record(ContractFiled(**about(lot), notice=contract.notice.number, amount=money(contract.amount)), by=by)
    return contract


@transaction.atomic
def submit_written_report(award, file, *, by, at):
    """The tenderee's written report on the tendering goes to the regulator (招标投标法 art. 47).

    The one way in: clock, step and archive all follow from it.
    """
    lot = locked(award.lot, by, at, running=False)
    award = Award.objects.select_for_update(of=["self"]).get(pk=award.pk)
    if procedure_of(lot.tender).step_of("report") is None:
        raise Refused("no_report", "这种交易方式不需要提交书面报告。", rule="《招标投标法》第四十七条", status=404)
    if award.report is not None:
        raise Refused("reported", "书面报告已经提交。")
    award.report, award.reported_at = file, at
    award.save(update_fields=["report", "reported_at"])
    happened(lot, award.candidate.publicity, "written_report_submitted", at=at)
    set_down(lot, "report", by=by, at=at)
    if lot.tender.project.regulator is not None:
        tell_members(lot.tender.project.regulator, f"招标投标情况书面报告：{lot.tender.name}{lot.name}", key=f"written-report/{award.pk}")
    record(WrittenReportSubmitted(**about(lot), sha256=file.sha256), by=by)
