"""What the public check page says about a document: by the code printed on it, or by the file itself."""

import base64
import hashlib
import json
import logging
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from documents import inspection
from documents.models import OfficialDocument, SealCertificate
from ledger.canonical import H, b64u, jcs, unb64u
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.models import LedgerCheckpoint, LedgerLeaf
from rulebook.clock import CITY
from rulebook.refusals import Refused

log = logging.getLogger(__name__)

LARGEST_CHECKED = 20 * 1024 * 1024
PATIENCE = 30
# Each inspection may take a gigabyte; whoever comes when all places are taken is asked to wait.
_places = threading.BoundedSemaphore(2)

PROBLEMS = {
    "not_pdf": ("这不是 PDF 文件", "平台出具的文书都是 PDF 文件，请选择下载得到的原文件，而不是截图、照片或转换后的文件。"),
    "encrypted": ("文件加了密，无法核验", "平台出具的文书从不加密：加了密的文件不是平台的原件。请向提供者索取原件。"),
    "hybrid": ("文件的内部结构含混，不能判定", "文件同时有两套目录，不同的软件可能显示不同的内容。平台的原件不会这样，请不要采信。"),
    "broken": ("文件已损坏，读不出来", "文件可能没有下载完整，或者被改坏。请重新下载原件后再核验。"),
    "too_complex": ("文件过于复杂，核验没有完成", "读取这个文件超出了安全限制，平台的原件不会这样。请不要采信。"),
}


@dataclass(frozen=True)
class Row:
    """One thing that was checked: `kind` (ok, warn, bad, mute) gives its icon, `links` are (text, address)."""

    kind: str
    label: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass
class Finding:
    """`verdict` is ok, warn or bad; `headline` says it in one sentence, `advice` what follows from it."""

    verdict: str
    headline: str
    advice: str
    rows: list[Row] = field(default_factory=list)
    document: OfficialDocument | None = None
    sha256: str = ""


def documents() -> QuerySet[OfficialDocument]:
    return OfficialDocument.objects.select_related("file", "sealed", "entry__leaf", "superseded_by")


def check_code(text: str) -> Finding:
    """By check code, or, for public documents, by number or notice number."""
    plain = "".join(re.findall("[0-9A-Z]", text.upper()))
    code = "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))
    name = text.strip()
    named = Q(number=name) | Q(context__notice_number=name)
    found = documents().filter(check_code=code).first() or documents().filter(named, public=True).first()
    if found is None:
        return Finding(
            "bad",
            "没有找到这份文书",
            "核验码或编号可能抄错，也可能文书不是本平台出具的。请逐个字符核对，或上传文件核验；仍查不到的，不要采信。",
        )
    verdict, headline, advice = standing_of(found)
    if verdict == "ok":
        headline = "平台出具过这份文书，现行有效"
        advice = "核验码可以被抄印到别的纸上：请把手中的文书与平台保存的原件逐项比对。要确认电子文件没有被改动，请在下面上传文件。"
    rows = [
        Row("ok", "文书", f"{found.title}，{found.number}", original_of(found)),
        sealing_row(found),
        place_row(found),
        standing_row(found),
        *amendments(found),
    ]
    return Finding(verdict, headline, advice, rows, found)


def check_file(data: bytes) -> Finding:
    """By the file: its seal, whether it was changed, whose certificate, its place in the ledger, and whether it still stands.

    Refused as `busy` while too many files are being checked.
    """
    digest = hashlib.sha256(data).hexdigest()
    said = inspect(data)
    finding = judge(said, data, digest)
    finding.sha256 = digest
    return finding


def inspect(data: bytes) -> dict:
    """The inspector's answer, from a process of its own."""
    known = list(SealCertificate.objects.values_list("chain", flat=True))
    roots = [base64.b64encode(each).decode() for each in inspection.certificates_in(settings.ETP_SEAL_ROOTS)]
    line = json.dumps({"known": known, "roots": roots}).encode() + b"\n"
    if not _places.acquire(timeout=5):
        raise Refused("busy", "正在核验的文件较多，请稍候再试。", status=503)
    try:
        script = Path(inspection.__file__)
        done = subprocess.run([sys.executable, "-I", script], input=line + data, capture_output=True, timeout=PATIENCE)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired:
        return {"problem": "too_complex", "seals": []}
    finally:
        _places.release()
    if done.returncode:
        log.warning("the inspection of a file ended with %s: %s", done.returncode, done.stderr[-500:].decode(errors="replace"))
        return {"problem": "too_complex", "seals": []}
    return json.loads(done.stdout)


