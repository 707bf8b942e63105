"""Trying a method with made-up numbers: the same code as the evaluation, and nothing of it is kept."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulebook.refusals import Refused
from trading.evaluation.methods import EVALUATED, Item, LowPrices, Offer, Outcome, Row, entrants, evaluate, explained
from trading.evaluation.methods.explaining import bid_line
from trading.methods import rules
from trading.methods.choosing import FULL, PARTS, share_problems
from trading.methods.registry import Method
from trading.procedures.rules.procurement import FRAMEWORK_ELIMINATED, FRAMEWORK_ELIMINATION, FRAMEWORK_ELIMINATION_INSTRUMENTS

WORDS = {"technical": "其他评分", "credit": "信用分", "price": "价格分"}


def parts_of(method: Method, price: Decimal, credit: Decimal) -> dict[str, Decimal]:
    """Full points by part: what price and credit leave is for the members to mark."""
    if method.by != "points":
        return {}
    wanted = {"price": price, "credit": credit}
    found = {part: wanted[part] for part in ("credit", "price") if part in method.parts and wanted[part] > 0}
    rest = FULL - sum(found.values(), Decimal(0))
    return {"technical": rest, **found} if "technical" in method.parts and rest > 0 else found


@dataclass(frozen=True)
class Trial:
    """A method with its settings, the full points of each part, and made-up offers (with their names)."""

    method: Method
    settings: dict
    points: dict[str, Decimal]
    offers: list[Offer]
    names: dict[str, str]
    limit: Decimal | None = None
    seed: str = ""
    kind: str = "goods"
    on: date = field(default_factory=date.today)

    def items(self) -> list[Item]:
        return [Item(part, WORDS[part], full) for part, full in self.points.items()]

    def low_prices(self) -> LowPrices | None:
        if "low_mean" in self.settings:
            return LowPrices(*(Decimal(self.settings[name]) for name in ("low_mean", "low_second", "low_limit")))
        if self.method.procedures or self.method.code == "BENCHMARK_K":
            mean, limit = (Decimal(100 * rule.numerator) / rule.denominator for rule in (rules.WORKS_LOW_BY_MEAN, rules.WORKS_LOW_BY_LIMIT))
            return LowPrices(mean=mean, limit=limit)
        return None

    def outcome(self) -> Outcome:
        return evaluate(
            self.method.code, self.settings, self.items(), self.offers, limit=self.limit, seed=self.seed, low=self.low_prices()
        )  # fmt: skip

    def warnings(self) -> list[Refused]:
        """What law and city would object to, if a document gave these shares."""
        return share_problems(self.method, self.kind, self.points, self.on)


def shown(trial: Trial) -> dict:
    """The result for the page: a row for each bid with its own line, and the workings one after the other."""
    found = trial.outcome()
    offers = {offer.key: offer for offer in trial.offers}
    columns = [item.title for item in trial.items()]
    rows = [
        {
            "rank": row.rank, "name": trial.names[str(row.key)], "price": offers[row.key].price, "counted": row.price,
            "differs": row.price != offers[row.key].price, "parts": [(title, row.parts[title]) for title in columns],
            "total": row.total if columns else None, "line": bid_line(str(row.key), found.workings, row.parts),
            "low": found.workings["low_prices"].get(str(row.key), ""), "note": notes_of(trial, found).get(row.key, ""),
        }
        for row in found.rows
    ]  # fmt: skip
    return {
        "rows": rows, "columns": columns, "lines": explained(found.workings, trial.names), "differs": any(row["differs"] for row in rows),
        "by_price": EVALUATED in (found.rows[0].parts if found.rows else {}), "full": [(PARTS.get(part, ""), full) for part, full in trial.points.items()],
    }  # fmt: skip


def notes_of(trial: Trial, found: Outcome) -> dict[object, str]:
    """What becomes of some: who leaves a framework, and whether the reserve is reached."""
    if trial.method.code in ("PRICE_FIRST", "QUALITY_FIRST"):
        instruments = trial.settings.get("instruments") == "YES"
        share = FRAMEWORK_ELIMINATION_INSTRUMENTS if instruments else FRAMEWORK_ELIMINATION
        rows = [Row(row.key, row.price, row.total) for row in found.rows]
        by_price = trial.method.by == "price"
        enter, leave = entrants(rows, share, FRAMEWORK_ELIMINATED.minimum, lambda row: row.price if by_price else row.total)
        return {row.key: "入围" for row in enter} | {row.key: "淘汰" for row in leave}
    if any(row.aside for row in found.rows):
        return {row.key: "同品牌已有得分更高者，不推荐" for row in found.rows if row.aside}
    if trial.method.by == "highest" and found.rows:
        reserve = Decimal(trial.settings["reserve"])
        return {found.rows[0].key: "竞得" if found.rows[0].price >= reserve else "未达到底价，不成交"}
    return {}
