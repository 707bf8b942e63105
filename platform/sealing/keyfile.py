"""Key files as browsers write and read them (`static/src/lib/p12.js`), in Python: for the demonstration and tests.

PKCS#12 (RFC 7292) with PBES2, AES-256-CBC and PBKDF2-HMAC-SHA256, HMAC-SHA-256 as MAC, 600 000 rounds each.
"""

import hashlib
import hmac
import os

from asn1crypto import algos, core, keys, pkcs12
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from sealing.reference import Keys

ROUNDS = 600_000
SIGNING, ENCRYPTION = "etp/signing/v1", "etp/encryption/v1"


def write_key_file(own: Keys, owner: str, password: str, *, recovery: str = "") -> bytes:
    """The file of somebody's keys; `owner` is the name in their binding, `recovery` the recipient of the recovery code."""
    secret = password.encode()
    bags = [
        key_bag(own.signing, 1, f"{SIGNING} {owner}", secret),
        key_bag(own.encryption, 2, f"{ENCRYPTION} {owner} {recovery}".strip(), secret),
    ]
    contents = pkcs12.SafeContents(bags).dump()
    content = pkcs12.AuthenticatedSafe([{"content_type": "data", "content": core.OctetString(contents)}]).dump()
    salt = os.urandom(16)
    pfx = pkcs12.Pfx(
        {
            "version": "v3",
            "auth_safe": {"content_type": "data", "content": core.OctetString(content)},
            "mac_data": {
                "mac": {"digest_algorithm": {"algorithm": "sha256"}, "digest": mac(password, salt, ROUNDS, content)},
                "mac_salt": salt,
                "iterations": ROUNDS,
            },
        }
    )
    return bytes(pfx.dump())


def key_bag(private, place: int, name: str, secret: bytes) -> dict:  # type: ignore[no-untyped-def]  # any private key
    salt, iv = os.urandom(16), os.urandom(16)
    padder = PKCS7(128).padder()
    plain = padder.update(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())) + padder.finalize()
    cipher = Cipher(algorithms.AES(stretched(secret, salt, ROUNDS)), modes.CBC(iv)).encryptor()
    kdf = algos.KdfAlgorithm(
        {"algorithm": "pbkdf2", "parameters": {"salt": core.OctetString(salt), "iteration_count": ROUNDS, "prf": {"algorithm": "sha256"}}}
    )
    parameters = algos.Pbes2Params({"key_derivation_func": kdf, "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": iv}})
    value = keys.EncryptedPrivateKeyInfo(
        {
            "encryption_algorithm": {"algorithm": "pbes2", "parameters": parameters},
            "encrypted_data": cipher.update(plain) + cipher.finalize(),
        }
    )
    attributes = [{"type": "local_key_id", "values": [bytes([place])]}, {"type": "friendly_name", "values": [name]}]
    return {"bag_id": "pkcs8_shrouded_key_bag", "bag_value": value, "bag_attributes": attributes}


def stretched(secret: bytes, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(SHA256(), 32, salt, rounds).derive(secret)


def mac(password: str, salt: bytes, rounds: int, content: bytes) -> bytes:
    """RFC 7292's own derivation (appendix B, one block of SHA-256), then HMAC."""

    def filled(data: bytes) -> bytes:
        size = -(-len(data) // 64) * 64
        return (data * (size // len(data) + 1))[:size]

    key = b"\x03" * 64 + filled(salt) + filled(f"{password}\0".encode("utf-16-be"))
    for _ in range(rounds):
        key = hashlib.sha256(key).digest()
    return hmac.digest(key, content, "sha256")


def read_key_file(data: bytes, password: str) -> tuple[Keys, str, str]:
    """(keys, owner, recovery) of a file made by a browser or above; ValueError for another file or a wrong password."""
    pfx = pkcs12.Pfx.load(data, strict=True)
    content, kept = pfx["auth_safe"]["content"].native, pfx["mac_data"]
    if not hmac.compare_digest(mac(password, kept["mac_salt"].native, kept["iterations"].native, content), kept["mac"]["digest"].native):
        raise ValueError("wrong password, or no key file")
    found = {}
    for info in pkcs12.AuthenticatedSafe.load(content):
        for bag in pkcs12.SafeContents.load(info["content"].native):
            names = [each["values"][0].native for each in bag["bag_attributes"] if each["type"].native == "friendly_name"]
            found[names[0].split(" ")[0]] = (opened(bag["bag_value"], password.encode()), names[0])
    encryption, name = found[ENCRYPTION]
    _, owner, recovery = f"{name} ".split(" ")[:3]
    return Keys(encryption=encryption, signing=found[SIGNING][0]), owner, recovery


def opened(bag, secret: bytes):  # type: ignore[no-untyped-def]
    scheme = bag["encryption_algorithm"]
    key = stretched(secret, scheme.kdf_salt, scheme.kdf_iterations)
    cipher = Cipher(algorithms.AES(key), modes.CBC(scheme.encryption_iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    plain = unpadder.update(cipher.update(bag["encrypted_data"].native) + cipher.finalize()) + unpadder.finalize()
    return load_der_private_key(plain, None)
