"""age files: only the very bytes that were sealed come out again, and nothing comes out of anything else."""

import io
import os

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from sealing.age import (
    CHUNK,
    Stanza,
    check_file_key,
    decrypt_chunks,
    derived,
    encode,
    encrypt_stream,
    make_header,
    parse_header,
)

KEY = bytes(range(16))
STANZAS = [Stanza(("etp/owner", "kidkidkidki", encode(b"\4" * 65).decode()), b"b" * 32)]


def sealed(plain, key=KEY, stanzas=STANZAS):
    out = io.BytesIO()
    encrypt_stream(key, stanzas, io.BytesIO(plain), out)
    return out.getvalue()


def opened(data, key=KEY):
    return b"".join(decrypt_chunks(key, io.BytesIO(data)))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_what_is_sealed_comes_out_again(size):
    plain = os.urandom(size)
    assert opened(sealed(plain)) == plain


def test_an_age_implementation_by_others_reads_our_files():
    """Our header and payload under age's own X25519 stanza, read by rage."""
    identity = pyrage.x25519.Identity.generate()
    share = X25519PrivateKey.generate()
    # The 32 bytes behind the bech32 name `age1…`.
    alphabet, bits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 0
    text = str(identity.to_public())[4:-6]
    for char in text:
        bits = bits << 5 | alphabet.index(char)
    recipient = (bits >> (len(text) * 5 - 256)).to_bytes(32, "big")
    secret = share.exchange(X25519PublicKey.from_public_bytes(recipient))
    point = share.public_key().public_bytes_raw()
    wrapping = derived(secret, point + recipient, b"age-encryption.org/v1/X25519")
    body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), KEY, None)
    plain = os.urandom(2 * CHUNK + 5)
    data = sealed(plain, stanzas=[Stanza(("X25519", encode(point).decode()), body)])
    assert pyrage.decrypt(data, [identity]) == plain


def test_we_read_the_header_of_files_by_others():
    header = parse_header(io.BytesIO(pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()])))
    # rage adds a stanza without meaning, so that readers learn to live with strangers.
    assert "X25519" in [stanza.args[0] for stanza in header.stanzas]


def test_another_file_key_is_refused_and_at_most_one_fits():
    header = parse_header(io.BytesIO(sealed(b"bid")))
    assert check_file_key(header, KEY)
    assert not check_file_key(header, bytes(16))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"age-encryption.org/v1",
        b"age-encryption.org/v2\n-> a b\nYQ\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\r\n-> a b\r\nYQ\r\n--- " + b"A" * 43 + b"\r\n",
        b"age-encryption.org/v1\n->  b\nYQ\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n->\nYQ\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a b\nYR\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a b\nYQ==\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a b\n" + b"A" * 65 + b"\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a b\n" + b"A" * 64 + b"\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a \xc3\xa9\nYQ\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> a b\nYQ\n--- " + b"A" * 42 + b"\n",
        b"age-encryption.org/v1\n-> a b\nYQ\n--- " + b"A" * 44 + b"\n",
        b"age-encryption.org/v1\n-> a b\nYQ\n---  " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n" + b"-> a b\nYQ\n" * 3000,
    ],
)
def test_only_a_strict_header_is_read(header):
    with pytest.raises(ValueError):
        parse_header(io.BytesIO(header))


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4))
def test_a_header_reads_back_as_it_was_written(bodies):
    stanzas = tuple(Stanza(("kind", str(place)), body) for place, body in enumerate(bodies))
    written = make_header(KEY, list(stanzas))
    header = parse_header(io.BytesIO(written + b"payload"))
    assert (header.stanzas, header.header_bytes, header.length) == (stanzas, written, len(written))
    assert check_file_key(header, KEY)
