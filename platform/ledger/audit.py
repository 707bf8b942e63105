"""The audit: everything is recomputed from the entries' bytes and compared with all who keep a record of it.

Rooms register how the digest in an entry of theirs follows from their rows (`register`), in a module `checks`.
"""

import json
import logging
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ledger.acts import blinded, record
from ledger.alarms import raise_alarm
from ledger.canonical import H, b64u, instant, jcs, parse_jcs
from ledger.events import LedgerNote
from ledger.keys import verify_checkpoint, witnesses
from ledger.merkle import Frontier, leaf_hash
from ledger.models import LedgerAudit, LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerQueue, LedgerStream
from ledger.note import cosigned_at
from ledger.recovery import LOST
from ledger.signer import signer
from ledger.tiles import WIDTH, folded, list_of_checkpoints, published_checkpoint, read_bundle, read_tile
from rulebook.clock import database_now

log = logging.getLogger(__name__)

Check = Callable[[dict], str | None]
CHECKS: dict[str, list[Check]] = defaultdict(list)
WHOLES: dict[str, Callable[[], Iterable[str]]] = {}
# Enough to see what happened; where more is wrong, the number says so.
MOST_FINDINGS = 200
# A checkpoint is signed a moment before it is committed.
PATIENCE = 10


def register(kind: str, check: Check) -> None:
    """Have `check` compare each entry of this kind (its parsed body) with the rows it speaks of: None, or what differs, in Chinese."""
    if check not in CHECKS[kind]:
        CHECKS[kind].append(check)


def register_whole(name: str, check: Callable[[], Iterable[str]]) -> None:
    """Have `check` look at a room's rows as a whole, for those that no entry speaks of."""
    WHOLES[name] = check


@dataclass(frozen=True)
class Finding:
    """What does not agree: where, and how, in Chinese."""

    area: str
    about: str
    text: str


@dataclass(frozen=True)
class Claim:
    """Somebody's record of what the log was."""

    who: str
    size: int
    root: bytes


def run_audit() -> LedgerAudit:
    """Check everything, keep the report, and raise an alarm for each area in which something does not agree."""
    run = Audit()
    started = database_now()
    run.look()
    with transaction.atomic():
        report = LedgerAudit.objects.create(
            started_at=started,
            ended_at=database_now(),
            size=run.frontier.size,
            root=run.frontier.root(),
            entries=run.entries,
            compared=run.compared,
            findings=[asdict(finding) for finding in run.findings],
        )
    for area in dict.fromkeys(finding.area for finding in run.findings):
        first = next(finding for finding in run.findings if finding.area == area)
        raise_alarm("ledger.audit", area, f"{first.about}：{first.text}")
    try:
        note_audit(run, report)
    except Exception:
        log.exception("the ledger takes no entry about the audit")
    return report


