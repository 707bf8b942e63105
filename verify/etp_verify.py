#!/usr/bin/env python3
"""核对公共资源交易平台公开的存证：一个文件，只用 Python 3.9 以上的标准库，不信任平台的任何程序。

用法：
  etp-verify log <网址或文件夹> [--since 检查点文件] [--store 检查点文件]
  etp-verify receipt <回执文件> [--log 网址或文件夹]
  etp-verify opening <项目编号> --log 网址或文件夹
  etp-verify draw <抽取文件> [--log 网址或文件夹]
  etp-verify bid <投标文件.etp> --receipt 回执文件
  etp-verify client <网址或文件夹> --log 网址或文件夹

各命令都可加 --keys 公钥文件（不写时用当前文件夹的 keys.json）。公钥文件须从可信渠道另行取得，不能与数据同处下载。
退出码：0 核对通过；1 核对不通过；2 无法核对。
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter, deque, namedtuple
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain

KINDS = frozenset(
    """
    acl.granted acl.revoked agency.assessment_closed agency.assessment_opened agency.checked agency.chosen
    agency.complaint_answered agency.complaint_decided agency.complaint_filed agency.complaint_taken
    agency.complaint_withdrawn agency.contract_ended agency.contract_offered agency.contract_returned
    agency.contract_signed agency.control_checked agency.control_declared agency.correction_rechecked
    agency.correction_reported agency.declined agency.inspection_begun agency.inspection_concluded agency.left
    agency.list_published agency.proposed agency.rated agency.request_withdrawn agency.requested agency.restricted
    agency.restriction_lifted agency.selection_entered agency.selection_marked agency.selection_opened
    agency.submitted agency.tender_inspected agency.trained alert.handled alert.raised archive.disposed
    archive.excepted archive.freed archive.held archive.paper archive.requested award.decided award.published
    award.reported bid.replaced bid.submitted bid.withdrawn blind.chaff blind.opened calendar.changed
    candidate.passed_over candidates.shown candidates.voided challenge.answered challenge.filed challenge.withdrawn
    clarification.acknowledged client.released clock.alarm committee.arrived committee.drawn complaint.corrected
    complaint.decided complaint.filed complaint.reviewed complaint.withdrawn contract.acceptance contract.bond
    contract.change contract.confirmed contract.filed contract.payment contract.rated contract.returned credit.checked
    credit.closed credit.effective credit.reported custody.conflict custody.released custody.replacement custody.taken
    deposit.account_opened deposit.difference_settled deposit.disclosed deposit.notice deposit.received
    deposit.reconciled deposit.refund_ordered deposit.refund_paid deposit.refund_retried deposit.reversed
    deposit.secret_refund_ordered deposit.secret_refund_paid deposit.unidentified deposit.unidentified_returned
    deposit.withheld deposit.withholding_answered deposit.withholding_decided deposit.withholding_objected
    deposit.withholding_revoked document.obtained document.printed document.printed_in_secret document.reviewed
    document.submitted document.superseded document.voided draw.bad_share draw.committed draw.defined draw.listed
    draw.names draw.recovery_requested draw.replaced draw.result draw.revealed draw.seeded draw.share draw.void
    envelope.admitted envelope.returned evaluation.answered evaluation.chaired evaluation.combined
    evaluation.corrected evaluation.monitored evaluation.moved evaluation.questioned evaluation.reordered
    evaluation.reviewed evaluation.started evaluation.voted expert.activated expert.applied expert.appointed
    expert.changed expert.conduct expert.conduct_withdrawn expert.examined expert.graded expert.looked_at expert.rated
    expert.recommended expert.removed expert.restored expert.reviewed expert.sanctioned expert.suspended
    expert.trained fact.reported fallback.approved fallback.bad_share fallback.failed fallback.opened fallback.refused
    fallback.requested fallback.share feedback.acknowledged feedback.handed framework.catalogue framework.line
    framework.order framework.price framework.quote guarantee.ended guarantee.issued history.imported holder.ready
    inquiry.answered inquiry.filed invitations.sent key.enrolled key.revoked ledger.note limit.waived lot.archived
    lot.deadline_changed lot.deadline_restored lot.failed lot.locked lot.policy_signed lot.resumed lot.suspended
    lot.terminated notice.published notices.disclosed objection.answered objection.filed objection.withdrawn
    opening.closed opening.extended opening.key_failed opening.key_released opening.placed opening.revealed
    opening.started organisation.founded organisation.reviewed organisation.rules_signed organisation.submitted
    outage.confirmed outage.declared outage.refused pattern.added pattern.ended pool.adjusted pool.called
    pool.check_begun pool.check_concluded pool.check_corrected pool.check_found pool.check_published
    pool.check_rechecked pool.check_stated pool.imported pool.shared project.entrustment project.officer_assigned
    project.regulator_ruled project.reviewed project.ruling_asked project.submitted question.asked remote.answered
    remote.discussed remote.interrupted remote.recorded remote.requested remote.resumed remote.stated remote.withdrawn
    report.off_platform report.signed report.unsigned score.blind score.submitted seal.introduced setting.changed
    site.check_in site.deduction site.finding site.inspection step.taken step.taken_in_secret steps.undone
    template.published tender.amended tender.handler_assigned tender.handler_withdrawn tender.next_round
    tender.published tender.terminated tolerance.broken tolerance.fulfilled tolerance.granted venue.admitted
    venue.booked venue.fault_repaired venue.fault_reported venue.left venue.moved venue.phone_kept
    venue.phone_returned venue.released venue.turned_away witness.concern witness.corrected witness.named
    witness.signed
    """.split()
)
WIDTH = 256
# Leaves per unit of work: a power of two, so that each unit is a whole subtree.
CHUNK = WIDTH * 64
LARGEST_ENTRY = 16_384
LARGEST_FILE = 64 * 1024 * 1024
PROMISE = timedelta(seconds=60)


class Failed(Exception):
    """What was checked is wrong; `index` is the first bad place in the log, where there is one."""

    def __init__(self, message, index=None):
        super().__init__(message, index)
        self.message, self.index = message, index


class Unchecked(Exception):
    """The check could not be carried out."""


# Canonical JSON, base64url, labelled hashes


def no_float(text):
    raise ValueError("含有浮点数")


def no_duplicates(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("JSON 键重复")
    return found


DECODER = json.JSONDecoder(parse_float=no_float, parse_constant=no_float)
STRICT = json.JSONDecoder(parse_float=no_float, parse_constant=no_float, object_pairs_hook=no_duplicates)
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")).encode
LONG_NUMBER = re.compile("[0-9]{16}")
LARGEST = 2**53 - 1
# No act is nested so deeply; without a limit of our own, the verdict would be that of the machine's stack.
DEEPEST = 100


def jcs(obj):
    """The RFC 8785 form of strings, integers, booleans, null, arrays and objects; ValueError for anything else."""
    return canonical(obj).encode()


def canonical(obj, depth=0):
    if depth == DEEPEST and isinstance(obj, (list, dict)):
        raise ValueError("嵌套过深")
    if obj is None or isinstance(obj, bool):
        return encode(obj)
    if isinstance(obj, str):
        if not unicodedata.is_normalized("NFC", obj):
            raise ValueError("文字不是 NFC 形式")
        return encode(obj)
    if isinstance(obj, int):
        if abs(obj) > LARGEST:
            raise ValueError("整数过大")
        return str(obj)
    if isinstance(obj, list):
        return "[" + ",".join([canonical(each, depth + 1) for each in obj]) + "]"
    if isinstance(obj, dict):
        keys = sorted(obj, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join([canonical(key) + ":" + canonical(obj[key], depth + 1) for key in keys]) + "}"
    raise ValueError("不是规范 JSON 的类型")


def parse_jcs(data):
    """The object whose canonical form these bytes are; ValueError if they are nothing's."""
    try:
        text = data.decode("utf-8")
        obj, _ = DECODER.raw_decode(text)
        # Python sorts keys by code points and does not look at normal forms: where that may matter, the slow way.
        simple = text.isascii() or ("\\" not in text and max(text) <= "\uffff" and unicodedata.is_normalized("NFC", text))
        simple = simple and text.count("[") + text.count("{") <= DEEPEST and not LONG_NUMBER.search(text)
        same = encode(obj) == text if simple else jcs(obj) == data
    except (ValueError, RecursionError) as wrong:
        raise ValueError("不是规范 JSON") from wrong
    if not same:
        raise ValueError("不是规范 JSON")
    return obj


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text, length=None):
    """The bytes that canonical base64url without padding stands for; ValueError for other spellings or lengths."""
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise ValueError("不是规范的 base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u(data) != text or length not in (None, len(data)):
        raise ValueError("不是规范的 base64url，或长度不对")
    return data


def sha256(data):
    return hashlib.sha256(data).digest()


def labelled(label, data):
    return sha256(f"etp/{label}/v1\n".encode() + data)


def labelled_json(label, obj):
    return labelled(label, jcs(obj))


# Ed25519, verification only

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def edwards_add(one, other):
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def edwards_point(data):
    """The point that 32 bytes encode; None if they encode none, or not in the one canonical way."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
        if v * x * x % P != u:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = edwards_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def inverses(values):
    """The inverses modulo P of many numbers, none of them 0, for the price of one."""
    products = [1]
    for value in values:
        products.append(products[-1] * value % P)
    rest, found = pow(products[-1], -1, P), []
    for place in range(len(values) - 1, -1, -1):
        found.append(rest * products[place] % P)
        rest = rest * values[place] % P
    return found[::-1]


def multiples(point, window):
    """Rows of multiples: row i holds 0…2^window-1 times 2^(window·i) times the point, ready for quick addition."""
    rows = []
    for _ in range(0, 256, window):
        row = [NEUTRAL, point]
        while len(row) < 1 << window:
            row.append(edwards_add(row[-1], point))
        point = edwards_add(row[-1], point)
        rows.append(row)
    flat = [each for row in rows for each in row]
    ready = []
    for (x, y, _, _), inverse in zip(flat, inverses([z for _, _, z, _ in flat])):
        x, y = x * inverse % P, y * inverse % P
        ready.append(((y + x) % P, (y - x) % P, 2 * D * x * y % P))
    return [ready[start : start + (1 << window)] for start in range(0, len(ready), 1 << window)]


@lru_cache(maxsize=2)
def base_multiples(window):
    return multiples(BASE, window)


@lru_cache(maxsize=8)
def key_multiples(public, window):
    """Multiples of minus the key's point; None for bytes that are no key, or one of the few that any signature fits."""
    point = edwards_point(public) if len(public) == 32 else None
    if point is None:
        return None
    x, y, z, t = eighth = edwards_add(point, point)
    for _ in range(2):
        x, y, z, t = eighth = edwards_add(eighth, eighth)
    if x == 0 and y == z:
        return None
    return multiples((P - point[0], point[1], 1, P - point[3]), window)


def digits(number, window):
    mask = (1 << window) - 1
    return [number >> place & mask for place in range(0, 256, window)]


def window_for(count):
    """Large tables cost time to make and pay only when there are many signatures."""
    return 4 if count < 40 else 8 if count < 20_000 else 12


def first_bad_signature(public, pairs, window=None):
    """The place of the first of many (signature, message) pairs that the key did not sign; None if it signed all."""
    window = window or window_for(len(pairs))
    rows = key_multiples(public, window)
    if rows is None:
        return 0 if pairs else None
    rows = base_multiples(window) + rows
    points, bad = [], None
    for place, (signature, message) in enumerate(pairs):
        s = int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or s >= ORDER:
            bad = place
            break
        h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
        x, y, z, t = NEUTRAL
        for row, digit in zip(rows, chain(digits(s, window), digits(h, window))):
            if digit:
                plus, minus, twice = row[digit]
                a, b, c, d = (y - x) * minus % P, (y + x) * plus % P, t * twice % P, z + z
                e, f, g, h = b - a, d - c, d + c, b + a
                x, y, z, t = e * f % P, g * h % P, f * g % P, e * h % P
        points.append((x, y, z, signature[:32]))
    for place, ((x, y, _, wanted), inverse) in enumerate(zip(points, inverses([z for _, _, z, _ in points]))):
        x, y = x * inverse % P, y * inverse % P
        if (y | (x & 1) << 255).to_bytes(32, "little") != wanted:
            return place
    return bad


def ed25519_verifies(public, signature, message):
    return first_bad_signature(public, [(signature, message)]) is None


# ECDSA on P-256 with SHA-256, verification only

Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def p256_double(point):
    """Jacobian coordinates; None is the point at infinity."""
    if point is None or point[1] == 0:
        return None
    x, y, z = point
    yy = y * y % Q
    s = 4 * x * yy % Q
    m = 3 * (x - z * z) * (x + z * z) % Q
    x3 = (m * m - 2 * s) % Q
    return x3, (m * (s - x3) - 8 * yy * yy) % Q, 2 * y * z % Q


def p256_add(one, other):
    if one is None or other is None:
        return one or other
    x1, y1, z1 = one
    x2, y2, z2 = other
    zz1, zz2 = z1 * z1 % Q, z2 * z2 % Q
    u1, u2 = x1 * zz2 % Q, x2 * zz1 % Q
    s1, s2 = y1 * z2 * zz2 % Q, y2 * z1 * zz1 % Q
    if u1 == u2:
        return p256_double(one) if s1 == s2 else None
    h, r = u2 - u1, s2 - s1
    hh = h * h % Q
    hhh, v = h * hh % Q, u1 * hh % Q
    x3 = (r * r - hhh - 2 * v) % Q
    return x3, (r * (v - x3) - s1 * hhh) % Q, h * z1 * z2 % Q


def p256_point(spki):
    """The point in a SubjectPublicKeyInfo of a P-256 key, uncompressed; ValueError for anything else."""
    if len(spki) != 91 or spki[:27] != SPKI:
        raise ValueError("不是 P-256 公钥")
    x, y = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
    if x >= Q or y >= Q or (y * y - x * x * x + 3 * x - B) % Q:
        raise ValueError("公钥不在 P-256 曲线上")
    return x, y


def p256_verifies(spki, signature, message):
    """Whether the key made this signature (r and s, 32 bytes each) of the message."""
    try:
        key = (*p256_point(spki), 1)
    except ValueError:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < N and 0 < s < N):
        return False
    inverse = pow(s, -1, N)
    u1, u2 = int.from_bytes(sha256(message), "big") * inverse % N, r * inverse % N
    base = (*G, 1)
    both, point = p256_add(base, key), None
    for place in range(255, -1, -1):
        point = p256_double(point)
        point = p256_add(point, (None, base, key, both)[(u1 >> place & 1) + 2 * (u2 >> place & 1)])
    if point is None or point[2] == 0:
        return False
    return point[0] * pow(point[2], -2, Q) % Q % N == r


