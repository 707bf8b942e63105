"""Projects that look as if one was split to stay below a threshold: found on submission, shown side by side.

The tolerances are data, this platform's own.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from rulebook.clock import CITY, city_day
from trading.catalogue.queries import decide
from trading.projects.models import Project

HANDED_IN = (Project.State.SUBMITTED, Project.State.ACCEPTED)
# What begins each project among the facts of an alert.
FIRST = "项目"


@dataclass(frozen=True)
class Splitting:
    """Projects of one owner handed in within so many days of each other are added up; so many at least make an alert."""

    since: date
    days: int
    projects: int
    source: str
    confidence: str


SPLITTING = Splitting(
    since=date(2018, 6, 1), days=180, projects=2, confidence="D",
    source="《招标投标法》第四条：不得将依法必须进行招标的项目化整为零（比对天数为平台设计值，可调整）",
)  # fmt: skip


def split_with(project):
    """(other projects, their sum with this one, what the catalogue says of it) where a split looks likely; else None."""
    since = project.submitted_at - timedelta(days=SPLITTING.days)
    others = list(
        Project.objects.filter(
            owner=project.owner, category=project.category, kind=project.kind, classification=project.classification, state__in=HANDED_IN,
            submitted_at__gte=since, submitted_at__lte=project.submitted_at,
        ).exclude(pk=project.pk)
    )  # fmt: skip
    day = city_day(project.submitted_at)
    total = project.estimate + sum(row.estimate for row in others)
    together = decide(project.category, project.kind, total, on=day)
    if together is None or len(others) + 1 < SPLITTING.projects or project.estimate >= together.minimum:
        return None
    below = [row for row in others if row.estimate < together.minimum]
    total = project.estimate + sum(row.estimate for row in below)
    return (below, total, together) if below and total >= together.minimum else None


def facts_of(projects, total, together):
    """What an alert says of the projects, the first handed in first, and of their sum: [label, value] pairs."""
    facts = []
    for row in sorted(projects, key=lambda row: row.submitted_at):
        facts += [
            (FIRST, row.name), ("建设地点", row.address), ("建设规模及内容", row.scale), ("估算价（万元）", in_wan(row.estimate)),
            ("提交时间", f"{row.submitted_at.astimezone(CITY):%Y-%m-%d %H:%M}"), ("批准文号", row.approval_number),
        ]  # fmt: skip
    return [
        *facts,
        ("合计（万元）", in_wan(total)),
        ("合计达到", f"{together.reason}（{together.source}）"),
        ("比对范围", f"{SPLITTING.days} 天内同一单位、同类别、同标的、同分类的项目"),
        ("依据", SPLITTING.source),
    ]  # fmt: skip


def in_wan(amount):
    return f"{amount / 10000:,.2f}"


def side_by_side(facts):
    """The facts of an alert as a table: its labels, one row of values per project; and the facts of all of them together."""
    if not facts or facts[0][0] != FIRST:
        return [], [], facts
    width = next((place for place, (label, _) in enumerate(facts) if place and label == FIRST), len(facts))
    count = sum(label == FIRST for label, _ in facts)
    rows = [[value for _, value in facts[width * no : width * (no + 1)]] for no in range(count)]
    return [label for label, _ in facts[:width]], rows, facts[width * count :]
