"""The platform's seal on a PDF: a PAdES certification signature whose key stays with the signer."""

import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509
from asn1crypto.algos import SignedDigestAlgorithm
from django.conf import settings
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, SimpleBoxLayoutRule
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from documents.inspection import certificates_in, holder
from ledger.signer import SignerAway, SignerRefused, signer
from ledger.timestamps import authority

log = logging.getLogger(__name__)

FIELD = "PlatformSeal"
# A P-256 signature in DER is at most so long.
LONGEST_SIGNATURE = 72
# After a failure the authority is left alone for so long: each try may cost its patience, and somebody waits.
TSA_REST = 60

_rests_until = 0.0


@dataclass(frozen=True)
class Sealed:
    """A sealed PDF, how far the seal carries (B-B, B-T, B-LT), why no further, and the certificates behind it (DER)."""

    pdf: bytes
    level: str
    note: str
    chain: list[bytes]


class PlatformSigner(Signer):
    """Hands what pyHanko wants signed to the signer's process."""

    def __init__(self, chain: list[bytes]) -> None:
        certificates = [x509.Certificate.load(each) for each in chain]
        super().__init__(
            signing_cert=certificates[0],
            cert_registry=SimpleCertificateStore.from_certs(certificates),
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(LONGEST_SIGNATURE) if dry_run else signer().sign_pdf(data)


class SealingAt(PdfSigner):
    """Writes official time into the signature; pyHanko would take the machine's clock."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def rest() -> None:
    global _rests_until
    _rests_until = time.monotonic() + TSA_REST


def seal(
    pdf: bytes,
    *,
    reason: str,
    at: datetime,
    box: list | None,
    appearance: Callable[[str], bytes],
    attachments: dict[str, bytes],
) -> Sealed:
    """Seal a print. Its bytes stay as they are; attachments and seal are added behind them.

    `appearance(name)` makes a one-page PDF that is drawn into `box`. Passes on SignerAway and SignerRefused. A
    time-stamping authority or revocation service that fails costs the seal its higher level, and `note` says so.
    """
    chain = signer().pdf_chain()
    certificate = x509.Certificate.load(chain[0])
    picture = appearance(holder(certificate.subject)) if box else None
    stamper, note = authority(), ""
    attempts: list[tuple[str, TimeStamper | None, ValidationContext | None]] = []
    if stamper is None:
        note = "未配置时间戳服务"
    elif time.monotonic() < _rests_until:
        note = "时间戳服务当时不可用"
    else:
        if names_revocation_source(certificate):
            attempts.append(("B-LT", stamper, long_term_context(chain)))
        attempts.append(("B-T", stamper, None))
    for level, authority_of_time, context in attempts:
        try:
            return Sealed(signed(pdf, chain, reason, at, box, picture, attachments, authority_of_time, context), level, note, chain)
        except (SignerAway, SignerRefused):
            raise
        except Exception as failure:
            log.warning("a seal of level %s failed, trying the next", level, exc_info=True)
            note = f"{'吊销信息' if level == 'B-LT' else '时间戳服务'}当时不可用（{type(failure).__name__}）"
            if level == "B-T":
                rest()
    return Sealed(signed(pdf, chain, reason, at, box, picture, attachments, None, None), "B-B", note, chain)


def names_revocation_source(certificate: x509.Certificate) -> bool:
    return bool(certificate.crl_distribution_points or certificate.ocsp_urls)


def long_term_context(chain: list[bytes]) -> ValidationContext:
    """Trusts the seal's own root and those of the settings, and fetches what proves that nothing is revoked."""
    roots = [x509.Certificate.load(each) for each in (chain[-1], *certificates_in(settings.ETP_SEAL_ROOTS))]
    others = [x509.Certificate.load(each) for each in chain]
    return ValidationContext(trust_roots=roots, other_certs=others, allow_fetching=True, revocation_mode="hard-fail")


def signed(
    pdf: bytes,
    chain: list[bytes],
    reason: str,
    at: datetime,
    box: list | None,
    picture: bytes | None,
    attachments: dict[str, bytes],
    stamper: TimeStamper | None,
    context: ValidationContext | None,
) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for name, data in attachments.items():
        held = embed.EmbeddedFileObject.from_file_data(writer, data, mime_type="application/json")
        embed.embed_file(writer, embed.FileSpec(file_spec_string=name, file_name=name, embedded_data=held))
    with tempfile.NamedTemporaryFile(suffix=".pdf") as drawn:
        style = None
        if picture is not None:
            drawn.write(picture)
            drawn.flush()
            layout = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID)
            style = StaticStampStyle(background=ImportedPdfPage(drawn.name), background_layout=layout, border_width=0)
        page, *corners = box or [0]
        work = SealingAt(
            PdfSignatureMetadata(
                field_name=FIELD,
                md_algorithm="sha256",
                reason=reason,
                certify=True,
                docmdp_permissions=MDPPerm.NO_CHANGES,
                subfilter=SigSeedSubFilter.PADES,
                embed_validation_info=context is not None,
                validation_context=context,
                signer_key_usage=set(),
            ),
            signer=PlatformSigner(chain),
            timestamper=stamper,
            stamp_style=style,
            new_field_spec=SigFieldSpec(FIELD, on_page=page, box=tuple(round(side) for side in corners) or None),
        )
        work.at = at
        out = BytesIO()
        # pyHanko runs an event loop of its own, which a thread that already has one would refuse.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(work.sign_pdf, writer, output=out).result()
    return out.getvalue()