def signed_by_person(spki, label, obj, signature):
    """Whether `signature` (base64url) is Sign(key, label, obj) with a person's P-256 key."""
    try:
        return p256_verifies(unb64u(spki), unb64u(signature), f"etp/{label}/v1\n".encode() + jcs(obj))
    except ValueError:
        return False


# Files and places on the web


class Folder:
    """A published log, or a copy of pages, in a folder."""

    def __init__(self, base):
        self.base = base

    def read(self, path):
        """A file's bytes; None if there is none. Unchecked if it cannot be read."""
        try:
            with open(os.path.join(self.base, *path.split("/")), "rb") as file:
                return file.read(LARGEST_FILE)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as wrong:
            raise Unchecked(f"无法读取 {path}") from wrong

    def copy(self, path, target):
        """Copy a file of any size; whether it is there."""
        try:
            with open(os.path.join(self.base, *path.split("/")), "rb") as file:
                while piece := file.read(1 << 20):
                    target.write(piece)
        except FileNotFoundError:
            return False
        except OSError as wrong:
            raise Unchecked(f"无法读取 {path}") from wrong
        return True


class Web:
    """The same over HTTP(S), on one connection that stays open. Redirections are not followed."""

    def __init__(self, base):
        self.base, self.connection = base.rstrip("/"), None

    def ask(self, path):
        # Here, because most checks need no network and would start half as fast with it.
        import http.client
        import ssl
        import urllib.parse

        parts = urllib.parse.urlsplit(f"{self.base}/{path}")
        for _ in range(2):
            try:
                if self.connection is None:
                    secure = parts.scheme == "https"
                    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
                    more = {"context": ssl.create_default_context()} if secure else {}
                    self.connection = kind(parts.hostname, parts.port, timeout=30, **more)
                self.connection.request("GET", urllib.parse.quote(parts.path, safe="/%") or "/")
                return self.connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError):
                self.connection = None
        raise Unchecked(f"无法连接 {self.base}")

    def read(self, path):
        with tempfile.TemporaryFile() as file:
            if not self.copy(path, file):
                return None
            file.seek(0)
            return file.read(LARGEST_FILE)

    def copy(self, path, target):
        answer = self.ask(path)
        try:
            if answer.status == 200:
                while piece := answer.read(1 << 20):
                    target.write(piece)
            else:
                answer.read()
            if answer.length:
                raise ConnectionError("cut off")
        except Exception as wrong:
            self.connection = None
            raise Unchecked(f"读取 {path} 时连接中断") from wrong
        if answer.status not in (200, 404, 410):
            raise Unchecked(f"{self.base}/{path} 回答 {answer.status}")
        return answer.status == 200


def place_of(text):
    """The web place or folder that a command line names."""
    return Web(text) if re.match("https?://", text) else Folder(text)


