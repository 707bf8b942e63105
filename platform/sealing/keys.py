"""Enrolling and revoking keys. The private halves are made in the browser and never come here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.db import transaction
from django.db.models.functions import Now

from accounts.certificates import vouching
from accounts.models import Certificate, Organisation, Person
from accounts.permissions import require_member
from accounts.signatures import kid_of, load_key
from ledger.acts import record
from ledger.canonical import b64u, instant, unb64u
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing.events import KeyEnrolled, KeyRevoked
from sealing.models import EncryptionKey, SigningKey
from sealing.recovery import recipient_key
from sealing.signatures import load_p256, verify

LIFE = timedelta(days=3 * 365)
# Whose people enrol which keys.
KINDS = {
    "bidder": {Organisation.Kind.BIDDER},
    "holder": {
        Organisation.Kind.CENTRE,
        Organisation.Kind.REGULATOR,
        Organisation.Kind.TENDEREE,
        Organisation.Kind.AGENCY,
        Organisation.Kind.PROCURER,
        # Its people sign what they answer with such a key; no share of a bid's key goes to another city.
        Organisation.Kind.HOST,
    },
}


def owner_of(organisation: Organisation, by: Person, role: str) -> str:
    """Whose name stands in a binding: the organisation's code for bids, the person's pseudonym for a holder."""
    return by.pseudonym if role == EncryptionKey.Role.HOLDER else organisation.uscc


def binding_of(owner: str, spki: bytes, not_after: str, role: str = "bidder") -> dict:
    """What is signed when an encryption key is bound to its owner (docs/trust.md §1)."""
    return {
        "v": 1,
        "owner": owner,
        "spki": b64u(spki),
        "kid": kid_of(spki),
        "role": role,
        "not_after": not_after,
    }


def roles_of(organisation: Organisation) -> list[str]:
    """For what the organisation's people may enrol keys: to bid, to hold shares, or both."""
    return [role for role, kinds in KINDS.items() if kinds & set(organisation.kinds)]


@transaction.atomic
def enroll_keys(
    organisation: Organisation,
    *,
    encryption_spki: str,
    signing_spki: str,
    not_after: str,
    signature: str,
    role: str = "bidder",
    recovery: str = "",
    by: Person,
    at: datetime,
) -> EncryptionKey:
    """Bind a new encryption key to the organisation (or, as a holder, to `by` in it) and a signing key to `by`.

    `by` signs the binding. `recovery` is the `age1…` recipient of a bidder's recovery code, or empty. An earlier
    encryption key stays valid for what was sealed with it; new bids and policies use the newest.
    Where certificates are required, one of that person must vouch for the signing key.
    """
    require_member(by, organisation)
    if role not in roles_of(organisation):
        raise Refused("bad_role", "你单位不能登记这一类密钥。", next_step="请切换到相应的单位后再登记。", status=403)
    encryption, signing = public_key(encryption_spki, load_p256), public_key(signing_spki, load_key)
    if encryption == signing:
        raise Refused("one_key", "加密密钥与签名密钥不能是同一把。", next_step="请刷新页面重新生成密钥。", status=400)
    check_recovery(recovery, role)
    ends = end_of_life(not_after)
    binding = binding_of(owner_of(organisation, by, role), encryption, not_after, role)
    if not verify(signing, "key-binding", binding, signature):
        raise Refused("bad_binding", "密钥绑定签名无法核对。", next_step="请刷新页面重新生成密钥。", status=400)
    if not at < ends <= at + LIFE:
        raise Refused("bad_binding", "密钥有效期不对。", next_step="请刷新页面重新生成密钥。", status=400)
    certificate = vouching(by, signing, at=at)
    if EncryptionKey.objects.filter(kid=binding["kid"]).exists():
        raise Refused("key_known", "这把密钥已经登记过。")
    SigningKey.objects.get_or_create(kid=kid_of(signing), defaults={"person": by, "spki": signing, "enrolled_at": at})
    if not SigningKey.objects.filter(kid=kid_of(signing), person=by, revoked_at=None).exists():
        raise Refused("key_of_other", "这把签名密钥已停用或登记在他人名下。", next_step="请刷新页面重新生成密钥。")
    key = EncryptionKey.objects.create(
        role=role,
        organisation=organisation,
        enrolled_by=by,
        spki=encryption,
        kid=binding["kid"],
        binding=binding,
        signature=signature,
        signing_spki=signing,
        enrolled_at=at,
        not_after=ends,
        recovery=recovery,
    )
    record(
        KeyEnrolled(
            owner=binding["owner"], org=organisation.uscc, role=role, kid=key.kid, spki=binding["spki"], not_after=not_after,
            signing_spki=signing_spki, signature=signature, cert=None,
        ),
        by=by,
        role=role,
        cert=certificate.digest if certificate else None,
    )  # fmt: skip
    return key


def check_recovery(recovery: str, role: str) -> None:
    """Refuse what is no age recipient, and a recovery code for shares: those are never sealed to paper."""
    try:
        if recovery:
            recipient_key(recovery)
        if not recovery or role == "bidder":
            return
    except ValueError:
        pass
    raise Refused("bad_recovery", "恢复码的公开部分格式不对。", next_step="请刷新页面重新生成密钥。", status=400)


