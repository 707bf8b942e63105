"""Bills of quantities: spreadsheets answered cell by cell, sums by the same rules in browser and platform, corrections by rule."""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from ledger.canonical import b64u
from rulebook.refusals import Refused
from sealing.container import Corrupt
from tests.factories.trading import accepted_tender, city, obtain_document, published_lot
from tests.trust.node import run_node
from trading.opening.actions import read_form
from trading.tenders import actions
from trading.tenders.arithmetic import corrections, is_amount, line_sum
from trading.tenders.models import BillItem, Envelope
from trading.tenders.queries import document_digest
from trading.tenders.spreadsheet import HEADS, WRITTEN_BY_AGENCY, cell_text, decimal_of, read_bill, workbook_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "pricetable.json").read_text())
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def items(rows=VECTORS["bill"]):
    return [
        BillItem(no=no, code=code, name=name, unit=unit, quantity=Decimal(quantity), ceiling=Decimal(ceiling) if ceiling else None)
        for no, (code, name, unit, quantity, ceiling) in enumerate(rows, start=1)
    ]


def sheet(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    return made


def headed(cells):
    """A vector's cells under the heads of a price table, unless it brings heads of its own."""
    return {f"{column}1": head for column, head in zip("ABCDEFG", HEADS, strict=True)} | cells


# ── both sides by the same vectors ─────────────────────────────────────────


@pytest.fixture(scope="module")
def browser():
    return run_node(
        """
        import { checked, decimal, lineSum, yuan } from "./static/src/lib/pricetable.js";
        import { numberText } from "./static/src/lib/spreadsheet.js";
        const shown = (value, places) => value === null ? null : `${value / 10n ** BigInt(places)}.${String(value % 10n ** BigInt(places)).padStart(places, "0")}`;
        answer({
          numbers: given.numbers.map(({ text, places }) => shown(decimal(text, places), places)),
          cells: given.cells.map(({ number }) => numberText(number)),
          sums: given.sums.map(({ quantity, price }) => yuan(lineSum(decimal(quantity, 4), decimal(price, 2)))),
          tables: given.tables.map(({ cells }) => checked(given.bill, cells)),
        });
        """,
        {**VECTORS, "tables": [{**row, "cells": headed(row["cells"])} for row in VECTORS["tables"]]},
    )


def test_numbers_and_cells_read_alike_on_both_sides(browser):
    ours = [decimal_of(row["text"], row["places"]) for row in VECTORS["numbers"]]
    wanted = [None if row["value"] is None else Decimal(row["value"]) for row in VECTORS["numbers"]]
    assert ours == wanted
    assert [None if value is None else Decimal(value) for value in browser["numbers"]] == wanted
    assert [cell_text(row["number"]) for row in VECTORS["cells"]] == browser["cells"] == [row["text"] for row in VECTORS["cells"]]


def test_sums_are_the_same_on_both_sides(browser):
    ours = [f"{line_sum(Decimal(row['quantity']), Decimal(row['price'])):.2f}" for row in VECTORS["sums"]]
    assert ours == browser["sums"] == [row["sum"] for row in VECTORS["sums"]]


def test_a_table_that_the_browser_accepts_needs_no_correction_and_a_wrong_one_is_named_cell_by_cell(browser):
    for vector, found in zip(VECTORS["tables"], browser["tables"], strict=True):
        assert found["table"] == vector.get("table"), vector["name"]
        assert [row["cell"] for row in found["problems"]] == vector.get("wrong", []), vector["name"]
        assert all(row["found"] and row["expected"] for row in found["problems"])
        if found["table"]:
            total = Decimal(found["table"]["total"])
            assert corrections(items(), found["table"], total, category="GC") == ([], total)


def test_the_browser_reads_the_spreadsheets_that_we_write_and_others_write():
    given_book = load_workbook(io.BytesIO(workbook_of(items(), for_bidder=True)))
    cells = given_book.active
    for row, price in ((2, 28.5), (3, "15.00"), (4, 589.99)):
        cells.cell(row, 6, price)
    cells.cell(6, 1, "　")
    filled = io.BytesIO()
    given_book.save(filled)
    found = run_node(
        """
        import { checked } from "./static/src/lib/pricetable.js";
        import { cellsOf } from "./static/src/lib/spreadsheet.js";
        const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"));
        let refused = "";
        try { cellsOf(bytes(given.broken)); } catch (problem) { refused = problem.message; }
        answer({ checked: checked(given.bill, cellsOf(bytes(given.file))), refused });
        """,
        {"bill": VECTORS["bill"], "file": b64u(filled.getvalue()), "broken": b64u(b"%PDF-1.4 no sheet")},
    )
    assert found["checked"]["problems"] == []
    assert found["checked"]["table"] == VECTORS["tables"][0]["table"]
    assert "不是可以读取的 .xlsx" in found["refused"]


# ── corrections by rule ────────────────────────────────────────────────────

RIGHT = VECTORS["tables"][0]["table"]


def table(change=None, total=None):
    rows = [[code, *(change or {}).get(code, (price, amount))] for code, price, amount in RIGHT["items"]]
    return {"items": rows, "total": total or RIGHT["total"]}


@pytest.mark.requirement("R101")
@pytest.mark.parametrize(
    ("given_table", "price", "category", "places", "by_rule"),
    [
        (table(), "24300.56", "GC", [], "24300.56"),
        # The unit price stands before the line's sum, the sums before the total, the total before the price read out.
        (table({"010102": ("15.00", "1300.00")}), "24300.56", "GC", ["010102 回填土 合价"], "24300.56"),
        (table(total="24400.56"), "24400.56", "GC", ["报价表合计", "投标报价"], "24300.56"),
        (table(), "24000.00", "GC", ["投标报价"], "24300.56"),
        # A decimal point clearly out of place: the sum stands, the unit price is changed.
        (table({"010102": ("150.00", "1200.00")}), "24300.56", "GC", ["010102 回填土 单价"], "24300.56"),
        # In procurement the opening list stands.
        (table(), "24000.00", "ZC", ["开标一览表与报价明细"], "24000.00"),
        (None, "24300.56", "GC", ["报价表"], "24300.56"),
    ],
)
def test_contradictions_are_corrected_by_rule(given_table, price, category, places, by_rule):
    found, corrected = corrections(items(), given_table, Decimal(price), category=category)
    assert ([row.place for row in found], corrected) == (places, Decimal(by_rule))
    assert all(row.rule.source and row.rule.says for row in found)


prices = st.decimals(min_value=0, max_value=10**6, places=2)
quantities = st.decimals(min_value="0.0001", max_value=10**6, places=4)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(quantities, prices), min_size=1, max_size=5))
def test_the_corrected_price_is_the_sum_of_what_the_unit_prices_give(rows):
    bill = [BillItem(no=no, code=str(no), name="项", unit="项", quantity=quantity) for no, (quantity, _) in enumerate(rows)]
    right = sum((line_sum(quantity, price) for quantity, price in rows), Decimal(0))
    whole = {"items": [[str(no), f"{price:.2f}", f"{line_sum(quantity, price):.2f}"] for no, (quantity, price) in enumerate(rows)]}
    found, by_rule = corrections(bill, {**whole, "total": f"{right:.2f}"}, right, category="GC")
    assert (found, by_rule) == ([], right)
    _, by_rule = corrections(bill, {**whole, "total": f"{right + 1:.2f}"}, right + 1, category="GC")
    assert by_rule == right


