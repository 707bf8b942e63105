"""The bid manifest: what a bidder signs, and whether what was uploaded is what they signed."""

from ledger.canonical import HJ, H, b64u
from rulebook.refusals import Refused
from sealing.age import parse_header
from sealing.stanzas import fits_policy

FIELDS = {"v", "action", "tender", "lot", "bidder", "rev", "prev", "policy", "envelopes"}
ENVELOPE_FIELDS = {"name", "seal", "size", "sha256", "header"}


def manifest_hash(manifest):
    return b64u(HJ("bid-manifest", manifest))


def check_shape(manifest, *, lot, bidder, policy):
    """Refuse a manifest that is not exactly one of ours for this lot, bidder and policy."""
    right = (
        isinstance(manifest, dict)
        and set(manifest) == FIELDS
        and manifest["v"] == 1
        and manifest["action"] in ("submit", "withdraw")
        and manifest["tender"] == lot.tender.number
        and manifest["lot"] == lot.key
        and manifest["bidder"] == bidder.uscc
        and type(manifest["rev"]) is int
        and manifest["rev"] > 0
        and isinstance(manifest["envelopes"], list)
    )
    if right and manifest["action"] == "submit":
        right = fits_document(manifest["envelopes"], lot.tender.document.envelopes)
    elif right:
        right = manifest["envelopes"] == []
    if not right:
        raise Refused(
            "bad_manifest",
            "递交清单与本标段不符，平台拒收。",
            next_step="请刷新页面后重新封存并递交。",
            status=400,
        )
    if manifest["policy"] != policy:
        raise Refused(
            "stale_policy",
            "本标段的开启规则已更新，封存时使用的是旧规则。",
            next_step="请重新封存投标文件后再递交。",
        )


def fits_document(rows, names):
    """Whether these are the envelopes that the document asks for, in its order, each sealed by itself under a key of its own."""
    right = all(isinstance(row, dict) and set(row) == ENVELOPE_FIELDS and type(row["size"]) is int for row in rows)
    return right and [row["name"] for row in rows] == [*names] and len({str(row["header"]) for row in rows}) == len(rows)


def check_upload(upload, envelope, *, key, policy):
    """Refuse unless all bytes are there, are those that were signed, and are sealed for this key under this policy."""
    if not upload.is_complete:
        share = upload.offset * 100 // upload.size
        raise Refused(
            "upload_incomplete",
            f"尚未传输完成（{share}%）；截止前未完成视为撤回。",
            next_step="请点“继续上传”，从断点接着传。",
        )
    if envelope["size"] != upload.size or envelope["sha256"] != upload.sha256:
        raise Refused(
            "upload_differs",
            "服务器收到的文件与你签名的清单不一致，平台拒收。",
            next_step="请重新上传封存文件。",
        )
    with upload.open() as sealed:
        header = read_header(sealed)
    if envelope["header"] != b64u(H("age-header", header.header_bytes)):
        raise not_encrypted()
    if not fits_policy(header, kid=key.kid, policy=policy):
        raise not_encrypted()


def read_header(sealed):
    try:
        return parse_header(sealed)
    except ValueError as broken:
        raise not_encrypted() from broken


def not_encrypted():
    return Refused(
        "not_encrypted",
        "文件未按要求加密，平台拒收。",
        rule="《电子招标投标办法》第二十六条",
        next_step="请用本平台的封存页面和已登记的密钥重新封存。",
        status=400,
    )
