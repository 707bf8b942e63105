"""Government procurement whose bids declare: small firms, their figures, the brand of the product that counts."""

from datetime import timedelta
from decimal import Decimal

from rulebook.clock import city_day, database_now
from tests.factories.procedures import SUBJECTS, lot_under, take, trading_city
from tests.factories.trading import make_workday, reviewed, written_document
from trading.bidding.declaring import PROMISE
from trading.methods.registry import METHODS
from trading.procedures.versions import procedure_of
from trading.tenders.actions import obtain_document, problems_of, publish_tender, save_criteria
from trading.tenders.actions.drafting import criteria_of

SCORED = (
    {"part": "technical", "title": "技术响应", "standard": "按响应程度评分", "points": Decimal(70), "objective": False},
    {"part": "price", "title": "投标报价", "standard": "低价优先", "points": Decimal(30), "objective": False},
)
FIRM = {
    "item": "台式计算机",
    "name": "清江某计算机制造有限公司",
    "kind": "small",
    "industry": "manufacturing",
    "employees": 120,
    "revenue": "1800.00",
    "assets": "900.00",
}
LARGE = {**FIRM, "name": "某大型计算机集团", "kind": "large", "employees": 5000, "revenue": "900000.00"}


def declarations(*firms, brand=""):
    return {"firms": list(firms), "promise": PROMISE if firms else "", "brand": {"brand": brand, "model": "T1"} if brand else None}


def fourth(price, *firms, brand=""):
    """A whole bid's form of version 4."""
    return {
        "price": price, "term_days": 30, "quality": "合格", "manager": "甲", "v": 4, "price_table": None, "team": [], "qualifications": [],
        "records": [], "index": [], "technical_files": 1, "declarations": declarations(*firms, brand=brand),
    }  # fmt: skip


def procurement_lot(method="COMPREHENSIVE_SCORING", *, bidders=3, **settings):
    """A published open procurement of goods; all the city's bidders have taken its document."""
    where = trading_city("ZC", bidders)
    # Bids of about a million are not unusually low here.
    estimate = Decimal(1_300_000)
    lot = lot_under("ZC-OT", where=where, estimate=estimate, lots=(SUBJECTS["ZC-OT"]["lots"][0] | {"estimate": estimate},))
    for step in procedure_of(lot.tender).stages[0].steps:
        if step.by_form and not step.optional:
            take(lot, step)
    now = database_now()
    due = now + timedelta(days=25)
    make_workday(city_day(due))
    tender = lot.tender
    document = written_document(tender, by=where.handler, published_at=now, due_at=due)
    checks = [row for row in criteria_of(document) if row["points"] == 0]
    values = METHODS[method].for_kind("goods").defaults() | settings
    save_criteria(
        document, [*checks, *(SCORED if METHODS[method].by == "points" else ())], by=where.handler, method=method, method_settings=values
    )
    document.refresh_from_db()
    assert problems_of(document, published_at=now) == []
    reviewed(document, by=where.handler, at=now)
    publish_tender(tender, by=where.handler, at=now)
    for bidder in where.bidders:
        obtain_document(tender, bidder, by=bidder.somebody, at=now + timedelta(minutes=1))
    lot = type(lot).objects.select_related("tender__project", "tender__document").get(pk=lot.pk)
    lot.city = where
    return lot
