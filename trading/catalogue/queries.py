"""What the catalogue says about a project, and in which versions it has been published."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Min

from trading.catalogue.models import CatalogueItem, OrganisationForm
from trading.catalogue.rules import CENTRAL_LIST, OFF_THE_LIST


@dataclass(frozen=True)
class Decision:
    """Where a project is to be traded, under which procedures, and why, in Chinese; `minimum` is where the line begins.

    `forms` are the ways in which a government purchase may be organised, by `form_rule`; none where the question does not arise.
    """

    venue: str
    procedures: tuple[str, ...]
    reason: str
    source: str
    version: str
    minimum: Decimal = Decimal(0)
    forms: tuple[str, ...] = ()
    listed: bool = False

    @property
    def form_rule(self):
        return CENTRAL_LIST if self.listed else OFF_THE_LIST

    @property
    def form_names(self):
        return [OrganisationForm(each).label for each in self.forms]

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
            "forms": list(self.forms),
        }


# Design and construction together are measured as construction is.
LIKE = {"epc": "works"}


def decide(category, kind, estimate, *, on, listed=False) -> Decision | None:
    """The catalogue's word on an estimate (yuan) of a category and kind; None where it says nothing.

    `listed`: what is bought stands on the central list, which makes it a government purchase whatever its amount.
    """
    items = CatalogueItem.objects.in_force(on).filter(category=category, kind=LIKE.get(kind, kind), minimum__lte=estimate)
    item = next((row for row in items.order_by("-minimum") if row.maximum is None or estimate < row.maximum), None)
    if item is None:
        return None
    if listed:
        venue, label, source, forms = (
            CatalogueItem.Venue.MUST_ENTER,
            f"{item.label}，列入集中采购目录",
            CENTRAL_LIST.source,
            (OrganisationForm.CENTRAL,),
        )
    else:
        venue, label, source, forms = CatalogueItem.Venue(item.venue), item.label, item.basis, tuple(item.forms)
    return Decision(
        venue, tuple(item.procedures), f"{label}，{venue.label}", source, item.version, item.minimum, forms=forms, listed=listed
    )  # fmt: skip


def versions():
    """The published versions, newest first, with the days from and to which each holds."""
    return CatalogueItem.objects.order_by().values("version").annotate(since=Min("since"), until=Max("until")).order_by("-since")
