"""Two people write one draft: what either changed alone is kept, and what both changed is shown to the second."""

from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher

from trading.tenders.models import DocumentEdit


@dataclass(frozen=True)
class Page:
    """The page that saves: the revision it began with, its own name, and which contradictions its writer has seen.

    `seen` maps a field to the revision of the other's change over which the writer decided to keep their own words.
    """

    revision: int
    name: str
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """Both changed the same words: what the other wrote, who and when, beside what was typed here."""

    field: str
    base: str
    theirs: str
    mine: str
    by: str
    at: datetime
    revision: int


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Both changes of a text in one, line by line; None if they touch the same lines."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    lines = base.splitlines()
    one, other = changes(lines, mine.splitlines()), changes(lines, theirs.splitlines())
    for a, b, new in one:
        for c, d, also in other:
            same = (a, b, new) == (c, d, also)
            # Two insertions at one place have no order, and a change beside an insertion may belong to it.
            if not same and (a < d and c < b or a == c or (a == b and c <= a <= d) or (c == d and a <= c <= b)):
                return None
    every = sorted({(a, b, tuple(new)) for a, b, new in [*one, *other]}, reverse=True)
    for a, b, new in every:
        lines[a:b] = new
    return "\n".join(lines)


def changes(old: list[str], new: list[str]) -> list[tuple[int, int, list[str]]]:
    """(from, to, lines that stand there now) for each stretch of the old lines that is changed."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, new[c:d]) for mark, a, b, c, d in codes if mark != "equal"]


def known_to(document, page, name, current):
    """What the page last knew of a field: what it sent itself, or what stood when it was opened."""
    rows = DocumentEdit.objects.filter(document=document, field=name)
    since = page.revision
    if name in page.seen:
        since = page.seen[name]
    else:
        own = rows.filter(page=page.name, applied=True).last()
        if own is not None:
            return own.typed
    later = rows.filter(revision__gt=since, applied=True).first()
    return current if later is None else later.before


def settle(document, page, name, current, typed, *, by, whole=False):
    """What a field is to be after `typed` was sent by a page: (text, None), or (text as it was, Conflict).

    `whole` fields (dates, amounts) are never merged within. Every change is noted; `page` None stands for code, which knows all.
    """
    base = current if page is None else known_to(document, page, name, current)
    if typed == base and page is not None:
        return current, None
    if whole:
        result = typed if current in (base, typed) else None
    else:
        result = merged(base, typed, current)
    edit = DocumentEdit(document=document, field=name, before=current, typed=typed, page=page.name if page else "", by=by)
    if result is None:
        theirs = DocumentEdit.objects.filter(document=document, field=name, applied=True).select_related("by").last()
        if not DocumentEdit.objects.filter(document=document, field=name, page=edit.page, typed=typed, applied=False).exists():
            edit.applied, edit.after, edit.revision = False, current, document.revision
            edit.save()
        return current, Conflict(name, base, current, typed, theirs.by.name, theirs.at, theirs.revision)
    if result != current or (page is not None and typed != base):
        document.revision += 1
        edit.after, edit.revision = result, document.revision
        edit.save()
    return result, None
