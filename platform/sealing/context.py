"""What a seal is bound to: the opening policy and the seal context (docs/trust.md §3.1, §3.2)."""

from django.conf import settings

from ledger.canonical import HJ, b64u


def opening_policy(tender: str, lot: str, *, window_min: int = 30, holders: list[dict] | None = None, k: int = 0) -> dict:
    """The opening policy of a lot; without emergency holders only the bidder's own key opens its bid.

    `holders` are `{"id", "org", "role", "spki", "kid"}`, any `k` of whom can open a bid together.
    """
    return {
        "v": 1,
        "tender": tender,
        "lot": lot,
        "k": k,
        "holders": holders or [],
        "fallback": "required" if holders else "none",
        "window_min": window_min,
    }


def policy_hash(policy: dict) -> str:
    return b64u(HJ("opening-policy", policy))


def seal_context(*, tender: str, lot: str, envelope: str, bidder: str, seal: str, policy: str) -> dict:
    """The context of one seal; `seal` is 16 random bytes in base64url that never serve twice."""
    return {
        "v": 1,
        "suite": "p256",
        "origin": settings.ETP_ORIGIN,
        "tender": tender,
        "lot": lot,
        "envelope": envelope,
        "bidder": bidder,
        "seal": seal,
        "policy": policy,
    }


def context_hash(context: dict) -> bytes:
    return HJ("seal-context", context)
