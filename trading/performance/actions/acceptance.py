"""验收 and what follows from it: certificates and bond are released, the result is public, both sides rate each other."""

from decimal import Decimal

from django.db import transaction

from credit.actions import report_conduct
from credit.models import CreditEntry, CreditRule
from disclosure.models import Notice
from documents.actions import request_document
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import city_day
from rulebook.refusals import Refused
from trading.awards.sides import SUPERVISOR, TENDEREE, WINNER, require_side
from trading.performance.actions.bonds import release_bond
from trading.performance.actions.changes import effect_of
from trading.performance.actions.custody import release_all
from trading.performance.actions.holding import (
    about,
    held,
    is_accepted,
    require_state,
    require_text,
    tell_desk,
    tell_regulator,
    tell_winner,
)
from trading.performance.events import AcceptanceMoved, PerformanceRated
from trading.performance.models import Acceptance, Custody, Finding, PerformanceRating
from trading.performance.rules import ACCEPTANCE_FIRST, GOOD_CONDUCT, GOOD_RATING, RATING, local
from trading.procedures.reaching import reach
from trading.tenders.notices import notice_of


@transaction.atomic
def apply_for_acceptance(contract, *, statement, finished_on, proof, by, at):
    """The winner has done its part and asks to be accepted."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_text(statement, "statement", "完成情况")
    if contract.acceptances.exclude(state=Acceptance.State.FAILED).exists():
        raise Refused("asked", "验收申请已经提出。")
    if not contract.signed_on <= finished_on <= city_day(at):
        raise Refused("finished_on", "完工日期应在合同签订之后、今天之前。", field="finished_on")
    row = Acceptance.objects.create(
        contract=contract,
        round=contract.acceptances.count() + 1,
        statement=statement,
        finished_on=finished_on,
        proof=proof,
        asked_by=by,
        asked_at=at,
    )
    tell_desk(contract, "申请验收", statement, key=f"acceptance/{row.pk}")
    enter(contract, row, by)
    return row


def enter(contract, row, by):
    record(AcceptanceMoved(**about(contract.lot), round=row.round, state=row.state), by=by)


def held_acceptance(contract):
    row = Acceptance.objects.select_for_update(of=["self"]).filter(contract=contract).exclude(state=Acceptance.State.FAILED).first()
    if row is None:
        raise Refused("not_asked", "中标人尚未申请验收。")
    return row


@transaction.atomic
def hold_acceptance(contract, *, result, panel, opinion, defects="", rectify_by=None, settlement=None, by, at):
    """The tenderee's panel accepts, finds defects to be put right by a day, or does not accept.

    `panel` are [name, unit] pairs; `settlement` is the settled sum in yuan, the changed price if none is given.
    """
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = held_acceptance(contract)
    require_state(row, Acceptance.State.ASKED, Acceptance.State.RECTIFIED)
    require_text(opinion, "opinion", "验收意见")
    if not panel:
        raise Refused("no_panel", "请填写验收组成员。", field="panel")
    again = row.state == Acceptance.State.RECTIFIED
    row.panel, row.opinion, row.decided_by, row.decided_at = panel, opinion, by, at
    if result == Acceptance.State.DEFECTS:
        require_text(defects, "defects", "缺陷")
        if rectify_by is None or rectify_by <= city_day(at):
            raise Refused("rectify_by", "请填写今天之后的整改期限。", field="rectify_by")
        row.state, row.defects, row.rectify_by = Acceptance.State.DEFECTS, defects, rectify_by
    elif result == Acceptance.State.FAILED:
        row.state = Acceptance.State.FAILED
    else:
        row.settlement = effect_of(contract)[0] if settlement is None else settlement
        row.first_time = not again and row.round == 1
        pass_acceptance(contract, row, by, at)
    row.save()
    if row.state != Acceptance.State.PASSED:
        tell_winner(contract, row.get_state_display(), opinion, key=f"acceptance-{row.state}/{row.pk}/{at:%s}")
    enter(contract, row, by)
    return row


def pass_acceptance(contract, row, by, at):
    """Accepted: open orders to rectify stand in the way; then everything that was held is released."""
    if Finding.objects.filter(inspection__contract=contract).exclude(state=Finding.State.CLOSED).exists():
        raise Refused(
            "findings_open", "标后检查发现的问题尚未全部整改合格，不能通过验收。", next_step="请完成整改并经监督部门复查。",
            rule=f"{ACCEPTANCE_FIRST.source}：{ACCEPTANCE_FIRST.says}",
        )  # fmt: skip
    row.state = Acceptance.State.PASSED
    lot, project = contract.lot, contract.lot.tender.project
    release_all(lot, Custody.Release.ACCEPTED, by=by, at=at)
    release_bond(contract, by=by, at=at)
    price, term = effect_of(contract)
    row.document = request_document(
        "acceptance_report", subject=lot.tender.stream, title=f"{lot.tender.name}{lot.name}验收书", by=by, at=at,
        readers=[each for each in (contract.winner, project.owner, project.agency, project.regulator) if each is not None],
        context={
            "tender": lot.tender.name, "lot": lot.name, "contract": contract.number, "contractor": contract.winner.name, "owner": project.owner.name,
            "panel": row.panel, "result": row.get_state_display(), "opinion": row.opinion, "finished_on": row.finished_on.isoformat(),
            "held_on": city_day(at).isoformat(), "price": money(price), "settlement": money(row.settlement), "statement": row.statement,
            "defects": row.defects, "rectification": row.rectification,
        },
    )  # fmt: skip
    row.notice = notice_of(
        lot.tender, Notice.Kind.PERFORMANCE, title=f"{lot.tender.name}{lot.name}履约与验收信息", lot=lot, by=by, at=at, amount=row.settlement,
        context={"contract": contract, "lot": lot, "acceptance": row, "price": price, "term": term},
        facts=[
            ("合同编号", contract.number), ("中标人", contract.winner.name), ("完工日期", row.finished_on.isoformat()), ("验收结果", row.get_state_display()),
            ("结算金额", f"{row.settlement:,.2f} 元"), ("变更后合同价款", f"{price:,.2f} 元"),
        ],
    )  # fmt: skip
    reach(lot.tender, "accepted", at=at, lot=lot)
    for tell in (tell_winner, tell_desk):
        tell(contract, "验收合格", "关键人员证书锁定已解除，履约保证金已转入退还。", key=f"accepted/{row.pk}")
    tell_regulator(lot, "验收合格", row.opinion, key=f"accepted/{row.pk}")


@transaction.atomic
def report_defects_mended(contract, *, rectification, by, at):
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    row = held_acceptance(contract)
    require_state(row, Acceptance.State.DEFECTS)
    require_text(rectification, "rectification", "整改情况")
    row.state, row.rectification = Acceptance.State.RECTIFIED, rectification
    row.save(update_fields=["state", "rectification"])
    tell_desk(contract, "缺陷已整改，请复验", rectification, key=f"mended/{row.pk}/{at:%s}")
    enter(contract, row, by)


@transaction.atomic
def rate_performance(contract, side, marks, *, remark, by, at):
    """After acceptance: a side's marks for the other, each within its item's points."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE if side == PerformanceRating.Side.TENDEREE else WINNER)
    if not is_accepted(contract):
        raise Refused("not_accepted", "验收合格之后才能评价。")
    if PerformanceRating.objects.filter(contract=contract, side=side).exists():
        raise Refused("rated", "已经评价过了。")
    for item in RATING[side]:
        if not 0 <= marks[item.name] <= item.most:
            raise Refused("marks", f"{item.label}应在 0 至 {item.most} 分之间。", field=item.name)
    total = sum((Decimal(marks[item.name]) for item in RATING[side]), start=Decimal(0))
    row = PerformanceRating.objects.create(
        contract=contract, side=side, marks={name: str(value) for name, value in marks.items()}, total=total, remark=remark, by=by, at=at
    )
    record(PerformanceRated(**about(contract.lot), side=side, total=str(total)), by=by)
    return row


