"""What can happen, as small frozen dataclasses. Declaring a class puts its kind on the closed list."""

import dataclasses
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, get_args, get_type_hints

from ledger.canonical import instant, money

KINDS: dict[str, type["Event"]] = {}


class Event:
    """An official act: `kind` names it, `stream` says whose history it belongs to, its fields are what is public.

    `blind = True` hides even that it happened until its entries are opened (docs/ledger.md).
    """

    kind: ClassVar[str] = ""
    blind: ClassVar[bool] = False

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "kind" in cls.__dict__:
            known = KINDS.setdefault(cls.kind, cls)
            if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"two events of kind {cls.kind}")
            KINDS[cls.kind] = cls

    @property
    def stream(self) -> str:
        raise TypeError(f"{type(self).__name__} names no stream")

    def payload(self) -> dict[str, Any]:
        """All fields, as listeners get them through the outbox."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every event is a dataclass
        return {field.name: plain(getattr(self, field.name)) for field in fields}

    def public(self) -> dict[str, Any]:
        """The entry's public part `d`: all fields, unless the event says otherwise."""
        return self.payload()

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> "Event":
        """The event again: sums are decimals and moments are moments, where its fields say so."""
        hints = get_type_hints(cls)
        return cls(**{name: restored(value, hints[name]) for name, value in payload.items()})


def plain(value: Any) -> Any:
    """A field in canonical JSON's types: sums, moments and days become strings, and text becomes NFC."""
    if isinstance(value, str):
        # A file name from a Mac is spelt in NFD: the same text to people, so not a reason to refuse the act.
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def restored(value: Any, hint: Any) -> Any:
    """The reverse of `plain` for one field declared as `hint`, which may be optional."""
    if isinstance(value, str):
        for kind in (hint, *get_args(hint)):
            if kind is Decimal:
                return Decimal(value)
            if kind in (date, datetime):
                return kind.fromisoformat(value)
    return value


@dataclasses.dataclass(frozen=True)
class BlindOpened(Event):
    """Blinded entries become readable: where each stands, its salt and the act itself."""

    kind = "blind.opened"

    into: str
    entries: list

    @property
    def stream(self) -> str:
        return self.into

    def public(self) -> dict[str, Any]:
        return {"entries": self.entries}


@dataclasses.dataclass(frozen=True)
class Chaff(Event):
    """Nothing happened. Such entries, at random times, keep the number and times of blinded acts from telling."""

    kind = "blind.chaff"
    blind = True

    @property
    def stream(self) -> str:
        return "chaff"


@dataclasses.dataclass(frozen=True)
class LedgerNote(Event):
    """Something about the log itself: `note` says what (alarm, audit, key, restored, timestamp), `details` are public."""

    kind = "ledger.note"

    note: str
    details: dict

    @property
    def stream(self) -> str:
        return "ledger"

    def public(self) -> dict[str, Any]:
        return {"note": self.note, **self.details}


@dataclasses.dataclass(frozen=True)
class ClockAlarm(LedgerNote):
    """A clock of the platform is wrong."""

    kind = "clock.alarm"
