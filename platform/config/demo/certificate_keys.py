"""Keys of the simulated authority and of those it issues to, and the files they are handed out in."""

import hashlib
import os
from dataclasses import dataclass

from asn1crypto import algos, cms, core, keys, pkcs12, x509
from cryptography.hazmat.primitives import hmac, padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key
from gmalg import SM2

from accounts.signatures import SM2_IDENTITY, SM2_SPKI

SCHEMES = ("p256", "rsa", "sm2")
SM2_WITH_SM3 = "1.2.156.10197.1.501"
keys.NamedCurve.register("sm2", "1.2.156.10197.1.301", 32)
ROUNDS = 600_000


@dataclass(frozen=True)
class Key:
    """A private key of one of the schemes, in PKCS#8."""

    scheme: str
    pkcs8: bytes

    @classmethod
    def new(cls, scheme):
        if scheme == "sm2":
            secret, point = SM2().generate_keypair()
            inner = keys.ECPrivateKey({"version": 1, "private_key": int.from_bytes(secret, "big"), "public_key": point})
            curve = keys.ECDomainParameters(name="named", value=keys.NamedCurve("sm2"))
            algorithm = {"algorithm": "ec", "parameters": curve}
            return cls(scheme, keys.PrivateKeyInfo({"version": 0, "private_key_algorithm": algorithm, "private_key": inner}).dump())
        private = ec.generate_private_key(ec.SECP256R1()) if scheme == "p256" else rsa.generate_private_key(65537, 2048)
        return cls(scheme, private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))

    @property
    def private(self):
        """The key as `cryptography` has it, which knows no SM2."""
        return load_der_private_key(self.pkcs8, None)

    @property
    def spki(self):
        if self.scheme == "sm2":
            return SM2_SPKI + self.sm2_pair[1]
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def sm2_pair(self):
        inner = keys.PrivateKeyInfo.load(self.pkcs8)["private_key"].parsed
        return inner["private_key"].native.to_bytes(32, "big"), inner["public_key"].native

    def sm2_sign(self, data):
        """(r, s) of 32 bytes each."""
        secret, point = self.sm2_pair
        return tuple(part.rjust(32, b"\0") for part in SM2(sk=secret, uid=SM2_IDENTITY, pk=point).sign(data))


def with_sm2(found, key, *, spki=None):
    """A certificate or revocation list (asn1crypto) signed with SM2 in place of the key it was built with; in DER."""
    body, signature = ("tbs_certificate", "signature_value") if isinstance(found, x509.Certificate) else ("tbs_cert_list", "signature")
    if spki is not None:
        found[body]["subject_public_key_info"] = keys.PublicKeyInfo.load(spki)
    found[body]["signature"] = found["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": SM2_WITH_SM3})
    r, s = (int.from_bytes(part, "big") for part in key.sm2_sign(found[body].dump(force=True)))
    found[signature] = core.OctetBitString(encode_dss_signature(r, s))
    return found.dump(force=True)


def key_file(key, chain, name, password):
    """A PKCS#12 file with a key and its certificates (DER), as docs/trust.md §1 has it: PBES2, AES-256-CBC, HMAC-SHA-256."""
    kid = {"type": "local_key_id", "values": [hashlib.sha256(key.spki).digest()[:20]]}
    shrouded = {"encryption_algorithm": None, "encrypted_data": None}
    shrouded["encryption_algorithm"], shrouded["encrypted_data"] = encrypted(key.pkcs8, password)
    friendly = {"type": "friendly_name", "values": [name]}
    key_bag = {"bag_id": "pkcs8_shrouded_key_bag", "bag_value": keys.EncryptedPrivateKeyInfo(shrouded), "bag_attributes": [kid, friendly]}
    certificate_bags = [
        {"bag_id": "cert_bag", "bag_value": {"cert_id": "x509", "cert_value": core.ParsableOctetString(der)}, "bag_attributes": [kid] if n == 0 else []}
        for n, der in enumerate(chain)
    ]  # fmt: skip
    algorithm, data = encrypted(pkcs12.SafeContents(certificate_bags).dump(), password)
    inner = {"content_type": "data", "content_encryption_algorithm": algorithm, "encrypted_content": data}
    safe = pkcs12.AuthenticatedSafe(
        [
            cms.ContentInfo(
                {"content_type": "encrypted_data", "content": cms.EncryptedData({"version": 0, "encrypted_content_info": inner})}
            ),
            cms.ContentInfo({"content_type": "data", "content": pkcs12.SafeContents([key_bag]).dump()}),
        ]
    ).dump()
    salt = os.urandom(16)
    mac = hmac.HMAC(mac_key(password, salt), SHA256())
    mac.update(safe)
    digest = {"digest_algorithm": {"algorithm": "sha256"}, "digest": mac.finalize()}
    return pkcs12.Pfx(
        {
            "version": "v3", "auth_safe": cms.ContentInfo({"content_type": "data", "content": safe}),
            "mac_data": {"mac": digest, "mac_salt": salt, "iterations": ROUNDS},
        }
    ).dump()  # fmt: skip


def encrypted(data, password):
    """(algorithm, ciphertext) under PBES2 with a fresh salt."""
    salt, iv = os.urandom(16), os.urandom(16)
    key = PBKDF2HMAC(SHA256(), 32, salt, ROUNDS).derive(password.encode())
    padder, encryptor = padding.PKCS7(128).padder(), Cipher(AES256(key), CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    derived = {
        "algorithm": "pbkdf2",
        "parameters": {"salt": core.OctetString(salt), "iteration_count": ROUNDS, "prf": {"algorithm": "sha256"}},
    }
    scheme = {"algorithm": "aes256_cbc", "parameters": iv}
    return algos.EncryptionAlgorithm(
        {"algorithm": "pbes2", "parameters": {"key_derivation_func": derived, "encryption_scheme": scheme}}
    ), ciphertext


def mac_key(password, salt):
    """The key of a PKCS#12 file's MAC (RFC 7292 appendix B, SHA-256): 32 bytes are one turn of its loop."""
    block = 64
    secret = password.encode("utf-16-be") + b"\0\0"

    def filled(text):
        length = block * -(-len(text) // block)
        return (text * (length // len(text) + 1))[:length]

    digest = hashlib.sha256(bytes([3]) * block + filled(salt) + filled(secret)).digest()
    for _ in range(ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return digest