@transaction.atomic
def note_audit(run: "Audit", report: LedgerAudit) -> None:
    details = {"no": report.pk, "size": report.size, "root": b64u(bytes(report.root)), "findings": len(run.findings)}
    record(LedgerNote("audit", details), by=None)


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside stood in the database at one moment, whoever writes meanwhile."""
    # A test's own transaction has long begun; nobody else writes there.
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


class Audit:
    """One run. `look()` fills `findings`."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.frontier = Frontier()
        self.entries = self.compared = 0

    def find(self, area: str, about: str, text: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(area, about, text))

    def look(self) -> None:
        # Whatever others keep is read first: the database may only be ahead of it.
        claims, published = self.claims()
        self.wait_for(max((claim.size for claim in claims), default=0))
        with snapshot():
            self.walk_log(claims, published.size if published else 0)
            self.compare_list(published.size if published else 0)
            self.walk_streams()
            self.compare_rows()

    def claims(self) -> tuple[list[Claim], Any]:
        found = []
        state = signer().state()
        if state["size"]:
            found.append(Claim("签名机", state["size"], bytes.fromhex(state["root"])))
        published = None
        try:
            published = published_checkpoint()
        except ValueError as wrong:
            self.find("published", "checkpoint", f"公布的检查点不可读：{wrong}")
        if published:
            self.check_note("公布的检查点", (settings.ETP_LEDGER / "checkpoint").read_text())
            found.append(Claim("公布的检查点", published.size, published.root))
        for who, note in self.witness_notes():
            checkpoint = self.check_note(who, note)
            if checkpoint:
                found.append(Claim(who, checkpoint.size, checkpoint.root))
        return found, published

    def check_note(self, who: str, note: str) -> Any:
        try:
            return verify_checkpoint(note)
        except ValueError as wrong:
            self.find("signatures", who, f"检查点签名不正确：{wrong}")
        return None

    def witness_notes(self) -> Iterator[tuple[str, str]]:
        """The newest notes that witnesses have seen: as they handed them in, and as one of them keeps it."""
        path = settings.ETP_LEDGER / "cosigned"
        if path.exists():
            note = path.read_text()
            for witness in witnesses():
                try:
                    if cosigned_at(note, witness.name, witness.public_key) is not None:
                        yield f"见证人 {witness.name}", note
                except ValueError as wrong:
                    self.find("witness", witness.name, f"见证签名不正确：{wrong}")
        if settings.ETP_WITNESS_NOTE:
            try:
                with urllib.request.urlopen(settings.ETP_WITNESS_NOTE, timeout=10) as answer:  # noqa: S310 - an operator's setting
                    yield "见证人保存的检查点", answer.read(65536).decode()
            except OSError as away:
                # A witness that cannot be reached contradicts nothing.
                log.warning("the witness's note cannot be read: %s", away)

    def wait_for(self, size: int) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not connection.in_atomic_block:
            if not size or LedgerCheckpoint.objects.filter(size__gte=size).exists():
                return
            time.sleep(0.2)

    def walk_log(self, claims: list[Claim], published: int) -> None:
        """Leaves from the entries' bytes, roots from the leaves, and every record of a root compared."""
        roots: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
        for claim in claims:
            roots[claim.size].append((claim.who, claim.root))
        checkpoints = LedgerCheckpoint.objects.order_by("size").iterator(chunk_size=2000)
        checkpoint = next(checkpoints, None)
        files = Files(self, published)
        keys = signer().ledger_keys()
        rows = LedgerLeaf.objects.order_by("idx").values_list("idx", "leaf_hash", "entry__data", "entry__leaf_hash")
        for index, kept, data, beside in rows.iterator(chunk_size=2000):
            leaf = leaf_hash(bytes(data))
            if index != self.frontier.size:
                self.find("leaves", f"第 {self.frontier.size} 条", f"位置不连续，下一条是第 {index} 条")
                break
            if leaf != bytes(kept) or leaf != bytes(beside):
                self.find("leaves", f"第 {index} 条", "记录原文与叶摘要不符")
            files.take(index, leaf, bytes(data))
            self.frontier.append(leaf)
            size, root = self.frontier.size, None
            if size in roots or (checkpoint is not None and checkpoint.size == size):
                root = self.frontier.root()
            for who, expected in roots.pop(size, []):
                if expected != root:
                    self.find("roots", who, f"长度 {size} 处的根摘要不符")
            if checkpoint is not None and checkpoint.size == size:
                self.compare_checkpoint(checkpoint, root, keys)
                checkpoint = next(checkpoints, None)
        files.finish(self.frontier.size)
        for size, left in sorted(roots.items()):
            for who, _ in left:
                self.find("roots", who, f"记载的长度为 {size}，数据库中只有 {self.frontier.size} 条")
        if checkpoint is not None:
            self.find("roots", f"检查点 {checkpoint.size}", f"数据库中只有 {self.frontier.size} 条")

    def compare_checkpoint(self, checkpoint: LedgerCheckpoint, root: bytes | None, keys: list[dict]) -> None:
        about = f"检查点 {checkpoint.size}"
        try:
            signed = verify_checkpoint(checkpoint.note, keys)
        except ValueError as wrong:
            self.find("signatures", about, f"签名不正确：{wrong}")
            return
        if (signed.size, signed.root) != (checkpoint.size, bytes(checkpoint.root)) or signed.root != root:
            self.find("roots", about, "签名的根摘要与记录不符")

    def compare_list(self, published: int) -> None:
        """`checkpoints.txt` is, byte for byte, what was signed."""
        if not published:
            return
        if not (settings.ETP_LEDGER / "checkpoints.txt").exists():
            self.find("published", "checkpoints.txt", "公布的检查点清单缺失")
            return
        with list_of_checkpoints("rb") as file:
            for size, note in LedgerCheckpoint.objects.order_by("size").values_list("size", "note").iterator(chunk_size=2000):
                wanted = note.encode() + b"\n"
                found = file.read(len(wanted))
                if found != wanted:
                    if size <= published or not wanted.startswith(found):
                        self.find("published", "checkpoints.txt", f"长度 {size} 的检查点与签名的不符")
                    return

    def walk_streams(self) -> None:
        """Each stream counts 1, 2, 3…, each entry names the one before, and the log keeps that order."""
        heads = {row.name: row for row in LedgerStream.objects.all()}
        waiting = set(LedgerQueue.objects.values_list("entry_id", flat=True))
        stream, n, previous, last, secret = None, 0, None, -1, False
        for entry in LedgerEntry.objects.select_related("leaf").order_by("stream", "n").iterator(chunk_size=2000):
            self.entries += 1
            if entry.stream != stream:
                self.end_of(heads, stream, n, previous, secret)
                stream, n, previous, last, secret = entry.stream, 0, None, -1, entry.is_blind
            n += 1
            # Nobody, not even who reads audits, may learn before the opening what is sealed or how much of it there is.
            about = f"密封记录（账本第 {entry.index} 条）" if entry.is_blind else f"{entry.stream} 第 {entry.n} 条"
            if entry.n != n:
                if stream != LOST:
                    self.find("streams", about, "编号不连续")
                n = entry.n
            if entry.index is None and entry.pk not in waiting:
                self.find("streams", about, "既不在账本中，也不在等候登记")
            if entry.index is not None:
                if entry.index <= last:
                    self.find("streams", about, "在账本中的先后与编号不符")
                last = entry.index
            self.compare_entry(entry, about, previous)
            previous = leaf_hash(bytes(entry.data))
        self.end_of(heads, stream, n, previous, secret)
        empty = sum(1 for head in heads.values() if head.n)
        if empty:
            self.find("streams", "流的记载", f"{empty} 个流应有记录，却一条也没有")

    def end_of(self, heads: dict[str, LedgerStream], stream: str | None, n: int, last: bytes | None, secret: bool) -> None:
        head = heads.pop(stream, None) if stream else None
        if stream and stream != LOST and (head is None or head.n != n or bytes(head.last or b"") != last):
            self.find("streams", "一个密封的流" if secret else stream, "末条与流的记载不符")

    def compare_entry(self, entry: LedgerEntry, about: str, previous: bytes | None) -> None:
        if entry.stream == LOST:
            return
        data = bytes(entry.data)
        try:
            body: dict = entry.inner if entry.inner is not None else parse_jcs(data)
            if entry.is_blind and data != blinded(bytes(entry.salt or b""), body):
                self.find("entries", about, "密封记录与其内容的承诺不符")
            stated = (body["s"], body["n"], body["k"], body["at"], body["p"])
        except (ValueError, KeyError, TypeError) as wrong:
            self.find("entries", about, f"记录原文不可读：{wrong}")
            return
        if stated[:4] != (entry.stream, entry.n, entry.kind, instant(entry.at)):
            self.find("entries", about, "记录原文与索引列不符")
        if stated[4] != (b64u(previous) if previous else None):
            self.find("streams", about, "指向的上一条记录不符")
        if entry.private is not None and body["h"] != b64u(H("private", bytes(entry.salt or b"") + jcs(entry.private))):
            self.find("entries", about, "保密部分与其摘要不符")
        for check in CHECKS[entry.kind]:
            self.compared += 1
            try:
                differs = check(body)
            except Exception as wrong:
                log.exception("entry %s cannot be compared", entry.pk)
                differs = f"无法核对：{type(wrong).__name__}"
            if differs:
                self.find("rows", about, differs)

    def compare_rows(self) -> None:
        for name, check in WHOLES.items():
            for text in check():
                self.find("rows", name, text)


