"""二次竞价: sealed quotes, the lowest wins; rotation: turns one after the other; who cannot or will not is passed over."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import CITY, database_now
from tests.factories.bids import jump_to
from tests.factories.documents import place_entries
from tests.factories.frameworks import SUPPLY, add_item, agreed_lot, barred, deadline, entrants, framework, ordered, refusal, step_of
from tests.factories.procedures import take
from trading.frameworks import actions
from trading.frameworks.models import FrameworkOrder, OrderQuote
from trading.frameworks.tasks import advance_orders
from trading.procedures.records import records_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def competition():
    """A framework with two items, and an order for both in competition."""
    catalogue = framework("二次竞价")
    catalogue.computer, catalogue.printer = add_item(catalogue), add_item(catalogue, "打印机", (900, 950, 880), ceiling=1000)
    catalogue.order = ordered(catalogue, {catalogue.computer: 10, catalogue.printer: 2}, quote_due_at=deadline())
    return catalogue


def prices(catalogue, computer, printer):
    return {f"price_{catalogue.computer.pk}": computer, f"price_{catalogue.printer.pk}": printer}


@pytest.mark.requirement("R121")
def test_quotes_are_secret_until_the_deadline_and_the_lowest_wins(doors, competition):
    order, where, buyer = competition.order, competition.city, competition.purchaser.somebody
    first, second, third = competition.suppliers
    home = f"/work/framework-orders/{order.number}/"
    assert "提交报价" in doors.page(first.somebody, reverse("trading:framework_desk"))
    over = doors.step_refused(second.somebody, order, "quote", **prices(competition, "4400.01", "900"))
    assert "4,400.00" in over and "第三十三条" in over
    assert "请填写“打印机”的单价" in doors.step_refused(second.somebody, order, "quote", **prices(competition, "4400", ""))
    doors.step(first.somebody, order, "quote", **prices(competition, "4321.09", "876.54"))
    doors.step(second.somebody, order, "quote", **prices(competition, "4123.45", "801.23"))
    doors.step(first.somebody, order, "quote", **prices(competition, "4111.22", "812.34"))

    # Nobody reads a price, nor who has quoted: neither on pages nor in rows nor in the public log
    for person in (buyer, where.handler, where.owner.somebody, where.staff, where.supervisor, second.somebody, third.somebody):
        answer = doors.enter(person).get(home)
        page = answer.content.decode() if answer.status_code == 200 else ""
        for told in ("4321.09", "4,321.09", "4111.22", "4,111.22", "812.34", first.name):
            assert told not in page, (person.name, told)
    assert "第 2 次" in doors.page(first.somebody, home)
    assert list(OrderQuote.objects.values_list("prices", "total", "rank")) == [({}, None, None)] * 3
    for row in OrderQuote.objects.all():
        assert b"4111.22" not in row.sealed.path.read_bytes()
    blind = [json.loads(bytes(entry.data)) for entry in LedgerEntry.objects.filter(kind="framework.quote")]
    assert [set(each) for each in blind] == [{"v", "t", "c"}] * 3
    assert refusal(lambda: actions.open_quotes(order, by=buyer, at=order.quote_due_at)).code == "sealed"
    advance_orders()
    assert FrameworkOrder.objects.get().state == "competing"

    # Late quotes are refused; the clock opens, the lowest wins, and everybody sees it
    jump_to(order.quote_due_at + timedelta(seconds=1))
    assert "截止时间已过" in doors.step_refused(third.somebody, order, "quote", **prices(competition, "4000", "800"))
    assert "已经截止" in doors.step_refused(buyer, order, "cancel", reason="不想买了")
    place_entries()
    advance_orders()
    order.refresh_from_db()
    assert (order.state, order.supplier, order.amount) == ("decided", first, Decimal("42736.88"))
    assert [(row.supplier, row.no, row.rank) for row in order.quotes.all()] == [(first, 2, 1), (second, 1, 2), (first, 1, None)]
    assert "42,836.96" in doors.page(third.somebody, home)
    record = records_of(order.lot).get(step="call_off")
    assert (record.data["way"], record.data["winner"], record.notice.kind) == ("二次竞价", [first.uscc], "ZC_DEAL")
    assert LedgerEntry.objects.filter(kind="blind.opened").exists()


def test_equal_quotes_go_to_who_stands_first_among_the_entrants(competition):
    first, second, third = competition.suppliers
    for supplier in (third, second):
        quote(competition, supplier, 4000, 800)
    quote(competition, first, 4001, 800)
    opened(competition)
    assert FrameworkOrder.objects.get().supplier == second


def quote(competition, supplier, computer, printer):
    said = {competition.computer: Decimal(computer), competition.printer: Decimal(printer)}
    return actions.hand_in_quote(competition.order, supplier, said, by=supplier.somebody, at=database_now())


def opened(competition):
    jump_to(competition.order.quote_due_at + timedelta(seconds=1))
    place_entries()
    return actions.open_quotes(competition.order, by=competition.purchaser.somebody, at=database_now())


def test_a_supplier_barred_meanwhile_does_not_win(competition):
    first, second, _ = competition.suppliers
    quote(competition, first, 3000, 700)
    quote(competition, second, 4000, 800)
    barred(first, competition)
    opened(competition)
    order = FrameworkOrder.objects.get()
    assert order.supplier == second and "禁止参与期" in order.quotes.get(supplier=first).void


def test_without_a_quote_the_order_fails(competition):
    opened(competition)
    order = FrameworkOrder.objects.get()
    assert (order.state, order.ending) == ("failed", "截止时没有有效报价。")


def test_suppliers_have_a_working_day_to_quote_and_only_entrants_quote(competition):
    soon = refusal(lambda: ordered(competition, {competition.computer: 1}, quote_due_at=database_now() + timedelta(hours=1)))
    assert (soon.code, soon.field) == ("D-FW-09", "quote_due_at")
    outsider = competition.city.bidders[3]
    assert refusal(lambda: quote(competition, outsider, 1, 1)).code == "not_entrant"


# ---- rotation


@pytest.fixture
def rotation():
    catalogue = framework("顺序轮候")
    catalogue.item = add_item(catalogue)
    return catalogue


def offered(order):
    return order.offers.get(state="open").supplier


@pytest.mark.requirement("R121")
def test_turns_go_round_and_who_declines_has_had_its_turn(doors, rotation):
    first, second, third = rotation.suppliers
    path = reverse("trading:new_framework_order", args=[rotation.lot.tender.number, 1])
    need = {"subject": "计算机", "need": "送到三楼", "contact": "周经办", f"quantity_{rotation.item.pk}": "1"}
    made = []
    for expected in (first, second, third, first):
        doors.post(rotation.purchaser.somebody, path, **need)
        made.append(FrameworkOrder.objects.first())
        assert offered(made[-1]) == expected
    doors.step(first.somebody, made[0], "confirm")
    doors.step(second.somebody, made[1], "decline", reason="缺货")
    # The first has had two turns, the others one each: the third is next, and the second's turn for this round is over.
    assert offered(made[1]) == third
    doors.step(third.somebody, made[1], "confirm")
    doors.step(third.somebody, made[2], "confirm")
    doors.step(first.somebody, made[3], "confirm")
    deals = records_of(rotation.lot).filter(step="call_off")
    assert [row.data["winner"] for row in deals] == [[first.uscc], [third.uscc], [third.uscc], [first.uscc]]
    doors.post(rotation.purchaser.somebody, path, **need)
    assert offered(FrameworkOrder.objects.first()) == second


def test_an_order_that_is_taken_back_takes_nobodys_turn(rotation):
    first = rotation.suppliers[0]
    for _ in range(3):
        order = ordered(rotation, {rotation.item: 1})
        assert offered(order) == first
        actions.cancel_order(order, reason="改期", by=rotation.purchaser.somebody, at=database_now())


def test_nobody_is_named_under_rotation_and_who_is_barred_is_passed_over(rotation):
    first, second, third = rotation.suppliers
    named = refusal(lambda: ordered(rotation, {rotation.item: 1}, supplier=second))
    assert named.code == "by_turn" and "第三十四条" in named.rule
    barred(first, rotation)
    order = ordered(rotation, {rotation.item: 1})
    assert [(row.supplier, row.state) for row in order.offers.all()] == [(first, "barred"), (second, "open")]
    for supplier in (second, third):
        actions.decline_order(order, reason="缺货", by=supplier.somebody, at=database_now())
    order.refresh_from_db()
    assert (order.state, order.ending) == ("failed", "全部入围供应商均未承接。")


def test_deals_entered_at_the_desk_before_count_as_turns():
    lot = agreed_lot("顺序轮候")
    first, second, _ = entrants(lot)
    take(
        lot,
        step_of(lot, "call_off"),
        winner=[first],
        way="顺序轮候",
        unit_price=Decimal(900),
        decided=database_now().astimezone(CITY).date(),
    )
    catalogue = actions.open_catalogue(lot, kind=SUPPLY, by=lot.city.handler, at=database_now())
    catalogue.city, catalogue.suppliers, catalogue.purchaser = lot.city, entrants(lot), lot.city.owner
    order = ordered(catalogue, {add_item(catalogue): 1})
    assert offered(order) == second