def read_json(path):
    """A file from the command line as strict JSON: Unchecked if it is not there, Failed if it is not in order."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE)
    except OSError as wrong:
        raise Unchecked(f"无法读取文件 {path}") from wrong
    try:
        return STRICT.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        why = str(wrong) if type(wrong) is ValueError else "格式不对或不完整"
        raise Failed(f"{path} 不是合格的 JSON：{why}") from wrong


def demand(right, message, index=None):
    if not right:
        raise Failed(message, index)


def fields(obj, names, what, index=None):
    """Exactly these fields, no others."""
    demand(isinstance(obj, dict) and set(obj) == set(names.split()), f"{what}的字段不对", index)
    return obj


def decoded(text, length, what, index=None):
    try:
        return unb64u(text, length)
    except ValueError as wrong:
        raise Failed(f"{what}：{wrong}", index) from wrong


# Keys and checkpoints

TIME = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII)
NOTE = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>[1-9][0-9]{0,15})\n(?P<root>[A-Za-z0-9+/]{43}=)\n([^\n]+\n)*")
LINE = re.compile("\N{EM DASH} (?P<name>[^\\s+]+) (?P<blob>[A-Za-z0-9+/]+={0,2})")
Checkpoint = namedtuple("Checkpoint", "size root")
LedgerKey = namedtuple("LedgerKey", "name kid public first last")
Witness = namedtuple("Witness", "name kid public")


@lru_cache(maxsize=4096)
def is_day(text):
    try:
        return bool(date(int(text[:4]), int(text[5:7]), int(text[8:])))
    except ValueError:
        return False


def is_time(text):
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    return found is not None and is_day(found[1])


class Keys:
    """The pinned public keys; Unchecked if the file is not what it must be."""

    def __init__(self, path):
        try:
            self.take(read_json(path))
        except Failed as wrong:
            raise Unchecked(f"公钥文件 {path} 不能用：{wrong.message}") from wrong
        except Unchecked:
            raise Unchecked(f"没有公钥文件 {path}：请从可信渠道取得后以 --keys 指明") from None

    def take(self, obj):
        fields(obj, "v origin ledger receipt witnesses", "公钥文件")
        lists = [obj[name] for name in ("ledger", "receipt", "witnesses")]
        demand(obj["v"] == 1 and isinstance(obj["origin"], str) and all(isinstance(rows, list) for rows in lists), "内容不对")
        demand(obj["ledger"] != [], "没有账本公钥")
        self.ledger = [self.ledger_key(row) for row in obj["ledger"]]
        self.receipt = [decoded(fields(row, "public_key", "回执公钥")["public_key"], 32, "回执公钥") for row in obj["receipt"]]
        self.witnesses = [self.witness(row) for row in obj["witnesses"]]

    @staticmethod
    def ledger_key(row):
        fields(row, "name public_key from_size to_size", "账本公钥")
        ends = row["to_size"] is None or type(row["to_size"]) is int
        demand(isinstance(row["name"], str) and type(row["from_size"]) is int and ends, "账本公钥的内容不对")
        public = decoded(row["public_key"], 32, "账本公钥")
        return LedgerKey(row["name"], note_key_id(row["name"], b"\x01", public), public, row["from_size"], row["to_size"])

    @staticmethod
    def witness(row):
        fields(row, "name public_key", "见证公钥")
        demand(isinstance(row["name"], str), "见证公钥的内容不对")
        public = decoded(row["public_key"], 32, "见证公钥")
        return Witness(row["name"], note_key_id(row["name"], b"\x04", public), public)


def note_key_id(name, kind, public):
    return sha256(name.encode() + b"\n" + kind + public)[:4]


def opened_note(keys, note):
    """(checkpoint, [(public key, signature, message)…]) of a note: to be valid, all these signatures must verify.

    Failed unless a ledger key in force at that size is among them. Lines by keys we do not know do not matter.
    """
    text, blank, block = note.rpartition("\n\n")
    found, lines = NOTE.fullmatch(text + "\n"), [LINE.fullmatch(line) for line in block.split("\n")[:-1]]
    demand(blank and block.endswith("\n") and found and lines and None not in lines, "检查点的格式不对")
    place = f"检查点（共 {found['size']} 条）"
    root = base64.b64decode(found["root"])
    demand(base64.b64encode(root).decode() == found["root"], f"{place}的格式不对")
    checkpoint, message = Checkpoint(int(found["size"]), root), (text + "\n").encode()
    signatures, in_force = [], False
    for line in lines:
        try:
            blob = base64.b64decode(line["blob"], validate=True)
        except ValueError as wrong:
            raise Failed(f"{place}的签名行格式不对") from wrong
        for key in keys.ledger:
            if (line["name"], blob[:4]) == (key.name, key.kid):
                demand(found["origin"] == key.name, f"{place}写的是另一个账本：{found['origin']}")
                signatures.append((key.public, blob[4:], message))
                in_force = in_force or (key.first <= checkpoint.size and (key.last is None or checkpoint.size <= key.last))
        for witness in keys.witnesses:
            if (line["name"], blob[:4]) == (witness.name, witness.kid):
                at = int.from_bytes(blob[4:12], "big")
                signatures.append((witness.public, blob[12:], f"cosignature/v1\ntime {at}\n".encode() + message))
    demand(in_force, f"{place}没有可信公钥的签名")
    return checkpoint, signatures


def checked_note(keys, note):
    """The checkpoint of a note whose signatures are right; Failed otherwise."""
    checkpoint, signatures = opened_note(keys, note)
    for public, signature, message in signatures:
        demand(ed25519_verifies(public, signature, message), f"检查点（共 {checkpoint.size} 条）的签名不对")
    return checkpoint


def read_note(data, what):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Failed(f"{what}不是文字") from wrong


# The tree of RFC 6962


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


class Frontier:
    """The right edge of a growing tree, in subtrees of 2^level leaves."""

    def __init__(self):
        self.peaks = []

    def append(self, node, level=0):
        while self.peaks and self.peaks[-1][0] == level:
            node = node_hash(self.peaks.pop()[1], node)
            level += 1
        self.peaks.append((level, node))

    def fold(self, right=None):
        """The root over the subtrees here, and `right` after them."""
        for _, peak in reversed(self.peaks):
            right = peak if right is None else node_hash(peak, right)
        return right


def tree_root(leaves):
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.fold() if leaves else sha256(b"")


def proved(leaf, index, size, proof, root):
    """Whether the proof leads from the leaf at `index` to the root of a tree of `size` (RFC 9162 §2.1.3.2)."""
    place, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return False
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


# The log: entries


def tile_path(level, index, width=WIDTH):
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    path = f"tile/{level}/" + "/".join(reversed(parts))
    return path if width == WIDTH else f"{path}.p/{width}"


def read_tile(place, level, index, width):
    """A tile's or bundle's bytes, and whether it is of this very width (a fuller one begins the same way)."""
    data = place.read(tile_path(level, index, width))
    if data is None and width < WIDTH:
        data = place.read(tile_path(level, index))
        return data, False
    return data, True


def read_hashes(place, level, index, width):
    data, exact = read_tile(place, level, index, width)
    span = WIDTH ** (level + 1)
    demand(data is not None, f"缺少文件 {tile_path(level, index, width)}", index * span)
    demand(len(data) == 32 * width if exact else len(data) >= 32 * width, f"文件 {tile_path(level, index, width)} 的长度不对", index * span)
    return data[: 32 * width]


def read_bundle(place, index, width):
    """The entries of a bundle; those that could be read, and what is wrong with the rest or None."""
    path = tile_path("entries", index, width)
    data, exact = read_tile(place, "entries", index, width)
    demand(data is not None, f"缺少文件 {path}", index * WIDTH)
    rows, at = [], 0
    while len(rows) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            return rows, f"文件 {path} 不完整"
        rows.append(data[at + 2 : end])
        at = end
    return rows, f"文件 {path} 末尾多出内容" if exact and at != len(data) else None


HASH = re.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
BLIND = re.compile(rb'\{"c":"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]","t":"blind","v":1\}')
ENTRY = {"v", "t", "k", "s", "n", "p", "at", "by", "d", "h"}
ACTOR = {"id", "role", "cert"}


def is_hash(text):
    return isinstance(text, str) and HASH.fullmatch(text) is not None


def entry_problem(entry):
    """What is wrong with an open entry, in words; None if nothing is."""
    if type(entry) is not dict or entry.keys() != ENTRY:
        return "字段不对"
    if type(entry["v"]) is not int or entry["v"] != 1 or entry["t"] != "open":
        return "版本或类型不对"
    if entry["k"] not in KINDS:
        return f"种类不在封闭清单内：{entry['k']}"
    stream, n, by = entry["s"], entry["n"], entry["by"]
    if type(stream) is not str or not 0 < len(stream) <= 120:
        return "流的名称不对"
    if type(n) is not int or n < 1 or (entry["p"] is not None if n == 1 else not is_hash(entry["p"])):
        return "流内编号或前一条哈希不对"
    if not is_time(entry["at"]):
        return "时间不对"
    if type(by) is not dict or by.keys() != ACTOR:
        return "行为人的字段不对"
    if type(by["id"]) is not str or type(by["role"]) is not str or not by["id"] or not by["role"]:
        return "行为人的内容不对"
    if by["cert"] is not None and type(by["cert"]) is not str:
        return "行为人的内容不对"
    if type(entry["d"]) is not dict or (entry["h"] is not None and not is_hash(entry["h"])):
        return "公开内容或私密摘要不对"
    return None


# An act opened by blind.opened (the entry at `at`): the blinded entry at `index` must have the hash `leaf`.
Opened = namedtuple("Opened", "at index stream n p leaf salt body")
# What is known of a stretch of the log: roots of its full tiles and peaks of the last, [(checkpoint, root up to there)],
# {stream: (first n, its p, its index, last n, last hash)}, opened acts, [(index, draw)], [(index, entry)], {hash: index}.
Chunk = namedtuple("Chunk", "last tiles peaks roots streams opened results kept leaves")


def opened_act(at, row):
    """One row of a blind.opened entry."""
    fields(row, "index salt body", "揭示内容", at)
    body, problem = row["body"], entry_problem(row["body"])
    demand(problem is None, f"第 {at} 号记录揭示的行为不对：{problem}", at)
    public = body["k"] == "blind.opened" or body["k"].startswith("draw.") or body["h"] is not None
    demand(not public, f"第 {at} 号记录揭示了不应隐藏的行为", at)
    demand(type(row["index"]) is int and 0 <= row["index"] < at, f"第 {at} 号记录揭示的编号不对", at)
    salt = decoded(row["salt"], 32, f"第 {at} 号记录揭示的盐值", at)
    leaf = leaf_hash(jcs({"v": 1, "t": "blind", "c": b64u(labelled("blind", salt + jcs(body)))}))
    return Opened(at, row["index"], body["s"], body["n"], body["p"], leaf, row["salt"], body)


class Examiner:
    """What a process has at hand to examine stretches of the log."""

    def __init__(self, place, keys, wanted, leaves, window):
        self.place, self.keys, self.wanted, self.leaves, self.window = place, keys, wanted, leaves, window

    def examine(self, first, last, notes, sizes):
        """Leaves first…last-1 as a Chunk. `notes` are the checkpoints in it, `sizes` more places to know the root at."""
        parsed = [opened_note(self.keys, note) for note in notes]
        folds = dict.fromkeys([checkpoint.size for checkpoint, _ in parsed] + sizes)
        found = Chunk(last, [], [], [], {}, [], [], [], {})
        before = Frontier()
        for tile in range(first // WIDTH, (last - 1) // WIDTH + 1):
            frontier = Frontier()
            peaks, index, width = frontier.peaks, tile * WIDTH, min(WIDTH, last - tile * WIDTH)
            rows, problem = read_bundle(self.place, tile, width)
            hashes = read_hashes(self.place, 0, tile, width)
            for data in rows:
                leaf = node = sha256(b"\x00" + data)
                at = 32 * (index - tile * WIDTH)
                if leaf != hashes[at : at + 32]:
                    raise Failed(f"第 {index} 号记录与公布的哈希不符：内容被改动、删除、插入或调换", index)
                self.look_at(found, index, data, leaf)
                # Frontier.append without the call: this runs once for each entry.
                level = 0
                while peaks and peaks[-1][0] == level:
                    node = sha256(b"\x01" + peaks.pop()[1] + node)
                    level += 1
                peaks.append((level, node))
                index += 1
                if index in folds:
                    folds[index] = before.fold(frontier.fold())
            demand(problem is None, problem, index)
            if width == WIDTH:
                found.tiles.append(peaks[0][1])
                before.append(peaks[0][1], 8)
            else:
                found.peaks.extend(peaks)
        self.check_signatures(parsed)
        found.roots.extend((checkpoint, folds[checkpoint.size]) for checkpoint, _ in parsed)
        found.roots.extend((Checkpoint(size, None), folds[size]) for size in sizes)
        return found

    def look_at(self, found, index, data, leaf):
        if self.leaves and leaf in self.leaves:
            found.leaves[leaf] = index
        if BLIND.fullmatch(data):
            return
        demand(len(data) <= LARGEST_ENTRY, f"第 {index} 号记录超过 {LARGEST_ENTRY} 字节", index)
        try:
            entry = parse_jcs(data)
        except ValueError as wrong:
            raise Failed(f"第 {index} 号记录：{wrong}", index) from wrong
        problem = entry_problem(entry)
        if problem is not None:
            raise Failed(f"第 {index} 号记录：{problem}", index)
        stream, n, kind = entry["s"], entry["n"], entry["k"]
        known = found.streams.get(stream)
        if known is None:
            found.streams[stream] = [n, entry["p"], index, n, b64u(leaf)]
        else:
            check_link(index, stream, known[3], known[4], n, entry["p"])
            known[3:] = n, b64u(leaf)
        if kind == "blind.opened":
            rows = fields(entry["d"], "entries", f"第 {index} 号记录", index)["entries"]
            demand(isinstance(rows, list), f"第 {index} 号记录的内容不对", index)
            for row in rows:
                act = opened_act(index, row)
                found.opened.append(act if act.stream in self.wanted else act._replace(body=None, salt=None))
        elif kind.startswith("draw."):
            draw = entry["d"].get("draw")
            demand(isinstance(draw, str) and stream == f"draw/{draw}", f"第 {index} 号记录不在所属抽取的流中", index)
            if kind == "draw.result":
                found.results.append((index, draw))
        if stream in self.wanted:
            found.kept.append((index, entry))

    def check_signatures(self, parsed):
        by_key = {}
        for place, (_, signatures) in enumerate(parsed):
            for public, signature, message in signatures:
                by_key.setdefault(public, []).append((place, signature, message))
        for public, rows in by_key.items():
            bad = first_bad_signature(public, [row[1:] for row in rows], self.window)
            if bad is not None:
                raise Failed(f"检查点（共 {parsed[rows[bad][0]][0].size} 条）的签名不对")


def check_link(index, stream, n, leaf, found_n, found_p):
    """Whether an entry follows the one numbered n, whose hash is `leaf`, in its stream."""
    if found_n != n + 1:
        raise Failed(f"第 {index} 号记录在流 {stream} 中的编号是 {found_n}，应为 {n + 1}：有记录缺失或重号", index)
    if found_p != leaf:
        raise Failed(f"第 {index} 号记录所指的前一条与流 {stream} 的实际前一条不符", index)


EXAMINER = None


def set_examiner(examiner):
    global EXAMINER
    EXAMINER = examiner


def examine(work):
    return EXAMINER.examine(*work)


def in_order(examiner, works, size):
    """The results of all pieces of work, in their order; by several processes where it pays."""
    count = os.cpu_count() or 1
    if isinstance(examiner.place, Web):
        count = max(count, 6)
    if count == 1 or size <= CHUNK:
        for work in works:
            yield examiner.examine(*work)
        return
    if examiner.window:
        # Made once, before the processes part.
        base_multiples(examiner.window)
        for key in examiner.keys.ledger:
            key_multiples(key.public, examiner.window)
    # Whoever stops at the first fault waits for the pieces under way: processes ended in the middle of an answer left the
    # tool waiting for the rest of it for good.
    pool = ProcessPoolExecutor(count, initializer=set_examiner, initargs=(examiner,))
    try:
        waiting = deque()
        for work in works:
            waiting.append(pool.submit(examine, work))
            if len(waiting) > count + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


# The log: checkpoints and the whole


def notes_in(file):
    """The notes of checkpoints.txt, each followed by an empty line."""
    lines, blanks = [], 0
    for line in file:
        if line == b"\n":
            blanks += 1
            if blanks == 2:
                yield read_note(b"".join(lines), "checkpoints.txt ")
                lines, blanks = [], 0
                continue
        lines.append(line)
    demand(not lines, "checkpoints.txt 末尾不完整")


def size_in(note):
    found = NOTE.match(note)
    demand(found is not None, "checkpoints.txt 中有格式不对的检查点")
    return int(found["size"])


class Story:
    """What a whole log says, once it is verified; of entries, only those that were asked for."""

    def __init__(self):
        self.size, self.head, self.checkpoints = 0, None, 0
        self.streams, self.private, self.results = {}, {}, {}
        self.entries, self.opened, self.leaves, self.after = {}, {}, {}, {}


class Reading:
    """One pass over a log from its first entry to its newest checkpoint."""

    def __init__(self, place, keys, *, wanted=(), leaves=(), roots=(), after=()):
        self.place, self.keys = place, keys
        self.wanted, self.leaves, self.after = wanted, frozenset(leaves), after
        # [(checkpoint, what is wrong if the log has another root there)]
        self.roots = sorted(roots)
        self.story, self.frontier = Story(), Frontier()
        # The tile of each level that is being gathered, how many were full, and up to where the roots were right.
        self.tiles, self.full, self.good = {}, Counter(), 0

    def run(self):
        """The Story; Failed at the first thing that is wrong."""
        story = self.story
        with tempfile.TemporaryFile() as notes:
            head, count = self.find_head(notes)
            for checkpoint, message in self.roots:
                demand(
                    checkpoint.size <= head.size,
                    f"{message}：账本现有 {head.size} 条，少于 {checkpoint.size} 条，后面的记录被删除",
                    head.size,
                )
            story.size = head.size
            notes.seek(0)
            examiner = Examiner(self.place, self.keys, self.wanted, self.leaves, window_for(count) if count > 20_000 else None)
            for chunk in in_order(examiner, self.works(notes_in(notes), head.size), head.size):
                self.take(chunk)
        for level, tile in self.tiles.items():
            if tile:
                self.compare(level, tile)
        return story

    def find_head(self, notes):
        """The newest checkpoint, with the list of all copied into `notes`, and about how many there are."""
        data = self.place.read("checkpoint")
        if data is None:
            raise Unchecked("没有找到账本：缺少文件 checkpoint")
        newest = checked_note(self.keys, read_note(data, "检查点"))
        demand(self.place.copy("checkpoints.txt", notes), "缺少文件 checkpoints.txt")
        length = notes.tell()
        notes.seek(max(0, length - 65536))
        parts = read_note(notes.read(), "checkpoints.txt ").split("\n\n")
        demand(len(parts) >= 3 and parts[-1] == "", "checkpoints.txt 末尾不完整")
        self.story.head = f"{parts[-3]}\n\n{parts[-2]}\n"
        last = checked_note(self.keys, self.story.head)
        if newest.size < last.size:
            # The list is written a moment before the newest checkpoint.
            time.sleep(1)
            newest = checked_note(self.keys, read_note(self.place.read("checkpoint") or b"", "检查点"))
            demand(newest.size >= last.size, f"checkpoint 文件（{newest.size} 条）落后于 checkpoints.txt（{last.size} 条）", newest.size)
        else:
            demand(newest == last, f"最新的检查点（{newest.size} 条）不是 checkpoints.txt 的最后一个")
        return last, length // len(self.story.head.encode())

    def works(self, notes, size):
        """The stretches to examine, each with its checkpoints."""
        previous, note = 0, next(notes, None)
        for first in range(0, size, CHUNK):
            last, within = min(first + CHUNK, size), []
            while note is not None and size_in(note) <= last:
                demand(size_in(note) > previous, "checkpoints.txt 中的检查点没有按大小递增")
                previous = size_in(note)
                within.append(note)
                note = next(notes, None)
            yield first, last, within, [checkpoint.size for checkpoint, _ in self.roots if first < checkpoint.size <= last]
        demand(note is None, "checkpoints.txt 中的检查点没有按大小递增")

    def take(self, chunk):
        """Join a stretch to what came before it."""
        story = self.story
        self.link(chunk.streams)
        for act in chunk.opened:
            self.open(act)
        for index, draw in chunk.results:
            demand(draw not in story.results, f"抽取 {draw} 有两个结果", index)
            story.results[draw] = index
        self.check_roots(chunk.roots)
        for index, entry in chunk.kept:
            story.entries.setdefault(entry["s"], []).append((index, entry))
        story.leaves.update(chunk.leaves)
        for root in chunk.tiles:
            self.frontier.append(root, 8)
            self.fill(1, root)
        for level, peak in chunk.peaks:
            self.frontier.append(peak, level)

    def link(self, streams):
        story = self.story
        for stream, (n, p, index, last_n, last_leaf) in streams.items():
            demand(stream not in story.private, f"流 {stream} 既有公开记录又有隐藏记录", index)
            check_link(index, stream, *story.streams.get(stream, (0, None)), n, p)
            story.streams[stream] = last_n, last_leaf

    def open(self, act):
        """An opened act must be what stands at its place, and follow the one opened before it in its private stream."""
        story, at = self.story, 32 * (act.index % WIDTH)
        what = f"第 {act.at} 号记录揭示的第 {act.index} 号记录"
        demand(self.tile(act.index // WIDTH)[at : at + 32] == act.leaf, f"{what}与原记录不符", act.at)
        demand(act.stream not in story.streams, f"流 {act.stream} 既有公开记录又有隐藏记录", act.at)
        indexes, leaf = story.private.get(act.stream, ([], None))
        if act.n <= len(indexes):
            demand(indexes[act.n - 1] == act.index, f"{what}与已揭示的另一条重号", act.at)
            return
        check_link(act.index, act.stream, len(indexes), leaf, act.n, act.p)
        demand(not indexes or indexes[-1] < act.index, f"{what}早于它的前一条", act.at)
        indexes.append(act.index)
        story.private[act.stream] = indexes, b64u(act.leaf)
        if act.body is not None:
            story.opened.setdefault(act.stream, []).append(act)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one reading in a process
    def tile(self, index):
        return read_hashes(self.place, 0, index, min(WIDTH, self.story.size - index * WIDTH))

    def check_roots(self, roots):
        wanted = {}
        for checkpoint, message in self.roots:
            wanted.setdefault(checkpoint.size, []).append((checkpoint.root, message))
        for checkpoint, fold in roots:
            root = self.frontier.fold(fold)
            for expected, message in wanted.get(checkpoint.size, ()):
                demand(root == expected, f"{message}：前 {checkpoint.size} 条的根不同，历史被改写", None)
            if checkpoint.root is not None:
                said = f"检查点（共 {checkpoint.size} 条）签名的根与记录不符：第 {self.good} 至 {checkpoint.size - 1} 号之间有改动"
                demand(root == checkpoint.root, said, self.good)
                self.good = checkpoint.size
                self.story.checkpoints += 1
                for index in self.after:
                    if checkpoint.size > index:
                        self.story.after.setdefault(index, checkpoint)

    def fill(self, level, node):
        """Gather nodes into the tiles of a level, and compare each tile with its file once it is full."""
        tile = self.tiles.setdefault(level, [])
        tile.append(node)
        if len(tile) == WIDTH:
            self.compare(level, tile)
            root = tree_root(tile)
            tile.clear()
            self.full[level] += 1
            self.fill(level + 1, root)

    def compare(self, level, tile):
        index = self.full[level]
        hashes = read_hashes(self.place, level, index, len(tile))
        for at, node in enumerate(tile):
            first = (index * WIDTH + at) * WIDTH**level
            demand(
                hashes[32 * at : 32 * at + 32] == node,
                f"文件 {tile_path(level, index, len(tile))} 中的哈希与第 {first} 号起的记录不符",
                first,
            )


def verify_log(place, keys, since=None, store=None):
    """Verify a whole log, also against a checkpoint that the user kept; keep the newest in the file `store`."""
    roots = []
    if since is not None:
        try:
            with open(since, encoding="utf-8", newline="") as file:
                roots = [(checked_note(keys, file.read()), "与你保存的检查点不符")]
        except (OSError, ValueError) as wrong:
            raise Unchecked(f"无法读取保存的检查点 {since}") from wrong
        except Failed as wrong:
            raise Unchecked(f"保存的检查点 {since} 不能用：{wrong.message}") from wrong
    story = Reading(place, keys, roots=roots).run()
    if store is not None:
        with open(store, "w", encoding="utf-8", newline="") as file:
            file.write(story.head)
    said = f"账本核对通过：{story.size} 条记录、{len(story.streams)} 条公开的流、{story.checkpoints} 个检查点全部相符。"
    return said + (f"保存的检查点（{roots[0][0].size} 条）是它的开头。" if roots else "")


# Receipts

RECEIPT = "v action tender lot bidder rev manifest received_at deadline entry index size root proof checkpoint"
ACK = "v action tender lot bidder rev manifest received_at deadline leaf promise"
SUBMITTED = ("bid.submitted", "bid.replaced")


def moment(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def platform_signed(keys, label, obj, signature):
    """Whether one of the platform's receipt keys signed this object under this label."""
    try:
        message = f"etp/{label}/v1\n".encode() + jcs(obj)
        return any(ed25519_verifies(public, unb64u(signature), message) for public in keys.receipt)
    except ValueError:
        return False


