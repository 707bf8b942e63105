"""The stand-alone verifier gives the right verdict on the whole corpus and on what the platform really publishes."""

import ast
import functools
import http.server
import importlib.util
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from draws.order import permutation
from ledger import canonical, merkle
from ledger.canonical import b64u
from ledger.events import KINDS
from ledger.sequencer import sequence_once
from ledger.signer import signer
from rulebook.clock import database_now
from tests.factories.bids import decrypt, hand_in, revealed, started_opening
from tests.factories.trading import published_lot
from tests.trust.corpus import build, ordinary
from tests.trust.published import keys, write_json
from trading.bidding.actions import ack_of
from trading.bidding.models import Bid
from trading.bidding.queries import receipt_of
from trading.opening import actions

BACKEND = "django.contrib.auth.backends.ModelBackend"
ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "verify" / "etp_verify.py"
VECTORS = json.loads((ROOT / "tests/data/trust-vectors.json").read_text())

spec = importlib.util.spec_from_file_location("etp_verify", TOOL)
etp_verify = importlib.util.module_from_spec(spec)
sys.modules["etp_verify"] = etp_verify
spec.loader.exec_module(etp_verify)


def told(folder, *args, python=sys.executable):
    """Exit code and words of the verifier, run as a citizen would, but in a folder of ours."""
    command = [python, "-I", str(TOOL), *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", env={"PATH": os.environ["PATH"]})
    assert done.stderr == ""
    assert "程序出错" not in done.stdout
    return done.returncode, done.stdout


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    build(folder)
    return folder


def cases(corpus):
    return json.loads((corpus / "cases.json").read_text())


def test_every_case_of_the_corpus_gets_its_verdict(corpus):
    def wrong(case):
        code, said = told(corpus, case["command"], *case["args"])
        right = code == case["expect"] and said.startswith("✓✗?"[code])
        return None if right else (case["name"], case["expect"], code, said)

    with ThreadPoolExecutor(2) as pool:
        assert [row for row in pool.map(wrong, cases(corpus)) if row] == []


def test_logs_get_the_same_verdicts_when_they_are_read_in_pieces(corpus, monkeypatch, capsys):
    """Chains, roots and openings join over the seams between processes."""
    monkeypatch.setattr(etp_verify, "CHUNK", etp_verify.WIDTH)
    monkeypatch.setattr(etp_verify.time, "sleep", lambda seconds: None)
    monkeypatch.chdir(corpus)
    rows = [case for case in cases(corpus) if case["command"] == "log"]
    assert [(row["name"], row["expect"]) for row in rows] == [(row["name"], etp_verify.main(["log", *row["args"]])) for row in rows]
    capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("entry changed in its file", "第 300 号"),
        ("entries swapped in its file", "第 100 号"),
        ("entry deleted in its file", "第 50 号"),
        ("entry renumbered and all hashes made anew", "第 302 号"),
        ("hash changed on level 1", "第 256 号"),
        ("last entries cut off", "第 512 号"),
        ("with a gap in a stream", "第 20 号"),
        ("with two results of one draw", "第 12 号"),
    ],
)
def test_the_first_bad_place_is_named(corpus, name, place):
    case = next(case for case in cases(corpus) if case["name"] == f"log {name}")
    assert told(corpus, "log", *case["args"])[1].splitlines()[-1] == f"第一处问题：{place}记录"


