"""Draws: the protocol's steps, every way to lean on them, replacements, names, and what anybody can compute again."""

import json
import os
from datetime import timedelta

import pytest
from django.urls import reverse

from draws import actions, protocol
from draws.files import draw_file
from draws.models import Draw, DrawCandidate, DrawParty
from draws.reference import contribute, disclose, recover
from draws.tasks import advance_draws
from ledger.canonical import b64u, parse_jcs, unb64u
from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.reference import signature
from tests.factories.acts import signed_post
from tests.factories.bids import jump_to
from tests.factories.evaluation import drawn, parties
from tests.factories.trading import city, member, organisation

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
NAMES = [f"{name}造价咨询公司" for name in "甲乙丙丁戊己庚辛"]
RULE = "在库机构中随机选取，依次替补"


@pytest.fixture
def where():
    where = city(bidders=0)
    parties(where)
    return where


def define(where, *, take=3, names=NAMES, confidential=False, purpose=Draw.Purpose.AGENCY, **more):
    offices = [(where.staff, where.centre), (where.supervisor, where.regulator), (where.handler, where.agency)]
    people = [(role, person, office) for role, (person, office) in zip(DrawParty.Role, offices, strict=True)]
    given = {"parties": people, "by": where.staff, "at": database_now(), **more}
    return actions.define_draw(
        purpose,
        title="造价咨询机构抽取",
        rule=RULE,
        strata=[{"id": "all", "name": "全部", "take": take}],
        candidates={"all": [{"name": name} for name in names]},
        confidential=confidential,
        **given,
    )


def refusal_of(act, *args, **more):
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    return refusal.value.code


def entries(draw):
    return [parse_jcs(bytes(row.data)) for row in LedgerEntry.objects.filter(stream=draw.stream).order_by("n")]


def name_of(row):
    return actions.opened(row)["candidate"]["name"]


def test_three_parties_make_a_result_that_the_ledger_alone_explains(where):
    draw = drawn(define(where), where.parties)
    kinds = [entry["k"] for entry in entries(draw)]
    assert kinds == ["draw.defined", "draw.listed", "draw.committed", *["draw.revealed"] * 3, "draw.seeded", "draw.result"]
    file = draw_file(draw)
    listed, seeded, result = (entries(draw)[at]["d"] for at in (1, 6, 7))
    hashes = [unb64u(item["c"]) for item in file["lists"][0]["items"]]
    assert hashes == sorted(hashes)
    assert b64u(protocol.list_root([hashes])) == listed["list_root"] == seeded["transcript"]["list_root"]
    assert all(protocol.candidate_hash(unb64u(item["salt"]), item["candidate"]) == unb64u(item["c"]) for item in file["lists"][0]["items"])
    seed = protocol.seed_of(seeded["transcript"])
    assert b64u(seed) == seeded["seed"]
    order = protocol.stratum_order(seed, "all", len(NAMES))
    assert [row["c"] for row in result["strata"][0]["chosen"]] == [file["lists"][0]["items"][place]["c"] for place in order[:3]]
    # The checkpoint in the transcript contains the commitments: it was signed before any number was known.
    committed = LedgerEntry.objects.get(stream=draw.stream, kind="draw.committed")
    assert seeded["transcript"]["checkpoint"]["size"] > committed.leaf.idx
    revealed = LedgerEntry.objects.filter(stream=draw.stream, kind="draw.revealed").order_by("n").first()
    assert committed.n < revealed.n


def test_three_different_organisations_with_keys_of_their_own(where):
    people = [(DrawParty.Role.CENTRE, where.staff, where.centre), (DrawParty.Role.SUPERVISOR, where.supervisor, where.regulator)]
    assert refusal_of(define, where, parties=people) == "bad_parties"
    twice = [*people, (DrawParty.Role.TENDEREE, member(where.centre), where.centre)]
    assert refusal_of(define, where, parties=twice) == "bad_parties"
    keyless = [*people, (DrawParty.Role.TENDEREE, where.owner.somebody, where.owner)]
    assert refusal_of(define, where, parties=keyless) == "no_key"


