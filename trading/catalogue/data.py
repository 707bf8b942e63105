"""The catalogue this city starts with; staff keep it afterwards. Amounts in yuan."""

from datetime import date
from decimal import Decimal

from trading.catalogue.models import CatalogueItem

COMPULSORY = "《必须招标的工程项目规定》第五条"
VILLAGE = "本市村级集体资源交易办法（地方做法，可调整）"
SMALL = "本市小额工程办法（地方做法，可调整）"
MUST, MAY, TOWN = CatalogueItem.Venue.MUST_ENTER, CatalogueItem.Venue.MAY_ENTER, CatalogueItem.Venue.TOWNSHIP

ROWS = (
    ("city", "GC", "works", "施工单项合同估算价 400 万元以上", 4_000_000, None, MUST, ["GC-OT"], COMPULSORY, "V"),
    ("city", "GC", "goods", "与工程有关的货物 200 万元以上", 2_000_000, None, MUST, ["GC-OT"], COMPULSORY, "V"),
    ("city", "GC", "services", "勘察、设计、监理等服务 100 万元以上", 1_000_000, None, MUST, ["GC-OT"], COMPULSORY, "V"),
    ("city", "GC", "works", "施工 400 万元以下", 0, 4_000_000, MAY, ["GC-OT"], SMALL, "S"),
    ("city", "GC", "goods", "与工程有关的货物 200 万元以下", 0, 2_000_000, MAY, ["GC-OT"], SMALL, "S"),
    ("city", "GC", "services", "与工程有关的服务 100 万元以下", 0, 1_000_000, MAY, ["GC-OT"], SMALL, "S"),
    ("town", "CJ", "works", "村级工程 5 万元至 200 万元", 50_000, 2_000_000, TOWN, [], VILLAGE, "S"),
    ("town", "CJ", "goods", "村级货物 1 万元以上", 10_000, 1_000_000, TOWN, [], VILLAGE, "S"),
    ("town", "CJ", "services", "村级服务 1 万元至 50 万元", 10_000, 500_000, TOWN, [], VILLAGE, "S"),
)


def load_catalogue():
    """Put the first version in place where there is none."""
    if CatalogueItem.objects.exists():
        return
    CatalogueItem.objects.bulk_create(
        CatalogueItem(
            level=level, category=category, kind=kind, label=label, minimum=Decimal(least),
            maximum=None if most is None else Decimal(most), venue=venue, procedures=procedures, source=source,
            confidence=confidence, version="2018-1", since=date(2018, 6, 1),
        )
        for level, category, kind, label, least, most, venue, procedures, source, confidence in ROWS
    )  # fmt: skip
