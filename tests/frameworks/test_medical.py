"""医疗器械和药品: a hospital orders several lines from a framework's catalogue; delivered and accepted line by line, batch by batch."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from tests.factories.bids import jump_to
from tests.factories.documents import place_entries
from tests.factories.frameworks import MEDICAL, add_item, agreed_lot, deadline, entrants, framework, ordered, refusal
from tests.factories.trading import organisation
from trading.frameworks import actions
from trading.frameworks.models import FrameworkCatalogue, FrameworkItem, FrameworkOrder, OrderDelivery
from trading.frameworks.queries import turns_taken
from trading.procedures.records import records_of

pytestmark = pytest.mark.django_db


def today():
    return city_day(database_now())


def article(code="XJ01DDT083A010010100001", *, days=400):
    return {
        "code": code, "registration": f"国药准字H{code[-8:]}", "registered_until": today() + timedelta(days=days), "form": "注射用粉针剂",
        "manufacturer": "清江子虚制药有限公司",
    }  # fmt: skip


def typed(code, /, **more):
    return {name: str(value) for name, value in {**article(code), **more}.items()}


@pytest.fixture
def hospital():
    """A medical framework with a drug and a device, and the hospital that orders."""
    catalogue = framework(kind=MEDICAL)
    catalogue.purchaser = organisation("tenderee", "清江市人民医院")
    catalogue.drug = add_item(
        catalogue, "注射用头孢曲松钠", (12, 11, None), line="drug", unit="瓶", ceiling=15, spec="1.0 g", article=article()
    )
    catalogue.syringe = add_item(
        catalogue, "一次性使用无菌注射器", ("0.45", "0.50", "0.48"), line="device", unit="支", ceiling="0.60", spec="5 mL",
        article=article("C14020100000001000000000001"),
    )  # fmt: skip
    return catalogue


def deal(hospital, **quantities):
    """An order that its supplier has confirmed; `drug` and `syringe` say how much."""
    lines = {getattr(hospital, name): quantity for name, quantity in (quantities or {"drug": 200, "syringe": 1000}).items()}
    order = ordered(hospital, lines, supplier=hospital.suppliers[0])
    return actions.confirm_order(order, by=hospital.suppliers[0].somebody, at=database_now())


def line_of(order, item):
    return order.lines.get(item=item)


def batch(line, quantity, name="20261101", *, days=300):
    return {
        f"quantity_{line.pk}": str(quantity),
        f"batch_{line.pk}": name,
        f"expires_{line.pk}": (today() + timedelta(days=days)).isoformat(),
    }


@pytest.mark.requirement("R119")
def test_a_hospital_orders_several_lines_which_are_delivered_and_accepted_one_by_one(doors, real_print):
    lot = agreed_lot()
    where, number = lot.city, lot.tender.number
    first, second, _ = entrants(lot)
    keep, path = (reverse(f"trading:{name}", args=[number, 1]) for name in ("framework_catalogue", "new_framework_order"))
    public, hospital = reverse("trading:framework", args=[number, 1]), organisation("tenderee", "清江市人民医院")
    buyer, maker = hospital.somebody, first.somebody

    # The collector writes the catalogue: what identifies each article, its ceiling, and each winner's price at most that
    doors.post(where.handler, keep, move="open", kind=MEDICAL, order_limit="", guidance="两日内配送")
    drug = {"line": "drug", "name": "注射用头孢曲松钠", "spec": "1.0 g", "unit": "瓶", "ceiling": "15"}
    code = "XJ01DDT083A010010100001"
    assert "货物" not in doors.page(where.handler, keep) and "注册证有效期至" in doors.page(where.handler, keep)
    above = doors.refused(where.handler, keep, move="add", **drug, **typed(code), **{f"price_{first.pk}": "15.01"})
    assert "第三十三条" in above and "15.00" in above
    past = typed(code, registered_until=today() - timedelta(days=1))
    expired = doors.refused(where.handler, keep, move="add", **drug, **past, **{f"price_{first.pk}": "12"})
    assert "注册证（批准文号）已经过期" in expired and "第五十五条" in expired
    assert "字母开头" in doors.refused(where.handler, keep, move="add", **drug, **typed(code, code="86-1"), **{f"price_{first.pk}": "12"})
    doors.post(where.handler, keep, move="add", **drug, **typed(code), **{f"price_{first.pk}": "12", f"price_{second.pk}": "11"})
    assert "已经登记" in doors.refused(where.handler, keep, move="add", **drug, **typed(code), **{f"price_{first.pk}": "12"})
    device = {"line": "device", "name": "一次性使用无菌注射器", "spec": "5 mL", "unit": "支", "ceiling": "0.60"}
    doors.post(
        where.handler, keep, move="add", **device, **typed("C14020100000001000000000001", form="带针"), **{f"price_{first.pk}": "0.45"}
    )
    page = doors.page(buyer, public)
    for told in (code, "国药准字H10100001", "清江子虚制药有限公司", "注射用粉针剂", "1.0 g", "15.00"):
        assert told in page, told

    # One order, several lines, each with its sum
    one, two = FrameworkItem.objects.order_by("no")
    need = {"subject": "十二月常用药品和耗材", "need": "送药库", "contact": "药剂科 0999-555-0144", "supplier": first.pk}
    doors.post(buyer, path, **need, **{f"quantity_{one.pk}": "200", f"quantity_{two.pk}": "1000"})
    order = FrameworkOrder.objects.get()
    doors.step(maker, order, "confirm")
    order.refresh_from_db()
    assert [(line.item, line.price, line.amount) for line in order.lines.all()] == [
        (one, Decimal("12.00"), Decimal(2400)), (two, Decimal("0.45"), Decimal(450)),
    ]  # fmt: skip
    assert (order.state, order.amount) == ("decided", Decimal("2850.00"))
    record = records_of(lot).get(step="call_off")
    assert (record.data["amount"], record.notice.kind) == ("2850.00", "ZC_DEAL") and "一次性使用无菌注射器 1000 支" in record.data[
        "subject"
    ]

    # Delivered batch by batch, never more than ordered nor past its use
    first_line, second_line = order.lines.all()
    assert "还有 200 瓶未交付" in doors.step_refused(maker, order, "deliver_lines", **batch(first_line, 201))
    assert "生产批号" in doors.step_refused(maker, order, "deliver_lines", **batch(first_line, 200, ""))
    assert "第七十条" in doors.step_refused(maker, order, "deliver_lines", **batch(first_line, 200, days=0))
    assert "逐项交付和验收" in doors.step_refused(maker, order, "deliver", delivery="全部送达")
    doors.step(maker, order, "deliver_lines", **batch(first_line, 120), **batch(second_line, 1000, "B26"))
    doors.step(maker, order, "deliver_lines", **batch(first_line, 80, "20261102"))
    parts = list(OrderDelivery.objects.order_by("pk"))
    assert [(row.line, row.quantity, row.batch) for row in parts] == [
        (first_line, Decimal(120), "20261101"), (second_line, Decimal(1000), "B26"), (first_line, Decimal(80), "20261102"),
    ]  # fmt: skip

    # Judged one by one: what is refused is delivered again, and only then is the order accepted
    bad = {f"verdict_{parts[2].pk}": "refuse", f"reason_{parts[2].pk}": ""}
    assert "请写明拒收" in doors.step_refused(buyer, order, "judge_lines", **bad)
    doors.step(buyer, order, "judge_lines", **{f"verdict_{parts[0].pk}": "accept", f"verdict_{parts[1].pk}": "accept"})
    order.refresh_from_db()
    assert order.state == "delivered"
    doors.step(buyer, order, "judge_lines", **{**bad, f"reason_{parts[2].pk}": "外包装破损"})
    order.refresh_from_db()
    assert (order.state, line_of(order, one).outstanding) == ("decided", Decimal(80))
    assert "外包装破损" in doors.page(maker, f"/work/framework-orders/{order.number}/")
    assert "60.0%" in doors.page(buyer, public)
    doors.step(maker, order, "deliver_lines", **batch(first_line, 80, "20261103"))
    doors.step(buyer, order, "judge_lines", **{f"verdict_{OrderDelivery.objects.latest('pk').pk}": "accept"})
    order.refresh_from_db()
    assert order.state == "accepted" and order.accepted_at is not None
    doors.step(buyer, order, "rate", rating="5", words="配送及时")
    assert LedgerEntry.objects.filter(kind="framework.line").count() == 8

    # Everybody reads what was bought, from whom it may be bought, and how much of it arrived
    doors.client.logout()
    figures = doors.client.get(public).content.decode()
    assert "2,400.00" in figures and "100.0%" in figures
    listed = doors.client.get(reverse("trading:medical_catalogue"), {"q": "头孢"}).content.decode()
    assert "注射用头孢曲松钠" in listed and "一次性使用无菌注射器" not in listed and "11.00" in listed and "2,850.00" in listed
    assert "没有找到品目" in doors.client.get(reverse("trading:medical_catalogue"), {"q": "无此品"}).content.decode()


@pytest.mark.requirement("R119")
def test_an_article_whose_registration_has_run_out_is_not_ordered_nor_confirmed(doors, hospital):
    soon = add_item(
        hospital,
        "医用外科口罩",
        (1, None, None),
        line="device",
        unit="只",
        ceiling=2,
        article=article("C14010100000002000000000002", days=1),
    )
    first, buyer = hospital.suppliers[0], hospital.purchaser.somebody
    waiting = ordered(hospital, {soon: 100, hospital.drug: 10}, supplier=first)
    jump_to(database_now() + timedelta(days=2))
    path = reverse("trading:new_framework_order", args=[hospital.lot.tender.number, 1])
    assert "注册证已过期，不能订购" in doors.page(buyer, path)
    need = {"subject": "口罩", "need": "送药库", "contact": "药剂科", "supplier": first.pk, f"quantity_{soon.pk}": "5"}
    refused = doors.refused(buyer, path, **need)
    assert "到期，不能订购" in refused and "第五十五条" in refused and FrameworkOrder.objects.count() == 1
    assert "到期，不能订购" in doors.step_refused(first.somebody, waiting, "confirm")
    found = refusal(lambda: ordered(hospital, {soon: 5}, supplier=first))
    assert (found.code, found.field) == ("certificate_expired", f"quantity_{soon.pk}") and found.next_step
    doors.client.logout()
    assert "注册证已过期" in doors.client.get(reverse("trading:medical_catalogue")).content.decode()
    ordered(hospital, {hospital.drug: 10}, supplier=first)


def test_what_is_delivered_by_lines_and_what_as_a_whole_are_not_mixed(hospital):
    order = deal(hospital)
    other = framework(kind=FrameworkCatalogue.Kind.SUPPLY)
    plain = ordered(other, {add_item(other): 1}, supplier=other.suppliers[0])
    plain = actions.confirm_order(plain, by=other.suppliers[0].somebody, at=database_now())
    by = {"by": other.suppliers[0].somebody, "at": database_now()}
    assert refusal(lambda: actions.deliver_lines(plain, batches={}, **by)).code == "as_a_whole"
    with pytest.raises(ValueError):
        add_item(other, "口罩", article=article())
    with pytest.raises(ValueError):
        add_item(hospital, "口罩")
    by = {"by": hospital.suppliers[0].somebody, "at": database_now()}
    assert refusal(lambda: actions.deliver_lines(order, batches={}, **by)).code == "nothing_delivered"
    assert refusal(lambda: actions.judge_lines(order, verdicts={}, by=hospital.purchaser.somebody, at=database_now())).code == "wrong_state"
    rival = hospital.suppliers[1].somebody
    assert refusal(lambda: actions.deliver_lines(order, batches={}, by=rival, at=database_now())).code == "not_member"


def test_an_expired_registration_ends_a_rotated_order_and_takes_nobodys_turn():
    catalogue = framework("顺序轮候", kind=MEDICAL)
    catalogue.purchaser = organisation("tenderee", "清江市人民医院")
    mask = add_item(catalogue, "医用外科口罩", (1, 1, 1), line="device", unit="只", ceiling=2, article=article(days=0))
    first, lot = catalogue.suppliers[0], catalogue.lot
    order = ordered(catalogue, {mask: 100})
    asked_at = order.offers.get().asked_at
    jump_to(asked_at + timedelta(days=1))
    actions.decline_order(order, reason="暂时无货", by=first.somebody, at=database_now())
    order.refresh_from_db()
    assert order.state == "failed" and "注册证" in order.ending and "到期，不能订购" in order.ending and "改订其他品目" in order.ending
    assert [offer.supplier for offer in order.offers.all()] == [first]
    assert turns_taken(lot) == {each.uscc: int(each == first) for each in catalogue.suppliers}


@pytest.mark.parametrize("second", ["二次竞价", "顺序轮候"])
def test_who_did_not_get_the_deal_reads_nothing_of_its_deliveries(doors, second):
    catalogue = framework(second, kind=MEDICAL)
    catalogue.purchaser = organisation("tenderee", "清江市人民医院")
    mask = add_item(catalogue, "医用外科口罩", (1, 1, 1), line="device", unit="只", ceiling=2, article=article())
    loser, winner, _ = catalogue.suppliers
    if second == "顺序轮候":
        order = ordered(catalogue, {mask: 100})
        actions.decline_order(order, reason="暂时无货", by=loser.somebody, at=database_now())
        order = actions.confirm_order(order, by=winner.somebody, at=database_now())
    else:
        order = ordered(catalogue, {mask: 100}, quote_due_at=deadline())
        for supplier, price in ((loser, "0.9"), (winner, "0.8")):
            actions.hand_in_quote(order, supplier, {mask: Decimal(price)}, by=supplier.somebody, at=database_now())
        jump_to(order.quote_due_at + timedelta(seconds=1))
        place_entries()
        order = actions.open_quotes(order, by=catalogue.purchaser.somebody, at=database_now())
    by = {"by": winner.somebody, "at": database_now()}
    line = order.lines.get()
    actions.deliver_lines(order, batches={line.pk: (Decimal(100), "批号甲乙丙", today() + timedelta(days=300))}, **by)
    actions.judge_lines(
        order, verdicts={OrderDelivery.objects.get().pk: (False, "外包装破损")}, by=catalogue.purchaser.somebody, at=database_now()
    )
    path = f"/work/framework-orders/{order.number}/"
    for reader in (catalogue.purchaser.somebody, winner.somebody, catalogue.city.handler):
        page = doors.page(reader, path)
        assert "批号甲乙丙" in page and "外包装破损" in page and "已验收" in page
    page = doors.page(loser.somebody, path)
    assert winner.name in page
    for secret in ("批号甲乙丙", "外包装破损", "已验收"):
        assert secret not in page


def test_the_public_list_takes_as_many_queries_for_three_as_for_one(client, hospital):
    address = reverse("trading:medical_catalogue")

    def count():
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    before = count()
    deal(hospital)
    add_item(hospital, "医用棉签", (1, 1, 1), line="device", unit="包", ceiling=2, article=article("C14030100000003000000000003"))
    assert count() == before
