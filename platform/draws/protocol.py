"""What a draw computes, without database or clock: list, commitments, transcript, seed, order (docs/trust.md §7)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from draws.order import permutation
from ledger.canonical import HJ, H, b64u, jcs, unb64u
from ledger.merkle import leaf_hash, root

SHARE_LABEL = "etp/draw/v1/share"
COPY_LABEL = "etp/draw/v1/copy"

# A skipping rule: from the candidate and those chosen so far to a code, or None to take it.
Skips = Callable[[Any, list], str | None]


def candidate_hash(salt: bytes, candidate: dict) -> bytes:
    return H("draw-cand", salt + jcs(candidate))


def list_root(strata: list[list[bytes]]) -> bytes:
    """The root over all candidates' hashes, stratum by stratum, each stratum sorted."""
    return root([leaf_hash(c) for rows in strata for c in rows])


def commitment(draw: str, party: str, r: bytes) -> str:
    return b64u(HJ("draw-commit", {"draw": draw, "party": party, "r": b64u(r)}))


def commit_object(draw: str, party: str, commit: str) -> dict:
    """What a party signs (label `draw-commit`)."""
    return {"v": 1, "draw": draw, "party": party, "commit": commit}


def share_object(draw: str, party: str, holder: str, digest: str) -> dict:
    """What a holder signs (label `draw-share`) with its share of a missing number; "" if it cannot be opened."""
    return {"v": 1, "draw": draw, "party": party, "holder": holder, "digest": digest}


def bound_to(draw: str, party: str, commit: str) -> bytes:
    """What shares of a party's number, and its own copy, are bound to."""
    return HJ("draw-context", commit_object(draw, party, commit))


def transcript(draw: str, kind: str, *, n: int, list_root: str, strata: list[dict], checkpoint: dict, contributions: list[dict]) -> dict:
    """All that the seed depends on; `contributions` are {"party", "commit", "r"}."""
    return {
        "v": 1,
        "draw": draw,
        "kind": kind,
        "n": n,
        "list_root": list_root,
        "strata": [{"id": row["id"], "take": row["take"]} for row in strata],
        "checkpoint": checkpoint,
        "contrib": sorted(contributions, key=lambda row: row["party"]),
        "beacon": None,
    }


def seed_of(transcript: dict) -> bytes:
    return HJ("draw-seed", transcript)


def stratum_order(seed: bytes, stratum: str, count: int) -> list[int]:
    """The permutation of a stratum's list that the seed gives."""
    return permutation(H("draw-stratum", seed + stratum.encode()), count)


@dataclass(frozen=True)
class Walk:
    """How far an order was walked: who was taken, and who was passed over by which rule; (place, candidate[, code])."""

    chosen: list[tuple[int, Any]]
    skipped: list[tuple[int, Any, str]]


def walk(ordered: list, take: int, skips: Skips, *, start: int = 0, before: list | None = None) -> Walk:
    """Take the next `take` of an order from place `start`, passing over by the rule; fewer if the order ends."""
    chosen: list[tuple[int, Any]] = []
    skipped: list[tuple[int, Any, str]] = []
    taken = list(before or [])
    for place in range(start, len(ordered)):
        if len(chosen) == take:
            break
        code = skips(ordered[place], taken)
        if code is None:
            chosen.append((place, ordered[place]))
            taken.append(ordered[place])
        else:
            skipped.append((place, ordered[place], code))
    return Walk(chosen, skipped)


def fits(draw: str, party: str, commit: str, r: str) -> bool:
    """Whether a revealed number is the one that was committed to."""
    try:
        data = unb64u(r)
    except ValueError:
        return False
    return len(data) == 32 and commitment(draw, party, data) == commit
