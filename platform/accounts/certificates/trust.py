"""Whether a certificate is to be believed: a path to a root we know, dates, usage, revocation. Everything unknown is refused."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings
from django.utils import timezone

from accounts.certificates.reading import Reading, has_issued, has_signed_list, read
from rulebook.clock import CITY
from rulebook.refusals import Refused

log = logging.getLogger(__name__)

# Authorities between a person's certificate and the root, root included.
LONGEST_PATH = 4
# An authority's clock may run ahead of ours by this much.
SKEW = timedelta(minutes=5)
UNDERSTOOD = (
    x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.CertificatePolicies, x509.SubjectAlternativeName,
    x509.CRLDistributionPoints, x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier, x509.AuthorityInformationAccess,
)  # fmt: skip
PURPOSES = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}

Stamp = tuple[tuple[str, int, int], ...]


def check_trust(found: Reading, *, at: datetime) -> None:
    """Refused, saying why and what to do, unless the certificate may sign for a person at that moment."""
    try:
        _ = found.key
    except ValueError as strange:
        raise Refused(
            "certificate_algorithm",
            "SM2 证书登录未启用。" if found.is_sm2 else "证书的密钥算法不受支持，须为 P-256 或 2048 位以上的 RSA。",
            next_step="请使用其他证书，或改用密码登录。",
            status=403,
        ) from strange
    path = trusted_path(found, at=at)
    check_dates(found, at=at)
    check_usage(found)
    for child, issuer in zip([found, *path], path, strict=False):
        check_revocation(child, issuer, at=at, of_person=child is found)


def refused(code: str, message: str, next_step: str) -> Refused:
    return Refused(code, message, next_step=next_step, status=403)


def day(moment: datetime) -> str:
    return timezone.localtime(moment, CITY).strftime("%Y-%m-%d %H:%M")


def check_dates(found: Reading, *, at: datetime) -> None:
    if at < found.not_before:
        raise refused("certificate_not_yet", f"证书尚未生效，生效时间为 {day(found.not_before)}。", "请在证书生效后再使用。")
    if at > found.not_after:
        raise refused(
            "certificate_expired", f"证书已于 {day(found.not_after)} 过期。", "请向 CA 机构申请更新证书，并在“数字证书”页面重新登记。"
        )


def check_usage(found: Reading) -> None:
    """A person's certificate: for digital signatures, and no authority itself."""
    usage, basic, purposes = found.extension(x509.KeyUsage), found.extension(x509.BasicConstraints), found.extension(x509.ExtendedKeyUsage)
    right = (
        usage is not None
        and usage.digital_signature
        and not (basic is not None and basic.ca)
        and (purposes is None or bool(PURPOSES & set(purposes)))
        and understood(found)
    )
    if not right:
        raise refused(
            "certificate_usage", "证书用途不对：不是可用于数字签名的个人或单位证书。", "请选择“签名证书”（不是加密证书或服务器证书）。"
        )


def understood(found: Reading) -> bool:
    """Whether every extension that must be understood is."""
    return all(isinstance(each.value, UNDERSTOOD) for each in found.x509.extensions if each.critical)


def trusted_path(found: Reading, *, at: datetime) -> list[Reading]:
    """The authorities above the certificate, from its issuer to a root; Refused if there is no such path."""
    roots, between = authorities()
    for path in paths(found, roots, between, LONGEST_PATH):
        if all(may_issue(each, below=place, at=at) for place, each in enumerate(path)):
            return path
    if found.names_itself and has_issued(found, found):
        raise refused("certificate_self_signed", "这是自签名证书，没有 CA 机构为其背书。", "请使用依法设立的 CA 机构签发的证书。")
    raise refused(
        "certificate_untrusted",
        f"证书由平台不认可的机构签发（{common_name(found.x509.issuer)}）。",
        "请使用平台认可的 CA 机构签发的证书，名单可向交易中心查询。",
    )


def common_name(name: x509.Name) -> str:
    rows = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(rows[0].value) if rows else name.rfc4514_string()


def paths(child: Reading, roots: list[Reading], between: list[Reading], left: int) -> Iterator[list[Reading]]:
    for root in roots:
        if has_issued(root, child):
            yield [root]
    if left > 1:
        for each in between:
            if each.der != child.der and has_issued(each, child):
                for rest in paths(each, roots, between, left - 1):
                    yield [each, *rest]


def may_issue(authority: Reading, *, below: int, at: datetime) -> bool:
    """Whether the certificate is an authority's, in force, with `below` further authorities under it."""
    basic, usage = authority.extension(x509.BasicConstraints), authority.extension(x509.KeyUsage)
    return (
        basic is not None
        and basic.ca
        and (basic.path_length is None or below <= basic.path_length)
        and (usage is None or usage.key_cert_sign)
        # Limits on names are not weighed here, so an authority that has them is not relied on.
        and authority.extension(x509.NameConstraints) is None
        and understood(authority)
        and authority.not_before <= at <= authority.not_after
    )


