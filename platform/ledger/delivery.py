"""Who hears of what: listeners are plain functions, delivered to by workers after the commit."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from ledger.events import Event

Listener = TypeVar("Listener", bound=Callable[..., None])

LISTENERS: dict[str, Callable[..., None]] = {}
BY_KIND: dict[str, list[str]] = defaultdict(list)


def listens(*events: type[Event]) -> Callable[[Listener], Listener]:
    """Make a function hear of events. It gets the event, inside a transaction, with effect exactly once."""

    def remember(function: Listener) -> Listener:
        name = f"{function.__module__}.{function.__qualname__}"
        if name not in LISTENERS:
            LISTENERS[name] = function
            for event in events:
                BY_KIND[event.kind].append(name)
        return function

    return remember


def listeners_of(event: type[Event]) -> list[str]:
    return BY_KIND[event.kind]