@pytest.mark.parametrize(
    ("text", "good"),
    [("0.00", True), ("12.30", True), ("012.30", False), ("12.3", False), ("-1.00", False), ("1e2.00", False), (12, False)],
)
def test_a_sum_in_a_form_is_written_one_way(text, good):
    assert is_amount(text) is good


# ── the sealed form ────────────────────────────────────────────────────────

FORM = {"price": "24300.56", "term_days": 400, "quality": "合格", "manager": "甲"}
TEAM = {"name": "甲", "post": "项目经理", "certificate": "一级建造师", "number": "鄂1", "until": "2028-01-01"}
SECOND = {**FORM, "v": 2, "price_table": RIGHT, "team": [TEAM], "qualifications": [], "records": []}


def test_forms_of_both_versions_are_read():
    assert read_form(FORM, Envelope.WHOLE)["price"] == read_form(SECOND, Envelope.WHOLE)["price"] == Decimal("24300.56")
    assert read_form({**SECOND, "price_table": None}, Envelope.WHOLE)["form"]["team"] == [TEAM]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 3}, {"extra": 1}, {"team": [{**TEAM, "age": "40"}]}, {"team": [TEAM] * 101}, {"team": "甲"}, {"records": [{"name": "只有名称"}]},
        {"team": [{**TEAM, "name": "甲" * 301}]}, {"price_table": {"items": []}},
        {"price_table": {"items": [["1", "1.0", "1.00"]], "total": "1.00"}},
        {"price_table": {"items": [["1", "1.00", "1.00"]] * 2, "total": "2.00"}},
    ],
)  # fmt: skip
def test_what_is_not_of_a_version_is_not_read(change):
    with pytest.raises(Corrupt):
        read_form({**SECOND, **change}, Envelope.WHOLE)