def judge(said: dict, data: bytes, digest: str) -> Finding:
    if said["problem"]:
        headline, advice = PROBLEMS[said["problem"]]
        return Finding("bad", headline, advice)
    if not said["seals"]:
        return without_seal(digest)
    seal = next((each for each in said["seals"] if each["ours"]), None)
    if seal is None:
        seal = said["seals"][0]
        rows = [Row("bad", "签章", stranger(seal)), integrity_row(seal)]
        return Finding("bad", "这不是本平台的签章", "文件上有电子签名，但不是本平台的。不要把它当作平台出具的文书。", rows)
    rows = [Row("ok" if seal["intact"] else "bad", "签章", f"{seal['name']}，事由：{seal['reason'] or '未写明'}"), integrity_row(seal)]
    if not seal["intact"]:
        return Finding("bad", "文件在签章后被改动，或签章是从别处搬来的", "签章与文件内容对不上，内容不可采信。请到平台下载原件。", rows)
    document, ledger_rows = in_ledger(seal)
    rows = [*ledger_rows[:-1], *rows, certificate_row(seal), time_row(seal), ledger_rows[-1]]
    if seal["change"] == "changed":
        advice = "签章之后有人在文件里追加或替换了内容，看到的可能不是平台出具的。请以平台保存的原件为准。"
        rows += [Row("mute", "原件", document.title, original_of(document))] if document else []
        return Finding("bad", "文件在签章后被改动", advice, rows, document)
    if document is None:
        return Finding("bad", "签章有效，但账本里没有这份文书", "平台的文书签章前都已入账。请联系交易中心查明，在此之前不要采信。", rows)
    if seal["change"] == "none" and document.sealed is not None and document.sealed.sha256 != digest:
        rows.append(Row("bad", "原件", "与平台保存的原件不是同一个文件。", original_of(document)))
        return Finding("bad", "文件与平台保存的原件不同", "签章有效，但平台没有出具过这样的文件。请联系交易中心查明。", rows, document)
    rows += [standing_row(document), *amendments(document)]
    verdict, headline, advice = standing_of(document)
    if verdict == "ok":
        headline, advice = "真实有效，签章后未被改动", "这是本平台出具的原件，已在公开账本中存证，现行有效。"
        if seal["self_signed"]:
            advice += "签章用的是演示证书，只供试用，不具有对外的法律效力。"
    return Finding(verdict, headline, advice, rows, document)


def without_seal(digest: str) -> Finding:
    printed = documents().filter(file__sha256=digest).first()
    if printed is not None:
        advice = "内容与平台的打印稿一致，但没有签章，不能作为正式文书使用。请下载有签章的原件。"
        return Finding("warn", "内容一致，但没有签章", advice, [Row("mute", "文书", printed.title, original_of(printed))], printed)
    return Finding(
        "bad", "文件上没有平台的签章", "平台出具的电子文书都有签章。这份文件可能是另行打印、转换过，或不是平台出具的，不要采信。"
    )


def stranger(seal: dict) -> str:
    text = f"签名证书上写的名称是“{seal['name']}”"
    if seal["trusted"]:
        return f"{text}，由“{seal['issuer']}”核发，但不是本平台的签章证书。"
    return f"{text}。这个名称由制作者自己填写，没有受信任的机构作证，不能证明身份。"


def integrity_row(seal: dict) -> Row:
    if not seal["intact"]:
        return Row("bad", "完整性", "签名与内容不符：被改动过，或签章取自别的文件。")
    if seal["change"] == "changed":
        return Row("bad", "完整性", "签章覆盖的部分完好，但签章之后又追加了内容。")
    if seal["change"] == "maintenance":
        return Row("ok", "完整性", "签章后没有改动内容（只追加了时间戳或证书状态，属正常维护）。")
    return Row("ok", "完整性", "签章覆盖整个文件，签章后没有任何改动。")


def certificate_row(seal: dict) -> Row:
    if seal["self_signed"]:
        return Row(
            "warn",
            "证书",
            "演示用自签名证书：由平台自己签发，没有认证机构（CA）为它作证。本页能确认它就是平台账本中登记的签章；"
            "其他软件会显示“签名者身份未知”。",
        )
    if seal["trusted"]:
        return Row("ok", "证书", f"由“{seal['issuer']}”核发，证书链完整。")
    return Row("warn", "证书", f"由“{seal['issuer']}”核发；证书链未能验证到受信任的根。")


def time_row(seal: dict) -> Row:
    stamp = seal["stamp"]
    if stamp is None or not stamp["valid"]:
        return Row("mute", "签章时间", f"{local(seal['at'])}（平台时钟，没有第三方时间戳）")
    text = f"{local(stamp['at'])}，时间戳由“{stamp['name']}”签发"
    text += "" if stamp["trusted"] else "（该机构未列入平台的信任名单）"
    return Row("ok" if stamp["trusted"] else "mute", "签章时间", text + ("，附证书状态，可长期核验" if seal["long_term"] else ""))


