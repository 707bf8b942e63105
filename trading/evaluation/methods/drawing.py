"""Verifiable choice: an index, or an order, that follows from a text which nobody could know before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


def seed_of(day: str, section: str, salt: str) -> str:
    """What a draw hangs on; the salt must be unknown to all before the moment of the draw, and public after it."""
    return f"{day}|{section}|{salt}"


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw_index(text: str, count: int) -> int:
    """Which of `count` (from 0) the text draws."""
    return int(digest_of(text), 16) % count


@dataclass(frozen=True)
class Drawn:
    """A drawn value with what anybody needs to draw it again."""

    value: Decimal
    workings: dict


def drawn_coefficient(candidates: list[Decimal], seed: str) -> Drawn:
    """K值抽取: one of the document's candidate values."""
    text = f"{seed}|K"
    index = draw_index(text, len(candidates))
    return Drawn(
        candidates[index],
        {"text": text, "digest": digest_of(text), "candidates": [str(each) for each in candidates], "index": index, "value": str(candidates[index])},
    )  # fmt: skip


def drawn_lot(codes: list[str], seed: str) -> int:
    """摇号: the place of the drawn one among the qualified, in their given order."""
    return draw_index(f"{seed}|{','.join(codes)}", len(codes))


def drawn_order(keys: Iterable, seed: str) -> list:
    """Keys in the order of their digests with the seed: whoever stands first among equals is nobody's choice."""
    return sorted(keys, key=lambda key: digest_of(f"{seed}|T|{key}"))
