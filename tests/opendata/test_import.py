"""Taking over the history of others: packages as untidy as real ones, through the command and the public pages."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from disclosure.models import Notice
from ledger.models import LedgerEntry
from trading.opendata import actions
from trading.opendata.history import Unusable, historical, money
from trading.opendata.reading import Package, releases_of

pytestmark = pytest.mark.django_db

RELEASE = {
    "ocid": "ocds-x1-1", "id": "1", "date": "2020-12-02T00:00:00.000Z", "tag": ["contract"], "language": "es",
    "buyer": {"id": "", "name": "Municipio de Ejemplo"},
    "tender": {
        "id": "7", "title": "Papelería y útiles", "status": "complete", "procurementMethod": "open", "procurementMethodDetails": "Grandes Superficies",
        "value": {"amount": 1234567.5, "currency": "COP"}, "numberOfTenderers": 3, "tenderPeriod": {"startDate": "2020-11-01T00:00:00Z"},
        "items": [{"id": 1, "description": "Carpeta <script>alert(1)</script>", "quantity": 300, "unit": {"name": "Unidad"}}],
    },
    "awards": [{"title": "Adjudicación", "suppliers": [{"name": "Papelera S.A."}], "value": {"amount": 1200000, "currency": "COP"}, "date": "2020-12-01"}],
    "contracts": [{"id": "C-1", "value": {"amount": 1200000}, "dateSigned": "not a day"}],
}  # fmt: skip


def release(**changes):
    return {**RELEASE, **changes}


def package(tmp_path, rows, *, name="package.json", key="releases", **about):
    path = tmp_path / name
    # What a package says of itself may come after its list.
    whole = {
        "version": "1.1",
        key: rows,
        "publisher": {"name": "Agencia de Ejemplo"},
        "uri": "https://example.org/p",
        "license": "PDDL",
        **about,
    }
    data = json.dumps(whole).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def run(path, **options):
    out = StringIO()
    call_command("import_ocds", str(path), stdout=out, verbosity=0, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", ["package.json", "package.json.gz"])
def test_history_is_shown_as_what_it_is(tmp_path, client, name):
    assert "新收 1 条" in run(package(tmp_path, [RELEASE], name=name))
    row = Notice.objects.get()
    assert (row.kind, row.source, row.owner_name, row.amount, row.entry) == (
        "HISTORICAL",
        "Agencia de Ejemplo",
        "Municipio de Ejemplo",
        None,
        None,
    )
    page = client.get(reverse("disclosure:notice", args=[row.number])).content.decode()
    for text in (
        "历史交易数据，来源：Agencia de Ejemplo",
        "COP 1,234,567.50",
        "公开招标（Grandes Superficies）",
        "1,200,000.00（未注明币种）",
        "ocds-x1-1",
    ):
        assert text in page
    assert "<script>alert" not in page
    assert "发布证明" not in page
    address = reverse("disclosure:notices")
    assert "Papelería" not in client.get(address).content.decode()
    assert "Papelería" in client.get(address, {"type": "HISTORICAL"}).content.decode()
    assert "Papelería" in client.get(address, {"q": "Papelería"}).content.decode()
    assert "Papelería" not in client.get(reverse("disclosure:home")).content.decode()


def test_importing_twice_changes_nothing(tmp_path):
    path = package(tmp_path, [RELEASE, release(ocid="ocds-x1-2")])
    run(path)
    before = list(Notice.objects.order_by("pk").values())
    assert "新收 0 条，更新 0 条，已有 2 条" in run(path)
    assert list(Notice.objects.order_by("pk").values()) == before
    entry = LedgerEntry.objects.get(kind="history.imported")
    assert json.loads(bytes(entry.data))["d"]["taken"] == 2


def test_a_newer_release_takes_the_place_of_an_older_one(tmp_path):
    run(package(tmp_path, [RELEASE]))
    newer = release(date="2021-01-01", tender={**RELEASE["tender"], "title": "Papelería, segunda parte"})
    assert "更新 1 条" in run(package(tmp_path, [newer, RELEASE]))
    row = Notice.objects.get()
    assert (row.title, row.published_at) == ("Papelería, segunda parte", datetime(2021, 1, 1, tzinfo=UTC))


def test_what_cannot_be_taken_is_told_with_its_reason(tmp_path):
    rows = [
        RELEASE, release(ocid=""), release(ocid="a", date=None), release(ocid="b", date="yesterday"), "nonsense", release(ocid="c", tender=[], awards=None, contracts={}),
    ]  # fmt: skip
    told = tmp_path / "report.csv"
    said = run(package(tmp_path, rows), report=told)
    assert "新收 1 条，更新 0 条，已有 0 条，不能收 5 条" in said
    for reason in ("没有 ocid", "没有发布日期", "发布日期的格式不对", "不是一个对象", "没有标题，也没有说明"):
        assert reason in said
        assert reason in told.read_text(encoding="utf-8-sig")


def test_records_are_read_by_their_compiled_or_newest_release(tmp_path):
    old = release(date="2019-01-01")
    records = [
        {"ocid": "ocds-x1-1", "compiledRelease": {key: value for key, value in RELEASE.items() if key != "ocid"}},
        {"ocid": "ocds-x1-2", "releases": [{**old, "ocid": "ocds-x1-2"}, {**RELEASE, "ocid": "ocds-x1-2"}]},
        {"ocid": "ocds-x1-3", "releases": [{"url": "https://example.org/3"}]},
    ]  # fmt: skip
    assert "新收 2 条，更新 0 条，已有 0 条，不能收 1 条" in run(package(tmp_path, records, key="records"))
    assert Notice.objects.get(source_key="ocds/ocds-x1-2").published_at.year == 2020


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path):
    path = package(tmp_path, [release(ocid=f"o{place}") for place in range(500)])
    path.write_bytes(path.read_bytes()[:-40_000])
    with pytest.raises(CommandError, match="中途损坏"):
        run(path)
    assert 300 < Notice.objects.count() < 500


@pytest.mark.parametrize("text", ["", "not json", "[1, 2]", '{"a": 1}'])
def test_what_is_no_package_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CommandError, match="文件"):
        run(path)


def test_a_stopped_import_goes_on(tmp_path, monkeypatch):
    path = package(tmp_path, [release(ocid=f"o{place}") for place in range(500)])
    real, calls = actions.take, []

    def dies(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(actions, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    monkeypatch.setattr(actions, "take", real)
    assert "新收 300 条，更新 0 条，已有 200 条" in run(path)


def test_a_large_package_needs_little_memory(tmp_path):
    path = tmp_path / "large.json"
    with path.open("w") as target:
        target.write('{"releases": [')
        for place in range(20_000):
            target.write((", " if place else "") + json.dumps(release(ocid=f"o{place}")))
        target.write("]}")
    tracemalloc.start()
    count = sum(1 for _ in releases_of(path, Package("", "", "", "", "releases"), lambda _: None))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 5 << 20


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"amount": Decimal("-1"), "currency": "COP"}, ""),
        ({"amount": "12"}, ""),
        ({"amount": True}, ""),
        (None, ""),
        ({"amount": 12, "currency": "CNY"}, "CNY 12.00"),
    ],
)
def test_odd_amounts_are_left_out(value, shown):
    assert money(value) == shown


def test_an_amount_in_yuan_counts_as_one():
    found = historical(release(tender={**RELEASE["tender"], "value": {"amount": Decimal("12.5"), "currency": "CNY"}}))
    assert found.amount == Decimal("12.50")
    with pytest.raises(Unusable):
        historical(release(ocid="o" * 200))
