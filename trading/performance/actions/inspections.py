"""标后检查 and 飞检: checks on the site, planned, unannounced or joint, with findings that are put right and checked again."""

import hashlib
from datetime import timedelta

from django.db import transaction

from accounts.models import Organisation
from ledger.acts import record
from ledger.canonical import b64u
from ledger.models import LedgerCheckpoint
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused
from trading.awards.models import Contract
from trading.awards.sides import SUPERVISOR, WINNER, require_side
from trading.performance.actions.holding import about, held, require_running, require_state, require_text, tell_regulator, tell_winner
from trading.performance.events import FindingMoved, InspectionMoved
from trading.performance.models import Custody, Finding, SiteInspection

# A site visited lately is not picked again at once.
REST = timedelta(days=30)


def plan(contract, kind, planned_at, *, by, at, units="", pick=None):
    year = city_day(at).year
    row = SiteInspection.objects.create(
        number=f"JC{year}-{next_number('inspection', year):04d}",
        contract=contract,
        kind=kind,
        planned_at=planned_at,
        units=units,
        pick=pick or {},
        by=by,
    )
    record(
        InspectionMoved(
            **about(contract.lot), number=row.number, move="planned", seed=row.pick.get("root", ""), choices=row.pick.get("choices", 0)
        ),
        by=by, role="supervisor",
    )  # fmt: skip
    return row


@transaction.atomic
def plan_inspection(contract, *, kind, planned_at, units, by, at):
    """The regulator plans a check of one site; the contractor is not told of an unannounced one."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    require_running(contract)
    if planned_at < at - timedelta(days=1):
        raise Refused("in_the_past", "计划检查时间不能早于现在。", field="planned_at")
    if kind == SiteInspection.Kind.JOINT:
        require_text(units, "units", "参加联合检查的单位")
    row = plan(contract, kind, planned_at, by=by, at=at, units=units)
    if kind == SiteInspection.Kind.PLANNED:
        tell_winner(contract, "标后检查安排", f"{row.number}，{city_day(planned_at):%Y-%m-%d}。", key=f"inspection/{row.pk}")
    return row


def rank_of(root: bytes, contract) -> bytes:
    """A contract's place in the line that the root draws up: anybody can compute it again."""
    return hashlib.sha256(root + contract.notice.number.encode()).digest()


@transaction.atomic
def pick_flight_inspection(*, by, at):
    """飞检: the site is picked by chance, computed from the newest signed root of the ledger, so that nobody chooses it."""
    regulator = regulator_of(by)
    checkpoint = LedgerCheckpoint.objects.order_by("-size").first()
    if checkpoint is None:
        raise Refused("no_root", "账本尚无检查点，稍后再试。", status=503)
    running = (
        Contract.objects.filter(award__lot__tender__project__regulator=regulator)
        .exclude(acceptances__state="passed")
        .exclude(inspections__planned_at__gt=at - REST)
        .select_related("notice", "award__lot__tender")
    )
    choices = list(running)
    if not choices:
        raise Refused("nobody_to_visit", "没有可抽取的在建合同：都已验收，或三十日内已经检查过。")
    root = hashlib.sha256(checkpoint.note.encode()).digest()
    picked = min(choices, key=lambda each: rank_of(root, each))
    return plan(
        picked, SiteInspection.Kind.FLIGHT, at, by=by, at=at, pick={"root": b64u(root), "size": checkpoint.size, "choices": len(choices)}
    )


def regulator_of(by):
    found = by.organisations().of_kind(Organisation.Kind.REGULATOR).active().first()
    if found is None:
        raise Forbidden("not_a_regulator", "只有行政监督部门可以抽取飞行检查。")
    return found


@transaction.atomic
def hold_inspection(inspection, *, inspectors, text, absent, findings, photo, by, at):
    """Write down what was seen: `absent` are custodies, `findings` are (problem, suggestion, due day)."""
    contract = held(inspection.contract)
    require_side(by, contract.award, SUPERVISOR)
    row = SiteInspection.objects.select_for_update().get(pk=inspection.pk)
    if row.held_at is not None:
        raise Refused("held", "这次检查已经登记结果。")
    require_text(text, "text", "检查记录")
    row.held_at, row.inspectors, row.record, row.photo = at, inspectors, text, photo
    row.save(update_fields=["held_at", "inspectors", "record", "photo"])
    row.absent.set(Custody.objects.filter(pk__in=[each.pk for each in absent], lot=contract.lot, released_at=None))
    for problem, suggestion, due_on in findings:
        if due_on <= city_day(at):
            raise Refused("due_on", "整改期限应在今天之后。", field="due_on")
        Finding.objects.create(inspection=row, problem=problem, suggestion=suggestion, due_on=due_on)
    if findings:
        tell_winner(contract, "责令整改", f"{row.number}：{len(findings)} 个问题，请按期整改并报告。", key=f"rectify/{row.pk}")
    record(InspectionMoved(**about(contract.lot), number=row.number, move="held", seed="", choices=len(findings)), by=by, role="supervisor")
    return row


@transaction.atomic
def report_rectified(contract, finding, *, reply, proof, by, at):
    """The contractor says how a problem was put right."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    row = held_finding(contract, finding)
    require_state(row, Finding.State.ORDERED)
    require_text(reply, "reply", "整改情况")
    row.state, row.reply, row.proof, row.replied_at = Finding.State.REPORTED, reply, proof, at
    row.save(update_fields=["state", "reply", "proof", "replied_at"])
    tell_regulator(contract.lot, "整改报告待复查", reply, key=f"finding/{row.pk}/{row.replied_at:%s}")
    record(FindingMoved(**about(contract.lot), inspection=row.inspection.number, state=row.state), by=by, role="bidder")


def held_finding(contract, finding):
    return Finding.objects.select_for_update(of=["self"]).select_related("inspection").get(pk=finding.pk, inspection__contract=contract)


@transaction.atomic
def recheck_finding(contract, finding, *, passed, recheck, due_on=None, by, at):
    """The regulator checks again: closed, or ordered anew with a new day."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    row = held_finding(contract, finding)
    require_state(row, Finding.State.REPORTED)
    require_text(recheck, "recheck", "复查意见")
    if not passed and (due_on is None or due_on <= city_day(at)):
        raise Refused("due_on", "复查不合格的，请填写新的整改期限。", field="due_on")
    row.recheck, row.rechecked_at = recheck, at
    row.state, row.due_on = (Finding.State.CLOSED, row.due_on) if passed else (Finding.State.ORDERED, due_on)
    row.save(update_fields=["recheck", "rechecked_at", "state", "due_on"])
    tell_winner(contract, "整改复查" + ("合格" if passed else "不合格，请继续整改"), recheck, key=f"recheck/{row.pk}/{at:%s}")
    record(FindingMoved(**about(contract.lot), inspection=row.inspection.number, state=row.state), by=by, role="supervisor")
