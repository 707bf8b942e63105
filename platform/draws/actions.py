"""Carrying out a draw: define and list, commit, reveal, recover, compute, replace, name (docs/trust.md §7)."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Organisation, Person
from draws import protocol
from draws.events import (
    DrawCommitted,
    DrawDefined,
    DrawListed,
    DrawNames,
    DrawReplaced,
    DrawResult,
    DrawRevealed,
    DrawSeeded,
    DrawVoid,
    RecoveryBadShare,
    RecoveryRequested,
    RecoveryShare,
)
from draws.models import Draw, DrawCandidate, DrawParty, RecoveredShare
from ledger.acts import record
from ledger.canonical import b64u, instant, jcs, parse_jcs, unb64u
from ledger.models import LedgerCheckpoint, LedgerLeaf
from rulebook.clock import city_day
from rulebook.numbering import next_number
from rulebook.refusals import Forbidden, Refused
from sealing.keys import holder_key_of, signed_by, signing_keys_of
from sealing.shares import combine, commitment
from sealing.vault import unwrap_key, wrap_key

LEAST_PARTIES = 3
# Larger lists would not change what is proved, only how long a page takes.
LONGEST_LIST = 20_000
RULE = "抽取规则：三方各出一个随机数，公开后共同决定结果"


@dataclass(frozen=True)
class Purpose:
    """What a room does with draws of one purpose."""

    # From a candidate and those chosen so far, in this stratum and those before it, to the code of a rule that passes it over, or None.
    skips: protocol.Skips = lambda candidate, chosen: None
    # Runs in the transaction that brings the result: `conclude(draw)`.
    conclude: Callable[[Draw], None] = lambda draw: None


# By purpose; or by purpose and room ("agency/agency-request"), where several rooms draw for one purpose.
PURPOSES: dict[str, Purpose] = {}


def register(purpose: str, handling: Purpose, *, room: str = "") -> None:
    """Let a room say what draws of its purpose pass over, and what follows from their result.

    With `room` it speaks for draws whose `subject` begins with that word and a slash, and for no others of the purpose.
    """
    PURPOSES[f"{purpose}/{room}" if room else purpose] = handling


def handling(draw: Draw) -> Purpose:
    room = draw.subject.partition("/")[0]
    return PURPOSES.get(f"{draw.purpose}/{room}") or PURPOSES.get(draw.purpose, Purpose())


@transaction.atomic
def define_draw(
    purpose: str,
    *,
    title: str,
    rule: str,
    strata: list[dict],
    candidates: dict[str, list[dict]],
    parties: Iterable[tuple[str, Person, Organisation]],
    confidential: bool,
    by: Person,
    at: datetime,
    subject: str = "",
    minutes: int = 30,
    repeats: Draw | None = None,
) -> Draw:
    """Fix rule, parties and list of a draw, and put them into the ledger; the Draw, waiting for commitments.

    `strata` are {"id", "name", "take"}; `candidates` the candidate objects of each; `parties` (role, person,
    organisation), at least three of different organisations, each with keys of their own. Who may define a draw is for
    the calling room to decide. Each stage lasts `minutes`.
    """
    people = list(parties)
    check_parties(people, repeats)
    for row in strata:
        if not 1 <= row["take"] <= len(candidates[row["id"]]) <= LONGEST_LIST:
            raise Refused(
                "bad_list", f"“{row['name']}”的名单须不少于应抽取的 {row['take']} 个。", next_step="请核对名单和抽取数量。", field="candidates", status=400,
            )  # fmt: skip
    day = city_day(at)
    draw = Draw.objects.create(
        number=f"D-{day.year}-{next_number('draw', day.year):04d}",
        purpose=purpose,
        title=title,
        subject=subject,
        rule=rule,
        strata=strata,
        confidential=confidential,
        commit_until=at + timedelta(minutes=minutes),
        minutes=minutes,
        list_root="",
        repeats=repeats,
        defined_by=by,
        defined_at=at,
    )
    rows = [made_party(draw, *each) for each in people]
    draw.list_root = b64u(protocol.list_root([listed(draw, row["id"], candidates[row["id"]]) for row in strata]))
    draw.save(update_fields=["list_root"])
    holders = [
        {"id": row.role, "org": row.organisation.uscc, "role": row.role, "spki": b64u(bytes(row.key.spki)), "kid": row.key.kid}
        for row in rows
    ]
    shown = [
        {"id": row.role, "org": row.organisation.uscc, "role": row.role, "kid": row.key.kid, "spki": b64u(bytes(row.signing_spki))}
        for row in rows
    ]
    record(
        DrawDefined(
            draw=draw.number,
            purpose=purpose,
            rule=rule,
            strata=strata,
            parties=shown,
            k=draw.k,
            holders=holders,
            commit_until=instant(draw.commit_until),
            minutes=minutes,
            beacon=None,
            repeats=repeats.number if repeats else None,
        ),
        by=by,
    )
    counts = [{"id": row["id"], "n": len(candidates[row["id"]])} for row in strata]
    record(
        DrawListed(
            draw=draw.number,
            confidential=confidential,
            n=sum(row["n"] for row in counts),
            strata=counts,
            list_root=draw.list_root,
        ),
        by=by,
    )
    return draw


def check_parties(people: list[tuple[str, Person, Organisation]], repeats: Draw | None) -> None:
    if len(people) < LEAST_PARTIES or len({organisation.pk for _, _, organisation in people}) < len(people):
        raise Refused(
            "bad_parties", "抽取须由至少三个不同单位的人员共同参加。", next_step="请补充参加人。", field="parties", status=400,
        )  # fmt: skip
    for role, person, organisation in people:
        if holder_key_of(person) is None or not signing_keys_of(person):
            raise Refused(
                "no_key",
                f"参加人“{person.name}”（{organisation.name}）还没有登记密钥。",
                next_step="请其先在“我的密钥”中登记持钥人密钥，再发起抽取。",
                field="parties",
                status=400,
            )
        if repeats is not None and repeats.parties.filter(role=role, person=person, r="").exclude(commit="").exists():
            raise Refused(
                "party_failed", f"“{person.name}”在上次抽取中没有公开随机数，不能再参加。", next_step="请该单位另派人员。", field="parties", status=400,
            )  # fmt: skip


def made_party(draw: Draw, role: str, person: Person, organisation: Organisation) -> DrawParty:
    key = holder_key_of(person)
    assert key is not None, "checked before"
    # The key that bound the holder's key: one pair, in one file, serves both.
    signing = next((row for row in signing_keys_of(person) if bytes(row.spki) == bytes(key.signing_spki)), signing_keys_of(person)[-1])
    return DrawParty.objects.create(
        draw=draw, role=role, person=person, organisation=organisation, signing_spki=bytes(signing.spki), key=key
    )


def listed(draw: Draw, stratum: str, candidates: list[dict]) -> list[bytes]:
    """Store a stratum's candidates under their salted hashes, sorted by them; the hashes."""
    rows = []
    for candidate in candidates:
        salt = secrets.token_bytes(32)
        rows.append((protocol.candidate_hash(salt, candidate), wrap_key(jcs({"salt": b64u(salt), "candidate": candidate}))))
    rows.sort()
    DrawCandidate.objects.bulk_create(
        DrawCandidate(draw=draw, stratum=stratum, position=position, c=b64u(c), sealed=sealed) for position, (c, sealed) in enumerate(rows)
    )
    return [c for c, _ in rows]


