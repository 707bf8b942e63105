"""The generator and the permutation of docs/trust.md §7.6: from a seed to an order, the same on every machine."""

import hmac
from collections.abc import Iterator

LIMIT = 2**64


def numbers(seed: bytes) -> Iterator[int]:
    """Endless uint64 of HMAC-SHA256 blocks: four big-endian numbers a block."""
    count = 0
    while True:
        block = hmac.digest(seed, b"etp/draw-block/v1\n" + count.to_bytes(8, "big"), "sha256")
        yield from (int.from_bytes(block[at : at + 8], "big") for at in (0, 8, 16, 24))
        count += 1


def below(source: Iterator[int], n: int) -> int:
    """A number from 0 to n-1, without the bias that a plain remainder has."""
    limit = LIMIT - LIMIT % n
    return next(number for number in source if number < limit) % n


def permutation(seed: bytes, n: int) -> list[int]:
    """The Fisher-Yates order of 0…n-1 that the seed gives."""
    source = numbers(seed)
    order = list(range(n))
    for place in range(n - 1):
        other = place + below(source, n - place)
        order[place], order[other] = order[other], order[place]
    return order
