"""What the seals in a PDF say, read by pyHanko in a process of its own.

The file may come from anybody and may be made to exhaust whoever reads it. So this module runs as a script with limits
on memory and time, knows neither database nor settings, and fetches nothing. Standard input: one line of JSON
(`known`: chains of the platform's own seals, `roots`: other authorities that are trusted; base64 of DER), then the
file. Standard output: what `inspected` answers, as JSON.
"""

import base64
import hashlib
import json
import resource
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import core, pem, x509
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

MEMORY = 1 << 30
SECONDS = 20
MOST_SEALS = 20
LARGEST_ATTACHMENT = 1 << 20
CARRIED = ("ledger.json", "receipt.json")

Chains = dict[str, list[x509.Certificate]]


def inspected(data: bytes, known: Chains, roots: list[x509.Certificate]) -> dict[str, Any]:
    """`problem` (why it cannot be read, or None) and `seals`, the oldest first, each with what it covers and proves."""
    if b"%PDF-" not in data[:1024]:
        return {"problem": "not_pdf", "seals": []}
    try:
        reader = PdfFileReader(BytesIO(data))
        if reader.encrypted:
            return {"problem": "encrypted", "seals": []}
        if reader.xrefs.hybrid_xrefs_present:
            return {"problem": "hybrid", "seals": []}
        found = list(reader.embedded_regular_signatures)[:MOST_SEALS]
    except RecursionError:
        return {"problem": "too_complex", "seals": []}
    except (PdfReadError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        return {"problem": "broken", "seals": []}
    return {"problem": None, "seals": [read_seal(reader, each, data, known, roots) for each in found]}


def read_seal(reader: PdfFileReader, found: EmbeddedPdfSignature, data: bytes, known: Chains, roots: list) -> dict[str, Any]:
    """One seal. `change`: none, maintenance (time stamps and revocation data only) or changed."""
    certificate = found.signer_cert
    digest = hashlib.sha256(certificate.dump()).hexdigest()
    ours = known.get(digest)
    said = {
        "name": holder(certificate.subject),
        "issuer": holder(certificate.issuer),
        "self_signed": certificate.subject == certificate.issuer,
        "certificate": digest,
        "ours": ours is not None,
        "reason": str(found.sig_object.get("/Reason", ""))[:200],
        "at": found.self_reported_timestamp.isoformat() if found.self_reported_timestamp else None,
    }
    try:
        moment = within(found.self_reported_timestamp, certificate)
        context = ValidationContext(
            trust_roots=[ours[-1]] if ours else roots,
            other_certs=ours or [],
            allow_fetching=False,
            moment=moment,
            revocation_mode="soft-fail",
        )
        stamps = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
        status = validate_pdf_signature(found, context, stamps, key_usage_settings=KeyUsageConstraints(key_usage=set()))
    except Exception as wrong:
        # Whatever a made-up signature does to the checker, it has not been found good.
        return {**said, "intact": False, "trusted": False, "change": "changed", "wrong": f"{type(wrong).__name__}: {wrong}"[:300]}
    whole = bool(status.intact and status.valid)
    unchanged = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and nothing_slipped_in(found, data)
    kept_up = (
        status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        and bool(status.docmdp_ok)
        and status.modification_level == ModificationLevel.LTA_UPDATES
    )
    stamp = status.timestamp_validity
    said |= {
        "intact": whole,
        "trusted": bool(status.trusted),
        "change": "none" if unchanged else "maintenance" if kept_up else "changed",
        "stamp": {
            "at": stamp.timestamp.isoformat(),
            "name": holder(stamp.signing_cert.subject),
            "valid": bool(stamp.valid and stamp.intact),
            "trusted": bool(stamp.trusted),
        }
        if stamp
        else None,
        "long_term": "/DSS" in reader.root,
    }
    if whole and ours and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION:
        # Ours, whole and from the file's first byte on: what this revision carries is what we put there.
        said |= carried(found, data)
    return said


def nothing_slipped_in(found: EmbeddedPdfSignature, data: bytes) -> bool:
    """Whether the signature's place holds nothing but the signature and zeros, and nothing follows the sealed bytes.

    pyHanko lets both pass: neither shows on a page, but the file is not the one that was sealed.
    """
    held = found.pkcs7_content
    signature = core.Sequence.load(held)
    rest = held[len(signature.dump()) :]
    return not any(rest) and int(found.byte_range[2]) + int(found.byte_range[3]) == len(data)


def carried(found: EmbeddedPdfSignature, data: bytes) -> dict[str, Any]:
    """The attachments of the sealed revision, and the digest of the print that it begins with."""
    sealed = PdfFileReader(BytesIO(data[: int(found.byte_range[2]) + int(found.byte_range[3])]))
    files: dict[str, Any] = {}
    try:
        names = sealed.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        names = []
    for place in range(0, len(names) - 1, 2):
        name = str(names[place])
        if name in CARRIED:
            files[name] = json.loads(names[place + 1]["/EF"]["/F"].data[:LARGEST_ATTACHMENT])
    content = files.get("ledger.json", {}).get("content", {})
    size = content.get("size", 0)
    return {"files": files, "content": hashlib.sha256(data[:size]).hexdigest() if size else None}


def within(at: datetime | None, certificate: x509.Certificate) -> datetime:
    """The moment to judge a certificate at: that of the seal, unless it lies outside the certificate's time."""
    now = datetime.now(UTC)
    if at is None or at.tzinfo is None:
        return now
    return at if certificate.not_valid_before <= at <= certificate.not_valid_after else now


def holder(name: x509.Name) -> str:
    """Who a certificate's name says it is: organisation and common name, once if one says both."""
    parts = [name.native.get(part, "") for part in ("organization_name", "common_name")]
    organisation, common = (str(part[0] if isinstance(part, list) else part)[:120] for part in parts)
    return common if organisation in common else f"{organisation} {common}".strip()


def certificates_in(path: str | Path) -> list[bytes]:
    """The certificates (DER) of a PEM file; none where no file is named."""
    return [der for _, _, der in pem.unarmor(Path(path).read_bytes(), multiple=True)] if path else []


def loaded(chain: list[str]) -> list[x509.Certificate]:
    return [x509.Certificate.load(base64.b64decode(each)) for each in chain]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.loads(sys.stdin.buffer.readline())
    known = {hashlib.sha256(base64.b64decode(chain[0])).hexdigest(): loaded(chain) for chain in asked["known"]}
    try:
        answer = inspected(sys.stdin.buffer.read(), known, loaded(asked["roots"]))
    except (MemoryError, RecursionError):
        answer = {"problem": "too_complex", "seals": []}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
