"""What can happen, as small frozen dataclasses. Declaring a class puts its kind on the closed list."""

import dataclasses
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from ledger.canonical import instant, money

KINDS: dict[str, type["Event"]] = {}


class Event:
    """An official act: `kind` names it, `stream` says whose history it belongs to, its fields are what is public.

    `blind = True` hides even that it happened until its entries are opened (docs/trust.md §2.1).
    """

    kind: ClassVar[str] = ""
    blind: ClassVar[bool] = False

    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        if "kind" in cls.__dict__:
            if cls.kind in KINDS and KINDS[cls.kind].__qualname__ != cls.__qualname__:
                raise TypeError(f"two events of kind {cls.kind}")
            KINDS[cls.kind] = cls

    @property
    def stream(self) -> str:
        raise TypeError(f"{type(self).__name__} names no stream")

    def public(self) -> dict[str, Any]:
        """The entry's public part; also what listeners get."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every event is a dataclass
        return {field.name: plain(getattr(self, field.name)) for field in fields}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> "Event":
        return cls(**payload)


def plain(value):
    """A field in canonical JSON's types: money and moments become strings."""
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


@dataclasses.dataclass(frozen=True)
class BlindOpened(Event):
    """Blinded entries become readable: where each stands, its salt and the act itself."""

    kind = "blind.opened"

    into: str
    entries: list

    @property
    def stream(self):
        return self.into
