"""What differs between two texts, line by line and word by word within a changed line."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A Chinese character is a word of its own; letters and digits stay together, and so does a name between braces.
WORD = re.compile(r"\{[^{}\n]{1,20}\}|[A-Za-z]+|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
# Below this likeness two lines are one removed and one added, not one changed.
ALIKE = 0.3


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool


@dataclass(frozen=True)
class Line:
    """A line of both texts beside each other; None on the side that has none."""

    mark: str
    old: list[Piece] | None
    new: list[Piece] | None


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


def line_difference(old: str, new: str) -> Line:
    """Two versions of one line, with the words that differ marked on each side."""
    one, other = words_of(old), words_of(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for mark, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if b > a:
            left.append(Piece("".join(one[a:b]), mark != "equal"))
        if d > c:
            right.append(Piece("".join(other[c:d]), mark != "equal"))
    return Line("changed", left, right)


def difference(old: str, new: str) -> list[Line]:
    """All lines of both texts in order: same, changed, removed or added."""
    one, other = old.splitlines(), new.splitlines()
    found = []
    for mark, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if mark == "equal":
            found += [Line("same", [Piece(line, False)], [Piece(line, False)]) for line in one[a:b]]
        else:
            found += changed_lines(one[a:b], other[c:d])
    return found


def changed_lines(one: list[str], other: list[str]) -> list[Line]:
    """Lines that are alike are paired, in order; what is left over was removed or added."""
    found, at = [], 0
    for line in one:
        partner = next((place for place in range(at, len(other)) if alike(line, other[place])), None)
        if partner is None:
            found.append(Line("removed", [Piece(line, True)], None))
            continue
        found += [Line("added", None, [Piece(new, True)]) for new in other[at:partner]]
        found.append(line_difference(line, other[partner]))
        at = partner + 1
    return found + [Line("added", None, [Piece(new, True)]) for new in other[at:]]


def alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, words_of(one), words_of(other), autojunk=False).ratio() >= ALIKE


def is_same(lines: list[Line]) -> bool:
    return all(line.mark == "same" for line in lines)
