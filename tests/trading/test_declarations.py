"""What bids declare: the sealed form's version 4, the sizes of firms, the same in the browser and here."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from ledger.canonical import jcs
from rulebook.clock import database_now
from sealing.container import Corrupt
from tests.factories.declared import FIRM, LARGE, declarations, fourth, procurement_lot
from tests.reading.test_drafts import enter
from tests.trust.node import run_node
from trading.bidding.declaring import LIKE_SMALL, PROMISE, are_declarations, brand_in, claims, computed_size, declaration_said, firm_lines
from trading.bidding.formschema import check_fields, part_of
from trading.methods.choosing import choice_problems, described, settled
from trading.methods.registry import METHODS
from trading.methods.sizes import INDUSTRIES
from trading.opening.actions import read_form
from trading.procedures.rules import procurement
from trading.tenders.models import Envelope

FOURTH = fourth("900000.00", FIRM, brand="扶摇")
DAY = date(2026, 11, 20)


@pytest.mark.parametrize("envelope", Envelope.values)
def test_every_envelope_takes_its_part_of_the_fourth_version(envelope):
    part = part_of(FOURTH, envelope)
    check_fields(part, envelope)
    assert ("declarations" in part) == (envelope != Envelope.COMMERCIAL)
    assert ("price" in part) == (envelope != Envelope.TECHNICAL)


def test_declarations_belong_to_the_fourth_version_and_never_beside_the_price():
    for wrong in (
        {**FOURTH, "v": 3}, {name: value for name, value in FOURTH.items() if name != "declarations"}, {**FOURTH, "v": 5},
    ):  # fmt: skip
        with pytest.raises(Corrupt):
            read_form(wrong, Envelope.WHOLE)
    with pytest.raises(Corrupt):
        read_form({"price": "1.00", "v": 4, "price_table": None, "declarations": declarations()}, Envelope.COMMERCIAL)
    assert read_form(FOURTH, Envelope.WHOLE)["form"]["declarations"]["firms"] == [FIRM]


@pytest.mark.parametrize("wrong", [
    {"kind": "tiny"}, {"kind": []}, {"kind": "large "}, {"industry": "steel"}, {"industry": ""}, {"industry": {}}, {"employees": "120"}, {"employees": True},
    {"employees": -1}, {"employees": 1.5}, {"revenue": 1800}, {"revenue": "1800"}, {"revenue": "01.00"}, {"revenue": "-1.00"}, {"assets": ""}, {"item": ""},
    {"name": " 甲"}, {"name": "甲" * 121}, {"name": None}, {"kind": "prison"}, {"more": 1},
])  # fmt: skip
def test_a_firm_that_is_not_written_as_asked_is_corrupt(wrong):
    assert not are_declarations(declarations({**FIRM, **wrong}))
    with pytest.raises(Corrupt):
        read_form({**FOURTH, "declarations": declarations({**FIRM, **wrong})}, Envelope.WHOLE)


@pytest.mark.parametrize("wrong", [
    [], {}, {**declarations(FIRM), "promise": ""}, {**declarations(FIRM), "promise": True}, {**declarations(), "promise": PROMISE}, {**declarations(), "firms": None},
    {**declarations(), "firms": [FIRM] * 51, "promise": PROMISE}, {**declarations(), "brand": ""}, {**declarations(), "brand": {"brand": "", "model": ""}},
    {**declarations(), "brand": {"brand": "甲"}}, {**declarations(), "brand": {"brand": "甲", "model": None}}, {**declarations(), "price": "1.00"},
])  # fmt: skip
def test_declarations_that_are_not_written_as_asked_are_corrupt(wrong):
    assert not are_declarations(wrong)


def test_figures_may_be_left_out_and_special_firms_have_none():
    bare = {**FIRM, "industry": "", "employees": None, "revenue": None, "assets": None}
    assert are_declarations(declarations({**FIRM, "employees": None, "revenue": None, "assets": None}))
    assert all(are_declarations(declarations({**bare, "kind": kind})) for kind in ("prison", "disabled"))
    assert not are_declarations(declarations(bare))


@pytest.mark.parametrize(("industry", "figures", "size"), [
    ("manufacturing", (1000, "40000.00", None), "large"), ("manufacturing", (999, "40000.00", None), "medium"), ("manufacturing", (5000, "1999.99", None), "small"),
    ("manufacturing", (20, "300.00", None), "small"), ("manufacturing", (19, "9999.00", None), "micro"), ("manufacturing", (None, "300.00", None), ""),
    ("construction", (None, "6000.00", "5000.00"), "medium"), ("construction", (9, "6000.00", "4999.99"), "small"), ("wholesale", (5, "1000.00", None), "small"),
    ("retail", (49, "500.00", None), "small"), ("software", (100, "1000.00", None), "medium"), ("property", (99, "5000.00", None), "micro"),
    ("other", (300, None, None), "large"), ("other", (9, None, None), "micro"), ("leasing", (300, None, "7999.99"), "small"),
])  # fmt: skip
def test_the_size_of_a_firm_by_its_figures_is_the_same_in_the_browser(industry, figures, size):
    row = {**FIRM, "industry": industry, **dict(zip(("employees", "revenue", "assets"), figures, strict=True))}
    assert computed_size(row) == size
    typed = {name: "" if row[name] is None else str(row[name]) for name in row}
    asked = {"plain": ["prison", "disabled"], "industries": [[each.industry, each.name, each.bounds] for each in INDUSTRIES.values()]}
    found = run_node(
        """
        import { firmOf } from "./static/src/lib/declaring.js";
        answer(firmOf(given.typed, given.asked));
        """,
        {"typed": typed, "asked": asked},
    )
    assert found == {"firm": row, "size": size}
    assert are_declarations(declarations(found["firm"]))


def test_a_figure_that_is_none_is_told_beside_its_field():
    asked = {"plain": ["prison"], "industries": [["other", "其他", {"employees": [300, 100, 10]}]]}
    typed = {"item": "保洁", "name": "甲", "kind": "small", "industry": "other", "employees": "十人", "revenue": "", "assets": ""}
    found = run_node(
        """
        import { declared, firmOf } from "./static/src/lib/declaring.js";
        const tried = (more) => firmOf({ ...given.typed, ...more }, given.asked);
        answer({
          tried: [tried({}), tried({ employees: "10", revenue: "1.001" }), tried({ kind: "" }), tried({ item: " " }), tried({ kind: "prison" })],
          none: declared({ v: 2 }, null, []), form: declared({}, { firms: [] }, [1, 2]),
        });
        """,
        {"typed": typed, "asked": asked},
    )
    assert [row.get("field") for row in found["tried"]] == ["employees", "revenue", "kind", "item", None]
    assert found["tried"][0]["problem"] == "请填写整数" and found["tried"][4]["firm"]["industry"] == ""
    assert found["none"] == {"v": 2}
    assert (found["form"]["v"], found["form"]["technical_files"], found["form"]["price_table"]) == (4, 2, None)


def test_one_large_maker_takes_the_preference_away():
    form = {"declarations": declarations(FIRM, {**FIRM, "kind": "micro"})}
    assert claims(form, "DEDUCTION") and claims(form, "RESERVED_SMALL")
    assert not claims({"declarations": declarations(FIRM, LARGE)}, "DEDUCTION") and not claims({}, "DEDUCTION") and not claims(form, "")
    medium = {"declarations": declarations({**FIRM, "kind": "medium"})}
    assert claims(medium, "RESERVED") and not claims(medium, "DEDUCTION")
    assert all(claims({"declarations": declarations({**FIRM, "kind": kind})}, "DEDUCTION") for kind in LIKE_SMALL)


def test_a_declaration_in_words_says_where_the_figures_differ():
    (line,) = firm_lines({"declarations": declarations({**FIRM, "kind": "micro"})})
    assert (line["kind"], line["size"], line["differs"]) == ("微型企业", "小型企业", True)
    assert declaration_said(FOURTH).startswith(
        "台式计算机：清江某计算机制造有限公司（属于工业，从业人员 120 人，营业收入 1800.00 万元，资产总额 900.00 万元），属于小型企业。以上企业不属于大企业"
    )
    assert brand_in(FOURTH) == "扶摇" and brand_in({"declarations": declarations(brand="ＦＹ x")}) == "fyx" == brand_in(
        {"declarations": declarations(brand="Fy X")}
    )


# ── what documents state ───────────────────────────────────────────────────


def problems(kind="goods", **settings):
    method = METHODS["COMPREHENSIVE_SCORING"].for_kind(kind)
    values = {name: value for name, value in (method.defaults() | settings).items() if value is not None}
    found = choice_problems(
        method.code, values, procedure="ZC-OT", kind=kind, points={"technical": D(70), "price": D(30)}, two_envelopes=False, day=DAY
    )
    return [row.message for row in found]


@pytest.mark.parametrize(("kind", "percent", "wanted"), [
    ("goods", "9.99", "不能小于 10"), ("goods", "10", ""), ("services", "20", ""), ("services", "20.01", "不能大于 20"),
    ("works", "2.99", "不能小于 3"), ("works", "3", ""), ("works", "5", ""), ("works", "10", "不能大于 5"),
])  # fmt: skip
def test_the_deduction_keeps_within_the_bounds_of_what_is_bought(kind, percent, wanted):
    found = problems(kind, deduction=percent)
    assert bool(found) == bool(wanted) and all(wanted in text for text in found)
    if wanted:
        rule = procurement.DEDUCTION_WORKS if kind == "works" else procurement.DEDUCTION[-1]
        assert rule.source in found[0]


def test_a_document_must_choose_its_policy_and_how_brands_count():
    assert problems(policy=None, deduction=None) == ["请选择中小企业政策"]
    assert problems(same_brand=None) == ["采购货物须写明同品牌的认定方式"] and problems("services", same_brand=None) == []
    assert problems(same_brand="CORE") == ["请写明核心产品"] and problems(same_brand="CORE", core_product="服务器") == []
    # Reserved: the percent that the form still holds does not matter.
    assert problems(policy="RESERVED", deduction="1") == []


def test_older_documents_mean_what_was_done_then():
    method = METHODS["COMPREHENSIVE_SCORING"]
    assert (settled(method, {})["policy"], settled(method, {})["same_brand"]) == ("NONE", "NONE")
    assert not {"中小企业政策", "同品牌的认定"} & {label for label, _ in described(method.code, {"ties": "draw"})}
    told = dict(described(method.code, {"policy": "DEDUCTION", "deduction": "12", "same_brand": "CORE", "core_product": "服务器"}))
    assert (
        told["小微企业价格扣除（%）"] == "12 %" and told["核心产品"] == "服务器" and told["中小企业政策"].startswith("不专门面向中小企业")
    )


@pytest.mark.django_db(transaction=True)
def test_the_bid_page_and_the_offline_page_ask_for_the_same_declarations(client):
    lot = procurement_lot(same_brand="CORE", core_product="服务器")
    page = enter(client, lot.city.bidders[0].somebody).get(reverse("trading:bid", args=[lot.tender.number, lot.no]))
    asked = page.context["terms"]["declares"]
    assert (asked["policy"], asked["percent"], asked["brand"], asked["core"], asked["goods"]) == ("DEDUCTION", "10", True, "服务器", True)
    offline = client.get(reverse("trading:offline_policy", args=[lot.tender.number, lot.key])).json()
    assert offline["form"]["declares"] == asked and jcs(offline)
    assert database_now() < lot.bids_due_at
