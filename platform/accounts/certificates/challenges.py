"""Questions that are answered with a signature, once, in the session that they were put to."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from accounts.models import CertificateChallenge
from accounts.passkeys import LIFE, site
from ledger.canonical import b64u, instant
from rulebook.refusals import Refused

KEPT = timedelta(days=1)


def issue_challenge(purpose: str, *, session: str, at: datetime) -> dict:
    """A fresh question for this session, good for two minutes; what is left of old ones goes."""
    CertificateChallenge.objects.filter(expires_at__lt=at - KEPT).delete()
    body = {
        "v": 1,
        "origin": site()[1],
        "nonce": b64u(secrets.token_bytes(32)),
        "session": session,
        "purpose": str(purpose),
        "exp": instant(at + LIFE),
    }
    CertificateChallenge.objects.create(nonce=body["nonce"], purpose=purpose, session=session, body=body, expires_at=at + LIFE)
    return body


def use_challenge(answered: Any, purpose: str, *, session: str, at: datetime) -> dict:
    """Spend the question that was answered, in one statement; Refused unless it is ours, of this session, in time and unused.

    To be called outside the transaction of what the answer is for: an answer serves one attempt, even a failed one.
    """
    nonce = str(answered.get("nonce")) if isinstance(answered, dict) else ""
    mine = CertificateChallenge.objects.filter(nonce=nonce, purpose=purpose, session=session)
    if mine.filter(used_at=None, expires_at__gt=at).update(used_at=at) == 1:
        body = mine.get().body
        if answered == body:
            return body
        raise stale("challenge_differs", "签名的内容与平台发出的不一致。")
    found = mine.first()
    if found is None:
        raise stale("challenge_unknown", "这次验证不属于当前浏览器会话。")
    if found.used_at is not None:
        raise stale("challenge_used", "这次验证已经用过。")
    raise stale("challenge_expired", "验证已超过 120 秒，已失效。")


def stale(code: str, message: str) -> Refused:
    return Refused(code, message, next_step="请刷新页面，重新操作一次。", status=403)
