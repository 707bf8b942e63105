"""People's certificates: enrolling and revoking them, what their signatures count for, and the simulated authority."""

import json
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import certificates, tasks
from accounts.models import Certificate, CertificateChallenge
from accounts.signatures import Sm2Key, kid_of, verify
from config.demo.authority import Authority
from config.demo.certificate_keys import SCHEMES, Key
from config.tasks import refresh_demo_lists
from ledger.canonical import b64u, unb64u
from ledger.models import LedgerEntry
from ledger.signer import signer
from rulebook.clock import database_now, pretend
from rulebook.refusals import Refused
from sealing import keys
from sealing.models import SigningKey
from tests.factories.trading import organisation, person
from tests.sealing.conftest import new_bidder
from tests.trust.certified import PASSWORD, answer_to, ask, enrolled, issued, post, sign, trusted

pytestmark = pytest.mark.django_db
assert trusted  # a fixture of these tests
OBJECT = {"v": 1, "what": "投标"}


@pytest.fixture
def holder():
    return person("季无名")


def entries(kind):
    found = [json.loads(bytes(entry.data)) for entry in LedgerEntry.objects.order_by("pk")]
    return [entry for entry in found if entry.get("k") == kind]


def code_of(function, *args, **more):
    with pytest.raises(Refused) as refused:
        function(*args, **more)
    assert refused.value.message
    return refused.value.code


def enrol(client, der, key, label="enroll"):
    return post(client, "accounts:enrol_certificate", answer_to(ask(client, "enroll"), der, key, label=label))


# Signatures


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_signature_is_of_its_key_label_and_object_alone(settings, scheme):
    settings.ETP_SM2 = True
    key, other = Key.new(scheme), Key.new(scheme)
    made = sign(key, "act", OBJECT)
    assert verify(key.spki, "act", OBJECT, made)
    assert not verify(other.spki, "act", OBJECT, made)
    assert not verify(key.spki, "login", OBJECT, made)
    assert not verify(key.spki, "act", OBJECT | {"v": 2}, made)
    raw = unb64u(made)
    for changed in (raw[:-1], raw + b"\0", bytes([raw[0] ^ 1]) + raw[1:], b"", b"\0" * len(raw), b"\xff" * len(raw)):
        assert not verify(key.spki, "act", OBJECT, b64u(changed))


def test_sm2_signatures_count_only_where_switched_on(settings):
    settings.ETP_SM2 = True
    key = Key.new("sm2")
    made = sign(key, "act", OBJECT)
    settings.ETP_SM2 = False
    assert not verify(key.spki, "act", OBJECT, made)


def test_sm2_as_the_standard_s_example_has_it(settings):
    """GM/T 0003.5 annex A: the recommended curve, the assumed identity, the message `message digest`."""
    settings.ETP_SM2 = True
    x = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    r = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    s = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    key = Sm2Key(b"\4" + bytes.fromhex(x + y))
    assert key.verify(b"message digest", bytes.fromhex(r), bytes.fromhex(s))
    assert not key.verify(b"message digesu", bytes.fromhex(r), bytes.fromhex(s))


def test_points_off_the_curve_are_no_keys(settings):
    settings.ETP_SM2 = True
    key = Key.new("sm2")
    made = sign(key, "act", OBJECT)
    for spki in (key.spki[:-1], key.spki + b"\0", key.spki[:-1] + bytes([key.spki[-1] ^ 1]), key.spki[:26] + b"\4" + b"\0" * 64):
        assert not verify(spki, "act", OBJECT, made)


# Enrolling


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_person_enrols_their_certificate_through_the_page(client, trusted, holder, scheme):
    der, key = issued(trusted(scheme), holder.name)
    client.force_login(holder)
    assert enrol(client, der, key).status_code == 201
    row = Certificate.objects.get()
    assert (row.person, bytes(row.der), bytes(row.spki), row.kid, row.algorithm) == (holder, der, key.spki, kid_of(key.spki), scheme)
    (entry,) = entries("key.enrolled")
    assert entry["s"] == f"keys/{holder.pseudonym}"
    assert entry["by"] == {"id": holder.pseudonym, "role": "person", "cert": row.digest}
    assert entry["d"]["role"] == "signer" and entry["d"]["cert"] == row.digest and entry["d"]["spki"] == b64u(key.spki)
    assert holder.name not in json.dumps(entry, ensure_ascii=False)
    page = client.get(reverse("accounts:certificates")).content.decode()
    assert row.serial in page and "有效" in page


def test_an_organisation_s_certificate_is_enrolled_by_who_acts_for_it(trusted):
    bidder = organisation("bidder")
    authority = trusted()
    enrolled_one, _ = enrolled_as(authority, bidder.somebody, bidder.name)
    assert enrolled_one.person == bidder.somebody
    assert code_of(enrolled_as, authority, person("外人"), bidder.name) == "certificate_of_other"


