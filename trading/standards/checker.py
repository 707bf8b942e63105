"""Reading a text for phrases that may shut bidders out: by the maintained patterns, and by what the tender really needs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from trading.standards.needs import GradeNeed, figure, need_of

CONTEXT = 18
CLAUSE_END = re.compile(r"[，。；！？,;!?\n]")
# “不得以……”: a clause that forbids or does without is no restriction.
FORBIDDING = re.compile(r"不得(?!低于|少于|小于)|不以|不作为|不要求|不限|不设|无需|无须|禁止|严禁|不应将|不再|不$")


@dataclass(frozen=True)
class Finding:
    """A phrase found in a text: its words and surroundings, how serious, why, by which provision, and what could stand instead."""

    phrase: str
    excerpt: str
    severity: str
    why: str
    source: str
    suggestion: str
    start: int


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause that holds the phrase begins and ends."""
    marks = [match.start() for match in CLAUSE_END.finditer(text)]
    return max((mark + 1 for mark in marks if mark < start), default=0), min((mark for mark in marks if mark >= end), default=len(text))


def excerpt_of(text: str, start: int, end: int) -> str:
    return " ".join(text[max(start - CONTEXT, 0) : end + CONTEXT].split())


def is_harmless(text: str, start: int, end: int, unless: str) -> bool:
    """Whether the clause forbids what the phrase says, or the words that excuse it stand nearby."""
    begins, ends = clause_around(text, start, end)
    if FORBIDDING.search(text[begins:start]):
        return True
    # What excuses a brand often follows behind a comma.
    return bool(unless) and re.search(unless, text[begins : ends + CONTEXT]) is not None


def read_by_patterns(text: str, patterns: Iterable) -> Iterator[Finding]:
    """Every phrase that a pattern finds; one place is reported once, by the first pattern that finds it."""
    seen: list[tuple[int, int]] = []
    for row in patterns:
        for match in re.finditer(row.pattern, text):
            start, end = match.span()
            if any(start < b and a < end for a, b in seen) or is_harmless(text, start, end, row.unless):
                continue
            seen.append((start, end))
            yield Finding(match.group()[:60], excerpt_of(text, start, end), row.severity, row.why, row.basis, row.suggestion, start)


GRADES = ("三级", "二级", "一级", "特级")
GRADED = re.compile(r"([\u4e00-\u9fff]{2,12}?(?:施工)?总承包)(?:资质)?[^，。；\n]{0,4}?(特级|一级|二级|三级)(?:及以上|以上|\(含\)以上)?")
PERFORMANCE_SUM = re.compile(r"(?:业绩|类似工程|类似项目)[^。；\n]{0,24}?(?:不低于|不少于|达到|大于等于|≥)\s*([\d,.]+)\s*(万元|亿元|元)")
PERFORMANCE_COUNT = re.compile(
    r"(?:不少于|至少|完成过?)\s*([一二三四五六七八九十\d]+)\s*(?:个|项)[^。；，\n]{0,12}?(?:业绩|类似工程|类似项目)"
)
NUMERALS = {mark: value for value, mark in enumerate("一二三四五六七八九十", start=1)}
FACTORS = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def read_by_need(text: str, *, estimate: Decimal, on) -> Iterator[Finding]:
    """What asks for more than a contract of this size needs: grade, size and number of performances."""
    for match in GRADED.finditer(text):
        need = need_of(match.group(1), estimate, on)
        if need is not None and GRADES.index(match.group(2)) > GRADES.index(need.grade_for(estimate)):
            yield needless(match, text, need, f"估算价 {figure(estimate)}，{need.specialty}{need.grade_for(estimate)}即可承担")
    limit = need_of("业绩", estimate, on)
    if limit is None:
        return
    for match in PERFORMANCE_SUM.finditer(text):
        asked = Decimal(match.group(1).replace(",", "").rstrip(".") or 0) * FACTORS[match.group(2)]
        if asked > estimate:
            yield needless(match, text, limit, f"要求的业绩金额 {figure(asked)} 高于本项目估算价 {figure(estimate)}")
    for match in PERFORMANCE_COUNT.finditer(text):
        count = int(match.group(1)) if match.group(1).isdigit() else NUMERALS.get(match.group(1), 0)
        if count > limit.performances:
            yield needless(match, text, limit, f"要求 {count} 项业绩，多于通常需要的 {limit.performances} 项")


def needless(match: re.Match, text: str, need: GradeNeed, why: str) -> Finding:
    start, end = match.span()
    return Finding(match.group()[:60], excerpt_of(text, start, end), "medium", f"{need.says}：{why}", need.basis, need.suggestion, start)
