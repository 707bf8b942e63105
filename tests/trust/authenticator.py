"""An authenticator in software: makes passkeys and assertions as a phone would, also wrong ones."""

import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from django.urls import reverse

from accounts import passkeys
from ledger.canonical import b64u, unb64u

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One credential. `origin`, `verified` and `count` are what the next answer says; a test may spoil each."""

    def __init__(self):
        self.rp_id, self.origin = passkeys.site()
        self.key = generate_private_key(SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.handle = None
        self.count = 0
        self.verified = True

    def data(self, more=0, rest=b""):
        self.count += 1
        flags = PRESENT | (VERIFIED if self.verified else 0) | more
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + rest

    def client_data(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def answer(self, **response):
        name = b64u(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def create(self, options):
        self.handle = unb64u(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        rest = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self.data(ATTESTED, rest)})
        client_data = self.client_data("webauthn.create", options["challenge"])
        return self.answer(clientDataJSON=b64u(client_data), attestationObject=b64u(attestation))

    def get(self, challenge):
        """The assertion over a challenge (base64url)."""
        data, client_data = self.data(), self.client_data("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        return self.answer(
            authenticatorData=b64u(data), clientDataJSON=b64u(client_data), signature=b64u(signature),
            userHandle=b64u(self.handle) if self.handle else None,
        )  # fmt: skip


def post(client, name, data=None, **kwargs):
    """Post JSON to a door, as our scripts do."""
    return client.post(reverse(name, kwargs=kwargs), data or {}, content_type="application/json", headers={"Accept": "application/json"})


def enrolled(client, name="办公室电脑"):
    """A passkey of whoever is signed in with this client."""
    made = Authenticator()
    options = post(client, "accounts:new_passkey_options").json()
    answer = post(client, "accounts:passkeys", {"credential": made.create(options), "name": name})
    assert answer.status_code == 201, answer.content.decode()
    return made


def challenge(client):
    return post(client, "accounts:passkey_options").json()["challenge"]


def sign_in(client, authenticator, **more):
    return post(client, "accounts:passkey_sign_in", {"credential": authenticator.get(challenge(client)), **more})
