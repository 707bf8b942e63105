"""Known answers: what standards and `trust-vectors.json` say, both languages say."""

import base64
import hashlib
import hmac
import io
import json
import subprocess
import zlib

import gmalg
import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, poly1305
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.canonical import b64u, jcs
from ledger.merkle import leaf_hash, root
from ledger.note import Checkpoint, signed_note
from ledger.note import verify as verify_note
from sealing.age import check_file_key, decode, decrypt_chunks, derived, parse_header
from sealing.hpke import open_sealed
from sealing.signatures import verify
from sealing.stanzas import is_recovery_code
from tests.processes import ROOT
from tests.sealing.conftest import vectors  # noqa: F401 - a fixture
from tests.trust.node import run_node

unhex = bytes.fromhex


# Our own formats


def test_browsers_give_the_known_answers_of_our_formats(vectors):  # noqa: F811
    found = run_node(
        """
        import { H, HJ, b64u, joined, jcs, sha256, unb64u, utf8 } from "./static/src/lib/base.js";
        import { padme } from "./static/src/lib/container.js";
        import { contextHash } from "./static/src/lib/stanza.js";
        import { webcrypto, createPublicKey, verify } from "node:crypto";
        const hex = (bytes) => Buffer.from(bytes).toString("hex");
        const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
        const v = given;
        const ctx = await contextHash(JSON.parse(v.context.jcs));
        const leaf = (bytes) => sha256(joined(new Uint8Array([0]), bytes));
        const node = (one, other) => sha256(joined(new Uint8Array([1]), one, other));
        const blind = await H("blind", joined(unhex(v.blind.salt), jcs(JSON.parse(v.leaf.jcs))));
        const [text, line] = v.checkpoint.note.split("\\n\\n");
        const blob = Buffer.from(line.split(" ")[2], "base64");
        const raw = unhex(v.checkpoint.pub);
        const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: b64u(raw) }, format: "jwk" });
        const name = v.checkpoint.note.split("\\n")[0];
        const path = v.checkpoint.inclusion_of_leaf_1.map(unhex);
        const seed = await HJ("draw-seed", JSON.parse(v.draw.transcript));
        answer({
          jcs: [v.context.jcs, v.leaf.jcs, v.draw.transcript].every((each) => Buffer.from(jcs(JSON.parse(each))).toString() === each),
          context: hex(ctx),
          commit: hex(await H("share", joined(ctx, unhex(v.share_commit.share)))),
          digest: hex(await H("file-key", joined(ctx, unhex(v.file_key_digest.file_key)))),
          info: hex(joined(utf8("etp/seal/v1/owner"), new Uint8Array(1), ctx)),
          leaf: hex(await leaf(utf8(v.leaf.jcs))),
          blind: Buffer.from(jcs({ v: 1, t: "blind", c: b64u(blind) })).toString(),
          blindLeaf: hex(await leaf(utf8(v.blind.leaf))),
          keyId: hex((await sha256(joined(utf8(name), new Uint8Array([10, 1]), raw))).slice(0, 4)) === hex(blob.subarray(0, 4)),
          note: verify(null, utf8(text + "\\n"), key, blob.subarray(4)),
          root: Buffer.from(await node(await node(path[0], unhex(v.blind.leaf_hash)), path[1])).toString("base64") === text.split("\\n")[2],
          seed: hex(seed),
          stratum: hex(await H("draw-stratum", joined(seed, utf8("all")))),
          padme: Object.fromEntries(Object.keys(v.padme).map((size) => [size, padme(Number(size))])),
        });
        """,
        vectors,
    )
    assert found == {
        "jcs": True,
        "context": vectors["context"]["hash"],
        "commit": vectors["share_commit"]["commit"],
        "digest": vectors["file_key_digest"]["digest"],
        "info": vectors["hpke_info"]["owner"],
        "leaf": vectors["leaf"]["leaf_hash"],
        "blind": vectors["blind"]["leaf"],
        "blindLeaf": vectors["blind"]["leaf_hash"],
        "keyId": True,
        "note": True,
        "root": True,
        "seed": vectors["draw"]["seed"],
        "stratum": vectors["draw"]["stratum_seed"],
        "padme": vectors["padme"],
    }


