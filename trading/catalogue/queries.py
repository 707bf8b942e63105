"""What the catalogue says about a project, and in which versions it has been published."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Min

from trading.catalogue.models import CatalogueItem


@dataclass(frozen=True)
class Decision:
    """Where a project is to be traded, under which procedures, and why, in Chinese; `minimum` is where the line begins."""

    venue: str
    procedures: tuple[str, ...]
    reason: str
    source: str
    version: str
    minimum: Decimal = Decimal(0)

    @property
    def enters(self) -> bool:
        """Whether the project may be registered here."""
        return self.venue in CatalogueItem.ON_THE_PLATFORM

    def as_json(self):
        return {
            "venue": self.venue,
            "procedures": list(self.procedures),
            "reason": self.reason,
            "source": self.source,
            "version": self.version,
        }


def decide(category, kind, estimate, *, on) -> Decision | None:
    """The catalogue's word on an estimate (yuan) of a category and kind; None where it says nothing."""
    items = CatalogueItem.objects.in_force(on).filter(category=category, kind=kind, minimum__lte=estimate)
    item = next((row for row in items.order_by("-minimum") if row.maximum is None or estimate < row.maximum), None)
    if item is None:
        return None
    venue = CatalogueItem.Venue(item.venue)
    return Decision(venue, tuple(item.procedures), f"{item.label}，{venue.label}", item.basis, item.version, item.minimum)


def versions():
    """The published versions, newest first, with the days from and to which each holds."""
    return CatalogueItem.objects.order_by().values("version").annotate(since=Min("since"), until=Max("until")).order_by("-since")
