"""The city's conference system, behind the smallest interface that a real one can fill (docs/integrating.md)."""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

MAIN = "main"


class ConferenceFailed(Exception):
    """The conference system did not do what it was asked; nothing was done."""


@dataclass(frozen=True)
class Recording:
    """One recording of a room: its name, length, SHA-256 (lower-case hexadecimal) and where it lies."""

    name: str
    minutes: int
    sha256: str
    place: str


class Conference(Protocol):
    """Rooms with voice and a shared screen. No name of a member is ever handed over: venues alone."""

    def open_room(self, reference: str, venues: list[str]) -> dict[str, str]:
        """Open the room of an evaluation; {venue: the link by which its people enter}. The same reference is the same room."""

    def recordings(self, reference: str) -> list[Recording]:
        """What was recorded of a room that is over."""


class LocalConference:
    """A simulated room: a page on which seats join, leave and show their screen."""

    def open_room(self, reference: str, venues: list[str]) -> dict[str, str]:
        evaluation = reference.rpartition("/")[2]
        return {each: reverse("trading:meeting", args=[evaluation]) for each in venues}

    def recordings(self, reference: str) -> list[Recording]:
        return []


@cache
def conference() -> Conference:
    return import_string(settings.ETP_CONFERENCE)()