def in_ledger(seal: dict) -> tuple[OfficialDocument | None, list[Row]]:
    """The document the seal speaks of; its row, if it is known, and the row of what holding `ledger.json` against the log shows."""
    said = seal.get("files", {}).get("ledger.json")
    if not said:
        return None, [Row("bad", "账本", "文件里没有存证信息。")]
    document = documents().filter(entry__leaf_hash=unb64u(said["entry"])).first()
    if document is None or document.file is None:
        return None, [Row("bad", "账本", "账本里没有文件所说的存证记录。")]
    if not proof_holds(said):
        return None, [Row("bad", "账本", "文件所附的存证证明与公开账本不符。")]
    if not seal["content"] == said["body"]["d"]["sha256"] == document.file.sha256:
        return None, [Row("bad", "账本", "文件内容的摘要与账本登记的不一致。")]
    index = said["index"]
    links = (("查看账本记录", reverse("web:ledger_entry", args=[document.entry_id])),)
    return document, [
        Row("ok", "文书", f"{document.title}，{document.number}"),
        Row("ok", "账本", f"第 {index} 条，包含证明核验通过，内容摘要与账本一致。", links),
    ]


def proof_holds(said: dict) -> bool:
    """Whether `ledger.json` leads from its entry to a root that the platform signed, and the log has the entry at that place."""
    data = (
        jcs(said["body"])
        if said["salt"] is None
        else jcs({"v": 1, "t": "blind", "c": b64u(H("blind", unb64u(said["salt"]) + jcs(said["body"])))})
    )
    leaf, root = leaf_hash(data), unb64u(said["root"])
    checkpoint = LedgerCheckpoint.objects.filter(size=said["size"]).first()
    return (
        b64u(leaf) == said["entry"]
        and verify_inclusion(leaf, said["index"], said["size"], [unb64u(step) for step in said["proof"]], root)
        and checkpoint is not None
        and bytes(checkpoint.root) == root
        and LedgerLeaf.objects.filter(idx=said["index"], leaf_hash=leaf).exists()
    )


def standing_of(document: OfficialDocument) -> tuple[str, str, str]:
    """Verdict, headline and advice by whether the document still stands."""
    if document.voided_at is not None:
        return "warn", "是平台出具的文书，但已经作废", "文书本身真实，但已被宣布作废，不能再作为依据。"
    if document.superseded_by is not None:
        return "warn", "是平台出具的文书，但已被新的文书替代", "文书本身真实，但不是最新的版本，请以替代它的文书为准。"
    if document.sealed_id is None:
        return "warn", "平台已经作出这份文书，正在等待签章", "签章完成后才能下载和核验，通常只需几秒，请稍后再查。"
    return "ok", "", ""


def standing_row(document: OfficialDocument) -> Row:
    if document.voided_at is not None:
        return Row("bad", "效力", f"{local(document.voided_at.isoformat())} 作废。原因：{document.void_reason or '未写明'}")
    later = document.superseded_by
    if later is not None:
        return Row("bad", "效力", f"已被 {later.number} 替代。", original_of(later))
    return Row("ok", "效力", "现行有效，没有被替代或作废。")


def amendments(document: OfficialDocument) -> list[Row]:
    """Clarifications of a tender that were published after its documents and must be read with them."""
    if document.kind not in ("tender_document", "notice") or not document.subject.startswith("tender/"):
        return []
    if document.kind == "notice" and document.context["kind"] != "招标公告":
        return []
    later = documents().filter(subject=document.subject, kind="notice", context__kind="澄清与修改", issued_at__gt=document.issued_at)
    links = tuple(link for row in later.order_by("issued_at") for link in original_of(row))
    return [Row("warn", "澄清与修改", f"此后发布了 {len(links)} 份澄清与修改，须一并阅读。", links)] if links else []


def sealing_row(document: OfficialDocument) -> Row:
    if document.sealed_at is None:
        return Row("warn", "签章", "待签章：正在等待登记存证和签章。")
    level = {"B-B": "没有第三方时间戳", "B-T": "附第三方时间戳", "B-LT": "附第三方时间戳和证书状态"}[document.seal_level]
    return Row("ok", "签章", f"{local(document.sealed_at.isoformat())} 签章，{level}。")


def place_row(document: OfficialDocument) -> Row:
    place = getattr(document.entry, "leaf", None) if document.entry else None
    if place is None:
        return Row("mute", "账本", "正在登记。")
    return Row("ok", "账本", f"第 {place.idx} 条。", (("查看账本记录", reverse("web:ledger_entry", args=[document.entry_id])),))


def original_of(document: OfficialDocument) -> tuple[tuple[str, str], ...]:
    """The way to the original, for documents that everybody may read."""
    if not document.public or document.sealed_id is None:
        return ()
    return ((f"打开原件 {document.number}", reverse("documents:document", args=[document.check_code])),)


def local(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S") if text else "时间不明"
