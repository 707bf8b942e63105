"""RFC 3161 time stamps of checkpoints: an authority outside says that the log stood so at its time."""

import asyncio
import hashlib
import urllib.request
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import cms, keys, tsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.db import transaction
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from ledger.acts import record
from ledger.canonical import b64u
from ledger.events import LedgerNote
from ledger.models import LedgerCheckpoint, LedgerTimestamp
from ledger.tiles import write
from rulebook.clock import database_now

PATIENCE = 15
LARGEST_ANSWER = 1 << 20


class RemoteAuthority(TimeStamper):
    """A time-stamping authority asked over HTTP."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        asked = urllib.request.Request(self.address, req.dump(), headers)  # noqa: S310 - an operator's setting
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            response = tsp.TimeStampResp.load(answer.read(LARGEST_ANSWER))
        if response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed["nonce"].native != req["nonce"].native:
            raise OSError("the authority answers another question")
        return response


@cache
def local_authority() -> DummyTimeStamper:
    """An authority of this process alone, for demonstrations: its word proves nothing to others."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, "演示时间戳服务")])
    now = datetime.now(UTC)
    certificate = (
        certificates.CertificateBuilder(name, name, key.public_key(), certificates.random_serial_number(), now, now + timedelta(days=365))
        .add_extension(certificates.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return DummyTimeStamper(x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)), keys.PrivateKeyInfo.load(private))


def authority() -> TimeStamper | None:
    """The authority of `ETP_TSA`; None where none is set."""
    if not settings.ETP_TSA:
        return None
    return local_authority() if settings.ETP_TSA == "local" else RemoteAuthority(settings.ETP_TSA)


def stamp_checkpoint() -> LedgerTimestamp | None:
    """Have the newest checkpoint stamped, unless it is; OSError or ValueError when the authority gives no proper stamp.

    The token over the note's bytes is published as `timestamps/<size>.tsr` and its digest entered in the log.
    """
    stamper = authority()
    checkpoint = LedgerCheckpoint.objects.order_by("-size").first()
    if stamper is None or checkpoint is None or LedgerTimestamp.objects.filter(size=checkpoint.size).exists():
        return None
    digest = hashlib.sha256(checkpoint.note.encode()).digest()
    token = asyncio.run(stamper.async_timestamp(digest, "sha256"))
    check_token(token, digest)
    data = token.dump()
    stamp = keep(checkpoint, data)
    write(settings.ETP_LEDGER / "timestamps" / f"{checkpoint.size}.tsr", data)
    return stamp


@transaction.atomic
def keep(checkpoint: LedgerCheckpoint, data: bytes) -> LedgerTimestamp:
    stamp = LedgerTimestamp.objects.create(size=checkpoint.size, token=data, authority=settings.ETP_TSA, at=database_now())
    record(LedgerNote("timestamp", {"size": checkpoint.size, "token": b64u(hashlib.sha256(data).digest())}), by=None)
    return stamp


def check_token(token: cms.ContentInfo, digest: bytes) -> None:
    """ValueError unless the token is about these bytes and bears a whole signature by the certificate it brings.

    Whether that certificate is to be trusted is for whoever relies on the stamp (`openssl ts -verify -CAfile …`).
    """
    signed = token["content"]
    stamped = signed["encap_content_info"]["content"].parsed["message_imprint"]
    if stamped["hash_algorithm"]["algorithm"].native != "sha256" or stamped["hashed_message"].native != digest:
        raise ValueError("the time stamp is about something else")
    [signer] = signed["signer_infos"]
    serial = signer["sid"].chosen["serial_number"].native
    found = [each.chosen for each in signed["certificates"] if each.chosen.serial_number == serial]
    if not found:
        raise ValueError("the time stamp brings no certificate")
    whole, valid = validate_sig_integrity(
        signer,
        found[0],
        expected_content_type="tst_info",
        actual_digest=hashlib.sha256(bytes(signed["encap_content_info"]["content"])).digest(),
    )
    if not (whole and valid):
        raise ValueError("the time stamp's signature is wrong")