def enrolled_as(authority, who, name):
    der, key = issued(authority, name)
    question = {"v": 1}
    return certificates.enroll_certificate(der, question, sign(key, "enroll", question), by=who, at=database_now()), key


@pytest.mark.parametrize("name", ["别人", "季无名氏", "季", "季无名的助理"])
def test_a_certificate_made_out_to_somebody_else(trusted, holder, name):
    assert code_of(enrolled_as, trusted(), holder, name) == "certificate_of_other"


@pytest.mark.parametrize("name", ["季无名", "051@季无名@110101199001011234@1", "季无名(签名)"])
def test_authorities_write_names_in_their_own_ways(trusted, holder, name):
    assert enrolled_as(trusted(), holder, name)[0].person == holder


def test_who_does_not_hold_the_key_cannot_enrol(client, trusted, holder):
    der, key = issued(trusted(), holder.name)
    client.force_login(holder)
    assert enrol(client, der, Key.new("p256")).json()["code"] == "bad_signature"
    assert enrol(client, der, key, label="login").json()["code"] == "bad_signature"
    assert not Certificate.objects.exists()


def test_a_question_to_enrol_serves_once_and_in_its_session(client, trusted, holder):
    der, key = issued(trusted(), holder.name)
    client.force_login(holder)
    body = answer_to(ask(client, "enroll"), der, key, label="enroll")
    assert post(client, "accounts:enrol_certificate", body).status_code == 201
    assert post(client, "accounts:enrol_certificate", body).json()["code"] == "challenge_used"
    CertificateChallenge.objects.update(used_at=None, session="another")
    assert post(client, "accounts:enrol_certificate", body).json()["code"] == "challenge_unknown"


def test_one_certificate_is_enrolled_once_and_a_key_has_one_owner(trusted, holder):
    authority = trusted()
    made, key = enrolled(authority, holder)
    question = {"v": 1}
    again = {"challenge": question, "signature": sign(key, "enroll", question), "at": database_now()}
    assert code_of(certificates.enroll_certificate, bytes(made.der), **again, by=holder) == "certificate_known"
    namesake = person(holder.name)
    assert code_of(certificates.enroll_certificate, bytes(made.der), **again, by=namesake) == "certificate_of_other"
    renewed = authority.issue(holder.name, key.spki, at=database_now())
    assert certificates.enroll_certificate(renewed, **again, by=holder).kid == made.kid


# Revoking, and how a certificate stands


def test_a_person_revokes_their_certificate_and_nobody_else_does(client, trusted, holder):
    made, _ = enrolled(trusted(), holder)
    door = reverse("accounts:revoke_certificate", args=[made.pk])
    client.force_login(person("别人"))
    assert client.post(door, {"reason": "lost"}).status_code == 404
    client.force_login(holder)
    assert client.post(door, {"reason": "whim"}).status_code == 400
    assert client.post(door, {"reason": "lost"}).status_code == 302
    made.refresh_from_db()
    assert (made.revoked_at is not None, made.revoked_for) == (True, "lost")
    (entry,) = entries("key.revoked")
    assert entry["d"] == {
        "owner": holder.pseudonym, "role": "signer", "kid": made.kid, "reason": "lost", "signing": None, "cert": made.digest,
    }  # fmt: skip
    assert client.post(door, {"reason": "lost"}).status_code == 409
    assert "已停用" in client.get(reverse("accounts:certificates")).content.decode()


def test_the_page_says_how_each_stands(client, trusted, holder):
    authority = trusted()
    made, _ = enrolled(authority, holder, not_after=database_now() + timedelta(days=40))
    client.force_login(holder)

    def page():
        return client.get(reverse("accounts:certificates")).content.decode()

    assert "有效</span>" in page() and "即将过期" not in page()
    pretend(timedelta(days=11))
    authority.write_lists(at=database_now())
    assert "即将过期" in page() and "还有 28 天过期" in page()
    pretend(timedelta(days=13))
    assert "不可用" in page() and "吊销列表" in page()
    authority.revoke(int(made.serial, 16), at=database_now())
    assert "证书已被签发机构吊销" in page()


# What a certificate is worth when signing


