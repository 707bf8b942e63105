"""Every step that somebody may take on a contract: which side, with which form, and the action it leads to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from documents.actions import store_file
from trading.awards.sides import CENTRE, DESK, SUPERVISOR, TENDEREE, WINNER
from trading.performance import actions, forms
from trading.performance.models import (
    BondClaim,
    ContractChange,
    Custody,
    CustodyConflict,
    Deduction,
    Finding,
    PaymentRequest,
    Replacement,
    SiteCheckIn,
    SiteInspection,
)


@dataclass(frozen=True)
class Step:
    """`do(contract, target, data, by=…, at=…)` carries it out; `of` says how the row it is about hangs on the contract."""

    label: str
    sides: tuple[str, ...]
    form: Callable[..., Any]
    do: Callable[..., Any]
    done: str
    model: Any = None
    of: str = "contract"

    def target_of(self, contract, pk):
        """The row the step is about: one of this contract, or None where the step is about the contract itself."""
        if self.model is None:
            return None
        owner = {"contract": contract, "lot": contract.lot, "custody": contract.lot, "bond": contract, "inspection": contract}[self.of]
        key = {"custody": "custody__lot", "bond": "bond__contract", "inspection": "inspection__contract"}.get(self.of, self.of)
        return self.model.objects.filter(**{key: owner}, pk=pk).first() if str(pk).isdigit() else None


def on_contract(action, *names, **fixed):
    """An action about the contract, given these fields of the form by name."""
    return lambda contract, target, data, **who: action(contract, **{name: data[name] for name in names}, **fixed, **who)


def on_row(action, *names, **fixed):
    """An action about one row of the contract."""
    return lambda contract, target, data, **who: action(contract, target, **{name: data[name] for name in names}, **fixed, **who)


def yes(data, name):
    return data[name] == "1"


def name_member(contract, target, data, **who):
    return actions.name_team_member(contract, data["person"], data["post"], **who)


def propose(contract, target, data, **who):
    return actions.propose_change(contract, data=data, proof=data["proof"], **who)


def put_up(contract, target, data, **who):
    return actions.put_up_bond(contract, data=data, proof=data["proof"], **who)


def sign_in(contract, target, data, **who):
    return actions.check_in(contract, data["custody"], way=data["way"], proof=data["proof"], site=data["site"], **who)


def verify_presence(contract, target, data, **who):
    return actions.check_in(contract, data["custody"], way=SiteCheckIn.Way.MANUAL, site=data["site"], photo=data["photo"], **who)


def hold(contract, target, data, **who):
    given = {name: data[name] for name in ("inspectors", "text", "absent", "findings", "photo")}
    return actions.hold_inspection(target, **given, **who)


def recheck(contract, target, data, **who):
    return actions.recheck_finding(contract, target, passed=yes(data, "passed"), recheck=data["recheck"], due_on=data["due_on"], **who)


def deduct_month(contract, target, data, **who):
    return actions.issue_monthly_deduction(contract, data["month"], **who)


def decide_deduction(contract, target, data, **who):
    return actions.decide_deduction(contract, target, confirmed=yes(data, "confirmed"), decision=data["decision"], **who)


def decide_claim(contract, target, data, **who):
    return actions.decide_claim(contract, target, upheld=yes(data, "upheld"), decision=data["decision"], **who)


def ask_payment(contract, target, data, **who):
    given = {name: data[name] for name in ("progress", "delivered_on", "amount", "proof")}
    return actions.request_payment(contract, milestone=data.get("milestone"), **given, **who)


def rate(side, contract, target, data, **who):
    marks = {name: value for name, value in data.items() if name != "remark"}
    return actions.rate_performance(contract, side, marks, remark=data["remark"], **who)


STEPS = {
    "name_member": Step("登记关键人员", (WINNER,), forms.TeamForm, name_member, "人员已登记，证书已锁定到本合同。"),
    "ask_replacement": Step(
        "申请更换关键人员", (WINNER,), forms.ReplacementForm, on_row(actions.ask_replacement, "successor", "reason", "proof"), "更换申请已提交招标人。", Custody, "lot"
    ),
    "agree_replacement": Step(
        "同意更换关键人员", (TENDEREE,), forms.NothingForm, on_row(actions.agree_replacement), "已同意，等待监督部门批准。", Replacement, "custody"
    ),
    "approve_replacement": Step(
        "批准更换关键人员", (SUPERVISOR,), forms.DecisionForm, on_row(actions.approve_replacement, "decision"), "已批准，新人员的证书已锁定。", Replacement, "custody"
    ),
    "refuse_replacement": Step(
        "不同意更换关键人员", (TENDEREE, SUPERVISOR), forms.RefusalForm, on_row(actions.refuse_replacement, "decision"), "已退回更换申请。", Replacement, "custody"
    ),
    "settle_conflict": Step(
        "处理关键人员冲突", (SUPERVISOR,), forms.ReasonForm, on_row(actions.settle_conflict, "remark"), "处理情况已登记。", CustodyConflict, "lot"
    ),
    "check_in": Step("到岗签到", (WINNER,), forms.CheckInForm, sign_in, "已签到。"),
    "verify_presence": Step("核实到岗", (SUPERVISOR,), forms.PresenceForm, verify_presence, "已登记到岗。"),
    "ask_bond": Step("要求履约保证金", (DESK,), forms.BondForm, on_contract(actions.ask_bond, "amount", "due_on"), "已通知中标人提交。"),
    "put_up_bond": Step("提交履约保证金", (WINNER,), forms.BondPaperForm, put_up, "已提交，等待交易中心确认。"),
    "confirm_bond": Step("确认履约保证金", (CENTRE,), forms.NothingForm, on_contract(actions.confirm_bond), "已确认。"),
    "claim_bond": Step("主张扣除履约保证金", (TENDEREE,), forms.ClaimForm, on_contract(actions.claim_bond, "amount", "reason"), "已告知中标人，听取陈述后作出决定。"),
    "state_on_claim": Step(
        "就保证金扣除陈述", (WINNER,), forms.StatementForm, on_row(actions.state_on_claim, "statement"), "陈述已提交。", BondClaim, "bond"
    ),
    "decide_claim": Step("决定保证金扣除", (TENDEREE,), forms.ClaimDecisionForm, decide_claim, "决定已送达中标人。", BondClaim, "bond"),
    "propose_change": Step("提出合同变更", (DESK,), forms.ChangeForm, propose, "已提交中标人确认。"),
    "agree_change": Step("确认合同变更", (WINNER,), forms.NothingForm, on_row(actions.agree_change), "已确认。", ContractChange),
    "approve_change": Step(
        "核准合同变更", (SUPERVISOR,), forms.ReasonForm, on_row(actions.approve_change, "remark"), "已核准，变更公告已发布。", ContractChange
    ),
    "refuse_change": Step(
        "不同意合同变更", (WINNER, SUPERVISOR), forms.ReasonForm, on_row(actions.refuse_change, "remark"), "已退回变更。", ContractChange
    ),
    "plan_payment": Step("安排付款节点", (DESK,), forms.PlanForm, on_contract(actions.plan_payment, "title", "amount", "planned_on"), "付款节点已安排。"),
    "request_payment": Step("申请付款", (WINNER,), forms.PaymentForm, ask_payment, "付款申请已提交。"),
    "approve_payment": Step(
        "核定付款", (TENDEREE,), forms.PaymentApprovalForm, on_row(actions.approve_payment, "approved", "remark"), "已核定。", PaymentRequest
    ),
    "return_payment": Step("退回付款申请", (TENDEREE,), forms.ReasonForm, on_row(actions.return_payment, "remark"), "已退回。", PaymentRequest),
    "record_payment": Step("登记支付", (TENDEREE,), forms.PaidForm, on_row(actions.record_payment, "paid_on"), "支付已登记。", PaymentRequest),
    "plan_inspection": Step(
        "安排标后检查", (SUPERVISOR,), forms.InspectionPlanForm, on_contract(actions.plan_inspection, "kind", "planned_at", "units"), "检查已安排。"
    ),
    "hold_inspection": Step("登记检查结果", (SUPERVISOR,), forms.InspectionForm, hold, "检查结果已登记。", SiteInspection),
    "report_rectified": Step(
        "报告整改情况", (WINNER,), forms.RectifiedForm, on_row(actions.report_rectified, "reply", "proof"), "整改报告已提交复查。", Finding, "inspection"
    ),
    "recheck_finding": Step("复查整改", (SUPERVISOR,), forms.RecheckForm, recheck, "复查结论已登记。", Finding, "inspection"),
    "deduct_month": Step("发出月度缺岗扣款通知", (SUPERVISOR,), forms.MonthForm, deduct_month, "扣款通知已送达。"),
    "deduct_inspection": Step(
        "发出检查缺岗扣款通知", (SUPERVISOR,), forms.NothingForm, on_row(actions.issue_inspection_deduction), "扣款通知已送达。", SiteInspection
    ),
    "reply_deduction": Step("对扣款陈述申辩", (WINNER,), forms.ReplyForm, on_row(actions.reply_to_deduction, "reply", "file"), "陈述申辩已提交。", Deduction),
    "decide_deduction": Step("决定缺岗扣款", (SUPERVISOR,), forms.DeductionDecisionForm, decide_deduction, "决定已送达。", Deduction),
    "apply_acceptance": Step(
        "申请验收", (WINNER,), forms.AcceptanceForm, on_contract(actions.apply_for_acceptance, "statement", "finished_on", "proof"), "验收申请已提交招标人。"
    ),
    "hold_acceptance": Step(
        "登记验收结论", (TENDEREE,), forms.AcceptanceResultForm,
        on_contract(actions.hold_acceptance, "result", "panel", "opinion", "defects", "rectify_by", "settlement"), "验收结论已登记。",
    ),
    "report_mended": Step("报告缺陷整改", (WINNER,), forms.MendedForm, on_contract(actions.report_defects_mended, "rectification"), "已提交复验。"),
    "rate_winner": Step("履约评价", (TENDEREE,), partial(forms.RatingForm, side="tenderee"), partial(rate, "tenderee"), "评价已登记。"),
    "rate_tenderee": Step("评价招标人", (WINNER,), partial(forms.RatingForm, side="winner"), partial(rate, "winner"), "评价已登记。"),
    "good_conduct": Step("登记良好履约", (SUPERVISOR,), forms.EvidenceForm, on_contract(actions.report_good_conduct, "evidence"), "已登记，待第二人复核后生效。"),
}  # fmt: skip
# A check-in is no official act: it is done every morning, at a reader.
ACTS = {name: None if name == "check_in" else step.label for name, step in STEPS.items()}


def with_files(data, *, by, organisation, at):
    """The form's data with uploads kept as stored files."""
    kept = {}
    for name, value in data.items():
        upload = hasattr(value, "chunks")
        kept[name] = store_file(value, by=by, organisation=organisation, purpose="performance", at=at) if upload else value
    return kept