# RFC 6962

LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_roots_of_the_reference_leaves():
    leaves = [leaf_hash(unhex(each)) for each in LEAVES]
    assert [root(leaves[:size]).hex() for size in range(9)] == ROOTS


# age: the community's cryptography test vectors


def cctv():
    """{name: (head, file)} of every vector of the package."""
    source = "const all = await import('cctv-age'); const out = {}; for (const [name, data] of Object.entries(all)) "
    source += "out[name] = Buffer.from(data).toString('base64'); process.stdout.write(JSON.stringify(out));"
    done = subprocess.run(["node", "--input-type=module", "-e", source], cwd=ROOT, check=True, capture_output=True)
    found = {}
    for name, text in json.loads(done.stdout).items():
        head, _, file = base64.b64decode(text).partition(b"\n\n")
        rows = [line.split(": ", 1) for line in head.decode().split("\n")]
        fields = dict(rows) | {"identities": [value for key, value in rows if key == "identity"]}
        found[name] = (fields, zlib.decompress(file) if fields.get("compressed") == "zlib" else file)
    return found


def bech32_bytes(text):
    bits = 0
    data = text.lower().rpartition("1")[2][:-6]
    for char in data:
        bits = bits << 5 | "qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(char)
    return (bits >> (len(data) * 5 - 256)).to_bytes(32, "big")


def unwrapped(stanza, identity):
    """The file key in an X25519 stanza, or None when it is for another key; ValueError when the stanza is not a proper one."""
    if stanza.args[0] != "X25519":
        return None
    if not is_recovery_code(stanza):
        raise ValueError("not an X25519 stanza")
    share = decode(stanza.args[1].encode())
    key = X25519PrivateKey.from_private_bytes(bech32_bytes(identity))
    secret = key.exchange(X25519PublicKey.from_public_bytes(share))
    wrapping = derived(secret, share + key.public_key().public_bytes_raw(), b"age-encryption.org/v1/X25519")
    try:
        return ChaCha20Poly1305(wrapping).decrypt(bytes(12), stanza.body, None)
    except InvalidTag:
        return None


def read(file, identities):
    """(how it ended in the vectors' words, SHA-256 of the plaintext that was given out)."""
    given_out = hashlib.sha256()
    try:
        header = parse_header(io.BytesIO(file))
        keys = [key for stanza in header.stanzas for identity in identities if (key := unwrapped(stanza, identity)) is not None]
    except ValueError:
        return "header failure", None
    if not keys:
        return "no match", None
    if not check_file_key(header, keys[0]):
        return "HMAC failure", None
    if len(file) < header.length + 16:
        # The vectors count the nonce before the payload as part of the header.
        with pytest.raises(ValueError, match="cut off"):
            list(decrypt_chunks(keys[0], io.BytesIO(file)))
        return "header failure", None
    try:
        for chunk in decrypt_chunks(keys[0], io.BytesIO(file)):
            given_out.update(chunk)
    except ValueError:
        return "payload failure", given_out.hexdigest()
    return "success", given_out.hexdigest()


def test_age_files_are_read_and_refused_as_the_vectors_say():
    # Armour, passphrases and the hybrid recipient are not read here.
    ours = {name: row for name, row in cctv().items() if not name.startswith(("armor", "scrypt", "hybrid"))}
    want = {name: (head["expect"], head.get("payload")) for name, (head, _) in ours.items()}
    assert len(want) == 67
    found = {name: read(file, head["identities"]) for name, (head, file) in ours.items()}
    assert {name: ended for name, (ended, _) in found.items()} == {name: expect for name, (expect, _) in want.items()}
    # Our reader looks one chunk ahead: of these it refuses a chunk that others would already have given out.
    assert {name for name in found if found[name] != want[name]} == {
        "stream_no_final_full", "stream_no_final_two_chunks_full", "stream_trailing_garbage_long", "stream_trailing_garbage_short",
        "stream_two_final_chunks", "stream_two_final_chunks_full", "stream_two_final_chunks_second",
    }  # fmt: skip