def texts(obj, names, what):
    demand(all(isinstance(obj[name], str) for name in names.split()), f"{what}的内容不对")


class Receipt:
    """A receipt, or the ack that came before it, whose signature and inner proofs are right; Failed otherwise."""

    def __init__(self, obj, keys):
        self.promised = isinstance(obj, dict) and "ack" in obj
        name, names = ("ack", ACK) if self.promised else ("receipt", RECEIPT)
        self.manifest = obj.get("manifest") if isinstance(obj, dict) else None
        fields(obj, f"{name} signature" + (" manifest" if self.manifest is not None else ""), "回执文件")
        self.body = body = fields(obj[name], names, "回执")
        demand(type(body["v"]) is int and body["v"] == 1, "回执的版本不对")
        demand(platform_signed(keys, name, body, obj["signature"]), "回执的签名不对")
        texts(body, "action tender lot bidder manifest", "回执")
        demand(body["action"] in ("submit", "withdraw") and type(body["rev"]) is int, "回执的内容不对")
        demand(is_time(body["received_at"]) and is_time(body["deadline"]), "回执的时间不对")
        demand(body["received_at"] < body["deadline"], f"收到时间 {body['received_at']} 不早于截止时间 {body['deadline']}")
        if self.manifest is not None:
            demand(manifest_hash(self.manifest) == body["manifest"], "所附清单不是回执所指的清单")
        self.streams = f"tender/{body['tender']}", f"bids/{body['tender']}/{body['lot']}"
        if self.promised:
            self.leaf = decoded(body["leaf"], 32, "回执中的哈希")
            demand(type(body["promise"]) is int, "回执的内容不对")
        else:
            self.check_proof(keys)

    def check_proof(self, keys):
        body = self.body
        inner = fields(body["entry"], "salt body", "回执中的记录")
        entry, problem = inner["body"], entry_problem(inner["body"])
        demand(problem is None, f"回执中的记录：{problem}")
        kinds = SUBMITTED if body["action"] == "submit" else ("bid.withdrawn",)
        names = ("tender", "lot", "bidder", "rev", "manifest", "received_at")
        same = entry["k"] in kinds and entry["s"] == self.streams[1] and entry["d"] == {name: body[name] for name in names}
        demand(same, "回执中的记录与回执所述不符")
        salt = decoded(inner["salt"], 32, "回执中的盐值")
        self.leaf = leaf_hash(jcs({"v": 1, "t": "blind", "c": b64u(labelled("blind", salt + jcs(entry)))}))
        demand(type(body["index"]) is int and type(body["size"]) is int and isinstance(body["proof"], list), "回执的内容不对")
        demand(isinstance(body["checkpoint"], str), "回执中的检查点不对")
        self.checkpoint = checked_note(keys, body["checkpoint"])
        root = decoded(body["root"], 32, "回执中的根")
        demand(self.checkpoint == Checkpoint(body["size"], root), "回执所写的大小和根与其检查点不符")
        proof = [decoded(step, 32, "存在证明") for step in body["proof"]]
        demand(proved(self.leaf, body["index"], body["size"], proof, root), "存在证明不成立：该记录不在检查点所签的账本中", body["index"])

    def check_with(self, place, keys):
        """What the log as it is today says of it, in words."""
        roots = [] if self.promised else [(self.checkpoint, "与回执的检查点不符")]
        story = Reading(place, keys, wanted=self.streams, leaves=[self.leaf], roots=roots).run()
        index = story.leaves.get(self.leaf)
        if index is None:
            late = datetime.now(timezone.utc) > moment(self.body["received_at"]) + PROMISE
            demand(not late, "平台承诺登记的记录不在账本中：平台未履行承诺，请保存此文件作为证据")
            raise Unchecked("承诺的时限未到，记录尚未入账，请稍后再核对")
        demand(self.promised or index == self.body["index"], "该记录在账本中的位置与回执不同", index)
        lot = Lot(self.body["tender"], self.body["lot"], story)
        if lot.revealed is None:
            return f"记录是账本的第 {index} 号，与账本今天的状态一致；本标段尚未公布开标结果。"
        demand(any(act.index == index for act in lot.acts), "开标后没有揭示这份投标的记录", index)
        lot.check_bids()
        return f"记录是账本的第 {index} 号，已在开标后公开，并包含在锁定的投标集合中。"