def opened(candidate: DrawCandidate) -> dict:
    """{"salt", "candidate"} of one on the list, for the platform's own use and the supervisors'."""
    return parse_jcs(unwrap_key(bytes(candidate.sealed)))


def locked(draw: Draw, *states: str) -> Draw:
    draw = Draw.objects.select_for_update().get(pk=draw.pk)
    if draw.state not in states:
        raise Refused("wrong_state", f"抽取当前为“{draw.get_state_display()}”，不能进行此操作。", next_step="请刷新页面查看。")
    return draw


def touch(draw: Draw, *fields: str) -> None:
    draw.version += 1
    draw.save(update_fields=["version", *fields])


def own_party(draw: Draw, by: Person) -> DrawParty:
    party = draw.parties.filter(person=by).select_related("key", "organisation").first()
    if party is None:
        raise Forbidden("not_party", "你不是这次抽取的参加人。")
    return party


def bad(message: str) -> Refused:
    return Refused("bad_commit", message, next_step="请刷新页面重新提交。", status=400)


@transaction.atomic
def commit(draw: Draw, value: str, shares: list, own_copy: dict, signature: str, *, by: Person, at: datetime) -> None:
    """Take in a party's commitment, with its number sealed in shares to the parties and whole to itself.

    `shares` are {"kid", "commit", "enc", "body"} (base64url) in the order of the parties. Nobody is shown a commitment
    before all are in.
    """
    draw = locked(draw, Draw.State.COMMIT)
    party = own_party(draw, by)
    if at >= draw.commit_until:
        raise Refused("too_late", "提交承诺的时间已过。", next_step="请由发起人作废后重新发起。", status=403)
    if party.commit:
        raise Refused("committed", "你已经提交过承诺。")
    kids = list(draw.parties.values_list("key__kid", flat=True))
    try:
        right = len(unb64u(value)) == 32 and [row["kid"] for row in shares] == kids
        right = right and all(set(row) == {"kid", "commit", "enc", "body"} for row in shares) and set(own_copy) == {"enc", "body"}
        for each in [*shares, own_copy]:
            for name in ("enc", "body"):
                unb64u(each[name])
    except (KeyError, TypeError, ValueError) as wrong:
        raise bad("提交的承诺不完整。") from wrong
    if not right:
        raise bad("提交的承诺不完整。")
    if signed_by(by, "draw-commit", protocol.commit_object(draw.number, party.role, value), signature) is None:
        raise bad("签名无法核对：请使用你本人已登记的签名密钥。")
    party.commit, party.shares, party.own_copy, party.signature, party.committed_at = value, shares, own_copy, signature, at
    party.save()
    if not draw.parties.filter(commit="").exists():
        commits = [{"party": row.role, "commit": row.commit, "signature": row.signature} for row in draw.parties.order_by("role")]
        draw.committed = record(DrawCommitted(draw=draw.number, commits=commits), by=None)
        draw.state = Draw.State.REVEAL
        draw.reveal_until = at + timedelta(minutes=draw.minutes)
    touch(draw, "committed", "state", "reveal_until")