@pytest.mark.parametrize(("take", "names"), [(0, NAMES), (9, NAMES), (1, [])])
def test_a_list_must_hold_what_is_to_be_drawn(where, take, names):
    assert refusal_of(define, where, take=take, names=names) == "bad_list"
    assert not Draw.objects.exists()


@pytest.mark.requirement("R168")
def test_a_confidential_list_shows_nobody_before_its_names_are_published(where, client):
    draw = drawn(define(where, confidential=True), where.parties)
    public = json.dumps(draw_file(draw), ensure_ascii=False) + client.get(reverse("draws:draw", args=[draw.number])).content.decode()
    assert not any(name in public for name in NAMES)
    assert not any(name.encode() in bytes(row.data) for name in NAMES for row in LedgerEntry.objects.all())
    chosen = {name_of(row) for row in actions.chosen(draw)}
    actions.publish_names(draw, by=where.staff, at=database_now())
    draw.refresh_from_db()
    public = json.dumps(draw_file(draw), ensure_ascii=False)
    assert {name for name in NAMES if name in public} == chosen
    names = entries(draw)[-1]["d"]["names"]
    assert all(protocol.candidate_hash(unb64u(row["salt"]), row["candidate"]) == unb64u(row["c"]) for row in names)
    # The supervisor who takes part can check the whole list; nobody else is given it.
    url = reverse("draws:full_list", args=[draw.number])
    client.force_login(where.supervisor, backend=BACKEND)
    full = json.loads(client.get(url).content)["lists"][0]["items"]
    assert {item["candidate"]["name"] for item in full} == set(NAMES)
    other = organisation("regulator", "清江市水利局").somebody
    client.force_login(other, backend=BACKEND)
    assert client.get(url).status_code == 404


def test_commitments_are_shown_to_nobody_before_all_are_in(where, client):
    draw = define(where)
    contribute(draw, where.parties[0])
    value = draw.parties.get(person=where.staff).commit
    for somebody in (where.supervisor, where.handler):
        client.force_login(somebody, backend=BACKEND)
        assert value not in client.get(reverse("draws:room", args=[draw.number])).content.decode()
    assert value not in client.get(reverse("draws:draw", args=[draw.number])).content.decode()
    assert "draw.committed" not in [entry["k"] for entry in entries(draw)]
    for keys in where.parties[1:]:
        contribute(draw, keys)
    assert value in client.get(reverse("draws:draw", args=[draw.number])).content.decode()


def test_a_commitment_is_a_partys_own_signed_and_given_once(where):
    draw = define(where)
    stranger = member(where.agency)
    value = protocol.commitment(draw.number, "centre", os.urandom(32))
    shares = [{"kid": row.key.kid, "commit": "AA", "enc": "AA", "body": "AA"} for row in draw.parties.select_related("key")]
    copy = {"enc": "AA", "body": "AA"}

    def commit(by, keys, *, value=value, shares=shares, role="centre"):
        signed = signature(keys.signing, "draw-commit", protocol.commit_object(draw.number, role, value))
        return actions.commit(draw, value, shares, copy, signed, by=by, at=database_now())

    with pytest.raises(Forbidden):
        commit(stranger, where.parties[0])
    assert refusal_of(commit, where.staff, where.parties[1]) == "bad_commit"
    assert refusal_of(commit, where.staff, where.parties[0], role="supervisor") == "bad_commit"
    assert refusal_of(commit, where.staff, where.parties[0], shares=shares[:2]) == "bad_commit"
    assert refusal_of(commit, where.staff, where.parties[0], value="short") == "bad_commit"
    commit(where.staff, where.parties[0])
    assert refusal_of(commit, where.staff, where.parties[0]) == "committed"
    jump_to(draw.commit_until)
    assert refusal_of(commit, where.supervisor, where.parties[1], role="supervisor") == "too_late"


