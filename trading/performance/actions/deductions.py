"""缺岗扣款: what absence costs by the city's table, served, heard, decided; a decided one enters the credit record."""

import csv
import hashlib
import io
import uuid
from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from credit.actions import report_conduct
from credit.models import CreditEntry, CreditRule
from documents.actions import request_document
from documents.models import StoredFile
from ledger.acts import record
from ledger.canonical import money
from rulebook.clock import CITY, city_day
from rulebook.money import capital
from rulebook.numbering import next_number
from rulebook.periods import add_months
from rulebook.refusals import Refused
from trading.awards.sides import SUPERVISOR, WINNER, require_side
from trading.performance.actions.holding import about, held, require_state, require_text, tell_desk, tell_winner
from trading.performance.attendance import month_of
from trading.performance.events import DeductionMoved
from trading.performance.models import Deduction, Post
from trading.performance.rules import ABSENCE_CONDUCT, STATEMENT, absence_rule

COLUMNS = ("岗位", "姓名", "应到岗天数", "实际到岗天数", "扣款（元）", "依据")


def line_of(custody, day, *, required=None, present=None):
    """One absent person: what it costs by the rule of the day, and on what basis."""
    rule = absence_rule(custody.post, day)
    return {
        "post": custody.post, "label": custody.get_post_display(), "name": custody.key_person.name, "amount": money(rule.value),
        "required": required, "present": present, "basis": f"{rule.source}：{rule.says} {rule.value:,.0f} 元", "confidence": rule.confidence,
    }  # fmt: skip


@transaction.atomic
def issue_monthly_deduction(contract, month: date, *, by, at):
    """Serve a notice on the month's attendance, once the month is over and somebody was too seldom there."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    month = month.replace(day=1)
    following = add_months(month, 1)
    if city_day(at) < following:
        raise Refused("month_runs", f"{month:%Y 年 %m 月}尚未结束，不能按月扣款。", field="month")
    if contract.deductions.filter(month=month).exists():
        raise Refused("issued", f"{month:%Y 年 %m 月}的扣款通知已经发出。", field="month")
    short = [row for row in month_of(contract, month) if row.missing]
    if not short:
        raise Refused("nobody_absent", f"{month:%Y 年 %m 月}关键人员到岗天数均达到要求。", field="month")
    last = date.fromordinal(following.toordinal() - 1)
    lines = [line_of(row.custody, last, required=row.required, present=row.present) for row in short]
    return serve(contract, lines, month=month, by=by, at=at)


@transaction.atomic
def issue_inspection_deduction(contract, inspection, *, by, at):
    """Serve a notice on those an inspection found absent."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    absent = list(inspection.absent.select_related("key_person"))
    if inspection.contract_id != contract.pk or not absent:
        raise Refused("nobody_absent", "这次检查没有记录缺岗人员。")
    if Deduction.objects.filter(inspection=inspection).exists():
        raise Refused("issued", "这次检查的扣款通知已经发出。")
    return serve(contract, [line_of(row, city_day(inspection.held_at)) for row in absent], inspection=inspection, by=by, at=at)


def serve(contract, lines, *, by, at, month=None, inspection=None):
    lot, year = contract.lot, city_day(at).year
    number = f"KK{year}-{next_number('deduction', year):04d}"
    total = sum(Decimal(line["amount"]) for line in lines)
    until = STATEMENT.due_at(at)
    project = lot.tender.project
    row = Deduction(
        number=number, contract=contract, month=month, inspection=inspection, lines=lines, amount=total, issued_by=by, issued_at=at, reply_until=until,
        evidence=evidence_file(number, lines, by, project.regulator, at),
    )  # fmt: skip
    row.document = request_document(
        "deduction_notice", subject=lot.tender.stream, title=f"{lot.tender.name}{lot.name}缺岗扣款通知书", by=by, at=at,
        readers=[each for each in (contract.winner, project.owner, project.agency, project.regulator) if each is not None],
        context={
            "number": number, "tender": lot.tender.name, "lot": lot.name, "contractor": contract.winner.name, "contract": contract.number, "lines": lines,
            "amount": money(total), "capital": capital(total), "reply_until": until.astimezone(CITY).strftime("%Y-%m-%d"), "regulator": project.regulator.name,
            "ground": f"{month:%Y 年 %m 月}考勤" if month else f"{inspection.held_at.astimezone(CITY):%Y-%m-%d}现场检查（{inspection.number}）",
        },
    )  # fmt: skip
    row.save()
    tell_winner(contract, "缺岗扣款通知", f"扣款 {total:,.2f} 元，可在 {city_day(until):%Y-%m-%d} 前陈述申辩。", key=f"deduction/{row.pk}")
    tell_desk(contract, "缺岗扣款通知", f"扣款 {total:,.2f} 元。", key=f"deduction/{row.pk}")
    record(DeductionMoved(**about(lot), number=number, state=row.state, amount=money(total)), by=by, role="supervisor")
    return row


