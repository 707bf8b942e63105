"""Official acts bear a fresh signature of whoever acts: asked for, shown, signed in the browser, used once.

What is signed is `{"v":1,"kind","target","digest","session","nonce","exp"}` under the label `act`: by a passkey (the WebAuthn
challenge is HJ("act", object)) or by a key of the person that a room above registers with `register_method`.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import passkeys
from accounts.models import Passkey, Person, StepUp
from ledger.acts import Proof, bearing
from ledger.canonical import HJ, b64u, instant, parse_object
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused

LIFE = passkeys.LIFE
# Fields of a form that are not part of the act: Django's own guard, and the proof itself.
OUTSIDE = ("csrfmiddlewaretoken", "act_proof")


@dataclass(frozen=True)
class Method:
    """A way to sign beside passkeys: whether a person has it, and the check of a proof made with it.

    `check(person, act, proof)` answers the evidence to keep, with the certificate's digest (or None) under "cert", and raises
    ValueError if the proof is not that person's signature over the act.
    """

    has: Callable[[Person], bool]
    check: Callable[[Person, dict, dict], dict]


METHODS: dict[str, Method] = {}


def register_method(name: str, method: Method) -> None:
    METHODS[name] = method


def methods_of(person: Person) -> list[str]:
    """How the person can sign an act now."""
    own = ["passkey"] if person.has_passkey else []
    return own + [name for name, method in METHODS.items() if method.has(person)]


def must_sign(request: Any) -> bool:
    """Whether the person at this door has to sign official acts; asked once for a request.

    Where signing is only offered, a passkey says that its owner has taken the offer.
    """
    if not hasattr(request, "must_sign"):
        required = settings.ETP_STEP_UP == "required"
        request.must_sign = request.user.is_authenticated and (required or request.user.has_passkey)
    return request.must_sign


@dataclass(frozen=True)
class Act:
    """What a door does: its kind, or the kinds of its moves by the value of `field` (None: not an official act)."""

    kind: str | dict[str, str | None]
    target: str | Callable[..., str]
    field: str

    def kind_of(self, value: str) -> str | None:
        if isinstance(self.kind, str):
            return self.kind
        if value not in self.kind:
            raise Refused("unknown_move", "没有这项操作。", next_step="请刷新页面后重试。", status=400)
        return self.kind[value]

    def target_of(self, kwargs: dict) -> str:
        named = self.target.format(**kwargs) if isinstance(self.target, str) else self.target(**kwargs)
        return unicodedata.normalize("NFC", named)[:300]


def official_act(kind: str | dict[str, str | None], *, target: str | Callable[..., str], field: str = "move") -> Callable:
    """Let a POST through only with the person's fresh signature over exactly what is posted.

    `kind` names the act in Chinese, or each move of the door by the posted `field`. `target` says for what, from the address's
    parts. The signature stands or falls with the act: both are in one transaction, and the entries it records bear its digest.
    """
    act = Act(kind, target, field)

    def guard(view: Callable) -> Callable:
        @wraps(view)
        def door(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.method != "POST" or not must_sign(request):
                return view(request, *args, **kwargs)
            named = act.kind_of(request.POST.get(act.field, ""))
            if named is None:
                return view(request, *args, **kwargs)
            row, evidence = use(request, named, act.target_of(kwargs))
            proof = Proof(digest=b64u(HJ("act-proof", evidence)), cert=evidence["cert"])
            with transaction.atomic():
                with bearing(proof):
                    answer = view(request, *args, **kwargs)
                row.entries.set(proof.entries)
            return answer

        setattr(door, "act", act)  # noqa: B010 - an attribute that a wrapped function does not declare
        return door

    return guard


def text(value: str) -> str:
    """A posted value in the one spelling both sides take: browsers send line ends as CRLF, scripts see LF."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))


def digest_of(request: Any) -> str:
    """The digest of all that was posted: fields with their values in order, files by their SHA-256."""
    fields = {text(name): [text(value) for value in values] for name, values in request.POST.lists() if name not in OUTSIDE}
    files = {text(name): [sha256(file) for file in rows] for name, rows in request.FILES.lists()}
    return b64u(HJ("act-fields", {"v": 1, "fields": fields, "files": files}))


def sha256(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return b64u(digest.digest())


def act_of(row: StepUp) -> dict:
    """The object that is signed."""
    return {
        "v": 1, "kind": row.kind, "target": row.target, "digest": row.digest,
        "session": row.session, "nonce": row.nonce, "exp": instant(row.expires_at),
    }  # fmt: skip


def ask(request: Any, *, kind: str, target: str, digest: str) -> StepUp:
    """A fresh nonce for one act of this person in this session."""
    at = database_now()
    if not methods_of(request.user):
        raise Forbidden(
            "no_method",
            "此事须由你本人签名，而你还没有登记通行密钥或签名密钥。",
            next_step="请先在“账号与安全”中登记通行密钥。",
        )
    StepUp.objects.filter(person=request.user, used_at=None, expires_at__lt=at).delete()
    return StepUp.objects.create(
        person=request.user, session=passkeys.session_of(request), kind=kind, target=target, digest=digest,
        nonce=b64u(secrets.token_bytes(32)), expires_at=at + LIFE,
    )  # fmt: skip


def unsigned() -> Forbidden:
    return Forbidden(
        "act_unsigned",
        "此事须本人签名后才能办理，平台没有收到有效的签名。",
        next_step="请回到原页面重新操作，并在弹出的窗口中核对、签名。",
    )


def use(request: Any, kind: str, target: str) -> tuple[StepUp, dict]:
    """Check the proof that came with the form against what was posted, and spend its nonce in one statement.

    Answers the row and the evidence it now keeps; Forbidden if the proof is missing, wrong, late, used or another's.

    The nonce is spent even if the act is refused afterwards: a signature is for one attempt.
    """
    at = database_now()
    try:
        proof = parse_object(request.POST.get("act_proof", ""))
        nonce, method = str(proof["nonce"]), str(proof["method"])
    except (ValueError, KeyError) as wrong:
        raise unsigned() from wrong
    rows = StepUp.objects.filter(
        nonce=nonce, person=request.user, session=passkeys.session_of(request), kind=kind, target=target, digest=digest_of(request),
        used_at=None, expires_at__gt=at,
    )  # fmt: skip
    if rows.update(used_at=at) != 1:
        raise unsigned()
    row = StepUp.objects.get(nonce=nonce)
    evidence = {**checked(row, method, proof, at), "act": act_of(row), "method": method}
    row.method, row.evidence = method, evidence
    row.save(update_fields=["method", "evidence"])
    return row, evidence


def checked(row: StepUp, method: str, proof: dict, at: Any) -> dict:
    """The evidence of a right proof over the row's act."""
    act = act_of(row)
    if method == "passkey":
        passkey: Passkey = passkeys.check(proof.get("credential"), HJ("act", act), at=at, person=row.person)
        said = proof["credential"]["response"]
        kept = {name: str(said[name]) for name in ("authenticatorData", "clientDataJSON", "signature")}
        return {**kept, "public_key": b64u(bytes(passkey.public_key)), "cert": None}
    if method not in METHODS:
        raise unsigned()
    try:
        return METHODS[method].check(row.person, act, proof)
    except (ValueError, KeyError, TypeError) as wrong:
        raise unsigned() from wrong
