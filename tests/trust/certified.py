"""People with certificates of a simulated authority, as their key files and browsers would use them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.urls import reverse

from accounts import certificates
from config.demo.authority import Authority
from config.demo.certificate_keys import Key
from ledger.canonical import b64u, jcs
from rulebook.clock import database_now

PASSWORD = "证书-口令-2026"


@pytest.fixture
def trusted(settings, tmp_path):
    """`trusted(scheme)` is an authority that the platform believes; `.folder` is where it stands."""
    settings.ETP_TRUST_ROOTS, settings.ETP_CRLS = tmp_path / "ca" / "roots", tmp_path / "ca" / "crls"
    settings.ETP_SM2 = True
    settings.ETP_BASE_URL = "http://testserver"
    return lambda scheme="p256": Authority(tmp_path / "ca", scheme, at=database_now())


def sign(key, label, obj):
    """Sign(key, label, obj) by the scheme of the key."""
    data = f"etp/{label}/v1\n".encode() + jcs(obj)
    if key.scheme == "rsa":
        return b64u(key.private.sign(data, PSS(MGF1(SHA256()), 32), SHA256()))
    if key.scheme == "sm2":
        return b64u(b"".join(key.sm2_sign(data)))
    r, s = decode_dss_signature(key.private.sign(data, ECDSA(SHA256())))
    return b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def issued(authority, name, **more):
    """(DER, Key) of a new certificate."""
    key = Key.new(authority.scheme)
    return authority.issue(name, key.spki, at=database_now(), **more), key


def enrolled(authority, person, **more):
    """(Certificate, Key): a new certificate of the person, bound to them."""
    der, key = issued(authority, person.name, **more)
    question = {"v": 1, "nonce": "spent"}
    return certificates.enroll_certificate(der, question, sign(key, "enroll", question), by=person, at=database_now()), key


def ask(client, purpose="login"):
    """The question as the browser gets it."""
    answer = post(client, "accounts:certificate_challenge", {"purpose": purpose})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def post(client, door, body):
    return client.post(reverse(door), body, content_type="application/json", headers={"Accept": "application/json"})


def answer_to(question, der, key, label="login"):
    return {"challenge": question, "certificate": b64u(der), "signature": sign(key, label, question)}


def sign_in(client, der, key, **more):
    """Sign in through the door; its answer."""
    return post(client, "accounts:certificate_session", answer_to(ask(client), der, key) | more)