class Files:
    """The published tiles and bundles, compared while the log is walked."""

    def __init__(self, audit: Audit, published: int) -> None:
        self.audit = audit
        self.published = published
        self.levels: list[list[bytes]] = [[]]
        self.counts = [0]
        self.bundle: list[bytes] = []

    def take(self, index: int, leaf: bytes, data: bytes) -> None:
        if index >= self.published:
            return
        self.bundle.append(data)
        self.add(0, leaf)
        if index + 1 == self.published:
            self.compare_rest()

    def add(self, level: int, node: bytes) -> None:
        if level == len(self.levels):
            self.levels.append([])
            self.counts.append(0)
        self.levels[level].append(node)
        if len(self.levels[level]) == WIDTH:
            self.compare(level)
            full, self.levels[level] = self.levels[level], []
            self.counts[level] += 1
            if level == 0:
                self.bundle = []
            self.add(level + 1, folded(full))

    def compare_rest(self) -> None:
        for level, rest in enumerate(self.levels):
            if rest:
                self.compare(level)

    def compare(self, level: int) -> None:
        index, wanted = self.counts[level], self.levels[level]
        try:
            if read_tile(level, index, len(wanted))[: len(wanted)] != wanted:
                self.audit.find("published", f"tile/{level}/{index}", "公布的摘要与账本不符")
            if level == 0 and read_bundle(index, len(wanted))[: len(wanted)] != self.bundle:
                self.audit.find("published", f"tile/entries/{index}", "公布的记录与账本不符")
        except (FileNotFoundError, ValueError):
            self.audit.find("published", f"tile/{level}/{index}", "公布的文件缺失或不完整")

    def finish(self, size: int) -> None:
        if self.published > size:
            self.compare_rest()


def summary(report: LedgerAudit) -> str:
    """One line of JSON for logs."""
    return json.dumps({"size": report.size, "entries": report.entries, "compared": report.compared, "findings": len(report.findings)})
