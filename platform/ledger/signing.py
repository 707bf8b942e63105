"""The platform's own keys and what they may sign: checkpoints, receipts, seals on PDFs, and nothing else.

Knows neither the database nor Django, so that it can run as a process of its own (ledger.signer_process).
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from ledger.canonical import b64u, jcs
from ledger.merkle import Frontier
from ledger.note import Checkpoint, signature_line, signed_note

log = logging.getLogger(__name__)

NOTHING_SIGNED: dict = {"size": 0, "root": "", "note": "", "peaks": [], "batch": []}
# Where a ledger key stands until it takes over.
NEXT = "ledger.next.key"


ABOUT = {"v", "action", "tender", "lot", "bidder", "rev", "manifest", "received_at", "deadline"}
RECEIPTS = {
    "ack": ABOUT | {"leaf", "promise"},
    "receipt": ABOUT | {"entry", "index", "size", "root", "proof", "checkpoint"},
}
# Signed attributes of a CMS signature are a DER SET; nothing else is signed with the seal's key.
DER_SET, LARGEST_ATTRIBUTES = 0x31, 64 * 1024
SEAL_LIFE = timedelta(days=3 * 365)


class SignerRefused(Exception):
    """The signer was asked for something that contradicts what it has signed before."""


class LocalSigner:
    """Keys in files that one account can read, and a state file that remembers the last checkpoint signed."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.folder = folder
        self.origin = origin
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.load("ledger")
        self.receipt_key = self.load("receipt")

    @property
    def name(self) -> str:
        """The log's name in notes: its origin."""
        return f"{self.origin}/ledger"

    def load(self, name: str) -> Ed25519PrivateKey:
        """The key of that name, made on first use; two processes starting at once agree on one key."""
        path = self.folder / f"{name}.key"
        with self.locked():
            if not path.exists():
                if name == "ledger":
                    self.begin()
                self.write(path, Ed25519PrivateKey.generate().private_bytes_raw())
            return key_in(path)

    @property
    def ledger_key(self) -> Ed25519PrivateKey:
        """The key that signs now."""
        current, following = self.folder / "ledger.key", self.folder / NEXT
        signing = self.state().get("current")
        if signing and following.exists() and b64u(public_bytes(key_in(following))) == signing:
            # Both keys have signed: the old one is done with, whatever crash came before its file was replaced.
            following.replace(current)
        return key_in(current)

    def begin(self) -> None:
        """A new ledger key has signed nothing; where an older one did sign, none may be made in silence."""
        if self.state_file.exists() and self.state()["size"]:
            raise SignerRefused("the record of what was signed is there, but not the ledger key")
        self.keep(NOTHING_SIGNED)

    @contextmanager
    def locked(self) -> Iterator[None]:
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def stand_alone(self) -> bool:
        """Take this folder for as long as this process lives, unless another serves it."""
        # Kept open on purpose: the kernel lets go of the lock however the process ends.
        self.serving = (self.folder / ".serving").open("a")
        try:
            fcntl.flock(self.serving, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def state_file(self) -> Path:
        return self.folder / "signer-state.json"

    def state(self) -> dict:
        """Size, root (hex), note and last batch of leaf hashes (hex) of the last checkpoint signed."""
        try:
            return json.loads(self.state_file.read_text())
        except FileNotFoundError as lost:
            # A key without its memory would sign a second history. Only people may decide what happened here.
            raise SignerRefused("the ledger key is there, but not the record of what it signed") from lost

    def sign_checkpoint(self, size: int, root: bytes, batch: list[bytes]) -> str:
        """Sign the checkpoint reached by adding `batch` (leaf hashes) to the last one signed; refuse anything else.

        The same request again gives the same note: that is how a crash between signing and commit is replayed.
        """
        with self.locked():
            state = self.state()
            if size == state["size"] and root.hex() == state["root"]:
                return state["note"]
            frontier = Frontier()
            frontier.size = state["size"]
            frontier.peaks = [(level, bytes.fromhex(peak)) for level, peak in state["peaks"]]
            for leaf in batch:
                frontier.append(leaf)
            if frontier.size != size or frontier.root() != root:
                raise SignerRefused(f"size {size} does not extend the signed size {state['size']}")
            text = Checkpoint(self.name, size, root).text()
            note = signed_note(text, self.name, self.ledger_key)
            leaves = [leaf.hex() for leaf in batch]
            keys = {name: state[name] for name in ("retired", "since", "current", "rotating") if name in state}
            if keys.get("rotating") in leaves:
                following = key_in(self.folder / NEXT)
                note += signature_line(text, self.name, following)
                retired = {"public_key": b64u(self.ledger_public_key()), "from_size": state.get("since", 0), "to_size": size}
                keys = {"retired": [*state.get("retired", []), retired], "since": size, "current": b64u(public_bytes(following))}
            log.info("checkpoint of size %s signed", size)
            peaks = [[level, peak.hex()] for level, peak in frontier.peaks]
            self.keep({"size": size, "root": root.hex(), "note": note, "peaks": peaks, "batch": leaves, **keys})
            return note

    def next_ledger_key(self) -> bytes:
        """The public half of the key that will take over; made when first asked for."""
        # Moves a key that has taken over into its place first, so that it is not offered once more.
        self.ledger_public_key()
        path = self.folder / NEXT
        with self.locked():
            if not path.exists():
                self.write(path, Ed25519PrivateKey.generate().private_bytes_raw())
            return public_bytes(key_in(path))

    def rotate_ledger_key(self, leaf: bytes) -> None:
        """Let the next key take over at the checkpoint that first contains `leaf`; that one is signed by both."""
        with self.locked():
            if not (self.folder / NEXT).exists():
                raise SignerRefused("there is no next key")
            self.keep({**self.state(), "rotating": leaf.hex()})

    def ledger_keys(self) -> list[dict]:
        """All ledger keys, oldest first: public_key (base64url), from_size and to_size of what each signs; the last has no end."""
        state, current = self.state(), b64u(self.ledger_public_key())
        return [*state.get("retired", []), {"public_key": current, "from_size": state.get("since", 0), "to_size": None}]

    def keep(self, state: dict) -> None:
        self.write(self.state_file, json.dumps(state).encode())

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file that only this account may read; after a power cut the old or the new one is there, whole."""
        draft = path.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def sign_receipt(self, label: str, obj: Any) -> str:
        """Sign(receipt key, label, obj) for the labels `ack` and `receipt`, as base64url; only what has their fields."""
        if label not in RECEIPTS or not isinstance(obj, dict) or set(obj) != RECEIPTS[label]:
            raise SignerRefused(f"no receipt under the label {label}")
        log.info("%s signed", label)
        return b64u(self.receipt_key.sign(f"etp/{label}/v1\n".encode() + jcs(obj)))

    @property
    def pdf_key(self) -> ec.EllipticCurvePrivateKey:
        """The key of the seal on PDFs, made on first use with a certificate that only it vouches for."""
        path = self.folder / "pdf.key"
        with self.locked():
            if not path.exists():
                key = ec.generate_private_key(ec.SECP256R1())
                self.write(self.folder / "pdf.pem", self_signed(key, self.origin).public_bytes(serialization.Encoding.PEM))
                self.write(path, private_bytes(key))
            kept = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(kept, ec.EllipticCurvePrivateKey):
            raise SignerRefused("the seal's key is not a P-256 key")
        return kept

    def sign_pdf(self, attributes: bytes) -> bytes:
        """The seal's ECDSA signature (DER, SHA-256) over the signed attributes of a CMS signature; nothing else is signed."""
        if not attributes or attributes[0] != DER_SET or len(attributes) > LARGEST_ATTRIBUTES:
            raise SignerRefused("only the signed attributes of a PDF's signature are signed")
        log.info("seal on a PDF signed")
        return self.pdf_key.sign(attributes, ec.ECDSA(SHA256()))

    def pdf_chain(self) -> list[bytes]:
        """The seal's certificates (DER), its own first. An authority's chain is put in place by replacing `pdf.pem`."""
        key = self.pdf_key.public_key()
        chain = x509.load_pem_x509_certificates((self.folder / "pdf.pem").read_bytes())
        if chain[0].public_key() != key:
            raise SignerRefused("pdf.pem is the certificate of another key")
        return [each.public_bytes(serialization.Encoding.DER) for each in chain]

    def ledger_public_key(self) -> bytes:
        return public_bytes(self.ledger_key)

    def receipt_public_key(self) -> bytes:
        return public_bytes(self.receipt_key)


def key_in(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def self_signed(key: ec.EllipticCurvePrivateKey, origin: str) -> x509.Certificate:
    """A certificate for trying the platform out: readers are told that no authority stands behind it."""
    # X.509 allows 64 bytes in each part of a name.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, origin[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, "电子印章（自签名，仅供试用）"),
        ]
    )
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + SEAL_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
