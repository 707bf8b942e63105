"""Bids in two envelopes: no price is known while the technical part is judged, and then all at once."""

import json

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.models import Person
from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.canonical import H, b64u, parse_jcs
from ledger.models import LedgerEntry
from ledger.sequencer import sequence_once
from ledger.signer import signer
from postbox.models import Message
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.age import parse_header
from sealing.context import context_hash
from sealing.models import Upload
from tests.factories.bids import (
    PDF,
    decrypt,
    form_of,
    hand_in,
    hand_share,
    locked_opening,
    revealed,
    started_opening,
    state_of,
    two_envelope_lot,
    with_holders,
)
from tests.factories.evaluation import members, review, scored, started
from tests.factories.trading import published_lot
from tests.trust.published import keys, write_json
from tests.trust.test_etp_verify import told
from trading.bidding import checks as bid_checks
from trading.bidding.formschema import part_of
from trading.bidding.models import Bid, BidEnvelope
from trading.evaluation import actions as evaluating
from trading.evaluation.models import Evaluation
from trading.opening import actions, fallback, reference
from trading.opening import checks as opening_checks
from trading.opening.models import Fallback, OpenedBid, Opening
from trading.projects.models import Lot
from trading.tenders.problems import problems_of

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
PRICES = ("30123456.78", "31234567.89", "32345678.91", "33456789.12")


def handed_in(bidders=4, prices=PRICES, lot=None):
    lot = lot or two_envelope_lot(bidders)
    for bidder, price in zip(lot.city.bidders, prices, strict=False):
        hand_in(lot, bidder, price)
    return lot


def closed(opening):
    actions.close_opening(opening, by=Opening.objects.get(pk=opening.pk).host, at=database_now())
    return Opening.objects.get(pk=opening.pk)


def first_closed(lot):
    """The technical envelopes were opened, all of them, and that opening has ended."""
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    return closed(revealed(opening))


def judged(lot, rejected=()):
    """The committee has judged the first envelopes; the bids of the organisations `rejected` did not pass."""
    return scored(lot, failing=[row.pk for row in lot.openings.get().bids.all() if row.bidder in rejected])


def second_started(lot):
    return actions.start_opening(Opening.objects.get(lot=lot, envelope="commercial"), by=lot.city.staff, at=database_now())


def prices_judged(lot, evaluation, bidders, deliver):
    """The second opening, in which `bidders` release their keys, has ended, and the evaluation has gone on."""
    second = second_started(lot)
    for bidder in bidders:
        decrypt(second, bidder)
    closed(revealed(second))
    deliver()
    evaluation.refresh_from_db()
    return evaluation


def refusal_of(act, *args, **more):
    with pytest.raises((Refused, Forbidden)) as refusal:
        act(*args, **more)
    return refusal.value.code


def opened_of(lot, bidder, envelope):
    return OpenedBid.objects.select_related("opening__lot__tender", "bid__bidder", "bid__lot__tender").get(
        opening__lot=lot, opening__envelope=envelope, bid__bidder=bidder
    )


def sequenced():
    while sequence_once():
        pass


def verdict(lot, folder):
    sequenced()
    made = keys(origin=settings.ETP_ORIGIN)
    made["ledger"][0]["public_key"] = b64u(signer().ledger_public_key())
    write_json(folder / "keys.json", made)
    return told(folder, "opening", lot.tender.number, "--log", settings.ETP_LEDGER)