def evidence_file(number, lines, by, organisation, at):
    """The attendance as it stood, kept as a table beside the notice."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    sheet.writerows([line["label"], line["name"], line["required"], line["present"], line["amount"], line["basis"]] for line in lines)
    data = "\ufeff".encode() + out.getvalue().encode()
    row = StoredFile(
        key=uuid.uuid4(), name=f"{number}考勤明细.csv", size=len(data), sha256=hashlib.sha256(data).hexdigest(), content_type="text/csv",
        purpose="performance", organisation=organisation, uploaded_by=by, created_at=at,
    )  # fmt: skip
    default_storage.save(row.path, ContentFile(data))
    row.save()
    return row


@transaction.atomic
def reply_to_deduction(contract, deduction, *, reply, file=None, by, at):
    """The contractor states its case in the statutory days."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    row = held_deduction(contract, deduction)
    require_state(row, Deduction.State.SERVED)
    require_text(reply, "reply", "陈述申辩")
    if at > row.reply_until:
        STATEMENT.refuse(f"陈述申辩期已于 {city_day(row.reply_until):%Y-%m-%d} 届满。", field="reply")
    row.reply, row.reply_file, row.replied_at = reply, file, at
    row.save(update_fields=["reply", "reply_file", "replied_at"])
    record(DeductionMoved(**about(contract.lot), number=row.number, state="replied", amount=money(row.amount)), by=by, role="bidder")


def held_deduction(contract, deduction):
    return Deduction.objects.select_for_update(of=["self"]).select_related("evidence").get(pk=deduction.pk, contract=contract)


@transaction.atomic
def decide_deduction(contract, deduction, *, confirmed, decision, by, at):
    """The regulator confirms or revokes, after hearing the contractor or letting its time pass.

    A confirmed absence of the head of the works is reported to the credit record, where a second official checks it.
    """
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    row = held_deduction(contract, deduction)
    require_state(row, Deduction.State.SERVED)
    require_text(decision, "decision", "处理意见")
    if not row.reply and at <= row.reply_until:
        raise Refused(
            "statement_open", f"陈述申辩期到 {city_day(row.reply_until):%Y-%m-%d} 止，期满或听取陈述后才能决定。",
            rule=f"{STATEMENT.source}：{STATEMENT.says}",
        )  # fmt: skip
    row.state = Deduction.State.CONFIRMED if confirmed else Deduction.State.REVOKED
    row.decision, row.decided_by, row.decided_at = decision, by, at
    row.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    if confirmed:
        report_absence(contract, row, by=by, at=at)
    tell_winner(contract, f"缺岗扣款{row.get_state_display()}", decision, key=f"deduction-decided/{row.pk}")
    tell_desk(contract, f"缺岗扣款{row.get_state_display()}", decision, key=f"deduction-decided/{row.pk}")
    record(DeductionMoved(**about(contract.lot), number=row.number, state=row.state, amount=money(row.amount)), by=by, role="supervisor")
    return row


def report_absence(contract, row, *, by, at):
    rule = CreditRule.objects.filter(code=ABSENCE_CONDUCT, since__lte=city_day(at), until=None).first()
    if rule is None or all(line["post"] != Post.MANAGER for line in row.lines):
        return
    facts = f"{contract.lot.tender.name}{contract.lot.name}：缺岗扣款通知 {row.number} 已确认，项目经理到岗不符合要求。"
    report_conduct(
        contract.winner,
        rule,
        facts=facts,
        evidence=row.evidence,
        decision_number=row.number,
        tender_number=contract.lot.tender.number,
        by=by,
        at=at,
    )


def conduct_of(deduction):
    """The credit entry that a confirmed deduction led to, or None."""
    return CreditEntry.objects.filter(decision_number=deduction.number).first()