@transaction.atomic
def reveal(draw: Draw, r: str, *, by: Person, at: datetime) -> None:
    """Take in the number a party committed to; late is still in time while it is being recovered."""
    draw = locked(draw, Draw.State.REVEAL, Draw.State.RECOVER)
    party = own_party(draw, by)
    if party.r:
        raise Refused("revealed", "你的随机数已经公开。")
    if not protocol.fits(draw.number, party.role, party.commit, r):
        raise Refused("wrong_number", "提交的随机数与你的承诺不符。", next_step="请重新载入密钥文件后再公开。", status=400)
    known(draw, party, r, recovered=False, by=by, at=at)


def known(draw: Draw, party: DrawParty, r: str, *, recovered: bool, by: Person | None, at: datetime) -> None:
    """A number is known now; with the last one the draw waits only for the ledger."""
    party.r, party.revealed_at, party.recovered = r, at, recovered
    party.save(update_fields=["r", "revealed_at", "recovered"])
    party.recovered_shares.update(wrapped=None)
    record(DrawRevealed(draw=draw.number, party=party.role, r=r, recovered=recovered), by=by)
    if not draw.parties.filter(r="").exists():
        draw.state = Draw.State.SEEDING
    touch(draw, "state")


@transaction.atomic
def begin_recovery(draw: Draw, *, at: datetime) -> None:
    """The time to reveal is over: the others are asked for their shares of what is missing."""
    draw = locked(draw, Draw.State.REVEAL)
    if draw.reveal_until is None or at < draw.reveal_until:
        raise Refused("not_due", "公开随机数的时间未到。")
    draw.state = Draw.State.RECOVER
    draw.recover_until = at + timedelta(minutes=draw.minutes)
    for party in draw.parties.filter(r=""):
        record(RecoveryRequested(draw=draw.number, party=party.role), by=None)
    touch(draw, "state", "recover_until")


def give_share(missing: DrawParty, share: str, signature: str, *, by: Person, at: datetime) -> None:
    """Take in a party's share (33 bytes, base64url; empty: "I cannot open it") of a missing number, signed.

    A wrong one is on record under the holder's signature, and refused.
    """
    if not take_share(missing, share, signature, by=by, at=at):
        raise Refused("bad_share", "提交的份额与承诺不符，已记录。", next_step="请确认载入的是你自己的密钥文件。")