# HPKE, RFC 9180 appendix A.5.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode

HPKE = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "enc": "04c07836a0206e04e31d8ae99bfd549380b072a1b1b82e563c935c095827824fc1559eac6fb9e3c70cd3193968994e7fe9781aa103f5b50e934b5b2f387e381291",
    "skRm": "a4d1c55836aa30f9b3fbb6ac98d338c877c2867dd3a77396d13f68d3ab150d3b",
    "pkRm": "04a697bffde9405c992883c5c439d6cc358170b51af72812333b015621dc0f40bad9bb726f68a5c013806a790ec716ab8669f84f6b694596c2987cf35baba2a006",
    "key": "a8f45490a92a3b04d1dbf6cf2c3939ad8bfc9bfcb97c04bffe116730c9dfe3fc",
    "base_nonce": "726b4390ed2209809f58c693",
    "aad": "436f756e742d30",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "ct": "6469c41c5c81d3aa85432531ecf6460ec945bde1eb428cb2fedf7a29f5a685b4ccb0d057f03ea2952a27bb458b",
}


def test_hpke_derives_the_key_and_nonce_of_the_rfc():
    """The library takes no additional data, so the RFC's own key and nonce seal the text without: it must open."""
    key = derive_private_key(int(HPKE["skRm"], 16), SECP256R1())
    assert key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex() == HPKE["pkRm"]
    cipher, nonce, plain = ChaCha20Poly1305(unhex(HPKE["key"])), unhex(HPKE["base_nonce"]), unhex(HPKE["pt"])
    assert cipher.encrypt(nonce, plain, unhex(HPKE["aad"])).hex() == HPKE["ct"]
    info, enc = unhex(HPKE["info"]), unhex(HPKE["enc"])
    assert open_sealed(key, info, enc, cipher.encrypt(nonce, plain, b"")) == plain
    with pytest.raises(ValueError, match="does not open"):
        open_sealed(key, info, enc, unhex(HPKE["ct"]))


def test_browsers_open_the_vector_of_the_rfc():
    found = run_node(
        """
        import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
        import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
        const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
        const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
        const key = await suite.kem.importKey("raw", unhex(given.skRm), false);
        const recipient = await suite.createRecipientContext({ recipientKey: key, enc: unhex(given.enc), info: unhex(given.info) });
        answer(Buffer.from(await recipient.open(unhex(given.ct), unhex(given.aad))).toString("hex"));
        """,
        HPKE,
    )
    assert found == HPKE["pt"]


# ECDSA P-256: the classes of malformed and edge signatures that Project Wycheproof tries

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(one, other):
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(factor, point):
    found = None
    for bit in bin(factor % N)[2:]:
        found = add(found, found)
        if bit == "1":
            found = add(found, point)
    return found


