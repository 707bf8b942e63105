"""The bidder's index is sealed with the bid, and read out of it at the opening."""

import pytest
from django.urls import reverse

from rulebook.clock import database_now
from sealing.container import Corrupt
from tests.factories.bids import PDF, decrypt, form_of, hand_in, revealed, started_opening
from tests.factories.trading import published_lot
from tests.reading.test_drafts import enter
from trading.bidding.formschema import check_fields, part_of
from trading.bidding.models import BidEnvelope
from trading.evaluation.reading import answers_of, asked_of
from trading.tenders.models import Envelope

INDEX = [{"criterion": "technical/1", "path": "f/0001", "page": 87}]
LISTS = {"price_table": None, "team": [], "qualifications": [], "records": []}
THIRD = {**form_of("30000000.00"), "v": 3, **LISTS, "index": INDEX, "technical_files": 1}


@pytest.mark.django_db(transaction=True)
def test_the_index_lies_within_the_seal_and_appears_after_the_opening(committed):
    lot = published_lot(holders=3)
    first, *others = lot.city.bidders
    hand_in(lot, first, form=THIRD)
    for bidder in others[:2]:
        hand_in(lot, bidder)
    # Nowhere in what the platform holds before the opening.
    for envelope in BidEnvelope.objects.all():
        assert b"technical/1" not in envelope.upload.path.read_bytes()
    opening = started_opening(lot)
    for bidder in (first, *others[:2]):
        decrypt(opening, bidder)
    opened = revealed(opening).bids.get(bid__bidder=first)
    assert opened.form["index"] == INDEX
    criterion = next(row for row in asked_of(lot.tender.document) if row.part == "technical")
    opened.form["index"][0]["criterion"] = criterion.key
    assert answers_of(opened, asked_of(lot.tender.document)) == {criterion.pk: (opened.files.get(), 87)}
    assert opened.files.get().name == PDF[0]
    assert database_now() > lot.bids_due_at


@pytest.mark.parametrize("envelope", Envelope.values)
def test_every_envelope_takes_its_part_of_the_third_version(envelope):
    check_fields(part_of(THIRD, envelope), envelope)
    assert ("index" in part_of(THIRD, envelope)) == (envelope != Envelope.COMMERCIAL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"index": {}},
        {"index": [{**INDEX[0], "page": 0}]},
        {"index": [{**INDEX[0], "page": "87"}]},
        {"index": [{**INDEX[0], "page": True}]},
        {"index": [{**INDEX[0], "path": "../etc"}]},
        {"index": [{**INDEX[0], "criterion": "Technical 1"}]},
        {"index": [INDEX[0], INDEX[0]]},
        {"index": [{**INDEX[0], "note": ""}]},
        {"technical_files": -1},
        {"v": 2},
        {"v": [3]},
    ],
)
def test_an_index_that_is_not_written_as_asked_is_corrupt(wrong):
    with pytest.raises(Corrupt):
        check_fields({**THIRD, **wrong}, Envelope.WHOLE)


@pytest.mark.django_db
def test_the_bid_page_and_the_offline_page_ask_for_every_criterion(client):
    lot = published_lot(holders=1)
    page = enter(client, lot.city.bidders[0].somebody).get(reverse("trading:bid", args=[lot.tender.number, lot.no]))
    asked = page.context["terms"]["asked"]
    assert [row["title"] for row in asked] == [row.title for row in asked_of(lot.tender.document)]
    assert any(row["key"].startswith("technical/") for row in asked) and not any(
        row["key"].startswith(("price", "credit")) for row in asked
    )
    offline = client.get(reverse("trading:offline_policy", args=[lot.tender.number, lot.key])).json()
    assert offline["form"]["asked"] == asked