def was_in_time(contract, row):
    """Whether the works were finished inside the changed term, counted from the planned start or the signing."""
    draft = getattr(contract.award, "draft", None)
    start = draft.starts_on if draft and draft.starts_on else contract.signed_on
    return (row.finished_on - start).days <= effect_of(contract)[1]


def earns_good_conduct(contract, on):
    """Whether acceptance at the first time, in time, and the tenderee's rating let the regulator enter good conduct."""
    row = contract.acceptances.filter(state=Acceptance.State.PASSED).first()
    rating = contract.ratings.filter(side=PerformanceRating.Side.TENDEREE).first()
    if row is None or rating is None or CreditEntry.objects.filter(decision_number=conduct_number(contract)).exists():
        return False
    return row.first_time and was_in_time(contract, row) and rating.total >= local(GOOD_RATING, on).value


def conduct_number(contract):
    return f"LY-{contract.number}"


@transaction.atomic
def report_good_conduct(contract, *, evidence, by, at):
    """The regulator enters a good performance into the credit record, where a second official checks it."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    rule = CreditRule.objects.filter(code=GOOD_CONDUCT, since__lte=city_day(at), until=None).first()
    if rule is None or not earns_good_conduct(contract, city_day(at)):
        raise Refused("not_earned", "不符合登记良好履约的条件：按期、一次验收合格且履约评价达到标准。")
    lot = contract.lot
    return report_conduct(
        contract.winner, rule, facts=f"{lot.tender.name}{lot.name}按期履约并一次验收合格。", evidence=evidence,
        decision_number=conduct_number(contract), tender_number=lot.tender.number, by=by, at=at,
    )  # fmt: skip