@transaction.atomic
def take_share(missing: DrawParty, share: str, signature: str, *, by: Person, at: datetime) -> bool:
    draw = locked(missing.draw, Draw.State.RECOVER)
    holder = own_party(draw, by)
    missing = DrawParty.objects.select_for_update(of=["self"]).get(pk=missing.pk, draw=draw)
    if missing.r:
        raise Refused("revealed", "这个随机数已经补齐。")
    if RecoveredShare.objects.filter(missing=missing, holder=holder, right=True).exists():
        raise Refused("share_given", "你已经提交过份额。")
    data = share_bytes(share)
    bound = protocol.bound_to(draw.number, missing.role, missing.commit)
    digest = b64u(commitment(bound, data)) if data else ""
    if signed_by(by, "draw-share", protocol.share_object(draw.number, missing.role, holder.key.kid, digest), signature) is None:
        raise bad("签名无法核对：请使用你本人已登记的签名密钥。")
    assert missing.shares is not None, "who has committed has left shares"
    wanted = next(row["commit"] for row in missing.shares if row["kid"] == holder.key.kid)
    right = digest == wanted
    RecoveredShare.objects.create(missing=missing, holder=holder, right=right, wrapped=wrap_key(data) if right else None, at=at)
    about = {"draw": draw.number, "party": missing.role, "holder": holder.key.kid, "org": holder.organisation.uscc, "digest": digest}
    if not right:
        record(RecoveryBadShare(**about, signature=signature), by=by)
        touch(draw)
        return False
    record(RecoveryShare(**about), by=by)
    rows = list(missing.recovered_shares.filter(right=True))
    if len(rows) >= draw.k:
        r = b64u(combine([unwrap_key(bytes(row.wrapped or b"")) for row in rows]))
        if protocol.fits(draw.number, missing.role, missing.commit, r):
            known(draw, missing, r, recovered=True, by=None, at=at)
            return True
        end(draw, f"{missing.get_role_display()}提交的份额无效，随机数不能补齐", missing, by=None)
    touch(draw)
    return True


def share_bytes(share: str) -> bytes:
    if not share:
        return b""
    try:
        data = unb64u(share)
    except ValueError:
        data = b""
    if len(data) != 33:
        raise Refused("bad_share", "份额格式不对。", next_step="请重新载入密钥文件。", status=400)
    return data


@transaction.atomic
def void_draw(draw: Draw, reason: str, *, by: Person | None, at: datetime) -> None:
    """End a draw without a result: a mistake in the list, a party that stays away. A new one names it."""
    draw = locked(draw, Draw.State.COMMIT, Draw.State.REVEAL, Draw.State.RECOVER)
    if by is not None and draw.state != Draw.State.COMMIT:
        # Numbers may be known by now: whoever likes the result less must not be able to stop it.
        raise Refused("too_late_to_void", "各方承诺已经公开，抽取不能再由人作废。", next_step="缺席方的随机数由其他参加方补齐。")
    if by is None and draw.state == Draw.State.RECOVER and draw.recover_until and at < draw.recover_until:
        raise Refused("not_due", "补齐随机数的时间未到。")
    missing = draw.parties.filter(r="").first() if draw.state == Draw.State.RECOVER else None
    end(draw, reason, missing, by=by)


def end(draw: Draw, reason: str, party: DrawParty | None, *, by: Person | None) -> None:
    draw.state, draw.void_reason = Draw.State.VOID, reason[:200]
    RecoveredShare.objects.filter(missing__draw=draw).update(wrapped=None)
    record(DrawVoid(draw=draw.number, reason=draw.void_reason, party=party.role if party else None), by=by)
    touch(draw, "state", "void_reason")


def first_checkpoint(draw: Draw) -> LedgerCheckpoint | None:
    """The first checkpoint that contains the list and all commitments; None while the sequencer has not placed them."""
    leaf = LedgerLeaf.objects.filter(entry=draw.committed).first()
    return LedgerCheckpoint.objects.filter(size__gt=leaf.idx).order_by("size").first() if leaf else None