def public_key(text: str, load: Callable[[bytes], Any]) -> bytes:
    """The SubjectPublicKeyInfo in `text` if `load` takes its key, in the one spelling that a key has."""
    try:
        spki = unb64u(text)
        load(spki)
        # One key has one spelling, so that one key has one kid.
        load_key(spki)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise Refused(
            "bad_key", "密钥格式不对：加密密钥须为 P-256，签名密钥须为 P-256 或 RSA。", next_step="请刷新页面重新生成密钥。", status=400
        ) from wrong
    return spki


def end_of_life(text: str) -> datetime:
    """The moment a binding names as the key's end, which must be written as all official times are."""
    try:
        ends = datetime.fromisoformat(text)
        if instant(ends) != text:
            raise ValueError("not an official time")
    except ValueError as wrong:
        raise Refused("bad_binding", "密钥有效期不对。", next_step="请刷新页面重新生成密钥。", status=400) from wrong
    return ends


@transaction.atomic
def revoke_key(key: EncryptionKey, *, reason: str, by: Person, at: datetime) -> None:
    """Take an encryption key out of use, for a reason of `EncryptionKey.Reason`. What was sealed for it stays so.

    A key that others may know takes along the signing key that stands in the same file.
    """
    require_member(by, key.organisation)
    key = EncryptionKey.objects.select_for_update().get(pk=key.pk)
    if key.role == EncryptionKey.Role.HOLDER and key.enrolled_by != by:
        raise Forbidden("key_of_other", "这把密钥登记在他人名下，只能由本人停用。")
    if key.revoked_at is not None:
        raise Refused("revoked", "这把密钥已经停用。")
    if reason not in EncryptionKey.Reason.values:
        raise Refused("no_reason", "请选择停用原因。", status=400)
    key.revoked_at, key.revoked_for = at, reason
    key.save(update_fields=["revoked_at", "revoked_for"])
    exposed = reason == EncryptionKey.Reason.EXPOSED
    signing = SigningKey.objects.filter(spki=key.signing_spki, revoked_at=None).first() if exposed else None
    if signing is not None:
        signing.revoked_at = at
        signing.save(update_fields=["revoked_at"])
    record(
        KeyRevoked(
            owner=key.binding["owner"], role=key.role, kid=key.kid, reason=reason, signing=signing.kid if signing else None, cert=None
        ),
        by=by,
        role=key.role,
    )


def encryption_key_of(organisation: Organisation) -> EncryptionKey:
    """The key that new bids of the organisation are sealed for; refused when there is none."""
    key = newest_key(organisation)
    if key is None:
        raise Refused(
            "no_key",
            "你单位还没有登记投标加密密钥。",
            next_step="请先在“密钥”页面生成并登记密钥。",
        )
    return key


def newest_key(organisation: Organisation) -> EncryptionKey | None:
    """The newest key that bids are sealed for, by the database's clock; None when none is in force."""
    return in_force(organisation=organisation, role=EncryptionKey.Role.BIDDER)


def holder_key_of(person: Person) -> EncryptionKey | None:
    """The person's newest key in force for holding shares, in an organisation they still act for; else None."""
    offices = Organisation.objects.filter(memberships__person=person, memberships__until=None)
    return in_force(enrolled_by=person, role=EncryptionKey.Role.HOLDER, organisation__in=offices)


def in_force(**whose: Any) -> EncryptionKey | None:
    """The newest key that is neither revoked nor past its end by the database's clock."""
    return EncryptionKey.objects.filter(revoked_at=None, not_after__gt=Now(), **whose).order_by("-enrolled_at", "-pk").first()


def signed_by(person: Person, label: str, obj: dict, signature: str) -> SigningKey | None:
    """The person's registered signing key that made this signature; None if none of them did.

    Refused if a certificate vouches for it that no longer holds, or must and there is none.
    """
    key = maker_of(person, label, obj, signature)
    if key is not None:
        vouching(person, bytes(key.spki), at=database_now())
    return key


def maker_of(person: Person, label: str, obj: dict, signature: str) -> SigningKey | None:
    return next((key for key in signing_keys_of(person) if verify(bytes(key.spki), label, obj, signature)), None)


def signing_keys_of(person: Person) -> list[SigningKey]:
    return list(SigningKey.objects.filter(person=person, revoked_at=None))


def require_signed(by: Person, label: str, obj: Any, signature: str, *, at: datetime) -> str | None:
    """The digest of the certificate with whose key `by` made the signature; None for a key without one, where that is allowed.

    Refused when no signing key of theirs made it (`bad_signature`), or its certificate does not hold at that moment.
    """
    key = maker_of(by, label, obj, signature)
    if key is None:
        raise Refused(
            "bad_signature",
            "签名无法核对：请使用你本人已登记的签名密钥。",
            next_step="请重新载入密钥文件后再签名；如更换过密钥，请先登记新密钥。",
            status=400,
        )
    certificate = vouching(by, bytes(key.spki), at=at)
    return certificate.digest if certificate else None


def certified_signing_keys(person: Person) -> list[tuple[SigningKey, Certificate | None]]:
    """The person's signing keys in force, each with the newest of its certificates that are."""
    known = {row.kid: row for row in Certificate.objects.filter(person=person, revoked_at=None).order_by("enrolled_at", "pk")}
    return [(key, known.get(key.kid)) for key in signing_keys_of(person)]


def enrolment_terms(at: datetime) -> str:
    """The day the new key will end, as the browser must sign it."""
    return instant(at + LIFE)
