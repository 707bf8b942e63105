"""The catalogue decides where a project is traded; everybody can read it, old versions too."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from trading.catalogue.data import load_catalogue
from trading.catalogue.models import CatalogueItem
from trading.catalogue.queries import decide, versions
from trading.procedures.rules import works
from trading.procedures.versions import offered

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def catalogue():
    load_catalogue()


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("works", works.COMPULSORY_WORKS), ("goods", works.COMPULSORY_GOODS), ("services", works.COMPULSORY_SERVICES)],
)
def test_works_must_enter_from_the_compulsory_scale_on(kind, rule):
    at_scale, below = (decide("GC", kind, rule.least - less, on=TODAY) for less in (D(0), D("0.01")))
    assert (at_scale.venue, at_scale.procedures[0], at_scale.enters) == ("must_enter", "GC-OT", True)
    assert at_scale.reason.endswith("万元以上，必须进场")
    assert at_scale.source == rule.source
    assert (below.venue, below.enters) == ("may_enter", True)


@pytest.mark.parametrize(("kind", "limit"), [("works", "2000000"), ("goods", "1000000"), ("services", "500000")])
def test_small_works_end_below_their_amount(kind, limit):
    assert "小额" in decide("GC", kind, D(limit) - D("0.01"), on=TODAY).reason
    assert "小额" not in decide("GC", kind, D(limit), on=TODAY).reason


@pytest.mark.requirement("R109")
@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        ("works", "50000", "2000000"), ("goods", "20000", "1000000"), ("services", "10000", "500000"),
        ("supplies", "10000", None), ("assets", "10000", None),
    ],
)  # fmt: skip
def test_the_five_village_bands_go_to_the_township_centre(kind, least, most):
    def venue(amount):
        return decide("CJ", kind, amount, on=TODAY).venue

    assert (venue(D(least) - D("0.01")), venue(D(least))) == ("outside", "township")
    if most:
        assert (venue(D(most) - D("0.01")), venue(D(most))) == ("township", "must_enter")
    else:
        assert venue(D("100000000")) == "township"


def test_where_the_catalogue_says_nothing_there_is_no_decision():
    assert decide("QT", "works", D(1_000_000), on=TODAY) is None


@pytest.mark.parametrize(
    ("day", "venue", "version"),
    [(date(2018, 5, 31), "must_enter", "2000-1"), (date(2018, 6, 1), "may_enter", "2018-1")],
)
def test_the_version_of_the_day_decides(day, venue, version):
    decision = decide("GC", "works", D(2_500_000), on=day)
    assert (decision.venue, decision.version) == (venue, version)
    assert decision.as_json()["version"] == version


def test_an_amount_has_one_line_at_most():
    for kind in ("works", "goods", "services", "supplies", "assets"):
        for category in ("GC", "CJ", "ZC"):
            rows = CatalogueItem.objects.in_force(TODAY).filter(category=category, kind=kind).order_by("minimum")
            edges = [(row.minimum, row.maximum) for row in rows]
            assert all(upper == lower for (_, upper), (lower, _) in zip(edges, edges[1:], strict=False)), (category, kind)


def test_the_catalogue_and_the_procedures_name_each_other():
    """Every procedure of the catalogue exists, for its category; every procedure that there is can be chosen."""
    known = {each.code: each.category for each in offered(TODAY)}
    named = {(row.category, name) for row in CatalogueItem.objects.in_force(TODAY) for name in row.procedures}
    assert {(known[name], name) for _, name in named} == named
    assert {name for _, name in named} == set(known)


@pytest.mark.parametrize(
    ("category", "kind", "amount", "first", "last"),
    [
        ("ZC", "goods", "2000000", "ZC-OT", "ZC-KJ"), ("ZC", "goods", "1999999.99", "ZC-TP", "ZC-OT"),
        ("ZC", "goods", "500000", "ZC-TP", "ZC-OT"), ("ZC", "goods", "499999.99", "ZC-XJ", "ZC-KJ"),
        ("ZC", "services", "2000000", "ZC-OT", "ZC-CS"), ("ZC", "services", "1999999.99", "ZC-CS", "ZC-OT"),
        ("ZC", "services", "499999.99", "ZC-CS", "ZC-KJ"), ("ZC", "works", "600000", "ZC-CS", "ZC-DY"),
        ("ZC", "works", "599999.99", "ZC-CS", "ZC-TP"), ("TD", "land", "1", "TD-L", "TD-T"), ("KY", "mining", "1", "KY-L", "KY-T"),
        ("CQ", "equity", "1", "CQ-L", "CQ-NB"), ("CQ", "assets", "1", "CQ-L", "CQ-NB"),
        ("GC", "works", "1999999.99", "GC-OT", "GC-LOT"), ("GC", "works", "2000000", "GC-OT", "GC-IT"),
        ("CJ", "works", "1999999.99", "CJ-W", "CJ-W"), ("CJ", "assets", "10000", "CJ-A", "CJ-A"),
    ],
)  # fmt: skip
def test_category_kind_and_estimate_decide_how_it_is_traded(category, kind, amount, first, last):
    procedures = decide(category, kind, D(amount), on=TODAY).procedures
    assert (procedures[0], procedures[-1]) == (first, last)


def test_works_above_the_compulsory_scale_are_no_procurement_of_other_kinds():
    assert decide("ZC", "works", D("3999999.99"), on=TODAY)
    assert decide("ZC", "works", D("4000000"), on=TODAY) is None


def test_loading_again_changes_nothing():
    before = list(CatalogueItem.objects.values())
    load_catalogue()
    assert list(CatalogueItem.objects.values()) == before


@pytest.mark.requirement("R002")
def test_everybody_reads_the_catalogue_in_force(client):
    page = client.get(reverse("trading:catalogue")).content.decode()
    assert "施工单项合同估算价 400 万元以上" in page
    assert "施工单项合同估算价 200 万元以上" not in page
    assert all(words in page for words in ("市级目录", "县级目录", "乡镇目录", "《必须招标的工程项目规定》第五条", "2018-1 版"))


@pytest.mark.requirement("R002")
def test_old_versions_stay_readable(client):
    assert [(row["version"], row["since"], row["until"]) for row in versions()] == [
        ("2018-1", date(2018, 6, 1), None),
        ("2000-1", date(2000, 5, 1), date(2018, 5, 31)),
    ]
    page = client.get(reverse("trading:catalogue"), {"version": "2000-1"}).content.decode()
    assert "施工单项合同估算价 200 万元以上" in page
    assert "施工单项合同估算价 400 万元以上" not in page
    assert client.get(reverse("trading:catalogue"), {"version": "1999-1"}).status_code == 404


def test_the_page_asks_the_database_as_often_for_one_line_as_for_many(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get(reverse("trading:catalogue"))
