"""At the gate: the bearer of a seat signs in with the code of the confirmation and an identity card. Who has not, reaches no bid."""

import secrets
from datetime import timedelta

from django.db import transaction

from experts.actions import sessions
from experts.models import PersonalRecord
from experts.privacy import identity_digest
from ledger.acts import record
from postbox.actions import send_sms
from rulebook.clock import CITY
from rulebook.refusals import Refused
from sealing.vault import marked
from trading.evaluation import offsite
from trading.evaluation.bounds import ARRIVAL
from trading.evaluation.events import SeatArrived, about
from trading.evaluation.models import CommitteeMember
from trading.evaluation.seats import REPLACEABLE, SEATED, locked
from trading.tenders.notices import shown
from trading.venues.actions import admit_expert
from trading.venues.queries import evaluation_room
from trading.venues.rules import ACCESS

DIGITS = 6


def code_mark(evaluation_id, code):
    """By what a seat is found when its bearer names the code; nothing in the database tells codes."""
    return marked("evaluation/arrival", f"{evaluation_id}/{code}")


def send_code(member):
    """Give the seat the code of its bearer's arrival, and send it to their telephone."""
    evaluation = member.evaluation
    taken = set(CommitteeMember.called.filter(evaluation=evaluation).values_list("code_mark", flat=True))
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        if code_mark(evaluation.pk, code) not in taken:
            break
    member.code_mark = code_mark(evaluation.pk, code)
    member.save(update_fields=["code_mark"])
    send_sms(
        member.person.mobile,
        f"你已确认参加评标，签到码 {code}。请携带身份证原件，于 {evaluation.starts_at.astimezone(CITY):%m月%d日%H时%M分} 前到{offsite.place_of(member)}签到，"
        "签到码请勿告知他人。",
        key=f"committee/{member.pk}/confirmed",
        confidential=True,
    )


@transaction.atomic
def sign_in(evaluation, *, code, identity, matched, locker, by, at):
    """Let in the bearer of a seat; the seat, by its number, is all that the gate and the ledger learn.

    `code` came by SMS, `identity` stands on the card, `matched` says that the gate found card and person the same, `locker` is where
    the phone lies (empty: none carried). Refused for a strange code, another's card, or who comes too late to judge.
    """
    evaluation = locked(evaluation)
    seat = CommitteeMember.called.filter(evaluation=evaluation, state=SEATED, code_mark=code_mark(evaluation.pk, code.strip())).first()
    if seat is None or evaluation.finished_at:
        ARRIVAL.refuse("签到码不在本次评标的名单上。", field="code", next_step="请核对确认短信；仍不符的，不予进场。")
    offsite.require_gate(seat, by)
    if seat.arrived_at:
        raise Refused("arrived", f"{seat.order} 号席已经签到。", field="code")
    opens_at = offsite.appointed_at(evaluation) - ACCESS.opens_before
    if at < opens_at:
        raise Refused("too_early", f"{shown(opens_at)} 起签到。", field="code", rule=f"{ACCESS.source}：{ACCESS.says}")
    check_identity(seat, identity)
    if not matched:
        ARRIVAL.refuse("人、证不符的，不得进场。", field="matched", next_step="请在进场名单上登记不予进场。")
    late = lateness(seat, at)
    # Nobody stands in for the tenderee's representative, nor for a member whose work is done: they are only late.
    if late > ARRIVAL.replaced and not seat.owner_representative and evaluation.state in REPLACEABLE:
        ARRIVAL.refuse(f"迟到 {minutes(late)} 分钟，应当更换。", field="code", next_step="请在评标委员会页面办理“缺席补抽”。")
    seat.arrived_at = at
    seat.save(update_fields=["arrived_at"])
    counted = minutes(late) if late > ARRIVAL.late else 0
    if seat.expert:
        sessions.note_arrival(f"committee/{seat.pk}", late=counted)
    session = offsite.session_of(seat)
    room = None if session else evaluation_room(evaluation.lot)
    # Who signs in again after a break has not left the area: badge and phone stand as they were.
    if room and seat.pledged_at is None:
        admit_expert(room, locker=locker.strip(), by=by, at=at)
    record(SeatArrived(**about(evaluation), seat=seat.order, late=counted), by=by, role="host" if session else "staff")
    offsite.gather(evaluation)
    return seat


def check_identity(seat, identity):
    """Refuse another's card. Who represents the tenderee has no number on file: the gate compares the authorisation."""
    filed = (
        PersonalRecord.objects.filter(person=seat.person).exclude(identity_digest=None).values_list("identity_digest", flat=True).first()
    )
    if filed is None and seat.owner_representative:
        return
    if filed is None:
        ARRIVAL.refuse("该专家档案中没有身份证号，无法核验。", field="identity", next_step="请专家先在“我的专家档案”中补登。")
    if identity_digest(identity.strip().upper()) != filed:
        ARRIVAL.refuse("身份证号与签到码对应的专家不符。", field="identity", next_step="请核对证件；仍不符的，不予进场。")


def lateness(seat, at):
    """How long after the appointed time; nothing for who was called when it was over."""
    starts_at = offsite.appointed_at(seat.evaluation)
    called_later = seat.answered_at is not None and seat.answered_at > starts_at
    return timedelta(0) if called_later else max(at - starts_at, timedelta(0))


def minutes(time):
    return int(time.total_seconds() // 60)


def not_arrived(evaluation):
    """The numbers of the seats that are taken and whose bearers have not come."""
    return list(CommitteeMember.called.filter(evaluation=evaluation, state=SEATED, arrived_at=None).values_list("order", flat=True))
