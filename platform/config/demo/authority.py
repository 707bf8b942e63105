"""A simulated certificate authority, so that the platform can be tried with certificates. It vouches for nobody real."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asn1crypto.crl
import asn1crypto.x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.conf import settings

from config.demo.certificate_keys import Key, key_file, with_sm2
from rulebook.refusals import Refused

ORGANISATION = "演示用模拟CA（不具法律效力）"
CA_LIFE, LIFE, LIST_LIFE = timedelta(days=3650), timedelta(days=365), timedelta(days=7)
NO_USAGE = dict.fromkeys(
    ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
     "encipher_only", "decipher_only"), False,
)  # fmt: skip
SIGNS = x509.KeyUsage(**{**NO_USAGE, "digital_signature": True, "content_commitment": True})
CERTIFIES = x509.KeyUsage(**{**NO_USAGE, "key_cert_sign": True, "crl_sign": True})


def stand_in():
    """Builders of `cryptography` sign with what they know; SM2 takes its place afterwards."""
    return ec.generate_private_key(ec.SECP256R1())


def name_of(common_name):
    parts = ((x509.NameOID.COUNTRY_NAME, "CN"), (x509.NameOID.ORGANIZATION_NAME, ORGANISATION), (x509.NameOID.COMMON_NAME, common_name))
    # A company's name may be longer than the 64 bytes that the library allows a name.
    return x509.Name([x509.NameAttribute(oid, text, _validate=False) for oid, text in parts])


def key_identifier(spki):
    return hashlib.sha256(spki).digest()[:20]


class Authority:
    """A root and the authority under it that issues to people, of one scheme, kept in a folder.

    `roots` and `crls` in the folder are what the platform's settings ETP_TRUST_ROOTS and ETP_CRLS name.
    """

    def __init__(self, folder=None, scheme="p256", *, at):
        self.folder, self.scheme = Path(folder or settings.VAR / "demo-ca"), scheme
        for part in ("roots", "crls", "keys"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        if not self.path("keys", "issuing", "key").exists():
            self.found(at)
        self.root_key, self.key = (Key(scheme, self.path("keys", tier, "key").read_bytes()) for tier in ("root", "issuing"))

    def path(self, part, tier, ending):
        return self.folder / part / f"{self.scheme}-{tier}.{ending}"

    def found(self, at):
        keys = {tier: Key.new(self.scheme) for tier in ("root", "issuing")}
        names = {"root": name_of(f"演示根CA（{self.scheme.upper()}）"), "issuing": name_of(f"演示签发CA（{self.scheme.upper()}）")}
        for tier in ("root", "issuing"):
            extensions = [(x509.BasicConstraints(ca=True, path_length=1 if tier == "root" else 0), True), (CERTIFIES, True)]
            der = built(
                names[tier], keys[tier].spki, issuer=(names["root"], keys["root"]), extensions=extensions,
                not_before=at - timedelta(days=1), not_after=at + CA_LIFE,
            )  # fmt: skip
            self.path("roots", tier, "pem").write_bytes(pem([der]))
            path = self.path("keys", tier, "key")
            path.touch(mode=0o600)
            path.write_bytes(keys[tier].pkcs8)
        self.root_key, self.key = keys["root"], keys["issuing"]
        self.write_lists(at=at)

    def certificate(self, tier):
        """The DER of the root's or the issuing authority's certificate."""
        return x509.load_pem_x509_certificate(self.path("roots", tier, "pem").read_bytes()).public_bytes(Encoding.DER)

    @property
    def name(self):
        return x509.load_der_x509_certificate(self.certificate("issuing")).subject

    def issue(self, common_name, spki, *, at, not_before=None, not_after=None, extensions=((SIGNS, True),)):
        """The DER of a certificate for a key, by default for signing, for a year from `at`."""
        return built(
            name_of(common_name), spki, issuer=(self.name, self.key), extensions=[(x509.BasicConstraints(ca=False, path_length=None), True), *extensions],
            not_before=not_before or at - timedelta(minutes=5), not_after=not_after or at + LIFE,
        )  # fmt: skip

    def issue_on_request(self, common_name, request, *, at):
        """The same for the key of a certificate request (DER or PEM) that is signed with it; the name in it counts for nothing."""
        try:
            pem_text = request.lstrip().startswith(b"-----BEGIN")
            asked = x509.load_pem_x509_csr(request) if pem_text else x509.load_der_x509_csr(request)
            if not asked.is_signature_valid:
                raise ValueError("not signed with its key")
            spki = asked.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        except (ValueError, UnsupportedAlgorithm) as wrong:
            raise Refused("bad_request", "证书申请文件无法核对。", next_step="请重新生成证书申请。", status=400) from wrong
        return self.issue(common_name, spki, at=at)

    def issue_file(self, common_name, password, *, at, **more):
        """(PKCS#12 file, certificate's DER, Key) for a new key."""
        key = Key.new(self.scheme)
        der = self.issue(common_name, key.spki, at=at, **more)
        return key_file(key, [der, self.certificate("issuing")], common_name, password), der, key

    @property
    def revoked_path(self):
        return self.path("keys", "revoked", "json")

    def revoked(self):
        return json.loads(self.revoked_path.read_text()) if self.revoked_path.exists() else []

    def revoke(self, serial, *, at):
        """Put a certificate on the list, which is written anew."""
        rows = [row for row in self.revoked() if row["serial"] != f"{serial:x}"]
        self.revoked_path.write_text(json.dumps([*rows, {"serial": f"{serial:x}", "at": at.isoformat()}]))
        self.write_lists(at=at)

    def revoke_issuing(self, *, at):
        """Put the issuing authority on the root's list: all its certificates fall with it."""
        self.revoke(x509.load_der_x509_certificate(self.certificate("issuing")).serial_number, at=at)

    def write_lists(self, *, at, until=None):
        """Fresh revocation lists of both authorities, which hold for a week. A serial number serves one certificate of the two."""
        rows = [(int(row["serial"], 16), row["at"]) for row in self.revoked()]
        for tier, key in (("root", self.root_key), ("issuing", self.key)):
            name = x509.load_der_x509_certificate(self.certificate(tier)).subject
            replace(self.path("crls", tier, "crl"), revocation_list(name, key, rows, at=at, until=until or at + LIST_LIFE))


def built(subject, spki, *, issuer, extensions, not_before, not_after):
    issuer_name, issuer_key = issuer
    sm2 = issuer_key.scheme == "sm2"
    named: Any = stand_in().public_key() if sm2 else load_der_public_key(spki)
    making = x509.CertificateBuilder(
        subject_name=subject, issuer_name=issuer_name, serial_number=secrets.randbits(120) | 1 << 120,
        public_key=named, not_valid_before=not_before, not_valid_after=not_after,
    )  # fmt: skip
    identifiers = (
        x509.SubjectKeyIdentifier(key_identifier(spki)),
        x509.AuthorityKeyIdentifier(key_identifier(issuer_key.spki), None, None),
    )
    for extension, critical in [*extensions, *((each, False) for each in identifiers)]:
        making = making.add_extension(extension, critical)
    der = making.sign(stand_in() if sm2 else issuer_key.private, SHA256()).public_bytes(Encoding.DER)
    return with_sm2(asn1crypto.x509.Certificate.load(der), issuer_key, spki=spki) if sm2 else der


def revocation_list(name, key, rows, *, at, until):
    making = x509.CertificateRevocationListBuilder(issuer_name=name, last_update=at, next_update=until)
    making = making.add_extension(x509.CRLNumber(int(at.timestamp() * 1000)), False)
    for serial, when in rows:
        one = x509.RevokedCertificateBuilder(serial_number=serial, revocation_date=datetime.fromisoformat(when))
        making = making.add_revoked_certificate(one.build())
    sm2 = key.scheme == "sm2"
    der = making.sign(stand_in() if sm2 else key.private, SHA256()).public_bytes(Encoding.DER)
    return with_sm2(asn1crypto.crl.CertificateList.load(der), key) if sm2 else der


def pem(chain):
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain)


def replace(path, data):
    """Readers see the old file or the new one, whole."""
    draft = path.with_name(f".{path.name}")
    draft.write_bytes(data)
    draft.replace(path)
