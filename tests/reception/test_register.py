"""A bidder's register: written once with proofs, its own alone, and offered to its bids."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from reception.models import RegisterEntry
from reception.register import add_entry, end_entry, entries_of
from rulebook.clock import city_day, database_now
from rulebook.refusals import Forbidden, Refused
from tests.factories.trading import organisation, pdf, stored

pytestmark = pytest.mark.django_db
URL = "/me/register/"


@pytest.fixture
def bidder():
    return organisation("bidder")


def add(bidder, kind, by=None, **data):
    now = database_now()
    by = by or bidder.somebody
    return add_entry(bidder, kind, data, stored(bidder.somebody, bidder, "register"), by=by, at=now)


@pytest.mark.parametrize(("days", "offered"), [(-1, False), (0, True), (1, True)])
def test_a_certificate_is_offered_to_its_last_day(bidder, days, offered):
    today = city_day(database_now())
    add(bidder, "qualification", name="建筑工程施工总承包", about="二级", number="D1", on=today + timedelta(days=days))
    assert bool(entries_of(bidder, today)["qualifications"]) is offered


def test_a_bid_form_gets_what_was_registered_as_it_was_registered(bidder):
    today = city_day(database_now())
    add(bidder, "person", name="何建造", about="项目经理", certificate="一级建造师", number="鄂1", on=today)
    add(bidder, "record", name="滨江路改造", about="清江市城投", number="HT1", amount=Decimal("12000000.00"), on=today)
    ended = add(bidder, "person", name="已离职", about="安全员")
    end_entry(ended, by=bidder.somebody, at=database_now())
    day = f"{today:%Y-%m-%d}"
    assert entries_of(bidder, today) == {
        "team": [{"name": "何建造", "post": "项目经理", "certificate": "一级建造师", "number": "鄂1", "until": day}],
        "qualifications": [],
        "records": [{"name": "滨江路改造", "client": "清江市城投", "amount": "12000000.00", "on": day, "number": "HT1"}],
    }


def test_only_its_own_people_write_and_only_completed_contracts_count(bidder):
    stranger = organisation("bidder").somebody
    with pytest.raises(Forbidden):
        add(bidder, "person", by=stranger, name="甲", about="乙")
    with pytest.raises(Refused) as refused:
        add(bidder, "record", name="甲", about="乙", amount=Decimal(1), on=city_day(database_now()) + timedelta(days=1))
    assert refused.value.field == "on"


def test_the_page_asks_for_what_a_kind_needs_and_shows_it_to_nobody_else(client, bidder):
    client.force_login(bidder.somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert "还没有登记" in client.get(URL).content.decode()
    answer = client.post(f"{URL}?kind=record", {"name": "滨江路改造", "amount": "一千万"}).content.decode()
    assert "请填写发包人" in answer and "滨江路改造" in answer and "请选择证明材料" in answer
    day = f"{city_day(database_now()):%Y-%m-%d}"
    posted = {"name": "滨江路改造", "about": "清江市城投", "amount": "1200 万元", "on": day, "proof": pdf()}
    assert client.post(f"{URL}?kind=record", posted).url == f"{URL}?kind=record"
    entry = RegisterEntry.objects.get()
    assert entry.amount == Decimal("12000000.00")
    assert "12,000,000.00" in client.get(f"{URL}?kind=record").content.decode()
    other = organisation("bidder")
    client.force_login(other.somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert "滨江路" not in client.get(f"{URL}?kind=record").content.decode()
    assert client.post(reverse("accounts:end_register_entry", args=[entry.pk])).status_code == 404
    assert client.get(reverse("documents:file", args=[entry.proof.key])).status_code == 404
