"""People enrol and revoke certificates, and are known by them."""

import re
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from accounts.certificates.reading import Reading, read
from accounts.certificates.trust import check_trust
from accounts.events import KeyEnrolled, KeyRevoked
from accounts.models import Certificate, Person
from accounts.signatures import algorithm_of, kid_of, verify
from ledger.acts import record
from ledger.canonical import b64u, instant
from rulebook.refusals import Refused


def check_answer(found: Reading, label: str, challenge: dict, signature: str) -> None:
    if not verify(found.spki, label, challenge, signature):
        raise Refused(
            "bad_signature",
            "签名与证书不符，无法确认你持有该证书的私钥。",
            next_step="请确认载入的是证书对应的密钥文件后重试。",
            status=403,
        )


def names(found: Reading, person: Person) -> bool:
    """Whether the certificate is made out to the person, or to an organisation that they act for."""
    organisations = list(person.organisations())
    for name in found.common_names:
        words = re.split(r"[^\w·]+", name)
        if person.name in words or any(each.name == name or each.uscc in words for each in organisations):
            return True
    return False


@transaction.atomic
def enroll_certificate(der: bytes, challenge: dict, signature: str, *, by: Person, at: datetime) -> Certificate:
    """Bind a certificate to `by`, who has signed `challenge` (spent by the caller) with its key under the label `enroll`."""
    found = read(der)
    check_trust(found, at=at)
    check_answer(found, "enroll", challenge, signature)
    if not names(found, by):
        raise Refused(
            "certificate_of_other",
            f"证书主体（{found.subject}）既不是你本人，也不是你代表的单位。",
            next_step="请使用签发给本人或本单位的证书；姓名有变更的，请先在账号中更正。",
            status=403,
        )
    kid = kid_of(found.spki)
    with connection.cursor() as cursor:
        # Two people who hold the same key file at once do not both become its owner.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"certificate/{kid}"])
    if Certificate.objects.filter(kid=kid).exclude(person=by).exists():
        raise Refused("certificate_of_other", "该证书的密钥已登记在其他账号名下。", next_step="如果被他人冒用，请联系交易中心。")
    if Certificate.objects.filter(digest=found.digest).exists():
        raise Refused("certificate_known", "这张证书已经登记过；停用后的证书不能再次登记。", next_step="请使用新的证书。")
    made = Certificate.objects.create(
        person=by,
        der=der,
        digest=found.digest,
        subject=found.subject,
        issuer=found.issuer,
        serial=found.serial,
        spki=found.spki,
        kid=kid,
        algorithm=algorithm_of(found.key),
        not_before=found.not_before,
        not_after=found.not_after,
        enrolled_at=at,
    )
    record(
        KeyEnrolled(
            owner=by.pseudonym, org=None, role="signer", kid=kid, spki=b64u(found.spki), not_after=instant(found.not_after),
            signing_spki=None, signature=None, cert=found.digest,
        ),
        by=by,
        cert=found.digest,
    )  # fmt: skip
    return made


@transaction.atomic
def revoke_certificate(certificate: Certificate, *, reason: str, by: Person, at: datetime) -> None:
    """Take a certificate out of use here, whatever its authority says of it. It does not come back."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if certificate.person_id != by.pk:
        raise Refused("certificate_of_other", "只能停用登记在自己名下的证书。", status=403)
    if certificate.revoked_at is not None:
        raise Refused("revoked", "这张证书已经停用。")
    if reason not in Certificate.Reason.values:
        raise Refused("no_reason", "请选择停用原因。", field="reason", status=400)
    certificate.revoked_at, certificate.revoked_for = at, reason
    certificate.save(update_fields=["revoked_at", "revoked_for"])
    record(KeyRevoked(owner=by.pseudonym, role="signer", kid=certificate.kid, reason=reason, signing=None, cert=certificate.digest), by=by)


def identify(der: bytes, challenge: dict, signature: str, *, at: datetime) -> Certificate:
    """Whose certificate signed `challenge` (spent by the caller) under the label `login`; Refused if it opens no account."""
    found = read(der)
    check_trust(found, at=at)
    check_answer(found, "login", challenge, signature)
    known = Certificate.objects.filter(digest=found.digest).select_related("person").first()
    if known is None:
        raise Refused(
            "certificate_unbound",
            "证书有效，但还没有与任何账号绑定。",
            next_step="请先用手机号和密码登录，在“账号与安全 — 数字证书”中登记这张证书；还没有账号的请先注册。",
            status=403,
        )
    check_bound(known)
    return known


def check_bound(known: Certificate) -> None:
    if known.revoked_at is not None:
        raise Refused("certificate_ended", "这张证书已在平台停用。", next_step="请使用其他证书，或用密码登录后登记新证书。", status=403)
    if not known.person.is_active:
        raise Refused("account_closed", "证书所绑定的账号已停用。", next_step="请联系交易中心。", status=403)


def vouching(person: Person, spki: bytes, *, at: datetime) -> Certificate | None:
    """The certificate that vouches for the person's signing key at that moment; None for a key without one, where that is allowed.

    Refused when all its certificates here are revoked, expired or otherwise not to be believed, or when one is required.
    """
    rows = list(Certificate.objects.filter(person=person, kid=kid_of(spki)).select_related("person"))
    problem = None
    for known in rows:
        try:
            check_bound(known)
            check_trust(read(bytes(known.der)), at=at)
        except Refused as refusal:
            problem = problem or refusal
        else:
            return known
    if problem is not None:
        raise problem
    if settings.ETP_REQUIRE_CERTIFICATE:
        raise Refused(
            "certificate_required",
            "这把签名密钥没有经 CA 认证的数字证书，不能用于交易。",
            rule="《电子签名法》第十三条、第十六条",
            next_step="请先在“账号与安全 — 数字证书”中登记 CA 机构签发的证书，再用证书的密钥登记或签名。",
            status=403,
        )
    return None