def test_only_the_number_committed_to_can_be_revealed_and_not_before_all_have_committed(where):
    draw = define(where)
    r = contribute(draw, where.parties[0])
    assert refusal_of(actions.reveal, draw, b64u(r), by=where.staff, at=database_now()) == "wrong_state"
    for keys in where.parties[1:]:
        contribute(draw, keys)
    for wrong in (os.urandom(32), r[:31], r + b"x"):
        assert refusal_of(actions.reveal, draw, b64u(wrong), by=where.staff, at=database_now()) == "wrong_number"
    assert refusal_of(actions.reveal, draw, b64u(r), by=where.supervisor, at=database_now()) == "wrong_number"
    actions.reveal(draw, b64u(r), by=where.staff, at=database_now())
    assert refusal_of(actions.reveal, draw, b64u(r), by=where.staff, at=database_now()) == "revealed"


def committed(where, **more):
    draw = define(where, **more)
    for keys in where.parties:
        contribute(draw, keys)
    draw.refresh_from_db()
    return draw


def overdue(draw):
    jump_to(draw.reveal_until)
    advance_draws()
    draw.refresh_from_db()
    return draw


def finished(draw):
    while sequence_once():
        pass
    advance_draws()
    draw.refresh_from_db()
    return draw


def test_a_party_that_never_reveals_cannot_stop_the_draw(where):
    draw = committed(where)
    for keys in where.parties[:2]:
        disclose(draw, keys)
    assert finished(draw).state == Draw.State.REVEAL
    assert overdue(draw).state == Draw.State.RECOVER
    missing = draw.parties.get(role="tenderee")
    recover(missing, where.parties[0])
    recover(missing, where.parties[1])
    missing.refresh_from_db()
    assert missing.recovered
    assert not missing.recovered_shares.exclude(wrapped=None).exists()
    assert finished(draw).state == Draw.State.RESULT
    kinds = [entry["k"] for entry in entries(draw)]
    assert kinds.count("draw.recovery_requested") == 1 and kinds.count("draw.share") == 2


def test_shares_are_given_only_of_what_is_missing_and_late_numbers_still_count(where):
    draw = committed(where)
    disclose(draw, where.parties[0])
    disclose(draw, where.parties[1])
    missing = draw.parties.get(role="tenderee")
    assert refusal_of(recover, missing, where.parties[0]) == "wrong_state"
    overdue(draw)
    assert refusal_of(recover, draw.parties.get(role="centre"), where.parties[1]) == "revealed"
    recover(missing, where.parties[0])
    assert refusal_of(recover, missing, where.parties[0]) == "share_given"
    disclose(draw, where.parties[2])
    assert finished(draw).state == Draw.State.RESULT
    missing.refresh_from_db()
    assert not missing.recovered


def test_a_bad_share_is_on_record_and_does_not_spoil_the_recovery(where):
    draw = committed(where)
    disclose(draw, where.parties[0])
    disclose(draw, where.parties[1])
    overdue(draw)
    missing = draw.parties.get(role="tenderee")
    assert refusal_of(recover, missing, where.parties[0], share=os.urandom(33)) == "bad_share"
    assert refusal_of(recover, missing, where.parties[0], share=b"") == "bad_share"
    assert [entry["k"] for entry in entries(draw)].count("draw.bad_share") == 2
    recover(missing, where.parties[0])
    recover(missing, where.parties[1])
    assert finished(draw).state == Draw.State.RESULT


def test_who_left_no_usable_shares_is_named_and_kept_from_the_repeat(where):
    draw = define(where)
    contribute(draw, where.parties[0])
    contribute(draw, where.parties[1])
    # The third commits to one number and leaves shares of another.
    r, other = os.urandom(32), os.urandom(32)
    own = draw.parties.get(person=where.handler)
    value = protocol.commitment(draw.number, own.role, r)
    from sealing.hpke import seal
    from sealing.shares import commitment, share_info, split
    from sealing.signatures import load_p256

    bound, shares = protocol.bound_to(draw.number, own.role, value), []
    for party, share in zip(draw.parties.select_related("key"), split(other, 2, 3), strict=True):
        enc, body = seal(load_p256(bytes(party.key.spki)), share_info(protocol.SHARE_LABEL, bound), share)
        shares.append({"kid": party.key.kid, "commit": b64u(commitment(bound, share)), "enc": b64u(enc), "body": b64u(body)})
    signed = signature(where.parties[2].signing, "draw-commit", protocol.commit_object(draw.number, own.role, value))
    actions.commit(draw, value, shares, {"enc": "AA", "body": "AA"}, signed, by=where.handler, at=database_now())
    disclose(draw, where.parties[0])
    disclose(draw, where.parties[1])
    draw.refresh_from_db()
    overdue(draw)
    missing = draw.parties.get(role="tenderee")
    recover(missing, where.parties[0])
    recover(missing, where.parties[1])
    draw.refresh_from_db()
    assert draw.state == Draw.State.VOID
    assert entries(draw)[-1]["d"]["party"] == "tenderee"
    assert refusal_of(define, where, repeats=draw) == "party_failed"


