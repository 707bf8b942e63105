"""Who stands before one order, and how many queries the lists take."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.audit import CHECKS
from rulebook.clock import database_now
from tests.factories.frameworks import add_item, framework, ordered
from tests.factories.trading import organisation
from trading.frameworks import actions
from trading.frameworks.models import FrameworkOrder
from trading.frameworks.steps import STEPS

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def catalogue():
    made = framework()
    made.item = add_item(made)
    return made


def test_an_order_is_seen_by_its_sides_and_each_step_by_its_own(client, catalogue):
    first, second, _ = catalogue.suppliers
    order, where = ordered(catalogue, {catalogue.item: 1}, supplier=first), catalogue.city
    people = {
        "purchaser": catalogue.purchaser.somebody, "supplier": first.somebody, "collector": where.handler, "owner": where.owner.somebody,
        "watcher": where.supervisor, "centre": where.staff, "other entrant": second.somebody, "stranger": organisation("tenderee").somebody,
    }  # fmt: skip
    wrong = []
    for side, person in people.items():
        client.force_login(person, backend=BACKEND)
        seen = client.get(reverse("trading:framework_order", args=[order.number])).status_code
        listed = order.number in client.get(reverse("trading:framework_desk")).content.decode()
        if (seen == 200) != (side not in ("other entrant", "stranger")) or (listed and seen != 200):
            wrong.append((side, "page", seen, listed))
        for name, step in STEPS.items():
            status = client.get(reverse("trading:framework_order_step", args=[order.number, name])).status_code
            allowed = 200 if step.side == side else 403 if side in ("watcher", "centre") else 404
            if status != allowed:
                wrong.append((side, name, status))
    assert wrong == []


def test_a_step_posted_under_another_name_is_refused(client, catalogue):
    order = ordered(catalogue, {catalogue.item: 1}, supplier=catalogue.suppliers[0])
    client.force_login(catalogue.suppliers[0].somebody, backend=BACKEND)
    address = reverse("trading:framework_order_step", args=[order.number, "confirm"])
    assert client.post(address, {"move": "decline", "reason": "不接"}).status_code == 404
    assert FrameworkOrder.objects.get().state == "asked"


def test_only_the_tender_s_handlers_keep_the_catalogue_and_only_entrants_see_their_prices(client, catalogue):
    number, where = catalogue.lot.tender.number, catalogue.city
    keep, prices = (reverse(f"trading:framework_{name}", args=[number, 1]) for name in ("catalogue", "prices"))
    for person, address, status in (
        (where.handler, keep, 200), (catalogue.purchaser.somebody, keep, 404), (organisation("agency").somebody, keep, 404),
        (catalogue.suppliers[0].somebody, prices, 200), (where.bidders[3].somebody, prices, 404),
    ):  # fmt: skip
        client.force_login(person, backend=BACKEND)
        assert client.get(address).status_code == status


def test_the_contract_is_read_by_both_parties_and_who_collects_or_watches(client, catalogue):
    first, second, _ = catalogue.suppliers
    order, where = ordered(catalogue, {catalogue.item: 1}, supplier=first), catalogue.city
    order = actions.confirm_order(order, by=first.somebody, at=database_now())
    for person, may in (
        (catalogue.purchaser.somebody, True), (first.somebody, True), (where.handler, True), (where.supervisor, True), (second.somebody, False),
    ):  # fmt: skip
        client.force_login(person, backend=BACKEND)
        assert (client.get(reverse("documents:file", args=[order.paper.key])).status_code == 200) is may
    (check,) = CHECKS["framework.order"]
    body = {"d": {"move": "decided", "number": order.number, "supplier": first.uscc, "amount": "4500.00"}}
    assert check(body) is None
    FrameworkOrder.objects.update(amount=1)
    assert "不符" in check(body)


def test_lists_take_as_many_queries_for_three_as_for_one(client, catalogue):
    desk = reverse("trading:framework_desk")
    ordered(catalogue, {catalogue.item: 1}, supplier=catalogue.suppliers[0])
    client.force_login(catalogue.purchaser.somebody, backend=BACKEND)

    def count():
        client.get(desk)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(desk).status_code == 200
        return len(caught)

    one = count()
    for supplier in catalogue.suppliers[1:]:
        ordered(catalogue, {catalogue.item: 1}, supplier=supplier)
    assert count() == one
