"""What is there and what is missing, of one lot and of all."""

from dataclasses import dataclass

from rulebook.clock import city_day
from trading.archive.models import ArchiveException
from trading.archive.required import CONTRACTED, RequiredItem, required_of
from trading.projects.models import Lot

FINISHED = (Lot.State.CONTRACTED, Lot.State.FAILED, Lot.State.TERMINATED)


def lots_to_archive():
    return Lot.objects.filter(state__in=FINISHED, archives=None, tender__published_at__isnull=False)


@dataclass
class Place:
    """One required item of a lot: there, missing, excepted by two people, or not needed."""

    item: RequiredItem
    there: bool | None
    papers: list
    exception: ArchiveException | None

    @property
    def is_excepted(self):
        return self.exception is not None and self.exception.approved_at is not None

    @property
    def is_missing(self):
        return self.there is False and not self.papers and not self.is_excepted and self.item.mandatory

    @property
    def state(self):
        if self.there is None:
            return "none"
        if self.there or self.papers:
            return "there"
        if self.is_excepted:
            return "excepted"
        return "missing" if self.item.mandatory else "wanted"


@dataclass
class Completeness:
    """How complete an archive is: its places, and the share of mandatory items that are settled."""

    places: list[Place]

    @property
    def missing(self):
        return [row for row in self.places if row.is_missing]

    @property
    def percent(self):
        needed = [row for row in self.places if row.item.mandatory and row.there is not None]
        return 100 * (len(needed) - len(self.missing)) // len(needed) if needed else 100


def completeness_of(lot, at):
    """Every required item of a lot and where it stands. A lot that goes on is measured by what its contract will want."""
    papers = {}
    for paper in lot.archive_papers.select_related("file", "organisation"):
        papers.setdefault(paper.item, []).append(paper)
    exceptions = {row.item: row for row in lot.archive_exceptions.select_related("asked_by", "approved_by")}
    state = lot.state if lot.state in (*FINISHED, *CONTRACTED) else Lot.State.CONTRACTED
    return Completeness(
        [Place(row, there, papers.get(row.code, []), exceptions.get(row.code)) for row, there in required_of(lot, state, city_day(at))]
    )


def unsealed_papers(lot):
    return lot.archive_papers.filter(volume=None)