def test_it_needs_nothing_but_the_standard_library():
    names = set()
    for node in ast.walk(ast.parse(TOOL.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module.split(".")[0])
    assert names <= sys.stdlib_module_names
    assert "ctypes" not in names


def test_its_closed_list_of_kinds_is_the_platforms():
    # Kinds that the specification names, whether or not a room records them yet.
    specified = (
        "opening.key_released opening.key_failed opening.extended fallback.requested fallback.approved fallback.share fallback.bad_share "
        "fallback.opened fallback.refused draw.defined draw.listed draw.committed draw.revealed draw.seeded draw.result draw.replaced "
        "draw.names draw.void draw.recovery_requested draw.share draw.bad_share acl.granted acl.revoked holder.ready lot.policy_signed "
        "client.released clock.alarm ledger.note document.printed document.printed_in_secret document.superseded document.voided "
        "seal.introduced"
    )
    for path in [*ROOT.glob("*/events.py"), *ROOT.glob("*/*/events.py")]:
        folders = path.relative_to(ROOT).with_suffix("").parts
        importlib.import_module(".".join(folders[1:] if folders[0] == "platform" else folders))
    declared = {kind for kind in KINDS if not kind.startswith("test.")}
    assert declared <= etp_verify.KINDS
    assert declared | set(specified.split()) >= etp_verify.KINDS


@pytest.fixture
def web(corpus):
    """The corpus on a web server."""
    handler = functools.partial(Quiet, directory=corpus)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Nothing."""


def test_a_log_is_read_over_http(corpus, web):
    assert told(corpus, "log", f"{web}/logs/good")[0] == 0
    assert told(corpus, "log", f"{web}/logs/damaged-00")[0] == 1
    assert told(corpus, "log", f"{web}/logs/nowhere")[0] == 2
    assert told(corpus, "log", "http://127.0.0.1:1/ledger")[0] == 2
    assert told(corpus, "client", f"{web}/site", "--log", f"{web}/logs/client good")[0] == 0


def test_a_kept_checkpoint_serves_the_next_time(corpus, tmp_path):
    log, kept = ordinary(300, signed=(100, 200)), tmp_path / "kept"
    args = ("log", tmp_path / "log", "--keys", corpus / "keys.json")
    whole = log.entries, log.notes
    log.entries, log.notes = log.entries[:200], log.notes[:2]
    log.write(tmp_path / "log")
    assert told(tmp_path, *args, "--store", kept)[0] == 0
    assert kept.read_text() == log.notes[-1]
    log.entries, log.notes = whole
    log.write(tmp_path / "log")
    assert told(tmp_path, *args, "--since", kept, "--store", kept)[0] == 0
    assert kept.read_text() == log.notes[-1]


def test_a_failed_check_keeps_no_checkpoint(corpus, tmp_path):
    assert told(corpus, "log", "logs/damaged-00", "--store", tmp_path / "kept")[0] == 1
    assert not (tmp_path / "kept").exists()


# What the platform itself publishes


@pytest.fixture
def real(db, tmp_path):
    """A lot with three bids, opened and closed; its receipts, and where the log is."""
    lot = published_lot(holders=3)
    for bidder, price in zip(lot.city.bidders, ("30000000.00", "31000000.00", "32000000.00"), strict=True):
        hand_in(lot, bidder, price)
    while sequence_once():
        pass
    lot.receipts = [receipt_of(bid) for bid in Bid.objects.filter(lot=lot)]
    lot.acks = [ack_of(bid) for bid in Bid.objects.filter(lot=lot)]
    opening = started_opening(lot)
    for bidder in lot.city.bidders[:2]:
        decrypt(opening, bidder)
    actions.close_opening(revealed(opening), by=lot.city.staff, at=database_now())
    while sequence_once():
        pass
    made = keys(origin=settings.ETP_ORIGIN)
    made["ledger"][0]["public_key"] = b64u(signer().ledger_public_key())
    made["receipt"][0]["public_key"] = b64u(signer().receipt_public_key())
    write_json(tmp_path / "keys.json", made)
    return lot


def test_the_platforms_own_log_receipts_and_opening_are_right(real, tmp_path):
    log = settings.ETP_LEDGER
    assert told(tmp_path, "log", log)[0] == 0
    assert told(tmp_path, "opening", real.tender.number, "--log", log)[0] == 0
    for number, row in enumerate([*real.receipts, *real.acks]):
        path = write_json(tmp_path / f"{number}.json", row)
        code, said = told(tmp_path, "receipt", path, "--log", log)
        assert (code, "包含在锁定的投标集合中" in said) == (0, True)


def test_the_receipt_a_bidder_downloads_proves_the_sealed_file(real, tmp_path, client):
    bidder = real.city.bidders[0]
    bid = Bid.objects.get(lot=real, bidder=bidder)
    client.force_login(bidder.somebody, backend=BACKEND)
    answer = client.get(reverse("trading:receipt", args=[real.tender.number, real.no, bid.rev]))
    receipt, sealed = tmp_path / "receipt.json", tmp_path / "bid.etp"
    receipt.write_bytes(answer.content)
    data = bid.envelopes.get().upload.path.read_bytes()
    sealed.write_bytes(data)
    assert told(tmp_path, "receipt", receipt, "--log", settings.ETP_LEDGER)[0] == 0
    assert told(tmp_path, "bid", sealed, "--receipt", receipt)[0] == 0
    sealed.write_bytes(data[:-1])
    assert told(tmp_path, "bid", sealed, "--receipt", receipt)[0] == 1


def test_a_byte_changed_in_the_platforms_files_is_found(real, tmp_path):
    for path in sorted((settings.ETP_LEDGER / "tile").rglob("*")):
        newest = path.is_file() and path.parent.name.endswith(".p") and path.name == str(signer().state()["size"] % 256)
        if newest:
            data = path.read_bytes()
            path.write_bytes(data[:90] + bytes([data[90] ^ 1]) + data[91:])
            assert told(tmp_path, "log", settings.ETP_LEDGER)[0] == 1
            path.write_bytes(data)
    assert told(tmp_path, "log", settings.ETP_LEDGER)[0] == 0


# Its own cryptography, against known answers and the library the platform uses


def test_known_answers():
    row = VECTORS["checkpoint"]
    made = keys()
    made["ledger"][0]["public_key"] = b64u(bytes.fromhex(row["pub"]))
    pinned = etp_verify.Keys.__new__(etp_verify.Keys)
    pinned.take(made)
    checkpoint = etp_verify.checked_note(pinned, row["note"])
    steps = [bytes.fromhex(step) for step in row["inclusion_of_leaf_1"]]
    assert etp_verify.proved(bytes.fromhex(VECTORS["blind"]["leaf_hash"]), 1, 3, steps, checkpoint.root)
    entry = etp_verify.parse_jcs(VECTORS["leaf"]["jcs"].encode())
    salt = bytes.fromhex(VECTORS["blind"]["salt"])
    assert etp_verify.b64u(etp_verify.labelled("blind", salt + etp_verify.jcs(entry))) in VECTORS["blind"]["leaf"]
    draw = VECTORS["draw"]
    seed = etp_verify.labelled_json("draw-seed", json.loads(draw["transcript"]))
    stratum = etp_verify.labelled("draw-stratum", seed + b"all")
    assert (seed.hex(), stratum.hex()) == (draw["seed"], draw["stratum_seed"])
    assert etp_verify.permutation(stratum, 10) == draw["perm10"]


def test_proofs_of_all_small_trees():
    leaves = [merkle.leaf_hash(bytes([place])) for place in range(65)]
    for size in range(1, 66):
        top = merkle.root(leaves[:size])
        assert etp_verify.tree_root(leaves[:size]) == top
        for index in range(size):
            proof = merkle.inclusion_proof(leaves[:size], index)
            assert etp_verify.proved(leaves[index], index, size, proof, top)
            assert not etp_verify.proved(leaves[index], index ^ 1, size, proof, top)
            assert not etp_verify.proved(leaves[index], index, size, [*proof, top], top)
            assert not proof or not etp_verify.proved(leaves[index], index, size, proof[:-1], top)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 400))
@effort(max_examples=30, deadline=None)
def test_permutations_are_those_of_the_platform(seed, n):
    assert etp_verify.permutation(seed, n) == permutation(seed, n)


def library_ed25519(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.integers(0, 511), st.sampled_from(["none", "signature", "message"]))
@effort(max_examples=60, deadline=None)
def test_ed25519_agrees_with_the_library(secret, message, bit, changed):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    if changed == "signature":
        signature[bit // 8] ^= 1 << bit % 8
    if changed == "message":
        message += b"x"
    wanted = library_ed25519(public, bytes(signature), message)
    assert wanted is (changed == "none")
    assert etp_verify.ed25519_verifies(public, bytes(signature), message) is wanted


@pytest.mark.parametrize("window", [4, 8, 12])
def test_the_first_bad_of_many_signatures_is_found(window):
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes_raw()
    pairs = [(key.sign(bytes([place])), bytes([place])) for place in range(50)]
    assert etp_verify.first_bad_signature(public, pairs, window) is None
    for bad in (0, 31, 49):
        for wrong in (bytes(64), pairs[bad][0][:63], pairs[bad][0] + b"x", b"", key.sign(b"other")):
            some = [*pairs[:bad], (wrong, pairs[bad][1]), *pairs[bad + 1 :]]
            assert etp_verify.first_bad_signature(public, some, window) == bad
    two = [*pairs[:5], (bytes(32) + b"\xff" * 32, b""), *pairs[6:], (bytes(64), b"")]
    assert etp_verify.first_bad_signature(public, two, window) == 5


def test_ed25519_refuses_other_spellings_of_a_signature():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"message")
    assert etp_verify.ed25519_verifies(public, signature, b"message")
    s = int.from_bytes(signature[32:], "little")
    for other in (s + etp_verify.ORDER, s + 2 * etp_verify.ORDER, s | 1 << 255):
        spelt = signature[:32] + other.to_bytes(32, "little")
        assert not etp_verify.ed25519_verifies(public, spelt, b"message")
    for length in (0, 31, 33, 64):
        assert not etp_verify.ed25519_verifies(public[:length] + bytes(max(0, length - 32)), signature, b"message")


def low_order_points():
    """Encodings of the points whose order divides 8, and of numbers that are no points or not reduced."""
    p = etp_verify.P
    eighth = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    other = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    plain = [number.to_bytes(32, "little") for number in (0, 1, p - 1, p, p + 1)] + [eighth, other]
    return plain + [row[:31] + bytes([row[31] | 128]) for row in plain]


@pytest.mark.parametrize("public", low_order_points(), ids=lambda data: data.hex()[:8])
def test_keys_that_fit_any_message_are_no_keys(public):
    identity = (1).to_bytes(32, "little")
    for r in (identity, public):
        assert not etp_verify.ed25519_verifies(public, r + bytes(32), b"any")


def test_a_signature_whose_r_is_not_reduced_is_refused():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes_raw()
    for r in (etp_verify.P, etp_verify.P + 1, 1 | 1 << 255):
        signature = r.to_bytes(32, "little") + bytes(32)
        assert not etp_verify.ed25519_verifies(public, signature, b"")
        assert not library_ed25519(public, signature, b"")


def p256_key(number):
    key = derive_private_key(number, SECP256R1())
    return key, key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def p256_signature(key, message):
    return decode_dss_signature(key.sign(message, ECDSA(SHA256())))


def raw(r, s):
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def library_p256(public, signature, message):
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        public.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@given(st.integers(1, 2**255), st.binary(max_size=200), st.integers(0, 511), st.sampled_from(["none", "signature", "message"]))
@effort(max_examples=40, deadline=None)
def test_p256_agrees_with_the_library(number, message, bit, changed):
    key, spki = p256_key(number)
    signature = bytearray(raw(*p256_signature(key, message)))
    if changed == "signature":
        signature[bit // 8] ^= 1 << bit % 8
    if changed == "message":
        message += b"x"
    wanted = library_p256(key.public_key(), bytes(signature), message)
    assert wanted is (changed == "none")
    assert etp_verify.p256_verifies(spki, bytes(signature), message) is wanted


def test_p256_at_its_edges():
    order, message = etp_verify.N, b"message"
    key, spki = p256_key(7)
    r, s = p256_signature(key, message)
    for row in ((0, s), (r, 0), (0, 0), (1, 1), (order, s), (r, order), (order - 1, order - 1), (2**256 - 1, s), (r, order - s), (r, s)):
        assert etp_verify.p256_verifies(spki, raw(*row), message) is library_p256(key.public_key(), raw(*row), message)
    for wrong in (raw(r, s)[:63], raw(r, s) + b"x", b"", bytes(64)):
        assert not etp_verify.p256_verifies(spki, wrong, message)
    # Signatures for which the two halves of the sum meet: the same point, its opposite, the generator itself.
    for number in (1, 2, order - 1, order - 2):
        key, spki = p256_key(number)
        for text in (b"", b"a", message):
            assert etp_verify.p256_verifies(spki, raw(*p256_signature(key, text)), text)
            assert not etp_verify.p256_verifies(spki, raw(*p256_signature(key, text)), text + b"b")


def test_p256_refuses_what_is_no_key():
    key, spki = p256_key(7)
    signature = raw(*p256_signature(key, b""))
    compressed = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    off = spki[:-1] + bytes([spki[-1] ^ 1])
    too_large = spki[:27] + etp_verify.Q.to_bytes(32, "big") + spki[59:]
    assert isinstance(key.public_key(), EllipticCurvePublicKey)
    for wrong in (b"", spki[:-1], spki + b"x", compressed, spki[:26] + compressed, off, too_large, spki[:27] + bytes(64)):
        assert not etp_verify.p256_verifies(wrong, signature, b"")


texts = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def verdict(parse, data):
    try:
        return True, parse(data)
    except ValueError:
        return False, None


@given(values)
@effort(max_examples=150, deadline=None)
def test_canonical_json_is_the_platforms(obj):
    try:
        wanted = canonical.jcs(obj)
    except ValueError:
        with pytest.raises(ValueError):
            etp_verify.jcs(obj)
        return
    assert etp_verify.jcs(obj) == wanted
    assert etp_verify.parse_jcs(wanted) == obj


@given(values, st.integers(0, 400), st.sampled_from([b" ", b"0", b'"', b",", b"-", b".5", b"e1", b"\\u0041", b"\xcc\x81", b"9" * 17]))
@effort(max_examples=200, deadline=None)
def test_what_is_not_canonical_is_refused_as_the_platform_does(obj, at, more):
    ok, data = verdict(canonical.jcs, obj)
    if ok:
        changed = data[:at] + more + data[at:]
        assert verdict(etp_verify.parse_jcs, changed) == verdict(canonical.parse_jcs, changed)


@pytest.mark.parametrize(("depth", "right"), [(100, True), (101, False), (900, False), (6000, False), (100_000, False)])
def test_how_deep_an_entry_may_be_nested_does_not_depend_on_the_machine(depth, right):
    assert verdict(etp_verify.parse_jcs, b"[" * depth + b"]" * depth)[0] is right


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A A", "A+", "A/", "é", "AAAAB", "AAB"])
def test_base64url_has_one_spelling(text):
    with pytest.raises(ValueError):
        canonical.unb64u(text)
    with pytest.raises(ValueError):
        etp_verify.unb64u(text)