def check_revocation(child: Reading, issuer: Reading, *, at: datetime, of_person: bool) -> None:
    """Refused if the issuer's lists name the certificate, or if there is no list fresh enough to say that they do not."""
    usage = issuer.extension(x509.KeyUsage)
    fresh = False
    for listed in revocation_lists():
        if not (usage is None or usage.crl_sign) or not has_signed_list(issuer, listed) or not covers(listed, child, of_person=of_person):
            continue
        if listed.get_revoked_certificate_by_serial_number(child.x509.serial_number) is not None:
            raise refused(
                "certificate_revoked",
                "证书已被签发机构吊销。" if of_person else "签发此证书的机构证书已被吊销。",
                "请联系 CA 机构核实；如密钥可能泄露，请尽快申请新证书并重新登记。",
            )
        fresh = fresh or is_fresh(listed, at=at, limited=of_person)
    if not fresh:
        log.error("no fresh revocation list of %s", issuer.subject)
        raise Refused(
            "crl_stale",
            "平台暂时无法确认证书是否被吊销（吊销列表超过时限未更新），为安全起见不予通过。",
            next_step="这不是你的证书的问题。请稍后再试，或改用密码和动态口令登录；紧急情况请联系交易中心。",
            status=503,
        )


def covers(listed: x509.CertificateRevocationList, child: Reading, *, of_person: bool) -> bool:
    """Whether the list is a full one that speaks of such certificates, and nothing in it is beyond us."""
    for each in listed.extensions:
        if isinstance(each.value, x509.DeltaCRLIndicator):
            return False
        if isinstance(each.value, x509.IssuingDistributionPoint):
            scope = each.value
            elsewhere = scope.only_contains_ca_certs if of_person else scope.only_contains_user_certs
            if elsewhere or scope.only_contains_attribute_certs or scope.indirect_crl or scope.only_some_reasons or scope.relative_name:
                return False
            if scope.full_name and not set(scope.full_name) & distribution_points(child):
                return False
        elif each.critical:
            return False
    return True


def distribution_points(child: Reading) -> set[x509.GeneralName]:
    points = child.extension(x509.CRLDistributionPoints) or ()
    return {name for point in points for name in point.full_name or ()}


def is_fresh(listed: x509.CertificateRevocationList, *, at: datetime, limited: bool) -> bool:
    """Whether the list still holds by its own dates; lists of people's certificates must also be of the last hours."""
    made, ends = listed.last_update_utc, listed.next_update_utc
    if made > at + SKEW or (ends is not None and at >= ends):
        return False
    return not (limited or ends is None) or at - made <= timedelta(hours=settings.ETP_CRL_HOURS)


def stamp(folder: Path) -> Stamp:
    """What stands in a folder, so that it is read again only when it has changed."""
    if not folder.is_dir():
        return ()
    rows = ((each.name, each.stat()) for each in sorted(folder.iterdir()) if each.is_file() and not each.name.startswith("."))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in rows)


def authorities() -> tuple[list[Reading], list[Reading]]:
    """The roots and the intermediates that the operator has put into ETP_TRUST_ROOTS."""
    folder = Path(settings.ETP_TRUST_ROOTS)
    return authorities_in(folder, stamp(folder))


@lru_cache(maxsize=8)
def authorities_in(folder: Path, files: Stamp) -> tuple[list[Reading], list[Reading]]:
    roots: list[Reading] = []
    between: list[Reading] = []
    for name, _, _ in files:
        try:
            known = [read(each.public_bytes(Encoding.DER)) for each in x509.load_pem_x509_certificates((folder / name).read_bytes())]
        except (ValueError, Refused):
            log.error("%s in the trust folder holds no certificates", name)
            continue
        for each in known:
            (roots if each.names_itself and has_issued(each, each) else between).append(each)
    return roots, between


def revocation_lists() -> list[x509.CertificateRevocationList]:
    folder = Path(settings.ETP_CRLS)
    return lists_in(folder, stamp(folder))


@lru_cache(maxsize=8)
def lists_in(folder: Path, files: Stamp) -> list[x509.CertificateRevocationList]:
    found = []
    for name, _, _ in files:
        try:
            found.append(read_list((folder / name).read_bytes()))
        except ValueError:
            log.error("%s is no revocation list", name)
    return found


def read_list(data: bytes) -> x509.CertificateRevocationList:
    """A revocation list in PEM or DER; ValueError for anything else."""
    listed = x509.load_pem_x509_crl(data) if data.lstrip().startswith(b"-----BEGIN") else x509.load_der_x509_crl(data)
    try:
        _ = listed.extensions, listed.last_update_utc, listed.next_update_utc
    except (x509.DuplicateExtension, TypeError) as wrong:
        raise ValueError("broken") from wrong
    return listed