def verify_receipt(path, keys, place=None):
    receipt = Receipt(read_json(path), keys)
    if receipt.promised:
        said = "收到确认的签名核对通过：平台承诺 60 秒内登记入账。"
    else:
        said = f"回执核对通过：收到时间 {receipt.body['received_at']}，早于截止时间，第 {receipt.body['index']} 号记录在签名的账本中。"
    if place is None:
        return said + "（没有指明账本，未与账本今天的状态比较。）"
    return said + receipt.check_with(place, keys)


# Openings

LOT_KINDS = {
    "lot.deadline_changed": "tender lot old new",
    "lot.deadline_restored": "tender lot old new outage",
    "lot.policy_signed": "tender lot policy policy_hash signature spki",
    "lot.locked": "tender lot n bids_root",
    "envelope.returned": "tender lot bidder manifest",
    "envelope.admitted": "tender lot n bids_root",
    "opening.started": "tender lot keys_until",
    "opening.extended": "tender lot keys_until reason",
    "opening.revealed": "tender lot n opened table",
    "opening.closed": "tender lot opened record discarded",
}
ENVELOPES = ["bid"], ["technical", "commercial"]
ACT_KINDS = {
    **dict.fromkeys(("bid.submitted", "bid.replaced", "bid.withdrawn"), "tender lot bidder rev manifest received_at"),
    "opening.key_released": "tender lot bidder manifest digest",
    "opening.key_failed": "tender lot bidder manifest attempts",
    "fallback.requested": "tender lot bidder manifest by reason",
    "fallback.approved": "tender lot bidder manifest reason",
    "fallback.refused": "tender lot bidder manifest reason",
    "fallback.share": "tender lot bidder manifest holder org commit",
    "fallback.bad_share": "tender lot bidder manifest holder org digest signature",
    "fallback.opened": "tender lot bidder manifest digest",
    "fallback.failed": "tender lot bidder manifest reason",
}
POLICY = "v tender lot k holders fallback window_min"


def check_holders(holders, k, what, index):
    """Emergency holders: 2 ≤ k ≤ n ≤ 7, and no organisation reaches k alone."""
    demand(isinstance(holders, list) and type(k) is int and 2 <= k <= len(holders) <= 7, f"{what}的持钥人数不对", index)
    for row in holders:
        fields(row, "id org role spki kid", f"{what}的持钥人", index)
        texts(row, "id org role spki kid", f"{what}的持钥人")
        kid = b64u(labelled("kid", decoded(row["spki"], None, f"{what}的持钥人公钥", index))[:8])
        demand(row["kid"] == kid, f"{what}的持钥人公钥与编号不符", index)
    demand(len({row["kid"] for row in holders}) == len(holders), f"{what}的持钥人重复", index)
    demand(max(Counter(row["org"] for row in holders).values()) < k, f"{what}中有单位可以独自开启", index)


def without_envelope(kind, d):
    """The fields of an act without the envelope that it speaks of. Openings entered before there were two name none."""
    if kind.startswith("envelope.") or kind.startswith(("opening.", "fallback.")) and "envelope" in d:
        return {name: value for name, value in d.items() if name != "envelope"}
    return d


class Opening:
    """The opening of one envelope of a lot's bids: its places in the log, and what was blinded while it lasted."""

    def __init__(self, envelope, acts):
        self.envelope, self.acts = envelope, acts
        self.started = self.revealed = self.closed = None
        self.until, self.extensions = None, 0