TECHNICAL = {name: FORM[name] for name in ("term_days", "quality", "manager")}
LISTED = {"v": 2, "team": [TEAM], "qualifications": [], "records": []}


def test_the_price_table_is_read_from_the_second_envelope_alone_and_the_team_from_the_first():
    first = read_form({**TECHNICAL, **LISTED}, Envelope.TECHNICAL)
    assert first["form"]["team"] == [TEAM] and "price" not in first
    second = read_form({"price": FORM["price"], "v": 2, "price_table": RIGHT}, Envelope.COMMERCIAL)
    assert second["price"] == Decimal("24300.56") and second["form"]["price_table"] == RIGHT
    assert read_form({"price": FORM["price"]}, Envelope.COMMERCIAL)["price"] == second["price"]


@pytest.mark.parametrize(
    ("form", "envelope"),
    [
        ({**TECHNICAL, **LISTED, "price_table": RIGHT}, Envelope.TECHNICAL), ({**TECHNICAL, **LISTED, "price_table": None}, Envelope.TECHNICAL),
        (SECOND, Envelope.TECHNICAL), ({"price": "1.00", **LISTED, "price_table": RIGHT}, Envelope.COMMERCIAL), (SECOND, Envelope.COMMERCIAL),
        ({**TECHNICAL, **LISTED}, Envelope.WHOLE), ({**TECHNICAL, **LISTED, "team": "甲"}, Envelope.TECHNICAL),
        ({"price": "1.00", "v": 2, "price_table": {"items": []}}, Envelope.COMMERCIAL),
    ],
)  # fmt: skip
def test_what_belongs_into_the_other_envelope_is_not_read(form, envelope):
    with pytest.raises(Corrupt):
        read_form(form, envelope)


# ── the agency's spreadsheet ───────────────────────────────────────────────


def test_a_bill_goes_out_and_comes_back_the_same():
    found, problems = read_bill(io.BytesIO(workbook_of(items(), for_bidder=False)))
    assert problems == []
    assert [[row["code"], row["name"], row["unit"], row["quantity"], row["ceiling"]] for row in found] == [
        [row.code, row.name, row.unit, row.quantity, row.ceiling] for row in items()
    ]


