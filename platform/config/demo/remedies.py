"""What bidders protest against in the demo city, and what comes of it."""

from config.demo.days import workday
from rulebook.clock import database_now
from supervision.remedies import actions
from supervision.remedies.models import Complaint, Objection

FACTS = "公示的第一名项目负责人疑有其他在建工程，不符合招标文件“项目负责人”一项的资格要求。"
CLAIM = "请求核实并依法处理。"


def object_to_document(life):
    bidder = life.bidders[-1]
    return actions.file_objection(
        life.lot, bidder, matter=Objection.Matter.DOCUMENT, facts="合同专用条款约定的计量周期与通用条款不一致。", claim="请求修改。", evidence=None,
        by=bidder.handler, at=database_now(),
    )  # fmt: skip


def dispute(life, day):
    """Objection, answer, complaint, decision, as far as the goal says; the lot goes on where nobody objects."""
    goal, bidder = life.goal, life.bidders[1]
    if goal not in ("objected", "answered", "complained", "complaint_accepted", "complaint_dismissed", "reevaluating"):
        return False
    yield life.on(day, 15)
    proof = life.city.file("证据材料", by=bidder.handler, organisation=bidder, purpose="remedy")
    objection = actions.file_objection(
        life.lot, bidder, matter=Objection.Matter.RESULT, facts=FACTS, claim=CLAIM, evidence=proof, by=bidder.handler, at=database_now()
    )
    if goal == "objected":
        return True
    yield life.on(workday(day, 1), 11)
    actions.answer_objection(
        objection,
        upheld=False,
        answer="经核实，该项目负责人原在建工程已竣工验收，有验收报告为证，异议不成立。",
        by=life.by,
        at=database_now(),
    )
    if goal == "answered":
        return True
    yield life.on(workday(day, 3), 10)
    complaint = actions.file_complaint(
        objection,
        bidder,
        facts=FACTS + "招标人答复所称验收报告未予公开。",
        claim="请求责令重新评标。",
        evidence=proof,
        by=bidder.handler,
        at=database_now(),
    )
    if goal == "complained":
        return True
    return (yield from investigate(life, complaint, workday(day, 4)))


def investigate(life, complaint, day):
    official, colleague = life.city.official, life.city.colleague
    yield life.on(day, 10)
    actions.review_complaint(complaint, Complaint.State.ACCEPTED, by=official, at=database_now())
    yield life.on(day, 11)
    actions.order_suspension(complaint, f"投诉 {complaint.number} 调查期间暂停。", by=official, at=database_now())
    yield life.on(workday(day, 1), 9)
    actions.add_note(complaint, "调取住建监管平台该项目负责人的在建工程登记信息。", by=colleague, at=database_now())
    if life.goal == "complaint_accepted":
        return True
    yield life.on(workday(day, 1), 15)
    actions.add_note(complaint, "到原在建工程现场核查，并询问建设单位。", by=official, at=database_now())
    yield life.on(workday(day, 2), 15)
    upheld = life.goal == "reevaluating"
    actions.decide_complaint(
        complaint, upheld=upheld, basis="《招标投标法实施条例》第六十条、第八十一条；《工程建设项目招标投标活动投诉处理办法》第二十条",
        findings="该项目负责人登记的在建工程尚未竣工验收，招标人所称验收报告系分部工程验收。" if upheld else "该项目负责人原在建工程已竣工验收并办理变更登记，投诉所称情形不存在。",
        decision="投诉成立，责令重新评标。" if upheld else "投诉缺乏事实根据，驳回投诉。",
        remedy=Complaint.Remedy.REEVALUATE if upheld else Complaint.Remedy.NONE, by=official, at=database_now(),
    )  # fmt: skip
    return True