class Lot:
    """One lot's openings as the log tells them. Reading it checks the order of the open acts."""

    def __init__(self, tender, lot, story):
        self.tender, self.lot, self.story = tender, lot, story
        self.acts = story.opened.get(f"bids/{tender}/{lot}", [])
        self.deadlines, self.policies, self.openings = [], [], []
        self.locked = self.admitted = None
        self.failed, self.returned = False, {}
        for index, entry in story.entries.get(f"tender/{tender}", []):
            self.follow(index, entry, entry["k"], entry["d"])

    @property
    def name(self):
        return f"标段 {self.lot}"

    @property
    def first(self):
        return self.openings[0]

    @property
    def revealed(self):
        """Where the lot's bids became public: at the first reveal."""
        return self.openings[0].revealed if self.openings else None

    def opening_of(self, index, d):
        found = next((each for each in self.openings if each.envelope == d.get("envelope", "bid")), None)
        demand(found is not None, f"第 {index} 号记录所指的信封不是招标文件所要求的", index)
        return found

    @property
    def deadline(self):
        return self.deadlines[-1][1] if self.deadlines else None

    def deadline_at(self, index):
        return max((row for row in self.deadlines if row[0] < index), default=(0, ""))[1]

    def follow(self, index, entry, kind, d):
        if kind == "tender.published":
            demand(isinstance(d.get("lots"), list), f"第 {index} 号记录的字段不对", index)
            for row in d["lots"]:
                fields(row, "lot code deadline policy policy_hash", f"第 {index} 号记录的标段", index)
                if row["lot"] == self.lot:
                    demand(not self.deadlines and is_time(row["deadline"]), f"第 {index} 号记录：标段重复公布或时间不对", index)
                    self.deadlines.append((index, row["deadline"]))
                    self.ask_for(index, d.get("envelopes", ["bid"]))
                    self.take_policy(index, row["policy"], row["policy_hash"])
        elif d.get("lot") == self.lot and kind in LOT_KINDS:
            fields(without_envelope(kind, d), LOT_KINDS[kind], f"第 {index} 号记录", index)
            # Who may open bids in an emergency can be settled before the tender is published, everything else after.
            known = self.deadlines or kind == "lot.policy_signed"
            demand(d["tender"] == self.tender and known, f"第 {index} 号记录早于招标公告", index)
            getattr(self, kind.replace(".", "_"))(index, entry["at"], d)
        elif d.get("lot") == self.lot and kind == "lot.failed":
            self.failed = True

    def ask_for(self, index, envelopes):
        demand(envelopes in ENVELOPES, f"第 {index} 号记录：招标文件要求的信封不对", index)
        for envelope in envelopes:
            acts = self.acts if envelope == envelopes[0] else self.story.opened.get(f"bids/{self.tender}/{self.lot}/{envelope}", [])
            self.openings.append(Opening(envelope, acts))

    def take_policy(self, index, policy, digest):
        fields(policy, POLICY, "开标授权", index)
        about = policy["v"], policy["tender"], policy["lot"]
        demand(about == (1, self.tender, self.lot) and type(policy["window_min"]) is int, "开标授权的内容不对", index)
        if policy["fallback"] == "required":
            check_holders(policy["holders"], policy["k"], "开标授权", index)
        else:
            demand((policy["fallback"], policy["holders"], policy["k"]) == ("none", [], 0), "开标授权的内容不对", index)
        demand(digest == b64u(labelled_json("opening-policy", policy)), "开标授权的摘要不对", index)
        self.policies.append((index, policy))

    def lot_deadline_changed(self, index, at, d):
        right = d["old"] == self.deadline and is_time(d["new"])
        demand(right and self.locked is None, "截止时间的变更与原定时间不符", index)
        demand(at < self.deadline, f"截止时间在到期之后（{at}）才变更", index)
        self.deadlines.append((index, d["new"]))

    def lot_deadline_restored(self, index, at, d):
        right = d["old"] == self.deadline and is_time(d["new"]) and type(d["outage"]) is str
        demand(right and self.locked is None, "因故障重新确定的截止时间与原定时间不符", index)
        demand(self.deadline <= at < d["new"], f"因故障重新确定的截止时间不在当时（{at}）之后", index)
        self.deadlines.append((index, d["new"]))

    def lot_policy_signed(self, index, at, d):
        demand(self.locked is None and (not self.deadlines or at < self.deadline), "开标授权在截止之后变更", index)
        self.take_policy(index, d["policy"], d["policy_hash"])
        demand(signed_by_person(d["spki"], "opening-policy", d["policy"], d["signature"]), "开标授权的签名不对", index)

    def lot_locked(self, index, at, d):
        demand(self.locked is None, f"{self.name} 锁定了两次", index)
        demand(at >= self.deadline, f"{self.name} 在截止时间 {self.deadline} 之前锁定（{at}）", index)
        demand(type(d["n"]) is int and is_hash(d["bids_root"]), "锁定记录的内容不对", index)
        self.locked = index, at, d

    def second_awaited(self, index, d):
        """Between the end of the first opening and the admission to the second."""
        opening = self.opening_of(index, d)
        demand(opening is not self.first and self.first.closed and self.admitted is None, f"{self.name}确定开启第二信封的次序不对", index)

    def envelope_returned(self, index, at, d):
        self.second_awaited(index, d)
        demand(d["manifest"] not in self.returned, f"第 {index} 号记录：同一信封退回了两次", index)
        self.returned[d["manifest"]] = index, d["bidder"]

    def envelope_admitted(self, index, at, d):
        self.second_awaited(index, d)
        demand(type(d["n"]) is int and is_hash(d["bids_root"]), f"第 {index} 号记录的内容不对", index)
        self.admitted = index, at, d

    def opening_started(self, index, at, d):
        opening = self.opening_of(index, d)
        ready = self.locked if opening is self.first else self.admitted
        demand(ready and opening.started is None and is_time(d["keys_until"]), f"{self.name}开标与锁定的次序不对", index)
        opening.started, opening.until = index, d["keys_until"]

    def opening_extended(self, index, at, d):
        opening = self.opening_of(index, d)
        demand(opening.started and opening.revealed is None and is_time(d["keys_until"]), f"{self.name}延长解密时限的次序不对", index)
        opening.extensions += 1
        demand(opening.extensions <= 2 and d["keys_until"] > opening.until, f"{self.name}解密时限的延长不对", index)
        opening.until = d["keys_until"]

    def opening_revealed(self, index, at, d):
        opening = self.opening_of(index, d)
        demand(opening.started and opening.revealed is None, f"{self.name}公布开标结果的次序不对", index)
        fixed = (self.locked if opening is self.first else self.admitted)[2]["n"]
        demand(type(d["opened"]) is int and d["n"] == fixed, "公布的投标份数与锁定时不同", index)
        opening.revealed = index, at, d

    def opening_closed(self, index, at, d):
        opening = self.opening_of(index, d)
        demand(opening.revealed and opening.closed is None, f"{self.name}结束开标的次序不对", index)
        opening.closed = index

    def check_act(self, act, opening):
        """An act that was blinded while an opening lasted is of that lot and envelope, and was opened after its reveal."""
        kind, d = act.body["k"], act.body["d"]
        demand(kind in ACT_KINDS, f"第 {act.index} 号记录的种类不属于投标或开标", act.index)
        fields(without_envelope(kind, d), ACT_KINDS[kind], f"第 {act.index} 号记录", act.index)
        demand((d["tender"], d["lot"]) == (self.tender, self.lot), f"第 {act.index} 号记录属于另一个标段", act.index)
        demand(act.at > opening.revealed[0], f"第 {act.index} 号记录在公布开标结果之前就被揭示", act.index)
        demand(act.index < opening.revealed[0], f"第 {act.index} 号记录晚于公布开标结果", act.index)
        if kind.startswith("bid."):
            demand(opening is self.first, f"第 {act.index} 号记录不属于第二信封", act.index)
        else:
            demand(d.get("envelope", "bid") == opening.envelope, f"第 {act.index} 号记录属于另一个信封", act.index)
            demand(act.index > self.locked[0], f"第 {act.index} 号记录：锁定之前已有密钥提交", act.index)
            demand(opening.started < act.index, f"第 {act.index} 号记录：开标之前已有密钥提交", act.index)

    def heads(self):
        """{bidder: (index, manifest, received_at)} of the bids that counted at the lock."""
        heads, last = {}, {}
        for act in self.acts:
            kind, d = act.body["k"], act.body["d"]
            self.check_act(act, self.first)
            if not kind.startswith("bid."):
                continue
            received = d["received_at"]
            demand(act.index < self.locked[0], f"第 {act.index} 号记录：锁定之后仍有投标", act.index)
            in_time = is_time(received) and received <= act.body["at"] and received < self.deadline_at(act.index)
            demand(in_time, f"第 {act.index} 号记录：投标收到时间 {received} 不早于截止时间", act.index)
            bidder = d["bidder"]
            demand(d["rev"] == last.get(bidder, 0) + 1, f"第 {act.index} 号记录：投标版本缺失或重复", act.index)
            fits = (kind == "bid.submitted") == (bidder not in heads)
            demand(fits, f"第 {act.index} 号记录：递交、替换与撤回的次序不对", act.index)
            last[bidder] = d["rev"]
            heads[bidder] = act.index, d["manifest"], received
            if kind == "bid.withdrawn":
                del heads[bidder]
        return heads

    def check_bids(self):
        """The set that was locked is the set of bids handed in; {bidder: head}."""
        heads = self.heads()
        self.check_set(heads, self.locked)
        return heads

    def check_set(self, heads, said):
        index, _, d = said
        demand(d["n"] == len(heads), f"锁定的投标是 {d['n']} 份，账本中有效的投标是 {len(heads)} 份", index)
        rows = sorted(heads.values(), key=lambda head: head[1])
        root = tree_root([leaf_hash(jcs({"manifest": manifest, "received_at": at})) for _, manifest, at in rows])
        demand(d["bids_root"] == b64u(root), "锁定的投标集合与账本中的投标不符", index)

    def check_openings(self):
        """What is to be said of the openings whose bids were revealed; the second is of the bids locked for the first."""
        heads = self.check_bids()
        said = [self.check_opening(self.first, heads)]
        for second in self.openings[1:]:
            if self.admitted:
                for manifest, (index, bidder) in self.returned.items():
                    demand(heads.get(bidder, (0, ""))[1] == manifest, f"第 {index} 号记录退回的信封不在锁定之列", index)
                heads = {bidder: head for bidder, head in heads.items() if head[1] not in self.returned}
                self.check_set(heads, self.admitted)
            if second.revealed:
                for act in second.acts:
                    self.check_act(act, second)
                said.append(self.check_opening(second, heads))
            else:
                demand(
                    not second.acts, f"{self.name}：第二信封尚未公布开标结果，其记录已被揭示", second.acts[0].index if second.acts else None
                )
                said.append(f"{self.name}：第二信封尚未公布开标结果")
        return "；".join(said)

    def check_opening(self, opening, heads):
        """Every bid was settled, by its bidder's key, the emergency holders or the end of the window, before the reveal."""
        fates = {(bidder, manifest): Fate(self, index) for bidder, (index, manifest, _) in heads.items()}
        for act in opening.acts:
            if not act.body["k"].startswith("bid."):
                d = act.body["d"]
                fate = fates.get((d["bidder"], d["manifest"]))
                demand(fate is not None, f"第 {act.index} 号记录所指的投标不在锁定之列", act.index)
                fate.follow(act.index, act.body["k"], d)
        index, at, d = opening.revealed
        opened = sum(fate.opened for fate in fates.values())
        settled = sum(fate.opened or fate.failed for fate in fates.values())
        demand(settled == len(fates) or at >= opening.until, "解密时限未到，且仍有投标没有解密，就公布了开标结果", index)
        demand(d["opened"] <= opened, f"公布开启 {d['opened']} 份，只有 {opened} 份交出了密钥", index)
        part = {"bid": "", "technical": "第一信封", "commercial": "第二信封"}[opening.envelope]
        return f"{self.name}{part}：{len(heads)} 份投标，开启 {d['opened']} 份，次序和应急解密均合规"


class Fate:
    """How one locked bid was settled."""

    def __init__(self, lot, index):
        self.lot, self.opened, self.requested, self.approved, self.failed = lot, False, False, False, False
        self.shares = []
        self.policies = [policy for at, policy in lot.policies if at < index and policy["fallback"] == "required"]

    def follow(self, index, kind, d):
        if kind == "opening.key_released":
            self.opened = True
        elif kind == "fallback.requested":
            self.requested = True
        elif kind in ("fallback.approved", "fallback.refused"):
            demand(self.requested, f"第 {index} 号记录：应急解密没有申请", index)
            self.approved = kind == "fallback.approved"
            self.requested = self.approved
        elif kind != "opening.key_failed":
            demand(self.approved, f"第 {index} 号记录：应急解密没有经过批准", index)
            if kind == "fallback.share":
                self.shares.append((d["holder"], d["org"]))
            elif kind == "fallback.failed":
                self.failed = True
            elif kind == "fallback.opened":
                demand(any(self.suffice(policy) for policy in self.policies), f"第 {index} 号记录：应急解密的持钥人不足", index)
                self.opened = True

    def suffice(self, policy):
        """Whether all shares come from holders of this policy, and enough of different organisations."""
        places = {(holder["kid"], holder["org"]) for holder in policy["holders"]}
        orgs = {org for _, org in self.shares}
        return places.issuperset(self.shares) and len(orgs) >= policy["k"]


def verify_opening(tender, keys, place):
    # Which lots there are stands in the log itself; their private streams are wanted from the beginning.
    story = Reading(place, keys, wanted=Streams(tender)).run()
    lots = {}
    for index, entry in story.entries.get(f"tender/{tender}", []):
        if entry["k"] == "tender.published":
            rows = entry["d"].get("lots")
            demand(isinstance(rows, list) and all(isinstance(row, dict) for row in rows), f"第 {index} 号记录的字段不对", index)
            lots.update((str(row.get("lot")), None) for row in rows)
    if not lots:
        raise Unchecked(f"账本中没有项目 {tender} 的招标公告")
    said, waiting = [], []
    for name in lots:
        lot = Lot(tender, name, story)
        if lot.revealed is not None:
            said.append(lot.check_openings())
        elif lot.failed:
            said.append(f"{lot.name}：未开启任何投标，按规定终止")
        else:
            waiting.append(name)
    if waiting:
        raise Unchecked(f"标段 {'、'.join(waiting)} 尚未公布开标结果，暂不能核对")
    return "开标核对通过：" + "；".join(said) + "。"


class Streams:
    """The streams of one tender: its own and those of its lots' bids."""

    def __init__(self, tender):
        self.own, self.bids = f"tender/{tender}", f"bids/{tender}/"

    def __contains__(self, stream):
        return stream == self.own or stream.startswith(self.bids)


