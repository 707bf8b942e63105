"""Taking over the published history of others. It is shown as theirs, with its source, never as an act of this city."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import islice
from pathlib import Path

from django.db import transaction

from disclosure.actions import keep_historical
from ledger.acts import record
from trading.opendata.events import HistoryImported
from trading.opendata.history import Unusable, historical
from trading.opendata.reading import Package, Unreadable, look_into, releases_of

BATCH = 200


@dataclass
class Report:
    """How an import went: counts, and each release that could not be taken, with its place and why."""

    package: Package
    counts: Counter = field(default_factory=Counter)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    broken: str = ""


def import_package(path: Path, *, at, tell: Callable[[int], None] = lambda count: None) -> Report:
    """Take over a package. What was taken stays when the file breaks off or the run is stopped; a new run goes on.

    One entry in the ledger tells of a run that changed something. Raises Unreadable for what is no package at all.
    """
    report = Report(look_into(path, tell))
    rows = enumerate(readable(path, report, tell), start=1)
    while batch := list(islice(rows, BATCH)):
        take(batch, report, at)
    if report.counts["taken"] or report.counts["renewed"]:
        conclude(path, report)
    return report


def readable(path: Path, report: Report, tell) -> Iterator[tuple[object, str]]:
    try:
        yield from releases_of(path, report.package, tell)
    except Unreadable as broken:
        report.broken = str(broken)


@transaction.atomic
def take(batch, report: Report, at) -> None:
    for place, (release, reason) in batch:
        try:
            if reason:
                raise Unusable(reason)
            row = historical(release)
        except Unusable as why:
            ocid = release.get("ocid") if isinstance(release, dict) else ""
            report.refused.append((place, str(ocid or ""), str(why)))
            continue
        report.counts[
            keep_historical(row, publisher=report.package.publisher, uri=report.package.uri, licence=report.package.licence, at=at)
        ] += 1


@transaction.atomic
def conclude(path: Path, report: Report) -> None:
    with path.open("rb") as source:
        digest = file_digest(source, "sha256").hexdigest()
    record(
        HistoryImported(
            publisher=report.package.publisher[:200], uri=report.package.uri[:500], sha256=digest, taken=report.counts["taken"],
            renewed=report.counts["renewed"], unusable=len(report.refused),
        ),
        by=None,
    )  # fmt: skip