def test_the_whole_way_from_two_envelopes_to_one_result(deliver, tmp_path):
    lot = handed_in()
    first = first_closed(lot)
    assert (first.envelope, {row.price for row in first.bids.all()}, {row.manager for row in first.bids.all()}) == (
        "technical",
        {None},
        {"甲"},
    )
    assert "第二信封尚未公布开标结果" in verdict(lot, tmp_path)[1]
    passed, loser = lot.city.bidders[:3], lot.city.bidders[3]
    evaluation = judged(lot, rejected=[loser])
    assert (evaluation.state, state_of(lot)) == (Evaluation.State.PRICING, Lot.State.EVALUATING)
    # Its bidder is told, its second envelope goes back sealed, and nobody can open it any more.
    message = Message.objects.filter(person=loser.somebody, subject__startswith="第一信封评审结果").get()
    assert "第二信封不开启、退回" in message.body and "资质证书过期" in message.body
    returned = BidEnvelope.objects.get(bid__bidder=loser, name="commercial")
    assert returned.returned_at and returned.upload.path.exists()

    evaluation = prices_judged(lot, evaluation, passed, deliver)
    second = Opening.objects.get(lot=lot, envelope="commercial")
    assert sorted(str(row.price) for row in second.bids.all()) == sorted(PRICES[:3])
    returned.upload.refresh_from_db()
    assert returned.upload.terminated_at and evaluation.state == Evaluation.State.COMBINED
    results = {row.bid.bidder: row for row in evaluation.results.all()}
    # One formula of price, credit and marks, as for bids in one envelope; term and manager stand beside the price.
    assert set(results) == set(passed)
    assert all(set(row.parts) == {"施工组织设计", "类似业绩", "信用评价", "投标报价"} for row in results.values())
    assert {(row.bid.manager, row.bid.term_days) for row in results.values()} == {("甲", 400)}
    for member in members(evaluation):
        evaluating.sign_report(evaluation, by=member.person, at=database_now())
    assert state_of(lot) == Lot.State.EVALUATED

    records = Notice.objects.filter(kind=Notice.Kind.OPENING).order_by("pk")
    assert ["第一信封（技术）" in row.title for row in records] == [True, False]
    assert "报价仍封存在第二信封里" in records[0].body and loser.name in records[1].body and "30,123,456.78" in records[1].body
    assert OfficialDocument.objects.filter(kind="opening_record").count() == 2
    code, said = verdict(lot, tmp_path)
    assert (code, "第一信封：4 份投标，开启 4 份" in said, "第二信封：3 份投标，开启 3 份" in said) == (0, True, True)
    for kind, check in (("lot.locked", opening_checks.locked_set_is_unchanged), ("envelope.admitted", opening_checks.locked_set_is_unchanged),
                        ("opening.revealed", opening_checks.table_is_unchanged), ("bid.submitted", bid_checks.bid_is_unchanged)):  # fmt: skip
        rows = LedgerEntry.objects.filter(kind=kind)
        assert rows and all(check(row.inner or parse_jcs(bytes(row.data))) is None for row in rows)