# Draws

DRAW = "v type draw checkpoint entries lists"
TRANSCRIPT = "v draw kind n list_root strata checkpoint contrib beacon"
DEFINED = "draw purpose rule strata parties k holders commit_until beacon repeats"
DRAW_KINDS = {
    "draw.listed": "draw confidential n strata list_root",
    "draw.committed": "draw commits",
    "draw.revealed": "draw party r recovered",
    "fallback.requested": "draw party reason",
    "draw.recovery_requested": "draw party",
    **dict.fromkeys(("fallback.share", "draw.share"), "draw party holder org digest"),
    **dict.fromkeys(("fallback.bad_share", "draw.bad_share"), "draw party holder org digest signature"),
    "draw.seeded": "draw transcript seed",
    "draw.result": "draw strata",
    "draw.replaced": "draw stratum out in place skipped reason",
    "draw.names": "draw names",
    "draw.void": "draw reason party",
}
# What may follow what. Recoveries may come between the reveals.
OPEN_STAGE = ("draw.revealed", "fallback.requested", "fallback.share", "fallback.bad_share")
STAGES = {
    "draw.defined": (None,),
    "draw.listed": ("draw.defined",),
    "draw.committed": ("draw.listed",),
    **dict.fromkeys(OPEN_STAGE, ("draw.committed", *OPEN_STAGE)),
    "draw.seeded": ("draw.committed", *OPEN_STAGE),
    "draw.result": ("draw.seeded",),
    "draw.replaced": ("draw.result", "draw.replaced", "draw.names"),
    "draw.names": ("draw.result", "draw.replaced", "draw.names"),
    "draw.void": ("draw.defined", "draw.listed", "draw.committed", *OPEN_STAGE),
}
SAME = {"draw.recovery_requested": "fallback.requested", "draw.share": "fallback.share", "draw.bad_share": "fallback.bad_share"}


def numbers(seed):
    """Endless uint64 of HMAC-SHA256 blocks: four big-endian numbers a block."""
    count = 0
    while True:
        block = hmac.new(seed, b"etp/draw-block/v1\n" + count.to_bytes(8, "big"), hashlib.sha256).digest()
        for at in (0, 8, 16, 24):
            yield int.from_bytes(block[at : at + 8], "big")
        count += 1


def below(source, n):
    limit = 2**64 - 2**64 % n
    return next(number for number in source if number < limit) % n


def permutation(seed, n):
    source, order = numbers(seed), list(range(n))
    for place in range(n - 1):
        other = place + below(source, n - place)
        order[place], order[other] = order[other], order[place]
    return order


class Draw:
    """One draw, followed entry by entry. Whatever is wrong raises Failed."""

    def __init__(self, number, lists):
        self.number, self.lists = number, lists
        self.stage, self.void = None, False
        self.revealed, self.asked, self.shares = {}, set(), {}
        self.chosen, self.left, self.walked, self.named = {}, {}, {}, set()
        self.transcript = None

    def follow(self, index, entry):
        kind = SAME.get(entry["k"], entry["k"])
        what = f"第 {index} 号记录（{entry['k']}）"
        demand(kind in STAGES, f"{what}不属于抽取", index)
        demand(self.stage in STAGES[kind] and not self.void, f"{what}的次序不对", index)
        d = entry["d"]
        if kind == "draw.defined":
            fields(d, DEFINED + (" minutes" if "minutes" in d else " reveal_until"), what, index)
        else:
            fields(d, DRAW_KINDS[entry["k"]], what, index)
        demand(d["draw"] == self.number, f"{what}属于另一次抽取", index)
        self.stage = kind
        try:
            getattr(self, kind.split(".")[0][:4] + "_" + kind.split(".")[1])(index, d)
        except (KeyError, TypeError, AttributeError, ValueError) as wrong:
            raise Failed(f"{what}的内容不对", index) from wrong

    def draw_defined(self, index, d):
        self.purpose, self.k, self.holders, self.beacon = d["purpose"], d["k"], d["holders"], d["beacon"]
        self.strata = [(row["id"], row["take"]) for row in d["strata"] if fields(row, "id name take", "分组", index)]
        names = [name for name, _ in self.strata]
        right = names and len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
        demand(right and all(type(take) is int and take > 0 for _, take in self.strata), "分组的内容不对", index)
        for row in d["parties"]:
            fields(row, "id org role kid spki", "参加方", index)
            texts(row, "id org role kid spki", "参加方")
        self.parties = {row["id"]: row for row in d["parties"]}
        different = len(self.parties) == len(d["parties"]) == len({row["org"] for row in d["parties"]})
        demand(different and len(self.parties) >= 3, "参加方须为三个以上不同单位", index)
        if self.beacon is not None:
            fields(self.beacon, "chain round", "信标", index)
        if self.holders or self.beacon is None:
            check_holders(self.holders, self.k, "抽取", index)

    def draw_listed(self, index, d):
        demand([rows["id"] for rows in self.lists] == [name for name, _ in self.strata], "名单的分组与规则不符", index)
        counts = [{"id": rows["id"], "n": len(rows["items"])} for rows in self.lists]
        total = sum(row["n"] for row in counts)
        demand(d["strata"] == counts and d["n"] == total and isinstance(d["confidential"], bool), "名单的数量与登记的不符", index)
        leaves, self.order = [], {}
        for rows in self.lists:
            hashes = [self.check_item(index, item, d["confidential"]) for item in rows["items"]]
            demand(all(one < other for one, other in zip(hashes, hashes[1:])), f"分组“{rows['id']}”的名单没有按哈希排序，或有重复", index)
            leaves += [leaf_hash(c) for c in hashes]
        demand(d["list_root"] == b64u(tree_root(leaves)), "名单与登记的 list_root 不符", index)
        self.listed, self.n, self.list_root = index, total, d["list_root"]

    @staticmethod
    def check_item(index, item, confidential):
        c = unb64u(fields(item, "c salt candidate", "名单", index)["c"], 32)
        if not confidential or item["salt"] is not None or item["candidate"] is not None:
            check_candidate(index, item)
        return c

    def draw_committed(self, index, d):
        demand([row["party"] for row in d["commits"]] == sorted(self.parties), "承诺不全，或没有按参加方排序", index)
        self.commits = {}
        for row in d["commits"]:
            party = fields(row, "party commit signature", "承诺", index)["party"]
            unb64u(row["commit"], 32)
            signed = {"v": 1, "draw": self.number, "party": party, "commit": row["commit"]}
            right = signed_by_person(self.parties[party]["spki"], "draw-commit", signed, row["signature"])
            demand(right, f"参加方 {party} 的承诺签名不对", index)
            self.commits[party] = row["commit"]
        self.committed = index

    def draw_revealed(self, index, d):
        party = d["party"]
        demand(party in self.parties and party not in self.revealed, "重复或不明的参加方", index)
        unb64u(d["r"], 32)
        commit = b64u(labelled_json("draw-commit", {"draw": self.number, "party": party, "r": d["r"]}))
        demand(commit == self.commits[party], f"参加方 {party} 公开的随机数与承诺不符", index)
        demand(isinstance(d["recovered"], bool), "内容不对", index)
        if d["recovered"]:
            given = self.shares.get(party, set())
            orgs = {org for _, org in given}
            demand(party in self.asked and len(orgs) >= self.k, f"参加方 {party} 的随机数由不足 {self.k} 个单位补齐", index)
        self.revealed[party] = d["r"]

    def fall_requested(self, index, d):
        demand(d["party"] in self.parties and d["party"] not in self.revealed, "补齐随机数的参加方不对", index)
        self.asked.add(d["party"])

    def fall_share(self, index, d):
        demand(d["party"] in self.asked, "没有要求补齐就提交了份额", index)
        demand((d["holder"], d["org"]) in {(row["kid"], row["org"]) for row in self.holders}, "份额不是持钥人提交的", index)
        self.shares.setdefault(d["party"], set()).add((d["holder"], d["org"]))

    def fall_bad_share(self, index, d):
        demand(d["party"] in self.asked, "没有要求补齐就提交了份额", index)

    def draw_seeded(self, index, d):
        self.transcript = told = fields(d["transcript"], TRANSCRIPT, "抽取记录", index)
        about = told["v"], told["draw"], told["kind"], told["n"], told["list_root"]
        demand(about == (1, self.number, self.purpose, self.n, self.list_root), "抽取记录与登记的规则和名单不符", index)
        demand(told["strata"] == [{"id": name, "take": take} for name, take in self.strata], "抽取记录的分组与规则不符", index)
        numbers_of = [{"party": party, "commit": self.commits[party], "r": self.revealed.get(party)} for party in sorted(self.parties)]
        demand(told["contrib"] == numbers_of, "抽取记录中的随机数与公开的不符", index)
        if self.beacon is None:
            demand(told["beacon"] is None, "抽取记录使用了没有事先约定的信标", index)
            demand(len(self.revealed) == len(self.parties), "有参加方的随机数缺失", index)
        else:
            fields(told["beacon"], "chain round signature", "信标", index)
            texts(told["beacon"], "signature", "信标")
            fixed = {"chain": told["beacon"]["chain"], "round": told["beacon"]["round"]}
            demand(fixed == self.beacon, "信标不是事先约定的那一轮", index)
        place = fields(told["checkpoint"], "size root", "抽取记录的检查点", index)
        self.checkpoint = Checkpoint(place["size"], unb64u(place["root"], 32))
        demand(type(place["size"]) is int and self.committed < place["size"] <= index, "抽取记录的检查点没有包含名单和全部承诺", index)
        self.seed = labelled_json("draw-seed", told)
        demand(d["seed"] == b64u(self.seed), "种子不是由抽取记录算出的", index)

    def draw_result(self, index, d):
        demand([row["id"] for row in d["strata"]] == [name for name, _ in self.strata], "结果的分组与规则不符", index)
        for rows, result, (name, take) in zip(self.lists, d["strata"], self.strata):
            fields(result, "id chosen skipped", "结果", index)
            order = permutation(labelled("draw-stratum", self.seed + name.encode()), len(rows["items"]))
            self.order[name] = [rows["items"][place]["c"] for place in order]
            self.chosen[name], self.left[name], self.walked[name] = [], set(), 0
            taken = self.walk(index, name, result["chosen"], result["skipped"])
            demand(len(taken) == take or len(taken) < take and self.walked[name] == len(order), f"分组“{name}”选出的数量不对", index)
            demand(len(taken) < take or result["chosen"][-1]["place"] == self.walked[name] - 1, f"分组“{name}”多走了次序", index)
            self.chosen[name] = taken

    def walk(self, index, name, chosen, skipped):
        """Go on along a stratum's order: these chosen and skipped must be exactly its next places; the chosen hashes."""
        for row in chosen:
            fields(row, "place c", "选中", index)
        for row in skipped:
            fields(row, "place c code", "跳过", index)
            demand(isinstance(row["code"], str) and row["code"], f"分组“{name}”有跳过却没有写明规则", index)
        order, start = self.order[name], self.walked[name]
        for place, row in enumerate(sorted([*chosen, *skipped], key=lambda row: row["place"]), start):
            right = row["place"] == place and place < len(order) and row["c"] == order[place]
            demand(right, f"分组“{name}”的第 {place} 位与种子算出的次序不符", index)
        demand([row["place"] for row in chosen] == sorted(row["place"] for row in chosen), f"分组“{name}”的次序不对", index)
        self.walked[name] = start + len(chosen) + len(skipped)
        return [row["c"] for row in chosen]

    def draw_replaced(self, index, d):
        name = d["stratum"]
        demand(name in self.chosen and d["out"] in self.chosen[name], "被替换的不是选中的对象", index)
        demand(isinstance(d["reason"], str) and d["reason"], "替换没有写明原因", index)
        self.walk(index, name, [{"place": d["place"], "c": d["in"]}], d["skipped"])
        demand(d["place"] == self.walked[name] - 1, "替换跳过了应当递补的对象", index)
        self.chosen[name].remove(d["out"])
        self.chosen[name].append(d["in"])
        self.left[name].add(d["out"])

    def draw_names(self, index, d):
        known = set().union(*self.chosen.values(), *self.left.values())
        for row in d["names"]:
            fields(row, "c salt candidate", "公布的名单", index)
            demand(row["c"] in known and row["c"] not in self.named, "公布了没有选中的对象，或重复公布", index)
            check_candidate(index, row)
            self.named.add(row["c"])

    def draw_void(self, index, d):
        self.void = True