def point_with(x):
    """A point of the curve with this x, or the next that has one."""
    while True:
        y = pow(x**3 - 3 * x + B, (P + 1) // 4, P)
        if y * y % P == (x**3 - 3 * x + B) % P:
            return x, y
        x += 1


def spki_of(point):
    return EllipticCurvePublicNumbers(*point, SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


OBJ = {"v": 1, "what": "edge"}
DATA = b"etp/bid-manifest/v1\n" + jcs(OBJ)
DIGEST = int.from_bytes(hashlib.sha256(DATA).digest(), "big")


def key_for(commitment, r, s):
    """The public key under which (r, s) with this commitment point signs DATA: Q = (sR - eG) / r."""
    return times(pow(r, -1, N), add(times(s, commitment), times(-DIGEST % N, G)))


def raw(r, s):
    return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def ecdsa_cases():
    key = derive_private_key(0xC0FFEE, SECP256R1())
    numbers = key.public_key().public_numbers()
    spki = spki_of((numbers.x, numbers.y))
    other = spki_of(times(0xBEEF, G))
    der = key.sign(DATA, ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    wrapping = point_with(N + 1)  # its x is larger than the group's order
    small = point_with(1)
    return {
        "good": (spki, raw(r, s), True),
        # ECDSA as such accepts both; nothing of ours counts on one signature having one spelling.
        "other half of s": (spki, raw(r, N - s), True),
        "x of the commitment exceeds n": (spki_of(key_for(wrapping, wrapping[0] - N, 77)), raw(wrapping[0] - N, 77), True),
        "the same, not reduced": (spki_of(key_for(wrapping, wrapping[0] - N, 77)), raw(wrapping[0], 77), False),
        "r as small as can be": (spki_of(key_for(small, small[0], 1)), raw(small[0], 1), True),
        "s = n - 1": (spki_of(key_for(small, small[0], N - 1)), raw(small[0], N - 1), True),
        "r = 0": (spki, raw(0, s), False),
        "s = 0": (spki, raw(r, 0), False),
        "both 0": (spki, raw(0, 0), False),
        "both 1": (spki, raw(1, 1), False),
        "r = n": (spki, raw(N, s), False),
        "s = n": (spki, raw(r, N), False),
        "r = p": (spki, raw(P, s), False),
        "all ones": (spki, raw(2**256 - 1, 2**256 - 1), False),
        "r + n": (spki, raw((r + N) % 2**256, s), False),
        "n - r": (spki, raw(N - r, s), False),
        "s + 1": (spki, raw(r, s + 1), False),
        "swapped": (spki, raw(s, r), False),
        "another key": (other, raw(r, s), False),
        "DER": (spki, b64u(der), False),
        "one byte more": (spki, b64u(base64.urlsafe_b64decode(raw(r, s) + "==") + b"\0"), False),
        "one byte less": (spki, b64u(base64.urlsafe_b64decode(raw(r, s) + "==")[:-1]), False),
        "empty": (spki, "", False),
    }


def test_ecdsa_edge_cases_end_the_same_in_both_languages():
    cases = ecdsa_cases()
    want = {name: good for name, (_, _, good) in cases.items()}
    assert {name: verify(spki, "bid-manifest", OBJ, signature) for name, (spki, signature, _) in cases.items()} == want
    found = run_node(
        """
        import { unb64u } from "./static/src/lib/base.js";
        const kind = { name: "ECDSA", namedCurve: "P-256" }, found = {};
        for (const [name, [spki, signature]] of Object.entries(given.cases)) {
          const key = await crypto.subtle.importKey("spki", unb64u(spki), kind, false, ["verify"]);
          found[name] = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, unb64u(signature), unb64u(given.data));
        }
        answer(found);
        """,
        {"data": b64u(DATA), "cases": {name: [b64u(spki), signature] for name, (spki, signature, _) in cases.items()}},
    )
    assert found == want


SPKI_HEAD = unhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


@pytest.mark.parametrize(
    "point",
    [
        b"\4" + bytes(64),  # not on the curve
        b"\4" + G[0].to_bytes(32, "big") + (G[1] + 1).to_bytes(32, "big"),
        b"\4" + P.to_bytes(32, "big") + G[1].to_bytes(32, "big"),  # a coordinate that is not reduced
        b"\5" + G[0].to_bytes(32, "big") + G[1].to_bytes(32, "big"),
        b"\6" + G[0].to_bytes(32, "big") + G[1].to_bytes(32, "big"),  # the hybrid spelling
    ],
)
def test_a_point_that_is_none_is_no_key(point):
    assert not verify(SPKI_HEAD + point, "bid-manifest", OBJ, raw(1, 1))
    key = derive_private_key(5, SECP256R1())
    with pytest.raises(ValueError, match="."):
        open_sealed(key, b"", point, bytes(32))


# Ed25519: RFC 8032 section 7.1, and signatures that only careless verifiers take

ED25519 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519_signs_as_the_rfc_does(secret, public, message, signature):
    key = Ed25519PrivateKey.from_private_bytes(unhex(secret))
    assert (key.public_key().public_bytes_raw().hex(), key.sign(unhex(message)).hex()) == (public, signature)


def spoilt_ed25519(signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    yield r + (s + ORDER).to_bytes(32, "little")  # the same number modulo the order: another spelling
    yield r + (s + 8 * ORDER).to_bytes(32, "little")
    yield r + bytes(32)
    yield bytes(32) + signature[32:]
    yield b"\xff" * 32 + signature[32:]
    yield (2**255 - 19 + 1).to_bytes(32, "little") + signature[32:]  # a point that is not reduced
    yield signature[:-1]
    yield signature + b"\0"
    yield signature[32:] + signature[:32]


def test_a_checkpoints_signature_has_one_spelling():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, name = key.public_key().public_bytes_raw(), "tender.example/ledger"
    note = signed_note(Checkpoint(name, 3, bytes(32)).text(), name, key)
    assert verify_note(note, name, public).size == 3
    text, line = note.rsplit(" ", 1)
    blob = base64.b64decode(line)
    for wrong in spoilt_ed25519(blob[4:]):
        with pytest.raises(ValueError, match="signature"):
            verify_note(f"{text} {base64.b64encode(blob[:4] + wrong).decode()}\n", name, public)


@pytest.mark.parametrize("low", ["01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32])
def test_a_key_of_low_order_vouches_for_no_message_but_its_own(low):
    """With such a key a signature may hold for many messages; ours are pinned, and these are never among them."""
    key = Ed25519PublicKey.from_public_bytes(unhex(low))
    with pytest.raises(InvalidSignature):
        key.verify(G[0].to_bytes(32, "big") + (1).to_bytes(32, "little"), b"checkpoint")


# ChaCha20-Poly1305: RFC 8439 section 2.8.2, and the sums on the edge of Poly1305's modulus (its appendix A.3)

AEAD = {
    "key": "".join(f"{byte:02x}" for byte in range(0x80, 0xA0)),
    "nonce": "070000004041424344454647",
    "aad": "50515253c0c1c2c3c4c5c6c7",
    "plain": b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.".hex(),
    "cipher": "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
    "tag": "1ae10b594f09e26a7e902ecbd0600691",
}
SUMS = [
    ("02" + "00" * 15 + "00" * 16, "ff" * 16, "03" + "00" * 15),
    ("02" + "00" * 15 + "ff" * 16, "02" + "00" * 15, "03" + "00" * 15),
    ("01" + "00" * 15 + "00" * 16, "ff" * 16 + "f0" + "ff" * 15 + "11" + "00" * 15, "05" + "00" * 15),
    ("01" + "00" * 15 + "00" * 16, "ff" * 16 + "fb" + "fe" * 15 + "01" * 16, "00" * 16),
    ("02" + "00" * 15 + "00" * 16, "fd" + "ff" * 15, "fa" + "ff" * 15),
    ("01" + "00" * 7 + "04" + "00" * 7 + "00" * 16,
     "e33594d7505e43b900000000000000003394d7505e4379cd01" + "00" * 7 + "00" * 16 + "01" + "00" * 15, "14" + "00" * 7 + "55" + "00" * 7),
    ("01" + "00" * 7 + "04" + "00" * 7 + "00" * 16,
     "e33594d7505e43b900000000000000003394d7505e4379cd01" + "00" * 7 + "00" * 16, "13" + "00" * 15),
]  # fmt: skip


def test_chacha20_poly1305_seals_as_the_rfc_does_and_refuses_every_flipped_bit_of_the_tag():
    cipher, nonce, aad = ChaCha20Poly1305(unhex(AEAD["key"])), unhex(AEAD["nonce"]), unhex(AEAD["aad"])
    sealed = cipher.encrypt(nonce, unhex(AEAD["plain"]), aad)
    assert sealed.hex() == AEAD["cipher"] + AEAD["tag"]
    for place in range(128):
        wrong = bytearray(sealed)
        wrong[-16 + place // 8] ^= 1 << place % 8
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, bytes(wrong), aad)
    for cut in (sealed[:-1], sealed[:16], sealed[:15], b"", sealed + b"\0"):
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, cut, aad)


def test_poly1305_is_right_on_the_edges_of_its_modulus():
    assert [poly1305.Poly1305.generate_tag(unhex(key), unhex(data)).hex() for key, data, _ in SUMS] == [tag for _, _, tag in SUMS]


def test_browsers_agree_on_chacha20_poly1305():
    found = run_node(
        """
        import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
        import { poly1305 } from "@noble/ciphers/_poly1305.js";
        const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
        const hex = (bytes) => Buffer.from(bytes).toString("hex");
        const { key, nonce, aad, plain } = given.aead;
        const cipher = chacha20poly1305(unhex(key), unhex(nonce), unhex(aad));
        const sealed = cipher.encrypt(unhex(plain));
        let refused = 0;
        for (let place = 0; place < 128; place++) {
          const wrong = sealed.slice();
          wrong[wrong.length - 16 + (place >> 3)] ^= 1 << place % 8;
          try { cipher.decrypt(wrong); } catch { refused += 1; }
        }
        answer({ sealed: hex(sealed), refused, sums: given.sums.map(([key, data]) => hex(poly1305(unhex(data), unhex(key)))) });
        """,
        {"aead": AEAD, "sums": SUMS},
    )
    assert found == {"sealed": AEAD["cipher"] + AEAD["tag"], "refused": 128, "sums": [tag for _, _, tag in SUMS]}


# HKDF-SHA256: RFC 5869 appendix A (the first 32 bytes, which is what we derive), and its limits

HKDFS = [
    ("0b" * 22, bytes(range(13)).hex(), bytes(range(0xF0, 0xFA)).hex(), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
    (bytes(range(0x50)).hex(), bytes(range(0x60, 0xB0)).hex(), bytes(range(0xB0, 0x100)).hex(),
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"),
    ("0b" * 22, "", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"),
]  # fmt: skip


def test_keys_are_derived_as_the_rfc_does():
    assert [derived(unhex(key), unhex(salt), unhex(info)).hex() for key, salt, info, _ in HKDFS] == [want for *_, want in HKDFS]
    longest = HKDF(algorithm=hashes.SHA256(), length=255 * 32, salt=b"", info=b"").derive(b"key")
    block = b""
    for count in range(1, 256):
        block = hmac.digest(hmac.digest(bytes(32), b"key", "sha256"), block + bytes([count]), "sha256")
    assert longest[-32:] == block
    with pytest.raises(ValueError):
        HKDF(algorithm=hashes.SHA256(), length=255 * 32 + 1, salt=b"", info=b"")


def test_browsers_derive_the_same_keys():
    found = run_node(
        """
        import { hkdf } from "@noble/hashes/hkdf.js";
        import { sha256 } from "@noble/hashes/sha2.js";
        const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"));
        const hex = (bytes) => Buffer.from(bytes).toString("hex");
        const native = async (key, salt, info) => {
          const base = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
          return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, base, 256));
        };
        const found = [];
        for (const [key, salt, info] of given.map((row) => row.map(unhex))) {
          found.push([hex(hkdf(sha256, key, salt, info, 32)), hex(await native(key, salt, info))]);
        }
        answer(found);
        """,
        HKDFS,
    )
    assert found == [[want, want] for *_, want in HKDFS]


# Canonical JSON: the samples of RFC 8785, as far as they have no fractions

SORTED = {
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
}  # fmt: skip
IN_ORDER = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
STRING = '\u20ac$\u000f\nA\'B"\\\\"/'
LITERALS = [None, True, False]


def test_canonical_json_is_that_of_the_rfc_in_both_languages():
    sample = {"string": STRING, "literals": LITERALS}
    want = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    ordered = "{" + ",".join(f"{rfc8785.dumps(key).decode()}:{rfc8785.dumps(SORTED[key]).decode()}" for key in IN_ORDER) + "}"
    assert (jcs(sample).decode(), rfc8785.dumps(SORTED).decode()) == (want, ordered)
    found = run_node(
        """
        import canonicalize from "canonicalize";
        import { jcs } from "./static/src/lib/base.js";
        const text = (bytes) => Buffer.from(bytes).toString();
        const refused = [given.sorted, { a: 1.5 }, { a: 1e21 }, { a: 2 ** 53 }].map((each) => {
          try { jcs(each); return false; } catch { return true; }
        });
        answer({ sample: text(jcs(given.sample)), sorted: canonicalize(given.sorted), zero: text(jcs([-0, 0])), refused });
        """,
        {"sample": sample, "sorted": SORTED},
    )
    # The Hebrew letter is not NFC, so that neither side takes it.
    assert found == {"sample": want, "sorted": ordered, "zero": "[0,0]", "refused": [True] * 4}
    for wrong in (SORTED, {"a": 1.5}, {"a": 1e21}, {"a": 2**53}, {"a": -0.0}):
        with pytest.raises((TypeError, ValueError)):
            jcs(wrong)


# 国密: the samples of GM/T 0003.5, GM/T 0004 and GM/T 0002

SM2 = {
    "d": "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
    "q": "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    "r": "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
    "s": "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
}
SM3 = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
SM4 = ("0123456789abcdeffedcba9876543210", "681edf34d206965e86b3e94f536e4246", "595298c7c6fd271f0402f804c33d3f66")


def test_sm2_verifies_the_sample_and_nothing_else():
    reader = gmalg.SM2(pk=b"\4" + unhex(SM2["q"]), uid=b"1234567812345678")
    right = (b"message digest", unhex(SM2["r"]), unhex(SM2["s"]))
    assert gmalg.SM2().generate_pk(unhex(SM2["d"]))[-64:].hex() == SM2["q"]
    assert reader.verify(*right)
    order = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    for r, s in (
        (0, 1),
        (1, 0),
        (order, 1),
        (1, order),
        (int(SM2["r"], 16), order - int(SM2["s"], 16)),
        (int(SM2["s"], 16), int(SM2["r"], 16)),
    ):
        assert not reader.verify(b"message digest", r.to_bytes(32, "big"), s.to_bytes(32, "big"))
    assert not reader.verify(b"message digesT", *right[1:])
    assert not gmalg.SM2(pk=b"\4" + unhex(SM2["q"]), uid=b"8765432187654321").verify(*right)


def test_browsers_and_python_take_each_others_sm2_signatures():
    maker = gmalg.SM2(sk=unhex(SM2["d"]), pk=b"\4" + unhex(SM2["q"]), uid=b"1234567812345678")
    r, s = maker.sign(b"from python")
    found = run_node(
        """
        import { sm2, sm3 } from "sm-crypto-v2";
        const options = { hash: true, userId: "1234567812345678" };
        const bytes = (text) => new Uint8Array(Buffer.from(text));
        answer({
          sample: sm2.doVerifySignature(bytes("message digest"), given.r + given.s, "04" + given.q, options),
          python: sm2.doVerifySignature(bytes("from python"), given.python, "04" + given.q, options),
          wrong: sm2.doVerifySignature(bytes("from pythoN"), given.python, "04" + given.q, options),
          signature: sm2.doSignature(bytes("from the browser"), given.d, options),
          digest: sm3(bytes("abc")),
        });
        """,
        {**SM2, "python": (r + s).hex()},
    )
    signature = unhex(found.pop("signature"))
    assert found == {"sample": True, "python": True, "wrong": False, "digest": SM3[b"abc"]}
    assert maker.verify(b"from the browser", signature[:32], signature[32:])


def test_sm3_and_sm4_give_the_samples():
    for data, want in SM3.items():
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        assert digest.finalize().hex() == want
    plain, once, million = SM4
    step = Cipher(algorithms.SM4(unhex(plain)), modes.ECB()).encryptor()  # noqa: S305 - one block
    block = step.update(unhex(plain))
    assert block.hex() == once
    for _ in range(999_999):
        block = step.update(block)
    assert block.hex() == million