def places_of(text):
    """Tables of the database in which that text stands, in whatever column, as text or as bytes."""
    spelt = [text, f"{float(text):,.2f}", text.encode().hex(), f"{float(text):,.2f}".encode().hex()]
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS line WHERE line::text LIKE ANY(%s)',  # noqa: S608 - a name of ours
                [[f"%{each}%" for each in spelt]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def nobody_knows(client, lot, evaluation=None):
    """No table and no file on disk holds a price, and nobody's pages or lists show one."""
    for price in PRICES[:3]:
        assert places_of(price) == []
        for folder in (settings.ETP_UPLOADS, settings.ETP_LEDGER):
            assert not [path for path in folder.rglob("*") if path.is_file() and price.encode() in path.read_bytes()]
    where = [lot.tender.number, lot.no]
    urls = [reverse(f"trading:{name}", args=where) for name in ("hall", "hall_live", "bid_header", "committee", "bid", "bid_head")]
    urls += [reverse("trading:tender", args=where[:1]), reverse("trading:staff_desk"), reverse("trading:agency_desk"), reverse("trading:bidder_desk"),
             reverse("trading:expert_desk"), reverse("disclosure:notices"), reverse("postbox:inbox"), f"/ledger/streams/tender/{lot.tender.number}/"]  # fmt: skip
    urls += [f"/notices/{row.number}/" for row in Notice.objects.filter(tender_number=lot.tender.number)]
    if evaluation is not None:
        urls.append(reverse("trading:evaluation_desk", args=[evaluation.pk]))
    judges = [row.person for row in members(evaluation)][:1] if evaluation is not None else []
    administrator = Person.objects.create(mobile="13900009999", name="管理员", is_superuser=True)
    city = lot.city
    for person in (
        None,
        *(each.somebody for each in city.bidders[:2]),
        city.handler,
        city.owner.somebody,
        city.staff,
        city.supervisor,
        administrator,
        *judges,
    ):
        client.logout()
        if person is not None:
            client.force_login(person, backend=BACKEND)
        for url in urls:
            seen = client.get(url).content.decode("utf-8", "replace")
            assert not any(price in seen or f"{float(price):,.2f}" in seen for price in PRICES[:3]), (person, url)
    administrator.delete()


def test_no_price_is_anywhere_before_the_second_reveal_whoever_asks(client, deliver):
    lot = handed_in(3)
    nobody_knows(client, lot)
    first = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(first, bidder)
    closed(revealed(first))
    nobody_knows(client, lot)
    evaluation = judged(lot)
    assert evaluation.state == Evaluation.State.PRICING
    nobody_knows(client, lot, evaluation)
    second = second_started(lot)
    for bidder in lot.city.bidders[:2]:
        decrypt(second, bidder)
    nobody_knows(client, lot, evaluation)
    decrypt(second, lot.city.bidders[2])
    revealed(second)
    # The search itself can find: now the price is in the rows, and in the hall.
    assert "trading_openedbid" in places_of(PRICES[0])
    client.force_login(lot.city.staff, backend=BACKEND)
    assert "30,123,456.78" in client.get(reverse("trading:hall", args=[lot.tender.number, lot.no])).content.decode()


def sealed_pair(lot, bidder):
    """Keys, and the two envelopes of a bid, uploaded but not handed in."""
    bidder.keys = reference.make_keys(bidder, by=bidder.somebody)
    return [part(lot, bidder, "technical"), part(lot, bidder, "commercial")]


def part(lot, bidder, name, form=None):
    whole = form_of(PRICES[0])
    form = form or part_of(whole, name)
    return reference.uploaded(lot, bidder, bidder.keys, form, [PDF], by=bidder.somebody, name=name)


def submitted(lot, bidder, envelopes):
    return reference.sign_and_submit(lot, bidder, bidder.keys, envelopes, by=bidder.somebody)


def test_envelopes_that_are_missing_doubled_swapped_or_of_others_change_nothing(client):
    lot = two_envelope_lot()
    bidder, other = lot.city.bidders[:2]
    technical, commercial = sealed_pair(lot, bidder)
    theirs = sealed_pair(lot, other)
    whole = reference.uploaded(lot, bidder, bidder.keys, form_of(PRICES[0]), [PDF], by=bidder.somebody, name="bid")
    # Sealed and sent as the first envelope, listed as the second; and the other way round.
    renamed = [{**commercial, "name": "technical"}, {**technical, "name": "commercial"}]
    for envelopes, code in (
        ([technical], "bad_manifest"),
        ([commercial], "bad_manifest"),
        ([whole], "bad_manifest"),
        ([technical, technical], "bad_manifest"),
        ([commercial, technical], "bad_manifest"),
        ([technical, {**technical, "name": "commercial"}], "bad_manifest"),
        ([technical, commercial, commercial], "bad_manifest"),
        ([{**technical, "name": "bid"}, commercial], "bad_manifest"),
        (renamed, "no_upload"),
        ([technical, theirs[1]], "no_upload"),
        ([technical, {**commercial, "seal": b64u(bytes(16))}], "no_upload"),
        ([technical, {**commercial, "sha256": technical["sha256"]}], "upload_differs"),
        ([technical, {**commercial, "header": b64u(bytes(32))}], "not_encrypted"),
    ):
        assert refusal_of(submitted, lot, bidder, envelopes) == code, envelopes
    Upload.objects.filter(seal=commercial["seal"]).update(offset=1, sha256="")
    assert refusal_of(submitted, lot, bidder, [technical, commercial]) == "upload_incomplete"
    assert not Bid.objects.exists() and not BidEnvelope.objects.exists()
    Upload.objects.filter(seal=commercial["seal"]).update(offset=commercial["size"], sha256=commercial["sha256"])

    bid = submitted(lot, bidder, [technical, commercial])
    assert [row.name for row in bid.envelopes.all()] == ["technical", "commercial"]
    # Neither serves twice, not even beside a new one.
    fresh = part(lot, bidder, "technical")
    assert refusal_of(submitted, lot, bidder, [fresh, commercial]) == "seal_used"
    again = submitted(lot, bidder, [fresh, part(lot, bidder, "commercial")])
    assert (again.rev, again.envelopes.count(), Bid.objects.get(rev=1).state) == (2, 2, Bid.State.SUPERSEDED)
    gone = reference.withdraw(lot, bidder, bidder.keys, by=bidder.somebody)
    assert (gone.rev, gone.envelopes.count(), Bid.objects.filter(lot=lot).heads().count()) == (3, 0, 0)


def test_a_lot_of_one_envelope_takes_no_two():
    lot = published_lot(holders=1)
    bidder = lot.city.bidders[0]
    assert refusal_of(submitted, lot, bidder, sealed_pair(lot, bidder)) == "bad_manifest"
    assert not Bid.objects.exists()


def test_a_price_in_the_first_envelope_leaves_it_unread_and_unknown():
    lot = handed_in(4, PRICES[:3])
    bidder = lot.city.bidders[3]
    sealed_pair(lot, bidder)
    submitted(lot, bidder, [part(lot, bidder, "technical", form_of(PRICES[3])), part(lot, bidder, "commercial")])
    first = first_closed(lot)
    told_too_much = first.bids.get(bid__bidder=bidder)
    assert (told_too_much.state, told_too_much.price, told_too_much.form) == (OpenedBid.State.CORRUPT, None, {})
    assert places_of(PRICES[3]) == []


def test_envelopes_sealed_into_each_others_place_are_not_read():
    """A bidder whose own program swaps the files: each is bound to its name, and opens under no other."""
    lot = handed_in(4, PRICES[:3])
    bidder = lot.city.bidders[3]
    technical, commercial = sealed_pair(lot, bidder)
    for row, name in ((technical, "commercial"), (commercial, "technical")):
        Upload.objects.filter(seal=row["seal"]).update(envelope=name)
    submitted(lot, bidder, [{**commercial, "name": "technical"}, {**technical, "name": "commercial"}])
    opening = started_opening(lot)
    for each in lot.city.bidders[:3]:
        decrypt(opening, each)
    # The owner's stanza does not open in the other context.
    with pytest.raises(ValueError):  # noqa: PT011 - HPKE says no more
        decrypt(opening, bidder)
    assert revealed(opening).bids.get(bid__bidder=bidder).state == OpenedBid.State.UNOPENED_BIDDER


def key_of_second(lot, bidder):
    """The file key of a bidder's commercial envelope, while that is not being opened; only its bidder can have it."""
    bid = Bid.objects.get(lot=lot, bidder=bidder)
    stand_in = OpenedBid(opening=Opening(lot=lot, envelope="commercial"), bid=bid)
    key = reference.file_key_of(stand_in, bidder.keys)
    digest = b64u(H("file-key", context_hash(actions.context_of(stand_in)) + key))
    return key, reference.signature(bidder.keys.signing, "key-release", actions.release_object(stand_in, digest))


def test_the_second_key_is_of_no_use_in_the_first_window_nor_any_time_before_its_own(client):
    lot = handed_in(3)
    bidder = lot.city.bidders[0]
    first = started_opening(lot)
    opened = opened_of(lot, bidder, "technical")
    key, signed = key_of_second(lot, bidder)
    # Under its own signature, and under one for the envelope that is being opened.
    assert refusal_of(actions.release_key, opened, b64u(key), signed, by=bidder.somebody, at=database_now()) == "bad_signature"
    digest = b64u(H("file-key", context_hash(actions.context_of(opened)) + key))
    matching = reference.signature(bidder.keys.signing, "key-release", actions.release_object(opened, digest))
    assert refusal_of(actions.release_key, opened, b64u(key), matching, by=bidder.somebody, at=database_now()) == "wrong_key"
    opened.refresh_from_db()
    assert (opened.state, bytes(opened.wrapped_key or b"")) == (OpenedBid.State.PENDING, b"")
    # The door gives the header of the envelope that is being opened, and no other.
    client.force_login(bidder.somebody, backend=BACKEND)
    url = reverse("trading:bid_header", args=[lot.tender.number, lot.no])
    assert client.get(url).content == header_of(lot, bidder, "technical")
    for each in lot.city.bidders:
        decrypt(first, each)
    closed(revealed(first))
    assert client.get(url).content == header_of(lot, bidder, "technical")
    answer = client.post(
        reverse("trading:release_key", args=[lot.tender.number, lot.no]),
        json.dumps({"file_key": b64u(key), "signature": signed}), content_type="application/json", headers={"Accept": "application/json"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "keys_closed")
    # Nobody can begin the second opening before the first envelope is judged: there is none.
    assert not Opening.objects.filter(envelope="commercial").exists()
    assert refusal_of(actions.start_opening, first, by=lot.city.staff, at=database_now()) == "wrong_state"


def header_of(lot, bidder, name):
    envelope = BidEnvelope.objects.get(bid__lot=lot, bid__bidder=bidder, name=name)
    with envelope.upload.open() as sealed:
        length = parse_header(sealed).length
        sealed.seek(0)
        return sealed.read(length)


def test_in_the_second_window_only_the_second_keys_of_those_who_passed_count(client, deliver):
    lot = handed_in()
    loser = lot.city.bidders[3]
    bidder = lot.city.bidders[0]
    first_closed(lot)
    old = opened_of(lot, bidder, "technical")
    first_key = reference.file_key_of(old, bidder.keys)
    judged(lot, rejected=[loser])
    url = reverse("trading:bid_header", args=[lot.tender.number, lot.no])
    second = second_started(lot)
    opened = opened_of(lot, bidder, "commercial")
    digest = b64u(H("file-key", context_hash(actions.context_of(opened)) + first_key))
    signed = reference.signature(bidder.keys.signing, "key-release", actions.release_object(opened, digest))
    assert refusal_of(actions.release_key, opened, b64u(first_key), signed, by=bidder.somebody, at=database_now()) == "wrong_key"
    client.force_login(loser.somebody, backend=BACKEND)
    assert client.get(url).status_code == 403
    page = client.get(reverse("trading:hall", args=[lot.tender.number, lot.no]))
    assert page.status_code == 200 and "第二信封不开启、已退回" in page.content.decode()
    assert refusal_of(actions.check_in, second, loser, by=loser.somebody, at=database_now()) == "no_bid"
    # A longer window takes two here too, and no more than twice.
    for _ in range(2):
        actions.propose_extension(second, minutes=5, reason="网络故障", by=lot.city.staff, at=database_now())
        actions.agree_extension(second, by=lot.city.supervisor, at=database_now())
    assert (
        refusal_of(actions.propose_extension, second, minutes=5, reason="再次", by=lot.city.staff, at=database_now()) == "extended_enough"
    )
    named = [parse_jcs(bytes(row.data))["d"]["envelope"] for row in LedgerEntry.objects.filter(kind="opening.extended")]
    assert named == ["commercial", "commercial"]


def test_the_holders_open_a_second_envelope_alone(deliver, tmp_path):
    lot = handed_in(lot=with_holders(two_envelope_lot(3)), prices=PRICES[:3])
    loser = lot.city.bidders[0]
    first_closed(lot)
    earlier = reference.signature(
        loser.keys.signing, "fallback-request", fallback.request_object(opened_of(lot, loser, "technical"), "丢失")
    )
    evaluation = judged(lot)
    second = second_started(lot)
    # A request signed for the first envelope asks for nothing here.
    assert refusal_of(fallback.request_by_bidder, second, loser, "丢失", earlier, by=loser.somebody, at=database_now()) == "bad_signature"
    signed = reference.signature(
        loser.keys.signing, "fallback-request", fallback.request_object(opened_of(lot, loser, "commercial"), "丢失")
    )
    asked = fallback.request_by_bidder(second, loser, "丢失", signed, by=loser.somebody, at=database_now())
    fallback.decide(asked, approve=True, reason="", by=lot.city.supervisor, at=database_now())
    asked.refresh_from_db()
    assert refusal_of(hand_share, asked, lot.holders[0], bytes(17)) == "bad_share"
    for holder in lot.holders[1:]:
        hand_share(Fallback.objects.select_related("opened__opening__lot__tender").get(pk=asked.pk), holder)
    for bidder in lot.city.bidders[1:]:
        decrypt(second, bidder)
    closed(revealed(second))
    assert str(opened_of(lot, loser, "commercial").price) == PRICES[0]
    told_of = list(LedgerEntry.objects.filter(kind__startswith="fallback."))
    assert {row.inner["d"]["envelope"] for row in told_of} == {"commercial"}
    assert {row.kind for row in told_of} == {
        "fallback.requested",
        "fallback.approved",
        "fallback.bad_share",
        "fallback.share",
        "fallback.opened",
    }
    deliver()
    evaluation.refresh_from_db()
    assert evaluation.state == Evaluation.State.COMBINED
    assert verdict(lot, tmp_path)[0] == 0


def test_who_does_not_open_the_second_envelope_counts_as_revoked_and_the_chair_judges_what_is_left(deliver):
    lot = handed_in(3)
    first_closed(lot)
    evaluation = prices_judged(lot, judged(lot), lot.city.bidders[:2], deliver)
    silent = opened_of(lot, lot.city.bidders[2], "commercial")
    assert silent.state == OpenedBid.State.UNOPENED_BIDDER and "视为撤销投标文件" in evaluation.rejections.get().reason
    # Two of three are left: as after a review, the chair says whether that is competition.
    assert evaluation.state == Evaluation.State.PRICING
    chair = next(row for row in members(evaluation) if row.chair)
    other = next(row for row in members(evaluation) if not row.chair)
    about = {"goes_on": True, "opinion": "两家报价均合理，仍有竞争", "at": database_now()}
    assert refusal_of(evaluating.judge_competition, evaluation, by=other.person, **about) == "not_now"
    evaluating.judge_competition(evaluation, by=chair.person, **about)
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.results.count(), evaluation.competition_opinion) == (
        Evaluation.State.COMBINED,
        2,
        about["opinion"],
    )


def test_prices_over_the_limit_fall_away_and_with_none_left_the_lot_fails(deliver):
    lot = handed_in(3, ("99000000.00", "30123456.78", "98000000.00"))
    first_closed(lot)
    evaluation = prices_judged(lot, judged(lot), lot.city.bidders[:1] + lot.city.bidders[2:], deliver)
    assert sorted(evaluation.rejections.values_list("code", flat=True)) == ["PRICE_OVER_LIMIT", "PRICE_OVER_LIMIT", "SECOND_UNOPENED"]
    assert (evaluation.state, state_of(lot)) == (Evaluation.State.FAILED, Lot.State.FAILED)


def test_a_first_envelope_that_nobody_passes_opens_no_second():
    lot = handed_in(3)
    first_closed(lot)
    assert scored_none(lot).state == Evaluation.State.FAILED
    assert not Opening.objects.filter(envelope="commercial").exists()
    assert state_of(lot) == Lot.State.FAILED


def scored_none(lot):
    evaluation = started(lot)
    everything = [row.pk for row in lot.openings.get().bids.all()]
    for member in members(evaluation):
        review(evaluation, member, failing=everything)
    return evaluation


def test_too_few_bids_open_neither_envelope():
    lot = two_envelope_lot()
    for bidder in lot.city.bidders[:2]:
        hand_in(lot, bidder, PRICES[0])
    opening = locked_opening(lot)
    assert (opening.state, opening.envelope, state_of(lot)) == (Opening.State.FAILED, "technical", Lot.State.FAILED)


def test_the_document_says_how_bids_come_and_asks_no_price_of_the_first_envelope():
    lot = two_envelope_lot()
    document = lot.tender.document
    assert ["投标文件", "双信封：技术和报价分别封存，先开标评审技术，再开启通过者的报价"] in [list(row) for row in document.notice.facts]
    published = parse_jcs(bytes(LedgerEntry.objects.get(kind="tender.published").data))["d"]
    assert published["envelopes"] == ["technical", "commercial"]
    document.criteria.create(part="response", no=99, title="报价不超过限价", standard="", points=0)
    assert "price_in_first_envelope" in [row.code for row in problems_of(document, published_at=database_now())]
    document.two_envelopes = False
    assert "price_in_first_envelope" not in [row.code for row in problems_of(document, published_at=database_now())]