def test_what_cannot_be_recovered_ends_without_a_result(where):
    draw = committed(where)
    disclose(draw, where.parties[0])
    overdue(draw)
    jump_to(draw.recover_until)
    advance_draws()
    draw.refresh_from_db()
    assert (draw.state, draw.seed) == (Draw.State.VOID, "")
    assert entries(draw)[-1]["k"] == "draw.void"


def test_nobody_can_stop_a_draw_once_commitments_are_known(where):
    draw = committed(where)
    assert refusal_of(actions.void_draw, draw, "不想要这个结果", by=where.staff, at=database_now()) == "too_late_to_void"
    fresh = define(where)
    actions.void_draw(fresh, "名单有误", by=where.staff, at=database_now())
    assert refusal_of(contribute, fresh, where.parties[0]) == "wrong_state"


def test_an_uncommitted_party_ends_the_draw_in_time(where):
    draw = define(where)
    contribute(draw, where.parties[0])
    jump_to(draw.commit_until)
    advance_draws()
    draw.refresh_from_db()
    assert draw.state == Draw.State.VOID


def test_nothing_is_computed_before_the_commitments_stand_in_a_signed_checkpoint(where):
    draw = committed(where)
    for keys in where.parties:
        disclose(draw, keys)
    assert refusal_of(actions.conclude, draw) == "ledger_behind"
    assert finished(draw).state == Draw.State.RESULT
    assert refusal_of(actions.conclude, draw) == "wrong_state"


def test_replacements_follow_the_drawn_order_to_its_end(where):
    draw = drawn(define(where, take=2), where.parties)
    order = list(draw.candidates.order_by("place"))
    left = order[0]
    for place in range(2, len(order)):
        came = actions.replace(left, "refused", by=where.staff)
        assert came.place == place
        left = came
    assert refusal_of(actions.replace, left, "refused", by=where.staff) == "standbys_used_up"
    replaced = [entry["d"] for entry in entries(draw) if entry["k"] == "draw.replaced"]
    assert [(row["place"], row["in"]) for row in replaced] == [(row.place, row.c) for row in order[2:]]
    assert refusal_of(actions.replace, order[0], "refused", by=where.staff) == "not_chosen"


def test_a_rule_passes_over_with_its_code_on_record(where, monkeypatch):
    barred = NAMES[0]
    monkeypatch.setitem(
        actions.PURPOSES, "lots", actions.Purpose(skips=lambda candidate, taken: "barred" if candidate["name"] == barred else None)
    )
    draw = drawn(define(where, take=len(NAMES) - 1, purpose=Draw.Purpose.LOTS), where.parties)
    skipped = [row for row in draw.candidates.all() if row.state == DrawCandidate.State.SKIPPED]
    last = draw.candidates.order_by("-place").first()
    assert barred not in {name_of(row) for row in actions.chosen(draw)}
    assert skipped or name_of(last) == barred
    if skipped:
        assert entries(draw)[-1]["d"]["strata"][0]["skipped"][0]["code"] == "barred"


def test_a_coefficient_is_the_number_below_that_the_seed_gives(where):
    values = [f"{value / 10:.1f}" for value in range(950, 985, 5)]
    draw = drawn(define(where, take=1, names=values, purpose=Draw.Purpose.COEFFICIENT), where.parties)
    from draws.order import below, numbers
    from ledger.canonical import H

    items = draw_file(draw)["lists"][0]["items"]
    index = below(numbers(H("draw-stratum", unb64u(draw.seed) + b"all")), len(values))
    assert name_of(actions.chosen(draw)[0]) == items[index]["candidate"]["name"]