def enrolment(bidder, signing):
    encryption = Key.new("p256")
    not_after = keys.enrolment_terms(database_now())
    binding = keys.binding_of(bidder.uscc, encryption.spki, not_after)
    return {
        "encryption_spki": b64u(encryption.spki), "signing_spki": b64u(signing.spki), "not_after": not_after,
        "signature": sign(signing, "key-binding", binding), "by": bidder.somebody, "at": database_now(),
    }  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_keys_are_enrolled_with_a_certificate_s_key_where_one_is_required(trusted, settings, scheme):
    settings.ETP_REQUIRE_CERTIFICATE = True
    bidder = new_bidder()
    assert code_of(keys.enroll_keys, bidder, **enrolment(bidder, Key.new("p256"))) == "certificate_required"
    made, key = enrolled(trusted(scheme), bidder.somebody)
    keys.enroll_keys(bidder, **enrolment(bidder, key))
    entry = entries("key.enrolled")[-1]
    assert (entry["d"]["role"], entry["by"]["cert"]) == ("bidder", made.digest)
    question = {"v": 1, "tender": "T-1"}
    signed = keys.require_signed(bidder.somebody, "bid-manifest", question, sign(key, "bid-manifest", question), at=database_now())
    assert signed == made.digest


def test_another_person_s_certificate_vouches_for_nobody_else(trusted, settings):
    settings.ETP_REQUIRE_CERTIFICATE = True
    bidder = new_bidder()
    _, key = enrolled(trusted(), new_bidder().somebody)
    assert code_of(keys.enroll_keys, bidder, **enrolment(bidder, key)) == "certificate_required"


def test_without_the_requirement_a_plain_key_is_taken_and_marked(client, settings, trusted):
    settings.ETP_REQUIRE_CERTIFICATE = False
    bidder = new_bidder()
    keys.enroll_keys(bidder, **enrolment(bidder, Key.new("p256")))
    assert entries("key.enrolled")[-1]["by"]["cert"] is None
    client.force_login(bidder.somebody)
    assert "未经CA认证" in client.get(reverse("sealing:keys")).content.decode()
    SigningKey.objects.all().delete()
    _, key = enrolled(trusted(), bidder.somebody)
    keys.enroll_keys(bidder, **enrolment(bidder, key))
    page = client.get(reverse("sealing:keys")).content.decode()
    assert "未经CA认证" not in page and "演示签发CA" in page


@pytest.mark.parametrize("required", [True, False])
def test_what_a_certificate_no_longer_vouches_for_is_no_signature(trusted, settings, required):
    settings.ETP_REQUIRE_CERTIFICATE = required
    authority, bidder = trusted(), new_bidder()
    made, key = enrolled(authority, bidder.somebody, not_after=database_now() + timedelta(days=30))
    keys.enroll_keys(bidder, **enrolment(bidder, key))
    signature = sign(key, "key-release", OBJECT)

    def check():
        return keys.require_signed(bidder.somebody, "key-release", OBJECT, signature, at=database_now())

    assert check() == made.digest
    pretend(timedelta(hours=25))
    assert code_of(check) == "crl_stale"
    pretend(timedelta(days=31))
    authority.write_lists(at=database_now())
    assert code_of(check) == "certificate_expired"
    pretend(timedelta(0))
    authority.write_lists(at=database_now())
    assert check() == made.digest
    authority.revoke(int(made.serial, 16), at=database_now())
    assert code_of(check) == "certificate_revoked"
    certificates.revoke_certificate(made, reason="lost", by=bidder.somebody, at=database_now())
    assert code_of(check) == "certificate_ended"


# Revocation lists from the authority's address


def test_lists_are_fetched_and_only_better_ones_kept(trusted, settings, holder, monkeypatch, tmp_path):
    authority = trusted()
    made, _ = enrolled(authority, holder)
    source = authority.folder / "crls" / "p256-issuing.crl"
    at = database_now()
    older, settings.ETP_CRLS = source.read_bytes(), tmp_path / "fetched"
    settings.ETP_CRL_URLS = ["https://ca.example/people.crl", "ftp://ca.example/x.crl", "https://ca.example/root.crl"]
    served = {"https://ca.example/root.crl": (authority.folder / "crls" / "p256-root.crl").read_bytes()}
    monkeypatch.setattr(tasks, "download", lambda url: served[url] if url in served else refuse(url))

    def standing():
        return certificates.check_trust(certificates.read(bytes(made.der)), at=at + timedelta(seconds=5))

    tasks.fetch_revocation_lists()
    assert code_of(standing) == "crl_stale"
    served["https://ca.example/people.crl"] = older
    tasks.fetch_revocation_lists()
    standing()
    authority.revoke(int(made.serial, 16), at=at + timedelta(seconds=3))
    served["https://ca.example/people.crl"] = source.read_bytes()
    tasks.fetch_revocation_lists()
    assert code_of(standing) == "certificate_revoked"
    for worse in (older, b"nothing", Authority(tmp_path / "other", at=at).folder.joinpath("crls", "p256-issuing.crl").read_bytes()):
        served["https://ca.example/people.crl"] = worse
        tasks.fetch_revocation_lists()
        assert code_of(standing) == "certificate_revoked"


def refuse(url):
    raise OSError(f"no answer from {url}")


