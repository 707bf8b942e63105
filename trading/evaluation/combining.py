"""What an evaluation combines: settings, marks, prices and frozen credit, read from where they were sealed, and given to the method."""

from decimal import Decimal

from ledger.canonical import HJ, b64u
from rulebook.clock import city_day
from rulebook.provisions import in_force
from trading.evaluation.declared import brands_among, preferred
from trading.evaluation.methods import Item, LowPrices, Offer, Outcome, below_range, combined_mark, evaluate, price_range, seed_of
from trading.evaluation.models import BidResult, Score
from trading.methods import rules
from trading.methods.choosing import settled
from trading.methods.registry import METHODS
from trading.opening.actions import table_of
from trading.opening.models import OpenedBid
from trading.projects.models import Category, Project
from trading.tenders.models import Criterion


def values_of(document) -> dict:
    """The document's settings, with what its method means where they are silent."""
    return settled(METHODS[document.method], document.method_settings)


def marks_of(evaluation, bid):
    """{criterion: combined mark} of what the members judged in one bid."""
    values = values_of(evaluation.lot.tender.document)
    trim_from = int(values.get("marks_trim_from", rules.MARKS_TRIMMED.minimum))
    marks = {}
    for score in Score.objects.filter(member__evaluation=evaluation, bid=bid).select_related("criterion"):
        marks.setdefault(score.criterion, []).append(score.points)
    return {criterion: combined_mark(points, trim_from=trim_from) for criterion, points in marks.items()}


def seed_for(lot, opening) -> str:
    """What draws of an evaluation hang on: the digest of all that was read out, which stands in the ledger since then.

    Before every bid is settled nobody knows it, since nobody knows all prices; after that everybody does.
    """
    rows = OpenedBid.objects.filter(opening=opening).select_related("bid__bidder")
    table = b64u(HJ("opening-table", table_of(rows)))
    return seed_of(f"{city_day(lot.bids_due_at):%Y-%m-%d}", f"{lot.tender.number}/{lot.key}", table)


def low_prices_for(lot) -> LowPrices | None:
    """From which price on a bid asks for an explanation, by the law of the publication; None where no rule says so."""
    if lot.tender.project.category != Category.PROCUREMENT:
        mean, limit = (Decimal(100 * rule.numerator) / rule.denominator for rule in (rules.WORKS_LOW_BY_MEAN, rules.WORKS_LOW_BY_LIMIT))
        return LowPrices(mean=mean, limit=limit)
    day = lot.tender.rules_on
    if not rules.LOW_BY_MEAN.holds_on(day):
        return None
    values = values_of(lot.tender.document)
    named = {"low_mean": rules.LOW_BY_MEAN, "low_second": rules.LOW_BY_SECOND, "low_limit": rules.LOW_BY_LIMIT}
    mean, second, limit = (Decimal(values.get(name, in_force(rule, day).least)) for name, rule in named.items())
    return LowPrices(mean=mean, second=second, limit=limit)


def items_of(document) -> list[Item]:
    rows = sorted(document.criteria.exclude(part__in=Criterion.CHECKS), key=lambda row: row.place)
    return [Item(row.part, row.title, row.points) for row in rows]


def prices_of(evaluation, offers) -> dict[int, Decimal]:
    """{opened bid's id: the price that counts}: as it was read out, or by rule where its bidder has confirmed the correction."""
    by_rule = dict(evaluation.corrections.values_list("bid_id", "price"))
    return {offer.pk: by_rule.get(offer.pk, offer.price) for offer in offers}


def offers_for(evaluation, judged) -> list[Offer]:
    """The valid bids as the method sees them; `judged` maps the opened bid with the price to the one the members judged."""
    planned = evaluation.lot.term_days
    prices = prices_of(evaluation, judged)
    small, brands = preferred(evaluation), brands_among(evaluation, judged.values())
    return [
        Offer(
            key=bid.pk,
            price=prices[bid.pk],
            marks={criterion.title: mark for criterion, mark in marks_of(evaluation, seen).items()},
            # Frozen when the bids were locked, whatever happened since.
            credit=Decimal(bid.credit["score"]),
            days=(seen.term_days or bid.term_days or planned or 0) - (planned or 0) if planned else 0,
            small=seen.pk in small,
            brand=brands.get(seen.pk, ""),
            code=bid.bidder.uscc,
        )
        for bid, seen in judged.items()
    ]  # fmt: skip


def outcome_of(evaluation, judged: dict[OpenedBid, OpenedBid]) -> Outcome:
    """The result that follows from what was sealed, by the method and settings of the published document."""
    lot, document = evaluation.lot, evaluation.lot.tender.document
    first = next(iter(judged))
    found = evaluate(
        document.method, document.method_settings, items_of(document), offers_for(evaluation, judged),
        limit=lot.price_limit, seed=seed_for(lot, first.opening), low=low_prices_for(lot),
    )  # fmt: skip
    if "credit" in found.workings:
        found.workings["credit"]["on"] = first.credit["on"]
    return found


def public_wins():
    """The results that have won, where that is public and there was a limit."""
    return BidResult.objects.filter(
        candidate__award__isnull=False, candidate__award__void_at=None, candidate__award__published_at__isnull=False,
        evaluation__lot__price_limit__gt=0,
    )  # fmt: skip


def past_ratios(lot) -> list[Decimal]:
    """What winners of the same category and kind have bid, as a share of their limit."""
    project = lot.tender.project
    rows = public_wins().filter(
        evaluation__lot__tender__project__category=project.category, evaluation__lot__tender__project__kind=project.kind
    )
    rows = rows.exclude(evaluation__lot=lot)
    return [price / limit for price, limit in rows.values_list("price", "evaluation__lot__price_limit")]


def ranges_by_class() -> list[dict]:
    """For each category and kind: how many public results there are, and the range where they suffice for one."""
    classes: dict[tuple[str, str], list[Decimal]] = {}
    fields = (
        "evaluation__lot__tender__project__category",
        "evaluation__lot__tender__project__kind",
        "price",
        "evaluation__lot__price_limit",
    )
    for category, kind, price, limit in public_wins().values_list(*fields):
        classes.setdefault((category, kind), []).append(price / limit)
    found = []
    for (category, kind), ratios in sorted(classes.items()):
        enough = len(ratios) >= rules.PRICE_RANGE_SAMPLE.minimum
        low, high = price_range(ratios, low=rules.PRICE_RANGE.least, high=rules.PRICE_RANGE.most) if enough else (None, None)
        found.append({
            "category": Category(category).label, "kind": Project.Kind(kind).label, "count": len(ratios), "low": low and low * 100, "high": high and high * 100,
        })  # fmt: skip
    return found


def range_for(lot, prices: dict) -> dict:
    """中标价区间: where winners of this class have stood, and who bids below; nothing while there are too few of them."""
    ratios = past_ratios(lot)
    if len(ratios) < rules.PRICE_RANGE_SAMPLE.minimum or not lot.price_limit:
        return {}
    low, high = price_range(ratios, low=rules.PRICE_RANGE.least, high=rules.PRICE_RANGE.most)
    below = [str(key) for key in below_range(prices, lot.price_limit, low)]
    return {"range": {"low": str(low), "high": str(high), "count": len(ratios), "below": below}}
