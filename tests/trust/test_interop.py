"""Browser and Python read what the other wrote: HPKE, age, canonical JSON and shares, in real Chromium."""

import base64
import io
import itertools
import os
import random

import pyshamir
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.canonical import HJ, b64u, jcs, unb64u
from sealing.age import CHUNK, Stanza, check_file_key, decode, decrypt_chunks, encrypt_stream, parse_header
from sealing.context import context_hash
from sealing.hpke import open_sealed, owner_info
from sealing.reference import spki_of
from sealing.seal import owner_stanza
from tests.chromium import bundled
from tests.sealing.conftest import new_key

pytestmark = pytest.mark.e2e
EXPORTS = """
export * from "./static/src/lib/base.js";
export * from "./static/src/lib/stanza.js";
export { Decrypter, Encrypter } from "age-encryption";
export { combine, split } from "shamir-secret-sharing";
"""
CONTEXT = {
    "v": 1, "suite": "p256", "origin": "tender.example", "tender": "T-2026-0001", "lot": "1", "envelope": "bid",
    "bidder": "91110000MA00000000", "seal": "AAECAwQFBgcICQoLDA0ODw", "policy": "A" * 43,
}  # fmt: skip
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17]


@pytest.fixture(scope="module")
def page(chromium):
    """A page that has nothing but our scripts and their libraries."""
    script = bundled(EXPORTS)
    context = chromium.new_context()
    page = context.new_page()
    page.route("https://interop.example/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.route("https://interop.example/exports.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto("https://interop.example/")
    yield page
    context.close()


def run(page, body, **given):
    return page.evaluate("async (given) => { const api = await import('/exports.js');" + body + "}", given)


KEYS = """
    const kind = { name: "ECDH", namedCurve: "P-256" };
    const publicKey = await crypto.subtle.importKey("spki", api.unb64u(given.spki), kind, true, []);
    const privateKey = await crypto.subtle.importKey("pkcs8", api.unb64u(given.pkcs8), kind, false, ["deriveBits"]);
    const keys = { kid: given.kid, encryption: { privateKey, publicKey } };
"""


def keys():
    key = new_key()
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return key, {"spki": b64u(spki_of(key)), "pkcs8": b64u(pkcs8), "kid": "AAAAAAAAAAA"}


def test_python_opens_what_the_browser_sealed(page):
    key, given = keys()
    files = run(
        page,
        KEYS
        + """
        const hash = await api.contextHash(given.context), found = [];
        for (const size of given.sizes) {
          const plain = new Uint8Array(size).map((_, place) => (place * 31 + size) % 251);
          const encrypter = new api.Encrypter();
          encrypter.addRecipient(new api.OwnerRecipient(publicKey, given.kid, hash));
          found.push(btoa(Array.from(await encrypter.encrypt(plain), (byte) => String.fromCharCode(byte)).join("")));
        }
        return found;
        """,
        **given, context=CONTEXT, sizes=SIZES,
    )  # fmt: skip
    for size, text in zip(SIZES, files, strict=True):
        data = base64.b64decode(text)
        header = parse_header(io.BytesIO(data))
        assert [(stanza.args[:2], len(stanza.body)) for stanza in header.stanzas] == [(("etp/owner", given["kid"]), 32)]
        stanza = header.stanzas[0]
        file_key = open_sealed(key, owner_info(context_hash(CONTEXT)), decode(stanza.args[2].encode()), stanza.body)
        assert check_file_key(header, file_key)
        assert b"".join(decrypt_chunks(file_key, io.BytesIO(data))) == bytes((place * 31 + size) % 251 for place in range(size))


def test_the_browser_opens_what_python_sealed(page):
    key, given = keys()
    stanza_key, files = os.urandom(16), []
    for size in SIZES:
        out = io.BytesIO()
        owner = owner_stanza(spki_of(key), CONTEXT, stanza_key)
        owner = Stanza((owner.args[0], given["kid"], owner.args[2]), owner.body)
        encrypt_stream(stanza_key, [owner], io.BytesIO(bytes((place * 31 + size) % 251 for place in range(size))), out)
        files.append(b64u(out.getvalue()))
    found = run(
        page,
        KEYS
        + """
        const found = [];
        for (const [place, text] of given.files.entries()) {
          const data = api.unb64u(text), size = given.sizes[place];
          const fileKey = await api.openOwnStanza(api.headerOf(data), given.context, keys);
          const decrypter = new api.Decrypter();
          decrypter.addIdentity({ unwrapFileKey: () => fileKey });
          const plain = await decrypter.decrypt(data, "uint8array");
          const spoilt = data.slice();
          spoilt[spoilt.length - 1] ^= 1;
          const again = new api.Decrypter();
          again.addIdentity({ unwrapFileKey: () => fileKey });
          const refused = await again.decrypt(spoilt, "uint8array").then(() => false, () => true);
          found.push([plain.length === size && plain.every((byte, at) => byte === (at * 31 + size) % 251), refused, api.b64u(fileKey)]);
        }
        return found;
        """,
        **given, context=CONTEXT, files=files, sizes=SIZES,
    )  # fmt: skip
    assert found == [[True, True, b64u(stanza_key)]] * len(SIZES)


LETTERS = [
    "a",
    "Z",
    "0",
    " ",
    "é",
    "汉",
    "\u2028",
    "\x00",
    "\x1f",
    "\x7f",
    '"',
    "\\",
    "/",
    "\U0001f600",
    "\ue000",
    "\uffff",
    "ö",
    "\r",
    "\n",
    "\t",
    "\b",
]


def anything(dice, depth=3):
    kind = dice.randrange(8 if depth else 5)
    if kind == 0:
        return None
    if kind == 1:
        return dice.random() < 0.5
    if kind == 2:
        return dice.choice([0, 1, -1, 2**53 - 1, -(2**53) + 1, dice.randrange(-(10**15), 10**15)])
    if kind < 5:
        return "".join(dice.choices(LETTERS, k=dice.randrange(6)))
    if kind == 5:
        return [anything(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {"".join(dice.choices(LETTERS, k=dice.randrange(4))): anything(dice, depth - 1) for _ in range(dice.randrange(6))}


def test_both_write_the_same_canonical_json(page):
    dice = random.Random(2026)  # noqa: S311 - the same objects each time
    objects = [anything(dice) for _ in range(1000)]
    found = run(
        page,
        """
        const found = [];
        for (const each of given.objects) found.push([api.b64u(api.jcs(each)), api.b64u(await api.HJ("act", each))]);
        return found;
        """,
        objects=objects,
    )
    assert found == [[b64u(jcs(each)), b64u(HJ("act", each))] for each in objects]


SECRET = bytes(range(100, 116))
RANKS = [(k, n) for n in range(2, 8) for k in range(2, n + 1)]


def test_every_k_of_n_shares_of_the_browser_give_the_secret_in_python(page):
    splits = run(
        page,
        """
        const secret = api.unb64u(given.secret), found = [];
        for (const [k, n] of given.ranks) found.push((await api.split(secret, n, k)).map(api.b64u));
        return found;
        """,
        secret=b64u(SECRET), ranks=RANKS,
    )  # fmt: skip
    for (k, n), texts in zip(RANKS, splits, strict=True):
        shares = [bytearray(unb64u(text)) for text in texts]
        assert (len(shares), {len(share) for share in shares}, len({share[16] for share in shares} - {0})) == (n, {17}, n)
        for chosen in itertools.combinations(shares, k):
            assert bytes(pyshamir.combine(list(chosen))) == SECRET
            spoilt = [bytearray(chosen[0]), *chosen[1:]]
            spoilt[0][3] ^= 1
            assert bytes(pyshamir.combine(spoilt)) != SECRET
        for chosen in itertools.combinations(shares, k - 1):
            assert k == 2 or bytes(pyshamir.combine(list(chosen))) != SECRET


def test_every_k_of_n_shares_of_python_give_the_secret_in_the_browser(page):
    splits = [[b64u(bytes(share)) for share in pyshamir.split(SECRET, n, k)] for k, n in RANKS]
    found = run(
        page,
        """
        function* chosen(rows, k) {
          if (k === 0) yield [];
          else for (let at = 0; at <= rows.length - k; at++) for (const rest of chosen(rows.slice(at + 1), k - 1)) yield [rows[at], ...rest];
        }
        const counts = [];
        for (const [place, [k, n]] of given.ranks.entries()) {
          const shares = given.splits[place].map(api.unb64u);
          let good = 0, early = 0;
          for (const some of chosen(shares, k)) good += api.b64u(await api.combine(some)) === given.secret;
          if (k > 2) for (const some of chosen(shares, k - 1)) early += api.b64u(await api.combine(some)) === given.secret;
          counts.push([good, early]);
        }
        return counts;
        """,
        secret=b64u(SECRET), ranks=RANKS, splits=splits,
    )  # fmt: skip
    assert found == [[sum(1 for _ in itertools.combinations(range(n), k)), 0] for k, n in RANKS]