@pytest.mark.requirement("R123")
def test_the_pages_lead_the_parties_and_the_public_through(client, where):
    """Staff begin an open draw in a form; each party's room says what to do; the public page explains the result."""
    client.force_login(where.staff, backend=BACKEND)
    url = reverse("draws:new")
    data = {
        "purpose": "agency", "title": "造价咨询机构抽取", "rule": RULE, "candidates": "\n".join([*NAMES, NAMES[0]]), "take": "3",
        "supervisor": where.supervisor.pk, "tenderee": where.handler.pk,
    }  # fmt: skip
    page = signed_post(client, url, data, where.parties[0]).content.decode()
    assert f"“{NAMES[0]}”重复出现" in page and RULE in page
    answer = signed_post(client, url, {**data, "candidates": "\n".join(NAMES)}, where.parties[0])
    draw = Draw.objects.get()
    assert answer.url == reverse("draws:room", args=[draw.number])
    for person in (where.staff, where.supervisor, where.handler):
        client.force_login(person, backend=BACKEND)
        assert "产生随机数并提交承诺" in client.get(answer.url).content.decode()
    client.force_login(member(where.agency), backend=BACKEND)
    assert client.get(answer.url).status_code == 404
    drawn(draw, where.parties)
    client.logout()
    page = client.get(reverse("draws:draw", args=[draw.number])).content.decode()
    assert all(name in page for name in NAMES) and draw.seed in page and "在我的浏览器里重算" in page
    assert draw.number in client.get(reverse("draws:draws")).content.decode()


def test_any_changed_bit_of_the_transcript_changes_the_seed(where):
    draw = drawn(define(where), where.parties)
    base = protocol.seed_of(draw.transcript)
    changed = [
        {**draw.transcript, "n": 9},
        {**draw.transcript, "draw": "D-2026-9999"},
        {**draw.transcript, "kind": "lots"},
        {**draw.transcript, "list_root": "A" * 43},
        {**draw.transcript, "strata": [{"id": "all", "take": 4}]},
        {**draw.transcript, "checkpoint": {**draw.transcript["checkpoint"], "size": 1}},
        *[
            {**draw.transcript, "contrib": [{**row, "r": b64u(bytes([*unb64u(row["r"])[:-1], unb64u(row["r"])[-1] ^ 1]))} if at == place else row
                                            for at, row in enumerate(draw.transcript["contrib"])]}
            for place in range(3)
        ],
    ]  # fmt: skip
    seeds = {protocol.seed_of(row) for row in changed}
    assert base not in seeds and len(seeds) == len(changed)


def test_chance_is_fair():
    """χ² on first places among ten, and on all orders of four, with a limit that chance exceeds once in a million."""
    firsts, orders = [0] * 10, {}
    for number in range(20_000):
        seed = number.to_bytes(32, "big")
        firsts[protocol.stratum_order(seed, "all", 10)[0]] += 1
        order = tuple(protocol.stratum_order(seed, "four", 4))
        orders[order] = orders.get(order, 0) + 1
    assert sum((count - 2000) ** 2 / 2000 for count in firsts) < 45.1
    expected = 20_000 / 24
    assert len(orders) == 24
    assert sum((count - expected) ** 2 / expected for count in orders.values()) < 70.5


def test_the_clock_of_a_draw_is_the_official_one(where):
    draw = define(where, minutes=10)
    assert draw.commit_until - draw.defined_at == timedelta(minutes=10)


def test_a_draw_that_breaks_stops_no_other(where, monkeypatch):
    draws = [define(where), define(where)]
    jump_to(draws[1].commit_until)
    real = actions.void_draw

    def breaking(draw, *args, **more):
        if draw == draws[0]:
            raise ValueError("broken")
        real(draw, *args, **more)

    breaking.__name__ = "void_draw"
    monkeypatch.setattr(actions, "void_draw", breaking)
    advance_draws()
    assert Draw.objects.get(pk=draws[1].pk).state == Draw.State.VOID
