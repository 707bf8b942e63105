"""The bidder's side in Python, as the browser does it: keys, sealing, submitting, releasing the key.

For the demonstration, tests and load; and a reference for whoever writes another client. The platform never needs it.
"""

import hashlib
import io
import os
from base64 import b64encode

from ledger.canonical import H, b64u
from rulebook.clock import database_now
from sealing import uploads
from sealing.age import decode, parse_header
from sealing.context import context_hash, seal_context
from sealing.hpke import open_sealed, owner_info
from sealing.keyfile import write_key_file
from sealing.models import EncryptionKey
from sealing.reference import Keys, enrolled, signature, spki_of
from sealing.seal import seal_bid
from trading.bidding.actions import submit_bid
from trading.bidding.formschema import part_of
from trading.bidding.queries import last_revision
from trading.holders.queries import opening_policy, policy_hash
from trading.opening.actions import context_of, release_key, release_object
from trading.tenders.models import Envelope


def make_keys(bidder, *, by, recovery="") -> Keys:
    """New keys for a bidder, enrolled; `recovery` is the recipient of its recovery code."""
    return enrolled(bidder, by=by, recovery=recovery)


def key_file(keys, password) -> bytes:
    """The file of enrolled keys as the browser would have saved it."""
    row = EncryptionKey.objects.get(kid=keys.kid)
    return write_key_file(keys, row.binding["owner"], password, recovery=row.recovery)


def seal(lot, bidder, keys, form, files, name=Envelope.WHOLE):
    """(envelope, sealed bytes) of a bid's envelope of that name: `files` are (name, content type, bytes)."""
    target = io.BytesIO()
    context = seal_context(
        tender=lot.tender.number, lot=lot.key, envelope=str(name), bidder=bidder.uscc, seal=b64u(os.urandom(16)), policy=policy_hash(lot)
    )
    opened = [(name, kind, io.BytesIO(data)) for name, kind, data in files]
    recovery = EncryptionKey.objects.get(kid=keys.kid).recovery
    envelope = seal_bid(context, form, opened, spki=spki_of(keys.encryption), policy=opening_policy(lot), target=target, recovery=recovery)
    return envelope, target.getvalue()


def manifest_of(lot, bidder, envelopes):
    """The manifest of the next revision: a submission with its envelopes, or a withdrawal without any."""
    last = last_revision(lot, bidder)
    return {
        "v": 1, "action": "submit" if envelopes else "withdraw", "tender": lot.tender.number, "lot": lot.key, "bidder": bidder.uscc,
        "rev": last.rev + 1 if last else 1, "prev": last.manifest_hash if last else None, "policy": policy_hash(lot), "envelopes": envelopes,
    }  # fmt: skip


def uploaded(lot, bidder, keys, form, files, *, by, name=Envelope.WHOLE):
    """Seal and upload an envelope; what the manifest says of it."""
    envelope, data = seal(lot, bidder, keys, form, files, name)
    now = database_now()
    upload = uploads.create_upload(
        bidder, tender=lot.tender.number, lot=lot.key, envelope=envelope["name"], seal=envelope["seal"], size=len(data), by=by, at=now
    )
    for start in range(0, len(data), uploads.CHUNK):
        piece = data[start : start + uploads.CHUNK]
        checksum = "sha256 " + b64encode(hashlib.sha256(piece).digest()).decode()
        uploads.append_chunk(upload, offset=start, length=len(piece), checksum=checksum, body=io.BytesIO(piece), at=now)
    return envelope


def submit(lot, bidder, keys, form, files, *, by):
    """Seal, upload and submit a bid, in as many envelopes as the tender document says; the Bid.

    `form` and `files` are those of the whole bid; of two envelopes the first holds all but the price, the second the
    price and the last file, the priced bill (where there is one file alone, both hold it).
    """
    envelopes = [
        uploaded(lot, bidder, keys, part_of(form, name), part, by=by, name=name)
        for name, part in parted(lot.tender.document.envelopes, files)
    ]
    return sign_and_submit(lot, bidder, keys, envelopes, by=by)


def parted(names, files):
    """(envelope's name, files) of each envelope: with two the last file goes into the second."""
    return [(names[0], files)] if len(names) == 1 else [(names[0], files[:-1] or files), (names[1], files[-1:])]


def withdraw(lot, bidder, keys, *, by):
    return sign_and_submit(lot, bidder, keys, [], by=by)


def sign_and_submit(lot, bidder, keys, envelopes, *, by):
    manifest = manifest_of(lot, bidder, envelopes)
    bid, _ = submit_bid(lot, bidder, manifest, signature(keys.signing, "bid-manifest", manifest), by=by)
    return bid


def file_key_of(opened, keys):
    """The file key that the owner's stanza of a locked bid yields to the owner."""
    with opened.sealed.upload.open() as sealed:
        stanza = parse_header(sealed).stanzas[0]
    return open_sealed(keys.encryption, owner_info(context_hash(context_of(opened))), decode(stanza.args[2].encode()), stanza.body)


def release(opened, keys, *, by, at):
    """Release the key of a bid in the hall."""
    file_key = file_key_of(opened, keys)
    digest = b64u(H("file-key", context_hash(context_of(opened)) + file_key))
    signed = signature(keys.signing, "key-release", release_object(opened, digest))
    release_key(opened, b64u(file_key), signed, by=by, at=at)
