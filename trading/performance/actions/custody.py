"""押证: a register of key persons, and the electronic lock that ties their certificates to one lot at a time."""

import hashlib
import hmac

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.permissions import require_member
from ledger.acts import record
from ledger.canonical import b64u
from rulebook.clock import city_day
from rulebook.refusals import Refused
from sealing.vault import vault_key, wrap_key
from trading.awards.sides import SUPERVISOR, TENDEREE, WINNER, require_side
from trading.performance.actions.holding import (
    about,
    held,
    require_running,
    require_state,
    require_text,
    tell_desk,
    tell_regulator,
    tell_winner,
)
from trading.performance.events import CustodyReleased, CustodyTaken, ReplacementMoved
from trading.performance.models import Custody, KeyPerson, Replacement
from trading.performance.rules import CERTIFICATES, EQUAL_QUALIFICATION, HEADS, ONE_CUSTODY


def certificate_digest(kind, number):
    """The keyed digest under which a certificate is known; of no use to anybody without the vault's key."""
    text = f"{kind}/{''.join(number.split()).upper()}".encode()
    return b64u(hmac.new(vault_key(settings.ETP_KEYS), b"etp/certificate/v1" + text, hashlib.sha256).digest())


@transaction.atomic
def register_key_person(organisation, data, *, by, at):
    """A firm enters a person with a certificate; one certificate stands with one firm."""
    require_member(by, organisation)
    number = "".join(data["number"].split()).upper()
    digest = certificate_digest(data["certificate"], number)
    if KeyPerson.objects.filter(number_digest=digest, withdrawn_at=None).exists():
        raise Refused(
            "certificate_known", "这本证书已经登记，不能重复登记或同时登记在另一单位。", field="number", rule=f"{ONE_CUSTODY.source}：{ONE_CUSTODY.says}",
            next_step="人员已调入的，请先由原单位注销登记。",
        )  # fmt: skip
    if data["valid_until"] < city_day(at):
        raise Refused("certificate_expired", "证书已经过期。", field="valid_until")
    try:
        with transaction.atomic():
            return KeyPerson.objects.create(
                organisation=organisation, name=data["name"], certificate=data["certificate"], level=data["level"], valid_until=data["valid_until"],
                number_sealed=wrap_key(number.encode()), number_digest=digest, number_tail=number[-4:], registered_by=by, registered_at=at,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("certificate_known", "这本证书刚刚由另一次登记占用。", field="number") from twice


@transaction.atomic
def withdraw_key_person(person, *, by, at):
    """The person leaves the firm's register; not while the certificate is held."""
    person = KeyPerson.objects.select_for_update(of=["self"]).select_related("organisation").get(pk=person.pk)
    require_member(by, person.organisation)
    if person.custodies.filter(released_at=None).exists():
        raise Refused(
            "in_custody",
            "证书锁定期间不能注销登记。",
            rule=f"{ONE_CUSTODY.source}：{ONE_CUSTODY.says}",
            next_step="请在验收合格或经批准更换后办理。",
        )
    person.withdrawn_at = at
    person.save(update_fields=["withdrawn_at"])


@transaction.atomic
def name_team_member(contract, person, post, *, by, at):
    """The winner names who serves at a post; the certificate is tied to the lot from now to acceptance."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_running(contract)
    if post in HEADS and person.name != contract.manager:
        raise Refused(
            "not_the_manager", f"投标承诺和合同约定的负责人是{contract.manager}，不能登记他人。", field="person",
            rule="《招标投标法实施条例》第五十七条", next_step="确需更换的，请先登记原负责人，再申请更换。",
        )  # fmt: skip
    return take(contract.lot, contract.winner, person, post, by=by, at=at)


def take(lot, winner, person, post, *, by, at):
    """Tie the certificate to the lot; refuse what the post or another custody forbids. The caller answers for the right to."""
    person = KeyPerson.objects.select_for_update(of=["self"]).get(pk=person.pk)
    if person.organisation_id != winner.pk or person.withdrawn_at is not None:
        raise Refused("not_of_the_winner", "所选人员不在中标人的人员登记中。", field="person", next_step="请先在“关键人员”中登记。")
    if CERTIFICATES[post] != person.certificate:
        wanted = KeyPerson.Certificate(CERTIFICATES[post]).label
        raise Refused("wrong_certificate", f"该岗位须持{wanted}。", field="person", next_step="请选择持有相应证书的人员。")
    if person.valid_until < city_day(at):
        raise Refused("certificate_expired", f"{person.name}的证书已经过期。", field="person")
    elsewhere = Custody.objects.filter(certificate=person.number_digest, released_at=None).select_related("lot__tender").first()
    if elsewhere is not None:
        refuse_held(elsewhere, person)
    try:
        with transaction.atomic():
            custody = Custody.objects.create(lot=lot, key_person=person, certificate=person.number_digest, post=post, since=at)
    except IntegrityError as twice:
        raise Refused("post_taken", "这个岗位已有人员，或证书刚刚被锁定在另一项目。", field="post", next_step="请刷新页面核对。") from twice
    record(CustodyTaken(**about(lot), post=post), by=by, private={"name": person.name, "certificate": person.masked})
    return custody


def refuse_held(elsewhere, person):
    where = f"{elsewhere.lot.tender.name}{elsewhere.lot.name}"
    ONE_CUSTODY.refuse(
        f"{person.name}的证书已锁定在“{where}”（{elsewhere.get_post_display()}）。",
        field="person",
        next_step="请换人，或等该项目验收合格、经批准更换后再登记。",
    )


def let_go(custody, why, *, by, at):
    """End a custody. Only acceptance, an approved replacement and a fallen award lead here."""
    custody.released_at, custody.release = max(at, custody.since), why
    custody.save(update_fields=["released_at", "release"])
    record(
        CustodyReleased(**about(custody.lot), post=custody.post, why=why), by=by,
        private={"name": custody.key_person.name, "certificate": custody.key_person.masked},
    )  # fmt: skip


def release_all(lot, why, *, by, at):
    """Every certificate still tied to the lot is free again; the number of them."""
    rows = Custody.objects.select_for_update(of=["self"]).filter(lot=lot, released_at=None).select_related("key_person", "lot__tender")
    for custody in rows:
        let_go(custody, why, by=by, at=at)
    return len(rows)


@transaction.atomic
def ask_replacement(contract, custody, successor, *, reason, proof, by, at):
    """The winner asks to replace a key person by somebody of equal or higher qualification."""
    contract = held(contract)
    require_side(by, contract.award, WINNER)
    require_running(contract)
    require_text(reason, "reason", "更换理由")
    custody = Custody.objects.select_for_update(of=["self"]).select_related("key_person").get(pk=custody.pk, lot=contract.lot)
    if custody.released_at is not None:
        raise Refused("released", "该人员已不在锁定中。")
    if custody.replacements.filter(state__in=[Replacement.State.ASKED, Replacement.State.AGREED]).exists():
        raise Refused("asked", "该人员的更换申请正在办理。")
    check_successor(custody, successor, contract.winner, at)
    row = Replacement.objects.create(custody=custody, successor=successor, reason=reason, proof=proof, asked_by=by, asked_at=at)
    tell_desk(contract, "申请更换关键人员", reason, key=f"replacement/{row.pk}")
    record(ReplacementMoved(**about(contract.lot), post=custody.post, state=row.state), by=by, role="bidder")
    return row


def check_successor(custody, successor, winner, at):
    """Refuse a successor of lower qualification, of another firm, or held elsewhere."""
    old = custody.key_person
    if successor.organisation_id != winner.pk or successor.withdrawn_at is not None or successor.valid_until < city_day(at):
        raise Refused("not_of_the_winner", "接替人员须是中标人登记的、证书在有效期内的人员。", field="successor")
    if successor.certificate != old.certificate or successor.level > old.level:
        EQUAL_QUALIFICATION.refuse(
            f"{successor.name}（{successor.get_certificate_display()}，{successor.get_level_display()}）的资格低于"
            f"{old.name}（{old.get_certificate_display()}，{old.get_level_display()}）。",
            field="successor", next_step="请选择同等或更高等级的人员。",
        )  # fmt: skip
    elsewhere = Custody.objects.filter(certificate=successor.number_digest, released_at=None).select_related("lot__tender").first()
    if elsewhere is not None:
        refuse_held(elsewhere, successor)


def held_replacement(row):
    return (
        Replacement.objects.select_for_update(of=["self"])
        .select_related("custody__key_person", "custody__lot__tender__project", "successor")
        .get(pk=row.pk)
    )


@transaction.atomic
def agree_replacement(contract, row, *, by, at):
    """The tenderee agrees; the regulator has the last word."""
    contract = held(contract)
    require_side(by, contract.award, TENDEREE)
    row = held_replacement(row)
    require_state(row, Replacement.State.ASKED)
    row.state, row.agreed_by, row.agreed_at = Replacement.State.AGREED, by, at
    row.save(update_fields=["state", "agreed_by", "agreed_at"])
    tell_regulator(contract.lot, "待批准：更换关键人员", row.reason, key=f"replacement-agreed/{row.pk}")
    record(ReplacementMoved(**about(contract.lot), post=row.custody.post, state=row.state), by=by, role="tenderee")


@transaction.atomic
def approve_replacement(contract, row, *, decision, by, at):
    """The regulator approves: the old certificate is released and the new one held, at once."""
    contract = held(contract)
    require_side(by, contract.award, SUPERVISOR)
    require_running(contract)
    row = held_replacement(row)
    require_state(row, Replacement.State.AGREED)
    check_successor(row.custody, row.successor, contract.winner, at)
    let_go(row.custody, Custody.Release.REPLACED, by=by, at=at)
    take(contract.lot, contract.winner, row.successor, row.custody.post, by=by, at=at)
    close(row, Replacement.State.APPROVED, decision, by, at)
    tell_winner(contract, "关键人员更换已批准", key=f"replacement-closed/{row.pk}")
    record(ReplacementMoved(**about(contract.lot), post=row.custody.post, state=row.state), by=by, role="supervisor")


@transaction.atomic
def refuse_replacement(contract, row, *, decision, by, at):
    """Tenderee or regulator refuses, each while it is their turn; the person stays."""
    contract = held(contract)
    row = held_replacement(row)
    require_state(row, Replacement.State.ASKED, Replacement.State.AGREED)
    require_side(by, contract.award, TENDEREE if row.state == Replacement.State.ASKED else SUPERVISOR)
    require_text(decision, "decision", "不同意的理由")
    close(row, Replacement.State.REFUSED, decision, by, at)
    tell_winner(contract, "关键人员更换未获同意", decision, key=f"replacement-closed/{row.pk}")
    record(ReplacementMoved(**about(contract.lot), post=row.custody.post, state=row.state), by=by)


def close(row, state, decision, by, at):
    row.state, row.decision, row.decided_by, row.decided_at = state, decision, by, at
    row.save(update_fields=["state", "decision", "decided_by", "decided_at"])
