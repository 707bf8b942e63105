"""直接选定: from the catalogue to the rating, through the doors that collector, supplier and purchaser use."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from disclosure.models import Notice
from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from tests.factories.bids import jump_to
from tests.factories.frameworks import SUPPLY, add_item, agreed_lot, barred, entrants, framework, ordered, refusal, step_of
from tests.factories.procedures import lot_under, take, take_until
from tests.factories.trading import organisation
from trading.frameworks import actions
from trading.frameworks.models import FrameworkCatalogue, FrameworkOrder, OrderOffer
from trading.frameworks.queries import ends_at
from trading.frameworks.tasks import advance_orders
from trading.procedures.records import records_of

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("R121")
def test_a_direct_order_is_walked_from_the_catalogue_to_the_rating(doors, real_print):
    lot = agreed_lot()
    where, number = lot.city, lot.tender.number
    first, second, third = entrants(lot)
    keep, public = reverse("trading:framework_catalogue", args=[number, 1]), reverse("trading:framework", args=[number, 1])
    purchaser = organisation("tenderee", "清江市档案馆")

    # The collector opens the catalogue and writes it
    assert "待开通" in doors.page(where.handler, reverse("trading:framework_desk"))
    doors.post(where.handler, keep, move="open", kind=SUPPLY, order_limit="10万元", guidance="五个工作日内送达")
    prices = {f"price_{first.pk}": "4500", f"price_{second.pk}": "4400", f"price_{third.pk}": "5001"}
    item = {"line": "product", "name": "台式计算机", "spec": "八核处理器", "unit": "台", "ceiling": "5000"}
    said = doors.refused(where.handler, keep, move="add", **item, **prices)
    assert "第三十三条" in said and "5,000.00" in said
    assert "征集文件" in doors.page(where.handler, keep)
    doors.post(where.handler, keep, move="add", **item, **{**prices, f"price_{third.pk}": "4900"})
    page = doors.page(where.handler, public)
    assert "台式计算机" in page and "4,400.00" in page and "5,000.00" in page

    # A supplier lowers its price, never above and never back
    own = reverse("trading:framework_prices", args=[number, 1])
    row = FrameworkCatalogue.objects.get().items.get().prices.get(supplier=first)
    assert "低于现行单价" in doors.refused(first.somebody, own, row=row.pk, price="4500")
    assert "不得高于 4,500.00" in doors.refused(first.somebody, own, row=row.pk, price="4600")
    doors.post(first.somebody, own, row=row.pk, price="4300")
    assert "低于现行单价" in doors.refused(first.somebody, own, row=row.pk, price="4400")

    # The purchaser orders from whom it chooses; above the limit it is refused
    quantity, path = f"quantity_{row.item_id}", reverse("trading:new_framework_order", args=[number, 1])
    need = {"subject": "办公用计算机", "need": "送到三楼", "contact": "周经办", "supplier": first.pk}
    assert "单笔订单限额 100,000.00" in doors.refused(purchaser.somebody, path, **need, **{quantity: "24"})
    doors.post(purchaser.somebody, path, **need, **{quantity: "20"})
    order = FrameworkOrder.objects.get()
    assert (order.state, order.offers.get().supplier) == ("asked", first)
    assert "确认订单" in doors.page(first.somebody, reverse("trading:framework_desk"))

    # The supplier confirms: deal, contract and public notice are one
    doors.step(first.somebody, order, "confirm")
    order.refresh_from_db()
    assert (order.state, order.amount, order.supplier) == ("decided", Decimal("86000.00"), first)
    record = records_of(lot).get(step="call_off")
    assert order.record == record and record.notice.kind == Notice.Kind.DEAL
    assert (record.data["purchaser"], record.data["unit_price"], record.data["amount"]) == ("清江市档案馆", "4300.00", "86000.00")
    assert list(record.files.all()) == [order.paper] and order.paper.size > 5000
    notice = doors.page(purchaser.somebody, reverse("disclosure:notice", args=[record.notice.number]))
    assert "清江市档案馆" in notice and first.name in notice and "86,000.00" in notice

    # Delivered, sent back, delivered again, accepted, rated; the catalogue shows deal and rating
    doors.step(first.somebody, order, "deliver", delivery="二十台已送达")
    doors.step(purchaser.somebody, order, "send_back", reason="两台无法开机")
    doors.step(first.somebody, order, "deliver", delivery="两台已更换")
    assert "验收后才能评价" in doors.step_refused(purchaser.somebody, order, "rate", rating="5", words="好")
    doors.step(purchaser.somebody, order, "accept", opinion="数量、型号相符")
    doors.step(purchaser.somebody, order, "rate", rating="4", words="更换及时")
    page = doors.page(where.bidders[3].somebody, public)
    assert "4.0 分" in page and "更换及时" in page and "办公用计算机" in page
    moves = [entry.kind for entry in LedgerEntry.objects.filter(stream=lot.tender.stream, kind__startswith="framework.").order_by("n")]
    assert moves == ["framework.catalogue"] * 2 + ["framework.price"] + ["framework.order"] * 8


def test_deals_come_from_orders_alone_once_there_is_a_catalogue(doors):
    catalogue = framework()
    lot = catalogue.lot
    lot.city = catalogue.city
    by_hand = refusal(lambda: take(lot, step_of(lot, "call_off"), decided=city_day(database_now())))
    assert by_hand.code == "orders_only"
    page = doors.page(lot.city.handler, reverse("trading:steps", args=[lot.tender.number, 1]))
    assert "成交由平台订单产生" in page and reverse("trading:step", args=[lot.tender.number, 1, "call_off"]) not in page


def test_a_catalogue_waits_for_the_agreement():
    lot = lot_under("ZC-KJ")
    take_until(lot, "agreement")
    early = refusal(lambda: actions.open_catalogue(lot, kind=SUPPLY, by=lot.city.handler, at=database_now()))
    assert early.code == "not_signed"


def test_prices_may_be_taken_from_the_responses_and_keep_below_the_collection_s_ceiling():
    catalogue = framework()
    item = add_item(catalogue, ceiling=1_000_000, prices=(), as_responded=True)
    assert [row.agreed for row in item.prices.order_by("agreed")] == [Decimal(500_000), Decimal(501_000), Decimal(502_000)]
    above = refusal(lambda: add_item(catalogue, ceiling=1_000_001))
    assert above.code == "over_ceiling" and "第三十三条" in above.rule


def test_who_declines_says_why_and_the_purchaser_chooses_another(doors):
    catalogue = framework()
    item = add_item(catalogue)
    first, second, _ = catalogue.suppliers
    buyer = catalogue.purchaser.somebody
    order = ordered(catalogue, {item: 2}, supplier=first)
    assert "请填写理由" in doors.step_refused(first.somebody, order, "decline", reason="")
    doors.step(first.somebody, order, "decline", reason="型号停产")
    order.refresh_from_db()
    assert (order.state, order.offers.get().reason) == ("choosing", "型号停产")
    assert "型号停产" in doors.page(buyer, f"/work/framework-orders/{order.number}/")
    doors.step(buyer, order, "choose", supplier=second.pk)
    doors.step(second.somebody, order, "confirm")
    order.refresh_from_db()
    assert (order.supplier, order.amount) == (second, Decimal("8800.00"))


def test_an_offer_lapses_when_its_time_is_over(doors):
    catalogue = framework()
    item = add_item(catalogue)
    supplier = catalogue.suppliers[0]
    order = ordered(catalogue, {item: 1}, supplier=supplier)
    due = order.offers.get().due_at
    jump_to(due - timedelta(minutes=1))
    advance_orders()
    assert FrameworkOrder.objects.get().state == "asked"
    jump_to(due + timedelta(seconds=1))
    assert "D-FW-08" in refusal(lambda: actions.confirm_order(order, by=supplier.somebody, at=database_now())).code
    advance_orders()
    assert (FrameworkOrder.objects.get().state, OrderOffer.objects.get().state) == ("choosing", "lapsed")


def test_a_barred_supplier_takes_no_order_and_confirms_none():
    catalogue = framework()
    item = add_item(catalogue)
    first, second, _ = catalogue.suppliers
    order = ordered(catalogue, {item: 1}, supplier=first)
    barred(first, catalogue)
    found = refusal(lambda: actions.confirm_order(order, by=first.somebody, at=database_now()))
    assert (found.code, "第二十二条" in found.rule) == ("barred", True)
    assert refusal(lambda: ordered(catalogue, {item: 1}, supplier=first)).code == "barred"
    ordered(catalogue, {item: 1}, supplier=second)


def test_orders_are_refused_after_the_end_and_to_whom_they_cannot_go():
    catalogue = framework(days=20)
    item, extra = add_item(catalogue), add_item(catalogue, "打印机", (900, None, None), ceiling=1000)
    first, second, _ = catalogue.suppliers
    outsider, lot = catalogue.city.bidders[3], catalogue.lot
    assert refusal(lambda: ordered(catalogue, {item: 1}, supplier=outsider)).code == "not_entrant"
    assert refusal(lambda: ordered(catalogue, {item: 1, extra: 1}, supplier=second)).code == "no_price"
    assert refusal(lambda: ordered(catalogue, {item: 0}, supplier=first)).code == "nothing_ordered"
    assert refusal(lambda: ordered(catalogue, {item: 1})).code == "no_supplier"
    assert refusal(lambda: ordered(catalogue, {item: 1}, supplier=first, by=first.somebody)).code == "not_member"
    waiting = ordered(catalogue, {item: 1}, supplier=first)
    used = refusal(lambda: actions.withdraw_item(item, reason="停产", by=catalogue.city.handler, at=database_now()))
    assert used.code == "ordered"
    actions.withdraw_item(extra, reason="停产", by=catalogue.city.handler, at=database_now())
    assert refusal(lambda: ordered(catalogue, {extra: 1}, supplier=first)).code in ("not_in_catalogue", "no_price")
    jump_to(ends_at(lot) - timedelta(minutes=5))
    ordered(catalogue, {item: 1}, supplier=first)
    jump_to(ends_at(lot) + timedelta(seconds=1))
    found = refusal(lambda: ordered(catalogue, {item: 1}, supplier=first))
    assert found.code == "outside_term" and "第十五条" in found.rule
    assert refusal(lambda: actions.confirm_order(waiting, by=first.somebody, at=database_now())).code in ("outside_term", "D-FW-08")


def test_a_cancelled_order_tells_who_was_asked():
    catalogue = framework()
    item = add_item(catalogue)
    order = ordered(catalogue, {item: 1}, supplier=catalogue.suppliers[0])
    actions.cancel_order(order, reason="项目取消", by=catalogue.purchaser.somebody, at=database_now())
    assert (FrameworkOrder.objects.get().state, OrderOffer.objects.get().state) == ("cancelled", "withdrawn")
    assert refusal(lambda: actions.confirm_order(order, by=catalogue.suppliers[0].somebody, at=database_now())).code == "no_offer"