@transaction.atomic
def conclude(draw: Draw) -> None:
    """Compute seed, order and result from what stands in the ledger, and let the room that asked go on with it."""
    draw = locked(draw, Draw.State.SEEDING)
    checkpoint = first_checkpoint(draw)
    if checkpoint is None:
        raise Refused("ledger_behind", "存证正在登记，请稍候几秒再试。", status=503)
    draw.transcript = protocol.transcript(
        draw.number,
        draw.purpose,
        n=draw.candidates.count(),
        list_root=draw.list_root,
        strata=draw.strata,
        checkpoint={"size": checkpoint.size, "root": b64u(bytes(checkpoint.root))},
        contributions=[{"party": row.role, "commit": row.commit, "r": row.r} for row in draw.parties.all()],
    )
    seed = protocol.seed_of(draw.transcript)
    draw.seed, draw.state = b64u(seed), Draw.State.RESULT
    result: list[dict] = []
    taken: list[DrawCandidate] = []
    for stratum in draw.strata:
        rows = list(draw.candidates.filter(stratum=stratum["id"]).order_by("position"))
        ordered = [rows[place] for place in protocol.stratum_order(seed, stratum["id"], len(rows))]
        for place, row in enumerate(ordered):
            row.place = place
        found = protocol.walk(ordered, stratum["take"], skipping(draw), before=taken)
        taken += [row for _, row in found.chosen]
        marked(found)
        DrawCandidate.objects.bulk_update(ordered, ["place", "state", "code"])
        result.append(
            {"id": stratum["id"], "chosen": [{"place": place, "c": row.c} for place, row in found.chosen], "skipped": passed(found)}
        )
    record(DrawSeeded(draw=draw.number, transcript=draw.transcript, seed=draw.seed), by=None)
    record(DrawResult(draw=draw.number, strata=result), by=None)
    touch(draw, "transcript", "seed", "state")
    handling(draw).conclude(draw)


def skipping(draw: Draw) -> protocol.Skips:
    """The room's rule, over candidates as the room knows them."""
    rule = handling(draw).skips
    return lambda row, taken: rule(opened(row)["candidate"], [opened(each)["candidate"] for each in taken])


def marked(found: protocol.Walk) -> None:
    for _, row in found.chosen:
        row.state = DrawCandidate.State.CHOSEN
    for _, row, code in found.skipped:
        row.state, row.code = DrawCandidate.State.SKIPPED, code


def passed(found: protocol.Walk) -> list[dict]:
    return [{"place": place, "c": row.c, "code": code} for place, row, code in found.skipped]


def chosen(draw: Draw, stratum: str | None = None) -> list[DrawCandidate]:
    """Who is chosen now, in drawn order."""
    rows = draw.candidates.filter(state=DrawCandidate.State.CHOSEN)
    return list((rows.filter(stratum=stratum) if stratum else rows).order_by("stratum", "place"))


def next_of(draw: Draw, ordered: list[DrawCandidate], *, without: DrawCandidate | None = None) -> protocol.Walk:
    """Walk on along a stratum's order, by one, past the last who was taken or passed over."""
    others = draw.candidates.filter(state=DrawCandidate.State.CHOSEN)
    start = 1 + max((row.place or 0 for row in ordered if row.state != DrawCandidate.State.LISTED), default=-1)
    return protocol.walk(ordered, 1, skipping(draw), start=start, before=list(others.exclude(pk=without.pk) if without else others))


def has_standby(draw: Draw, stratum: str) -> bool:
    """Whether the rule would still take somebody of a stratum's order; also False where the draw has no such stratum."""
    return bool(next_of(draw, list(draw.candidates.filter(stratum=stratum).order_by("place"))).chosen)


@transaction.atomic
def replace(left: DrawCandidate, reason: str, *, by: Person | None) -> DrawCandidate:
    """The next standby of the stratum takes the place of one who does not come; the standby.

    Refused when no standby is left: only then may there be a new draw.
    """
    draw = locked(left.draw, Draw.State.RESULT)
    rows = list(draw.candidates.filter(stratum=left.stratum).order_by("place"))
    left = next(row for row in rows if row.pk == left.pk)
    if left.state != DrawCandidate.State.CHOSEN:
        raise Refused("not_chosen", "只能替换已选中的对象。")
    found = next_of(draw, rows, without=left)
    if not found.chosen:
        raise Refused("standbys_used_up", "候补对象已全部用完。", next_step="请扩大范围后重新抽取。")
    marked(found)
    place, came = found.chosen[0]
    left.state, left.code = DrawCandidate.State.REPLACED, reason
    DrawCandidate.objects.bulk_update([left, came, *[row for _, row, _ in found.skipped]], ["state", "code"])
    record(
        DrawReplaced(draw=draw.number, stratum=left.stratum, left=left.c, came=came.c, place=place, skipped=passed(found), reason=reason),
        by=by,
    )
    touch(draw)
    return came


@transaction.atomic
def publish_names(draw: Draw, *, by: Person | None, at: datetime) -> None:
    """Say who was chosen, so that anybody can check the hashes; the others stay unknown. Once only."""
    draw = locked(draw, Draw.State.RESULT)
    if draw.names_at is not None:
        return
    draw.names_at = at
    names = [{"c": row.c, **opened(row)} for row in chosen(draw)]
    record(DrawNames(draw=draw.number, names=names), by=by)
    touch(draw, "names_at")