def test_every_wrong_cell_is_named_at_once():
    _, problems = read_bill(
        sheet(
            WRITTEN_BY_AGENCY,
            ("A1", "挖土方", "m³", 12.5, None),
            ("A1", "", "m³", "十二", "-3"),
            ("", "回填", "", 0, 1.005),
            (None, None, None, None, None),
            ("A" * 25, "混凝土", "m³", 1.00001, None),
        )
    )
    assert [(row.cell, row.found) for row in problems] == [
        ("A3", "A1"), ("B3", "空"), ("D3", "十二"), ("E3", "-3"), ("A4", "空"), ("C4", "空"), ("D4", "0"), ("E4", "1.005"),
        ("A6", "A" * 25), ("D6", "1.00001"),
    ]  # fmt: skip
    assert all(row.expected for row in problems)


def test_another_table_or_file_is_told_apart():
    _, problems = read_bill(sheet(("序号", "名称", "单位", "工程量", "最高综合单价（元）"), ("1", "土方", "m³", 1, None)))
    assert [(row.cell, row.found) for row in problems] == [("A1", "序号")]
    assert [row.cell for row in read_bill(sheet(WRITTEN_BY_AGENCY))[1]] == ["A2"]
    with pytest.raises(Refused) as refused:
        read_bill(io.BytesIO(b"%PDF-1.4"))
    assert refused.value.code == "no_spreadsheet"


def test_a_sheet_whose_text_would_multiply_is_not_read():
    made = io.BytesIO(workbook_of(items(), for_bidder=False))
    bomb = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(bomb, "w") as new:
        for each in old.infolist():
            content = old.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + content.split(b"?>", 1)[-1]
            new.writestr(each.filename, content)
    with pytest.raises(Refused) as refused:
        read_bill(bomb)
    assert refused.value.code == "no_spreadsheet"


@pytest.mark.django_db
def test_a_bill_is_uploaded_whole_or_not_at_all_and_frozen_with_the_document(client):
    where = city()
    tender = accepted_tender(where)
    document = actions.draft_document(tender, by=where.handler)
    before = document_digest(document)
    client.force_login(where.handler, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("trading:bill", args=[tender.number, 1])
    good = SimpleUploadedFile("清单.xlsx", workbook_of(items(), for_bidder=False), content_type=XLSX)
    assert client.post(url, {"file": good}).url == url
    lot = tender.lots.get()
    assert [row.code for row in lot.bill.all()] == ["010101", "010102", "010501"]
    assert document_digest(document) != before
    bad = SimpleUploadedFile("清单.xlsx", sheet(WRITTEN_BY_AGENCY, ("A1", "", "m³", "x", None)).getvalue(), content_type=XLSX)
    page = client.post(url, {"file": bad}).content.decode()
    assert "2 处不符" in page and "B2" in page and "D2" in page
    assert lot.bill.count() == 3
    book = load_workbook(io.BytesIO(client.get(reverse("trading:bill_sheet", args=[tender.number, 1])).content))
    assert [cell.value for cell in book.active[2]] == ["010101", "挖土方", "m³", 120.5, 30]


@pytest.mark.django_db
def test_only_holders_get_the_price_sheet_and_prices_have_no_door_to_the_platform(client):
    lot = published_lot(holders=1, due_in=timedelta(days=25))
    BillItem.objects.bulk_create(
        BillItem(lot=lot, **{k: getattr(row, k) for k in ("no", "code", "name", "unit", "quantity", "ceiling")}) for row in items()
    )
    holder, other = lot.city.bidders[:2]
    url = reverse("trading:price_sheet", args=[lot.tender.number, lot.no])
    client.force_login(other.somebody, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 404
    obtain_document(lot.tender, other, by=other.somebody, at=lot.tender.published_at + timedelta(minutes=2))
    assert client.get(url).status_code == 200
    client.force_login(holder.somebody, backend="django.contrib.auth.backends.ModelBackend")
    book = load_workbook(io.BytesIO(client.get(url).content))
    assert [cell.value for cell in book.active[1]] == list(HEADS)
    assert book.active["G2"].value == "=ROUND(D2*F2,2)" and book.active["F2"].value is None
    assert client.post(url).status_code == 405
    page = client.get(reverse("trading:bid", args=[lot.tender.number, lot.no]))
    assert page.context["terms"]["bill"] == VECTORS["bill"]
