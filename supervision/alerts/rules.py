"""When projects look as if one was split to stay below a threshold: tolerances as data, this platform's own."""

from dataclasses import dataclass
from datetime import date


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
