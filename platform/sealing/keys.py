"""Enrolling and revoking keys. The private halves are made in the browser and never come here."""

from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.db.models.functions import Now

from accounts.certificates import vouching
from accounts.models import Certificate, Organisation, Person
from accounts.permissions import require_member
from accounts.signatures import kid_of, load_key
from ledger.acts import record
from ledger.canonical import b64u, instant, unb64u
from rulebook.refusals import Refused
from sealing.events import KeyEnrolled, KeyRevoked
from sealing.models import EncryptionKey, SigningKey
from sealing.signatures import load_p256, verify

LIFE = timedelta(days=3 * 365)


def binding_of(organisation: Organisation, spki: bytes, not_after: str) -> dict:
    """What is signed when an encryption key is bound to its owner (docs/trust.md §1)."""
    return {
        "v": 1,
        "owner": organisation.uscc,
        "spki": b64u(spki),
        "kid": kid_of(spki),
        "role": "bidder",
        "not_after": not_after,
    }


@transaction.atomic
def enroll_keys(
    organisation: Organisation,
    *,
    encryption_spki: str,
    signing_spki: str,
    not_after: str,
    signature: str,
    by: Person,
    at: datetime,
) -> EncryptionKey:
    """Bind a new encryption key to the organisation and a signing key to the person, by that person's signature.

    Where certificates are required, one of that person must vouch for the signing key.
    An earlier encryption key stays valid for the bids sealed with it; new bids use the newest.
    """
    require_member(by, organisation)
    encryption, signing = public_key(encryption_spki), signing_key(signing_spki)
    if encryption == signing:
        raise Refused("one_key", "加密密钥与签名密钥不能是同一把。", next_step="请刷新页面重新生成密钥。", status=400)
    ends = end_of_life(not_after)
    binding = binding_of(organisation, encryption, not_after)
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
        organisation=organisation,
        enrolled_by=by,
        spki=encryption,
        kid=binding["kid"],
        binding=binding,
        signature=signature,
        enrolled_at=at,
        not_after=ends,
    )
    record(
        KeyEnrolled(
            owner=organisation.uscc, org=organisation.uscc, role="bidder", kid=key.kid, spki=binding["spki"], not_after=not_after,
            signing_spki=signing_spki, signature=signature, cert=None,
        ),
        by=by,
        role="bidder",
        cert=certificate.digest if certificate else None,
    )  # fmt: skip
    return key


def public_key(text: str) -> bytes:
    try:
        spki = unb64u(text)
        # One key has one spelling, so that one key has one kid.
        if load_p256(spki).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
            raise ValueError("not the plain DER form")
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise Refused("bad_key", "密钥格式不对，须为 P-256 公钥。", next_step="请刷新页面重新生成密钥。", status=400) from wrong
    return spki


def signing_key(text: str) -> bytes:
    """The public key that people sign with; P-256, or whatever else their certificates have."""
    try:
        spki = unb64u(text)
        load_key(spki)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise Refused("bad_key", "签名密钥格式不对。", next_step="请刷新页面重新载入密钥文件。", status=400) from wrong
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
def revoke_key(key: EncryptionKey, *, by: Person, at: datetime) -> None:
    """Take an encryption key out of use. Bids already sealed for it can still be opened with it."""
    require_member(by, key.organisation)
    key = EncryptionKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is not None:
        raise Refused("revoked", "这把密钥已经停用。")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    record(KeyRevoked(owner=key.organisation.uscc, kid=key.kid, reason=None, cert=None), by=by, role="bidder")


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
    """The newest key that is neither revoked nor past its end by the database's clock; None when there is none."""
    rows = EncryptionKey.objects.filter(organisation=organisation, revoked_at=None, not_after__gt=Now())
    return rows.order_by("-enrolled_at", "-pk").first()


def signing_keys_of(person: Person) -> list[SigningKey]:
    return list(SigningKey.objects.filter(person=person, revoked_at=None))


def require_signed(by: Person, label: str, obj: Any, signature: str, *, at: datetime) -> str | None:
    """The digest of the certificate with whose key `by` made the signature; None for a key without one, where that is allowed.

    Refused when no signing key of theirs made it (`bad_signature`), or its certificate does not hold at that moment.
    """
    for key in signing_keys_of(by):
        if verify(bytes(key.spki), label, obj, signature):
            certificate = vouching(by, bytes(key.spki), at=at)
            return certificate.digest if certificate else None
    raise Refused(
        "bad_signature",
        "签名无法核对：请使用你本人已登记的签名密钥。",
        next_step="请重新载入密钥文件后再签名；如更换过密钥，请先登记新密钥。",
        status=400,
    )


def certified_signing_keys(person: Person) -> list[tuple[SigningKey, Certificate | None]]:
    """The person's signing keys in force, each with the newest of its certificates that are."""
    known = {row.kid: row for row in Certificate.objects.filter(person=person, revoked_at=None).order_by("enrolled_at", "pk")}
    return [(key, known.get(key.kid)) for key in signing_keys_of(person)]


def enrolment_terms(at: datetime) -> str:
    """The day the new key will end, as the browser must sign it."""
    return instant(at + LIFE)
