"""An agency chooses a method of the library for its document; law and city bound it, and the document says all of it."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from rulebook.clock import city_day, database_now
from tests.factories.trading import accepted_tender, city, make_workday, reviewed, written_document
from trading.methods import rules
from trading.methods.choosing import asked, choice_problems, default_method, described, kept, problem_of, settled
from trading.methods.presets import PRESETS, presets_in
from trading.methods.registry import METHODS, offered_in
from trading.procedures.rules import procurement
from trading.tenders import actions
from trading.tenders.models import TenderDocument

DAY = date(2026, 11, 20)
WORKS = {"technical": D(20), "business": D(10), "credit": D(10), "price": D(60)}


def problems(code, points, settings=None, *, procedure="GC-OT", kind="works", two_envelopes=False, day=DAY):
    found = choice_problems(code, settings or {}, procedure=procedure, kind=kind, points=points, two_envelopes=two_envelopes, day=day)
    return [row.code for row in found]


def test_each_procedure_offers_its_own_methods():
    assert [row.code for row in offered_in("GC-OT", "works")] == [
        "COMPREHENSIVE_ASSESSMENT", "LOWEST_EVALUATED_PRICE", "REASONABLE_LOW_PRICE", "DOUBLE_ENVELOPE", "CREDIT_BUSINESS",
    ]  # fmt: skip
    assert [row.code for row in offered_in("ZC-OT", "goods")] == ["COMPREHENSIVE_SCORING", "LOWEST_PRICE"]
    assert offered_in("ZC-CS", "goods") == []
    assert [row.code for row in presets_in("ZC-IT", "services")] == ["P3", "P5", "P6", "P7"]
    assert (default_method("GC-OT", "works"), default_method("ZC-OT", "goods")) == ("COMPREHENSIVE_ASSESSMENT", "COMPREHENSIVE_SCORING")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_rule_of_the_library_is_lawful_as_it_stands(preset):
    method, points = preset.method, {}
    for part, _, _, full, _ in preset.factors:
        points[part] = points.get(part, D(0)) + full
    assert sum(points.values()) == (100 if method.by == "points" else 0)
    settings = kept(method, preset.full_settings())
    assert not [
        text for row in asked(method, preset.full_settings()) if (text := problem_of(row, preset.full_settings()[row.name], day=DAY))
    ]
    for kind in preset.kinds if method.procedures else ():
        where = method.procedures[0]
        assert problems(preset.method_code, points, settings, procedure=where, kind=kind, two_envelopes=method.two_envelopes) == []


@pytest.mark.parametrize(("kind", "price", "rule"), [
    ("goods", 30, None), ("goods", D("29.99"), procurement.PRICE_SHARE_GOODS), ("services", 10, None), ("services", D("9.99"), procurement.PRICE_SHARE_SERVICES),
    ("works", 5, None),
])  # fmt: skip
def test_the_price_keeps_its_share_in_procurement(kind, price, rule):
    settings = METHODS["COMPREHENSIVE_SCORING"].for_kind(kind).defaults()
    found = problems("COMPREHENSIVE_SCORING", {"technical": 100 - D(price), "price": D(price)}, settings, procedure="ZC-OT", kind=kind)
    assert found == ([rule.code] if rule else [])


@pytest.mark.requirement("R144")
@pytest.mark.parametrize(("credit", "kept_within"), [("24.99", False), ("25", True), ("30", True), ("30.01", False)])
def test_credit_weighs_a_quarter_to_three_tenths_in_the_business_integrity_method(credit, kept_within):
    found = problems("CREDIT_BUSINESS", {"credit": D(credit), "price": 100 - D(credit)})
    assert found == ([] if kept_within else [rules.CREDIT_BUSINESS.code])


@pytest.mark.parametrize(("credit", "kept_within"), [("4.99", False), ("5", True), ("15", True), ("15.01", False)])
def test_a_credit_mark_weighs_five_to_fifteen_in_other_methods(credit, kept_within):
    found = problems("COMPREHENSIVE_ASSESSMENT", {"credit": D(credit), "price": 100 - D(credit)})
    assert found == ([] if kept_within else [rules.CREDIT_MARK.code])
    assert problems("COMPREHENSIVE_ASSESSMENT", {"technical": D(40), "price": D(60)}) == []


@pytest.mark.parametrize(("code", "points", "given", "wanted"), [
    ("LOWEST_PRICE", {}, {}, ["method"]),
    ("HIGHEST_PRICE", {}, {}, ["method"]),
    ("LOWEST_EVALUATED_PRICE", WORKS, {}, ["method_part"] * 4),
    ("CREDIT_BUSINESS", {"credit": D(25), "price": D(70), "technical": D(5)}, {}, ["method_part"]),
    ("DOUBLE_ENVELOPE", WORKS, {}, ["needs_two_envelopes"]),
    ("COMPREHENSIVE_ASSESSMENT", WORKS, {"above": "11"}, ["method_setting"]),
    ("COMPREHENSIVE_ASSESSMENT", WORKS, {"k": "DRAWN", "candidates": "0.95"}, ["method_setting"]),
    ("COMPREHENSIVE_ASSESSMENT", WORKS, {"formula": "LOWEST", "above": "11"}, []),
    # Documents that are older than the choice of methods mean what they always meant.
    ("COMPREHENSIVE_ASSESSMENT", WORKS, {"formula": "BENCHMARK", "above": "1", "below": "0.5", "coefficient": "1", "trim_from": 5}, []),
])  # fmt: skip
def test_what_a_document_may_not_choose(code, points, given, wanted):
    assert problems(code, points, given) == wanted


@pytest.mark.parametrize(
    ("percent", "wanted"), [("49", "不能小于 50"), ("50", ""), ("65", ""), ("70", "不能大于 65"), ("NaN", "应填写数字")]
)
def test_the_low_price_thresholds_have_bounds(percent, wanted):
    found = problem_of(METHODS["COMPREHENSIVE_SCORING"].parameter("low_mean"), percent, day=DAY)
    assert wanted in found and bool(found) == bool(wanted)


def test_a_document_without_a_rule_for_equals_leaves_them_open():
    assert settled(METHODS["COMPREHENSIVE_ASSESSMENT"], {})["ties"] == "price,technical"
    assert "总分相同时" not in dict(described("COMPREHENSIVE_ASSESSMENT", {}))
    assert "抽签" in dict(described("COMPREHENSIVE_ASSESSMENT", {"ties": "price,technical,draw"}))["总分相同时"]


def test_every_rule_cites_its_source():
    codes = [rule.code for rule in rules.RULES]
    assert len(set(codes)) == len(codes)
    assert all(rule.says and rule.source for rule in rules.RULES)


def due(now):
    """A deadline that is late enough, on a working day."""
    make_workday(city_day(now + timedelta(days=25)))
    return now + timedelta(days=25)


def posted(method, criteria, **settings):
    """The page of the criteria as a browser sends it."""
    data = {"c-TOTAL_FORMS": len(criteria) + 1, "c-INITIAL_FORMS": len(criteria), "m-method": method}
    for place, row in enumerate(criteria):
        data |= {f"c-{place}-{name}": str(row[name]) for name in ("part", "title", "standard", "points")}
        if row["objective"]:
            data[f"c-{place}-objective"] = "on"
    return data | {f"c-{len(criteria)}-{name}": "" for name in ("part", "title", "standard")} | {f"c-{len(criteria)}-points": "0"} | {
        f"m-{name}": value for name, value in settings.items()
    }  # fmt: skip


@pytest.fixture
def where(db):
    return city()


@pytest.mark.django_db
@pytest.mark.requirement("R102")
def test_an_agency_takes_a_rule_of_the_library_and_the_document_says_all_of_it(client, where):
    now = database_now()
    tender = accepted_tender(where)
    written_document(tender, by=where.handler, published_at=now, due_at=due(now))
    client.force_login(where.handler)
    address = reverse("trading:edit_criteria", args=[tender.number])
    shown = client.get(address, {"preset": "W4"}).content.decode()
    assert "已套用办法库规则“一般工程施工”" in shown and "尚未保存" in shown
    assert "最低评标价法" not in shown
    document = TenderDocument.objects.get(tender=tender)
    checks = [row for row in actions.criteria_of(document) if row["part"] in ("form", "qualification", "response")]
    criteria = [*checks, *PRESETS["W4"].criteria()]
    saved = client.post(
        address, posted("COMPREHENSIVE_ASSESSMENT", criteria, **{**PRESETS["W4"].settings, "above": "0.80", "below": "0.5"})
    )
    assert saved.status_code == 302, saved.content.decode()
    document.refresh_from_db()
    assert document.method_settings == {
        "formula": "BENCHMARK", "above": "0.8", "below": "0.5", "trimming": "TIERED", "k": "DRAWN",
        "candidates": "0.95 0.955 0.96 0.965 0.97 0.975 0.98", "credit": "ABSOLUTE", "marks_trim_from": 7, "ties": "price,technical,draw",
        "rounding": "HALF_UP", "digits": 2,
    }  # fmt: skip
    assert [row.title for row in document.criteria.order_by("no")][-4:] == ["施工组织设计", "类似业绩", "信用评价", "投标报价"]
    assert actions.problems_of(document, published_at=now) == []
    reviewed(document, by=where.handler, at=now)
    actions.publish_tender(tender, by=where.handler, at=now)
    document.refresh_from_db()
    facts = dict(document.notice.facts)
    assert facts["评标办法"].startswith("综合评估法") and "每高于基准价 1% 扣分（E1）：0.8 分" in facts["评标参数"]
    assert "系数的备选值：0.95 0.955" in facts["评标参数"] and "抽签" in facts["评标参数"]
    assert dict(document.printed.context["method"])["每低于基准价 1% 扣分（E2）"] == "0.5 分"


@pytest.mark.django_db
def test_a_parameter_out_of_its_bounds_is_told_beside_its_field(client, where):
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    client.force_login(where.handler)
    address = reverse("trading:edit_criteria", args=[tender.number])
    shown = client.post(
        address, posted("COMPREHENSIVE_ASSESSMENT", actions.criteria_of(document), above="12", k="DRAWN", candidates="1 2")
    ).content.decode()
    assert "每高于基准价 1% 扣分（E1）不能大于 10" in shown and "系数的备选值应在 0.8 至 1.2 之间" in shown
    assert 'aria-describedby="h-m-above e-m-above"' in shown or 'aria-describedby="e-m-above"' in shown
    # A method that the procedure does not allow is not taken, whoever sends it.
    client.post(address, posted("LOWEST_PRICE", actions.criteria_of(document)))
    document.refresh_from_db()
    assert document.method == "COMPREHENSIVE_ASSESSMENT"


@pytest.mark.django_db
def test_design_and_build_has_a_rule_of_its_own_in_two_envelopes(client, where):
    tender = accepted_tender(where, kind="epc", epc_stage="preliminary")
    now = database_now()
    written_document(tender, by=where.handler, published_at=now, due_at=due(now))
    client.force_login(where.handler)
    preset = PRESETS["W7"]
    document = TenderDocument.objects.get(tender=tender)
    checks = [
        row | {"title": row["title"].replace("报价", ""), "standard": "符合招标文件"}
        for row in actions.criteria_of(document)
        if row["points"] == 0
    ]
    address = reverse("trading:edit_criteria", args=[tender.number])
    assert "工程总承包（EPC）" in client.get(address).content.decode()
    client.post(address, posted("DOUBLE_ENVELOPE", [*checks, *preset.criteria()], **preset.settings))
    document.refresh_from_db()
    assert (document.method, document.method_settings["pass_mark"], document.method_settings["formula"]) == (
        "DOUBLE_ENVELOPE",
        "60",
        "COMBINED",
    )
    # What else design-build asks of a document is told in tests/trading/test_design_build.py.
    assert not {row.code for row in actions.problems_of(document, published_at=now)} & {"method", "method_setting", "needs_two_envelopes"}
    actions.save_document(document, data={"two_envelopes": False}, sections={}, lots={}, by=where.handler)
    document.refresh_from_db()
    assert "needs_two_envelopes" in {row.code for row in actions.problems_of(document, published_at=now)}
