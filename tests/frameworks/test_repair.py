"""协议维修: order, quote, confirm, done, accepted, rated."""

from decimal import Decimal

import pytest
from django.urls import reverse

from rulebook.clock import database_now
from tests.factories.frameworks import REPAIR, add_item, agreed_lot, framework, ordered, refusal
from trading.frameworks import actions
from trading.frameworks.models import FrameworkOrder
from trading.procedures.records import records_of

pytestmark = pytest.mark.django_db


def garage(second="直接选定", **more):
    catalogue = framework(second, REPAIR, **more)
    catalogue.labour = add_item(catalogue, "钣金工时", (80, 85, 90), line="labour", unit="小时", ceiling=100)
    catalogue.brake = add_item(catalogue, "前制动片", (260, 250, None), line="part", unit="副", ceiling=300)
    return catalogue


def quoted(catalogue, **fields):
    names = {"labour": catalogue.labour.pk, "brake": catalogue.brake.pk}
    return {
        f"{what}_{names[item]}": value for item, pair in fields.items() for what, value in zip(("quantity", "price"), pair, strict=True)
    }


@pytest.mark.requirement("R120")
def test_a_repair_is_ordered_quoted_confirmed_done_and_rated(doors):
    catalogue = garage()
    first, second, _ = catalogue.suppliers
    buyer, lot = catalogue.purchaser.somebody, catalogue.lot
    path = reverse("trading:new_framework_order", args=[lot.tender.number, 1])
    assert "故障情况和维修需求" in doors.page(buyer, path)
    need = {"subject": "公务用车 示O·A0123", "need": "制动时有异响", "contact": "周经办", "supplier": first.pk}
    doors.post(buyer, path, **need)
    order = FrameworkOrder.objects.get()

    # The supplier quotes, no line above what it has agreed to
    over = doors.step_refused(
        first.somebody, order, "quote_repair", findings="更换制动片", **quoted(catalogue, labour=("2", "80.01"), brake=("", ""))
    )
    assert "80.00" in over and "第三十三条" in over
    assert "至少报一项" in doors.step_refused(
        first.somebody, order, "quote_repair", findings="更换", **quoted(catalogue, labour=("", "80"))
    )
    doors.step(first.somebody, order, "quote_repair", findings="制动片磨损", **quoted(catalogue, labour=("3", "80"), brake=("1", "260")))
    page = doors.page(buyer, f"/work/framework-orders/{order.number}/")
    assert "500.00" in page and "制动片磨损" in page

    # The purchaser refuses and asks another, whose quote it takes
    doors.step(buyer, order, "refuse_quote", reason="工时偏多")
    doors.step(buyer, order, "choose", supplier=second.pk)
    doors.step(
        second.somebody,
        order,
        "quote_repair",
        findings="更换前制动片一副",
        **quoted(catalogue, labour=("1.5", "80"), brake=("1", "245.50")),
    )
    doors.step(buyer, order, "confirm_quote")
    order.refresh_from_db()
    assert (order.state, order.supplier, order.amount) == ("decided", second, Decimal("365.50"))
    assert [(line.item, line.quantity, line.price) for line in order.lines.all()] == [
        (catalogue.labour, Decimal("1.50"), Decimal(80)), (catalogue.brake, Decimal(1), Decimal("245.50")),
    ]  # fmt: skip
    record = records_of(lot).get(step="call_off")
    assert (record.data["amount"], record.notice.kind) == ("365.50", "ZC_DEAL") and "钣金工时 1.5 小时" in record.data["subject"]

    doors.step(second.somebody, order, "deliver", delivery="更换完成，试车正常")
    doors.step(buyer, order, "accept", opinion="制动正常")
    doors.step(buyer, order, "rate", rating="5", words="及时")
    assert "5.0 分" in doors.page(buyer, reverse("trading:framework", args=[lot.tender.number, 1]))
    assert refusal(lambda: actions.rate_order(order, rating=1, words="差", by=buyer, at=database_now())).code == "rated"


@pytest.mark.requirement("R120")
def test_by_rotation_a_refused_quote_goes_to_the_next_garage():
    catalogue = garage("顺序轮候")
    first, second, _ = catalogue.suppliers
    order = ordered(catalogue)
    lines = {catalogue.labour: (Decimal(2), Decimal(80))}
    actions.quote_repair(order, lines=lines, findings="检修", by=first.somebody, at=database_now())
    assert refusal(lambda: actions.decline_order(order, reason="改主意", by=first.somebody, at=database_now())).code == "quoted"
    actions.refuse_quote(order, reason="价高", by=catalogue.purchaser.somebody, at=database_now())
    assert order.offers.get(state="open").supplier == second


def test_a_quote_keeps_to_the_limit_for_one_order_and_to_agreed_items():
    catalogue = garage(order_limit=Decimal(1000))
    third = catalogue.suppliers[2]
    order = ordered(catalogue, supplier=third)
    by = {"by": third.somebody, "at": database_now()}
    dear = {catalogue.labour: (Decimal(12), Decimal(90))}
    assert refusal(lambda: actions.quote_repair(order, lines=dear, findings="大修", **by)).code == "over_limit"
    part = {catalogue.brake: (Decimal(1), Decimal(100))}
    assert refusal(lambda: actions.quote_repair(order, lines=part, findings="换件", **by)).code == "no_price"
    assert refusal(lambda: actions.confirm_order(order, **by)).code == "quote_first"


def test_repairs_are_not_bought_by_competition():
    lot = agreed_lot("二次竞价")
    early = refusal(lambda: actions.open_catalogue(lot, kind=REPAIR, by=lot.city.handler, at=database_now()))
    assert early.code == "repair_way"
