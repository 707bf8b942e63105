"""The calculator: open to everybody, the same sums as the evaluation, every mistake beside its field."""

import pytest
from django.urls import reverse

from tests.factories.trading import accepted_tender, city, published_tender
from trading.methods.presets import PRESETS
from trading.methods.registry import METHODS
from trading.tenders import actions

pytestmark = pytest.mark.django_db


def page(client, **given):
    answer = client.get(reverse("trading:calculator"), given)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def enter(client, person):
    client.force_login(person)


E4 = {f"r{place}-price": price for place, price in enumerate(("950", "930", "910", "980", "900"), start=1)}


@pytest.mark.parametrize("code", [*METHODS, *PRESETS])
def test_every_method_and_every_rule_of_the_library_can_be_tried(client, code):
    shown = page(client, begin=code)
    assert "试算结果" in shown and "示例数字" in shown


def test_the_example_of_the_reasonable_low_price_comes_out_to_the_cent(client):
    shown = page(client, begin="REASONABLE_LOW_PRICE", go="1", price="100", **{
        "m-method": "REASONABLE_LOW_PRICE", "m-formula": "BENCHMARK", "m-above": "2", "m-below": "1", "m-coefficient": "0.98",
        "m-trimming": "ONE_EACH", "m-trim_from": "5", "m-k": "FIXED", **E4,
    })  # fmt: skip
    for points in ("91.53", "95.92", "99.85", "84.95", "98.75"):
        assert points in shown
    assert "评标基准价 911.40 元（均值 930.00 元 × 系数 0.98，去掉 900.00、980.00）" in shown
    assert "偏差率 4.2352%，扣 4.2352 × 2 分" in shown
    assert shown.index("第 3 家") < shown.index("第 5 家")


def test_a_drawn_coefficient_shows_what_it_was_drawn_from(client):
    given = {"begin": "W4", "go": "1", "price": "60", "credit": "10", "m-method": "COMPREHENSIVE_ASSESSMENT", "m-k": "DRAWN",
             "m-formula": "BENCHMARK", "m-candidates": "95e-2 0.96 0.97", "seed": "甲", **E4}  # fmt: skip
    assert "对“甲|K”取 SHA-256" in page(client, **given)


def test_bids_of_one_brand_and_small_firms_can_be_tried(client):
    given = {"begin": "P1", "go": "1", "m-method": "LOWEST_PRICE", "m-policy": "DEDUCTION", "m-deduction": "20", "m-same_brand": "SINGLE",
             **E4, "r1-small": "on", "r2-brand": "扶摇", "r5-brand": "扶 摇"}  # fmt: skip
    shown = page(client, **given)
    assert "小微企业价格扣除 20%（第 1 家）：评标价 = 报价 ×（1 - 20%）" in shown and "760.00" in shown
    assert "第 2 家与第 5 家提供同品牌产品（扶摇），按一家投标人计算，由第 5 家代表该品牌" in shown
    assert "小微企业价格扣除" not in page(client, **{**given, "m-policy": "RESERVED"}).split("<form")[0]


def test_a_rule_of_the_library_brings_its_parameters_and_weights(client):
    shown = page(client, begin="W5")
    assert 'name="price" value="50"' in shown and 'name="credit" value="15"' in shown
    assert "× Q1 0.35" in shown and "限价与平均值组合的基准价" in shown


def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(client):
    shown = page(client, begin="REASONABLE_LOW_PRICE", go="1", price="100", **{
        "m-method": "REASONABLE_LOW_PRICE", "m-above": "11", "m-k": "FIXED", "m-coefficient": "abc", **E4, "r2-price": "便宜",
    })  # fmt: skip
    assert "每高于基准价 1% 扣分（E1）不能大于 10" in shown and "基准价系数应填写数字" in shown
    assert "第 2 家的报价（元）应填写数字" in shown and 'value="便宜"' in shown and "试算结果" not in shown


@pytest.mark.requirement("R144")
@pytest.mark.parametrize(("credit", "objected"), [("24", True), ("25", False), ("30", False), ("31", True)])
def test_the_share_of_credit_is_held_to_its_bounds(client, credit, objected):
    shown = page(client, begin="CREDIT_BUSINESS", go="1", credit=credit, **{"m-method": "CREDIT_BUSINESS", "m-formula": "LOWEST", **E4})
    assert ("这样的分值不能写进招标文件" in shown) is objected


def test_without_prices_the_page_asks_for_them(client):
    assert "请至少填写一家的报价" in page(client, begin="LOT", go="1", **{"m-method": "LOT"})


def test_an_unknown_method_is_no_page(client):
    assert client.get(reverse("trading:calculator"), {"begin": "NOTHING"}).status_code == 404


def test_a_tender_brings_its_settings_to_those_who_may_read_its_document(client):
    where = city()
    tender = published_tender(where)
    address = {"tender": tender.number}
    assert client.get(reverse("trading:calculator"), address).status_code == 404
    enter(client, where.bidders[0].somebody)
    assert client.get(reverse("trading:calculator"), address).status_code == 404
    enter(client, where.handler)
    shown = page(client, **address)
    assert f'已带入 <a href="{reverse("trading:tender", args=[tender.number])}">{tender.name}</a>' in shown
    assert 'name="price" value="60"' in shown and 'name="credit" value="10"' in shown


def test_a_draft_is_tried_by_who_writes_it_alone(client):
    where = city()
    tender = accepted_tender(where)
    actions.draft_document(tender, by=where.handler)
    enter(client, where.handler)
    assert "招标文件还在编制" in page(client, tender=tender.number)
    enter(client, where.bidders[0].somebody)
    assert client.get(reverse("trading:calculator"), {"tender": tender.number}).status_code == 404


@pytest.mark.requirement("R102")
def test_the_library_shows_eight_rules_for_works_and_ten_for_procurement(client):
    shown = client.get(reverse("trading:methods")).content.decode()
    assert sum(row.category == "GC" for row in PRESETS.values()) == 8 and sum(row.category == "ZC" for row in PRESETS.values()) == 10
    assert all(row.name in shown and row.grade in shown for row in PRESETS.values())
    assert all(row.name in shown and row.basis in shown for row in METHODS.values())
