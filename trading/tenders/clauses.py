"""Phrases of a tender document that may shut bidders out; each is mended or answered for by name. Findings, not a verdict."""

from dataclasses import dataclass

from ledger.canonical import HJ, b64u
from rulebook.clock import city_day, database_now
from trading.standards.checker import Finding, read_by_need, read_by_patterns
from trading.standards.models import ClausePattern
from trading.tenders.models import Criterion


@dataclass(frozen=True)
class Hit:
    """A finding in a document: where, what, and the confirmation it got. `key` changes with place and words."""

    key: str
    place: str
    finding: Finding
    confirmation: object = None

    @property
    def phrase(self):
        return self.finding.phrase

    @property
    def excerpt(self):
        return self.finding.excerpt

    @property
    def why(self):
        return self.finding.why

    @property
    def source(self):
        return self.finding.source

    @property
    def severity(self):
        return self.finding.severity

    @property
    def severity_label(self):
        return ClausePattern.Severity(self.severity).label

    @property
    def is_open(self):
        """Whether it keeps the document from being handed in: hints never do."""
        return self.confirmation is None and self.severity != ClausePattern.Severity.LOW


def texts_of(document):
    """(place, text) of everything the agency itself wrote; facts stand in it by their names, and are read where they are entered."""
    rows = [(row.title, row.text) for row in document.sections.filter(fixed=False)]
    rows += [(f"{lot.name}的投标人资格要求", lot.qualification) for lot in document.tender.lots.all()]
    for row in document.criteria.all():
        rows.append((f"{Criterion.Part(row.part).label}：{row.title}", f"{row.title}。{row.standard}"))
    return rows


def patterns_for(category, on):
    """The patterns in force for a category, the more serious first."""
    order = {severity: place for place, severity in enumerate(ClausePattern.Severity.values)}
    rows = [row for row in ClausePattern.objects.in_force(on) if not row.categories or category in row.categories]
    return sorted(rows, key=lambda row: (order[row.severity], row.code))


def hits_in(document):
    """Every doubtful phrase of the document, with the confirmation it got, in the order of the text."""
    confirmed = {row.key: row for row in document.confirmations.select_related("by")}
    on = city_day(document.published_at or database_now())
    patterns = patterns_for(document.tender.project.category, on)
    estimate = max((lot.estimate for lot in document.tender.lots.all()), default=0)
    found = {}
    for place, text in texts_of(document):
        findings = [*read_by_patterns(text, patterns), *read_by_need(text, estimate=estimate, on=on)]
        for finding in sorted(findings, key=lambda row: row.start):
            key = b64u(HJ("clause", {"v": 1, "place": place, "phrase": finding.phrase, "excerpt": finding.excerpt}))
            found[key] = Hit(key, place, finding, confirmed.get(key))
    return list(found.values())
