"""What keeps an archive from being disposed of: holds that people placed, and what upper rooms have open about the lot."""

from collections.abc import Callable, Iterable

_reasons: list[Callable[[object], Iterable[str]]] = []


def holds_disposal(function):
    """`function(lot)` yields reasons in Chinese; used as a decorator by every room whose open matters need the archive."""
    if function not in _reasons:
        _reasons.append(function)
    return function


def reasons_to_keep(lot):
    """Everything for which the archive is still needed, in words."""
    found = [f"{row.reason}（{row.by.name}）" for row in lot.archive_holds.filter(until=None).select_related("by")]
    for function in _reasons:
        found += function(lot)
    return found