def check_candidate(index, row):
    c = labelled("draw-cand", unb64u(row["salt"], 32) + jcs(row["candidate"]))
    demand(row["c"] == b64u(c), "公布的对象与名单中的哈希不符", index)


def verify_draw(path, keys, place=None):
    file = fields(read_json(path), DRAW, "抽取文件")
    demand(type(file["v"]) is int and (file["v"], file["type"]) == (1, "etp-draw"), "抽取文件的版本或类型不对")
    demand(isinstance(file["draw"], str) and isinstance(file["checkpoint"], str), "抽取文件的内容不对")
    demand(isinstance(file["entries"], list) and file["entries"], "抽取文件没有记录")
    check_lists(file["lists"])
    checkpoint = checked_note(keys, file["checkpoint"])
    stream, draw, previous, rows = f"draw/{file['draw']}", Draw(file["draw"], file["lists"]), (0, None), []
    for row in file["entries"]:
        index, entry = fields(row, "index entry proof", "抽取文件的记录")["index"], row["entry"]
        demand(type(index) is int and isinstance(row["proof"], list), "抽取文件的记录不对")
        problem = entry_problem(entry)
        demand(problem is None, f"第 {index} 号记录：{problem}", index)
        demand(entry["s"] == stream, f"第 {index} 号记录不属于这次抽取", index)
        try:
            leaf = leaf_hash(jcs(entry))
        except ValueError as wrong:
            raise Failed(f"第 {index} 号记录：{wrong}", index) from wrong
        proof = [decoded(step, 32, "存在证明", index) for step in row["proof"]]
        demand(proved(leaf, index, checkpoint.size, proof, checkpoint.root), f"第 {index} 号记录不在签名的账本中", index)
        demand(not rows or rows[-1][0] < index, f"第 {index} 号记录的次序不对", index)
        check_link(index, stream, *previous, entry["n"], entry["p"])
        previous = entry["n"], b64u(leaf)
        rows.append((index, entry))
        draw.follow(index, entry)
    if place is not None:
        later = check_draw_with(place, keys, draw, rows, checkpoint)
        if later and not draw.void and draw.chosen:
            return f"抽取核对通过，但文件下载后账本中又有 {later} 条记录（如递补、公布名单），请重新下载后再核对一次。"
    said = "" if place is not None else "（没有指明账本，未核对记录是否齐全。）"
    if draw.void:
        return "抽取核对通过：这次抽取已经作废，没有结果。" + said
    if not draw.chosen:
        raise Unchecked("抽取尚未产生结果")
    if draw.beacon is not None:
        said += "（信标的签名请另向信标网络核对。）"
    return f"抽取核对通过：名单 {draw.n} 个，选出 {sum(map(len, draw.chosen.values()))} 个，种子、次序、跳过和递补均可重算。" + said


def check_lists(lists):
    demand(isinstance(lists, list), "抽取文件的名单不对")
    for rows in lists:
        demand(isinstance(fields(rows, "id items", "名单")["items"], list), "抽取文件的名单不对")


def check_draw_with(place, keys, draw, rows, checkpoint):
    """The file tells what the log has of this draw, and its checkpoints are the log's; how many entries came later."""
    roots, after = [(checkpoint, "与抽取文件的检查点不符")], []
    if draw.transcript is not None:
        roots.append((draw.checkpoint, "与抽取记录的检查点不符"))
        after.append(draw.committed)
    story = Reading(place, keys, wanted=[f"draw/{draw.number}"], roots=roots, after=after).run()
    kept = story.entries.get(f"draw/{draw.number}", [])
    # A file downloaded earlier lacks what came later (replacements, names); up to its own checkpoint it must lack nothing.
    here = [row for row in kept if row[0] < checkpoint.size]
    demand(rows == here, "抽取文件的记录与账本中的不同：有遗漏或多出", here[len(rows)][0] if len(here) > len(rows) else None)
    if after:
        first = story.after[draw.committed]
        demand(first == draw.checkpoint, "抽取记录的检查点不是首个包含名单和全部承诺的检查点", draw.committed)
    return len(kept) - len(here)


# Sealed bids

STANZA = re.compile(rb"-> [\x21-\x7e]+( [\x21-\x7e]+)*\n")
LONGEST_HEADER = 16 * 1024


def manifest_hash(manifest):
    try:
        return b64u(labelled_json("bid-manifest", manifest))
    except ValueError as wrong:
        raise Failed(f"投标清单：{wrong}") from wrong


def age_header(file):
    """The header's bytes of a strict age v1 file; Failed for anything else."""
    header, stanzas = file.readline(LONGEST_HEADER), 0
    demand(header == b"age-encryption.org/v1\n", "不是加密的投标文件（age 格式）")
    line = file.readline(LONGEST_HEADER)
    while not line.startswith(b"--- "):
        demand(STANZA.fullmatch(line) is not None, "投标文件的文件头不对")
        header, stanzas = header + line, stanzas + 1
        while True:
            line = file.readline(LONGEST_HEADER)
            header += line
            demand(line.endswith(b"\n") and len(line) <= 65 and len(header) <= LONGEST_HEADER, "投标文件的文件头不完整")
            if len(line) < 65:
                break
        line = file.readline(LONGEST_HEADER)
    demand(re.fullmatch(rb"--- [A-Za-z0-9+/]{43}\n", line) is not None and stanzas, "投标文件的文件头不完整")
    return header + line


def verify_bid(path, keys, receipt_path):
    receipt = Receipt(read_json(receipt_path), keys)
    try:
        with open(path, "rb") as file:
            header, digest, size = age_header(file), hashlib.sha256(), 0
            file.seek(0)
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as wrong:
        raise Unchecked(f"无法读取文件 {path}") from wrong
    manifest = receipt.manifest
    if manifest is None:
        raise Unchecked("回执文件中没有投标清单，无法与投标文件比较：请下载含清单的回执")
    envelopes = manifest.get("envelopes") if isinstance(manifest, dict) else None
    demand(isinstance(envelopes, list) and envelopes and all(isinstance(row, dict) for row in envelopes), "清单中没有投标文件")
    wanted = size, b64u(digest.digest()), b64u(labelled("age-header", header))
    same = any((row.get("size"), row.get("sha256"), row.get("header")) == wanted for row in envelopes)
    demand(same, "投标文件与回执所指的文件不同：内容有改动或不完整")
    return f"投标文件核对通过：{size} 字节，与收到时间 {receipt.body['received_at']} 的回执所指的文件相同。"


# The scripts that browsers get


def verify_client(site, keys, place):
    story = Reading(place, keys, wanted=["client"]).run()
    releases = [row for row in story.entries.get("client", []) if row[1]["k"] == "client.released"]
    if not releases:
        raise Unchecked("账本中没有发布过的页面程序清单")
    index, entry = releases[-1]
    d = fields(entry["d"], "version files", f"第 {index} 号记录", index)
    demand(isinstance(d["files"], list) and d["files"], f"第 {index} 号记录没有文件", index)
    for row in d["files"]:
        path = fields(row, "path sha256", f"第 {index} 号记录", index)["path"]
        parts = path.split("/") if isinstance(path, str) else []
        demand(len(parts) > 1 and parts[0] == "" and ".." not in parts, f"第 {index} 号记录的路径不对", index)
        data = site.read(path[1:])
        demand(data is not None, f"页面程序 {path} 不在网站上", index)
        demand(b64u(sha256(data)) == row["sha256"], f"页面程序 {path} 与登记的不同", index)
    return f"页面程序核对通过：版本 {d['version']} 的 {len(d['files'])} 个文件与第 {index} 号记录登记的相同。"


# The command line


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Unchecked("参数不对。\n\n" + __doc__.strip())

    def format_help(self):
        return __doc__


def parser():
    made = Parser(add_help=True)
    commands = made.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name, first, **options):
        added = commands.add_parser(name)
        added.add_argument(first)
        added.add_argument("--keys", default="keys.json")
        for option, required in options.items():
            added.add_argument(f"--{option}", required=required)

    command("log", "log", since=False, store=False)
    command("receipt", "file", log=False)
    command("opening", "tender", log=True)
    command("draw", "file", log=False)
    command("bid", "file", receipt=True)
    command("client", "site", log=True)
    return made


def run(argv):
    """Carry out one command; what to tell of its success. Failed or Unchecked otherwise."""
    given = parser().parse_args(argv)
    keys = Keys(given.keys)
    place = place_of(given.log) if getattr(given, "log", None) else None
    if given.command == "log":
        return verify_log(place, keys, given.since, given.store)
    if given.command == "receipt":
        return verify_receipt(given.file, keys, place)
    if given.command == "opening":
        return verify_opening(given.tender, keys, place)
    if given.command == "draw":
        return verify_draw(given.file, keys, place)
    if given.command == "bid":
        return verify_bid(given.file, keys, given.receipt)
    return verify_client(place_of(given.site), keys, place)


def main(argv):
    """The exit code: 0 verified, 1 failed, 2 could not be checked."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        print(f"✓ {run(argv)}")
        return 0
    except Failed as failed:
        place = "" if failed.index is None else f"\n第一处问题：第 {failed.index} 号记录"
        print(f"✗ 核对不通过：{failed.message}{place}")
        return 1
    except Unchecked as unchecked:
        print(f"? 无法核对：{unchecked}")
    except Exception as unforeseen:
        # Whatever we did not think of is not a verdict.
        print(f"? 无法核对：程序出错（{type(unforeseen).__name__}：{unforeseen}）")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
