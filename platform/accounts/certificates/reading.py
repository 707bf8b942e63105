"""What a certificate says. Nothing here asks whether it is to be believed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import asn1crypto.x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from accounts.signatures import SM2_SPKI, PublicKey, Sm2Key, load_key
from ledger.canonical import b64u
from rulebook.refusals import Refused

LARGEST = 16_384
SM2_WITH_SM3 = "1.2.156.10197.1.501"
HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

Extension = TypeVar("Extension", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Reading:
    """A certificate in DER, and what stands in it. `spki` is its key as it stands there."""

    der: bytes
    x509: x509.Certificate
    spki: bytes

    @property
    def digest(self) -> str:
        """What the ledger calls the certificate by."""
        return b64u(hashlib.sha256(self.der).digest())

    @property
    def serial(self) -> str:
        return f"{self.x509.serial_number:x}"

    @property
    def subject(self) -> str:
        return self.x509.subject.rfc4514_string()[:500]

    @property
    def issuer(self) -> str:
        return self.x509.issuer.rfc4514_string()[:500]

    @property
    def common_names(self) -> list[str]:
        return [str(each.value) for each in self.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]

    @property
    def not_before(self) -> datetime:
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self.x509.not_valid_after_utc

    @property
    def names_itself(self) -> bool:
        return self.x509.subject.public_bytes() == self.x509.issuer.public_bytes()

    @property
    def is_sm2(self) -> bool:
        return self.spki.startswith(SM2_SPKI)

    @cached_property
    def key(self) -> PublicKey:
        """The key in it; ValueError when people do not sign with such keys here."""
        return load_key(self.spki)

    def extension(self, kind: type[Extension]) -> Extension | None:
        try:
            return self.x509.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None


def read(der: bytes) -> Reading:
    """The certificate; Refused (`certificate_unreadable`) for anything that is not exactly one in DER, version 3."""
    try:
        if len(der) > LARGEST:
            raise ValueError("too large")
        found = x509.load_der_x509_certificate(der)
        spki = asn1crypto.x509.Certificate.load(der, strict=True)["tbs_certificate"]["subject_public_key_info"].dump()
        if found.version is not x509.Version.v3 or found.public_bytes(Encoding.DER) != der:
            raise ValueError("not version 3 in DER")
        # Reading them all now means that a broken one is found now.
        _ = found.extensions, found.subject.rfc4514_string(), found.not_valid_after_utc
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm) as wrong:
        raise Refused(
            "certificate_unreadable",
            "证书无法读取，可能已损坏。",
            next_step="请重新从 CA 机构导出证书文件（.p12 / .pfx）后再试。",
            status=400,
        ) from wrong
    return Reading(der, found, spki)


def has_issued(issuer: Reading, child: Reading) -> bool:
    """Whether `issuer` is named in the child and made its signature."""
    if child.x509.issuer.public_bytes() != issuer.x509.subject.public_bytes():
        return False
    x = child.x509
    if issuer.is_sm2:
        inner = asn1crypto.x509.Certificate.load(child.der)["tbs_certificate"]["signature"]["algorithm"].dotted
        return inner == x.signature_algorithm_oid.dotted_string and sm2_signed(
            issuer, x.signature_algorithm_oid, x.tbs_certificate_bytes, x.signature
        )
    try:
        x.verify_directly_issued_by(issuer.x509)
        return isinstance(x.signature_hash_algorithm, HASHES)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False


def has_signed_list(issuer: Reading, listed: x509.CertificateRevocationList) -> bool:
    """Whether `issuer` made the revocation list's signature."""
    if listed.issuer.public_bytes() != issuer.x509.subject.public_bytes():
        return False
    if issuer.is_sm2:
        return sm2_signed(issuer, listed.signature_algorithm_oid, listed.tbs_certlist_bytes, listed.signature)
    try:
        key = issuer.x509.public_key()
        return isinstance(listed.signature_hash_algorithm, HASHES) and listed.is_signature_valid(key)  # type: ignore[arg-type]
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def sm2_signed(issuer: Reading, algorithm: x509.ObjectIdentifier, data: bytes, signature: bytes) -> bool:
    """Whether SM2 with SM3 by the issuer's key made the signature (a DER pair, as certificates have it)."""
    try:
        if algorithm.dotted_string != SM2_WITH_SM3 or not isinstance(issuer.key, Sm2Key):
            return False
        r, s = decode_dss_signature(signature)
        return issuer.key.verify(data, r.to_bytes(32, "big"), s.to_bytes(32, "big"))
    except (ValueError, OverflowError):
        return False