# The simulated authority


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_command_issues_key_files(tmp_path, settings, scheme):
    out = tmp_path / "a.p12"
    call_command("demo_ca", "--folder", tmp_path / "ca", "--algorithm", scheme, "--issue", "季无名", "--password", PASSWORD, "--out", out)
    checked = subprocess.run(
        ["openssl", "pkcs12", "-in", out, "-passin", f"pass:{PASSWORD}", "-info", "-nokeys"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    assert "MAC: sha256, Iteration 600000" in checked.stderr
    assert checked.stderr.count("PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256") == 2
    if scheme != "sm2":
        key, certificate, more = pkcs12.load_key_and_certificates(out.read_bytes(), PASSWORD.encode())
        assert key.public_key() == certificate.public_key() and len(more) == 1
    roots = tmp_path / "ca" / "roots"
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(checked.stdout[: checked.stdout.index("-----END CERTIFICATE-----") + 26])
    root, issuing = (roots / f"{scheme}-{tier}.pem" for tier in ("root", "issuing"))
    how = ["-crl_check", "-CRLfile", crl_pem(tmp_path, scheme), "-CAfile", root, "-untrusted", issuing]
    if scheme == "sm2":
        # OpenSSL takes SM2's identity for one certificate, not for those above it nor for lists.
        how = ["-vfyopt", "distid:1234567812345678", "-partial_chain", "-CAfile", issuing]
    path = subprocess.run(["openssl", "verify", *how, leaf], capture_output=True, text=True)
    assert path.returncode == 0, path.stderr


def crl_pem(tmp_path, scheme):
    listed = x509.load_der_x509_crl((tmp_path / "ca" / "crls" / f"{scheme}-issuing.crl").read_bytes())
    path = tmp_path / "crl.pem"
    path.write_bytes(listed.public_bytes(Encoding.PEM))
    return path


def test_the_command_certifies_requests_and_revokes(tmp_path, settings, trusted, holder):
    private = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "想冒充的人")])
    request = tmp_path / "request.csr"
    request.write_bytes(x509.CertificateSigningRequestBuilder(name).sign(private, SHA256()).public_bytes(Encoding.PEM))
    trusted()
    call_command("demo_ca", "--folder", tmp_path / "ca", "--request", request, "--name", holder.name)
    made = x509.load_pem_x509_certificates((tmp_path / "request.pem").read_bytes())[0]
    found = certificates.read(made.public_bytes(Encoding.DER))
    assert found.common_names == [holder.name]
    certificates.check_trust(found, at=database_now())
    call_command("demo_ca", "--folder", tmp_path / "ca", "--revoke", tmp_path / "request.pem")
    assert code_of(certificates.check_trust, found, at=database_now()) == "certificate_revoked"


def test_the_command_certifies_the_seal_s_key(tmp_path, trusted):
    alone = signer().pdf_chain()
    call_command("demo_ca", "--folder", tmp_path / "ca", "--seal")
    chain = [certificates.read(each) for each in signer().pdf_chain()]
    assert [len(alone), len(chain)] == [1, 3]
    assert chain[0].spki == certificates.read(alone[0]).spki
    trusted()
    certificates.check_trust(chain[0], at=database_now())


def test_there_is_no_simulated_authority_in_production(client, settings, tmp_path):
    settings.ETP_CONSOLES = False
    with pytest.raises(CommandError):
        call_command("demo_ca", "--folder", tmp_path / "ca")
    assert not (tmp_path / "ca").exists()
    client.force_login(person())
    assert client.get(reverse("demo:authority")).status_code == 404
    assert post(client, "demo:issue", {"request": "AA"}).status_code == 404
    assert "演示CA" not in client.get(reverse("accounts:certificates")).content.decode()


def test_its_counter_certifies_whoever_is_signed_in(client, settings, trusted, holder, tmp_path):
    settings.VAR = tmp_path
    settings.ETP_TRUST_ROOTS, settings.ETP_CRLS = tmp_path / "demo-ca" / "roots", tmp_path / "demo-ca" / "crls"
    client.force_login(holder)
    assert "不具法律效力" in client.get(reverse("demo:authority")).content.decode()
    assert post(client, "demo:issue", {"request": "AA"}).json()["code"] == "bad_request"
    private = generate_private_key(SECP256R1())
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(private, SHA256()).public_bytes(Encoding.DER)
    chain = [certificates.read(unb64u(each)) for each in post(client, "demo:issue", {"request": b64u(request)}).json()["chain"]]
    assert chain[0].common_names == [holder.name]
    certificates.check_trust(chain[0], at=database_now())
    pretend(timedelta(hours=30))
    assert code_of(certificates.check_trust, chain[0], at=database_now()) == "crl_stale"
    refresh_demo_lists()
    certificates.check_trust(chain[0], at=database_now())
