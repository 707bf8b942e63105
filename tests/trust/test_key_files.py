"""Key files: browsers, OpenSSL, `cryptography` and our Python read each other's; what is weak or old is refused."""

import base64
import io
import subprocess
from datetime import timedelta

import pyrage
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID
from django.urls import reverse
from playwright.sync_api import expect

from accounts.signatures import verify
from ledger.canonical import b64u, unb64u
from rulebook.clock import database_now
from sealing import keys
from sealing.context import opening_policy
from sealing.keyfile import ROUNDS, read_key_file, write_key_file
from sealing.models import EncryptionKey, SigningKey
from sealing.reference import Keys, enrolled, spki_of
from sealing.seal import seal_bid
from tests.chromium import PATIENCE
from tests.factories.bids import hand_in, started_opening
from tests.factories.keys import make_key_file
from tests.factories.trading import city, published_lot
from tests.sealing.conftest import bidder, folders, new_key  # noqa: F401 - fixtures
from tests.sealing.test_browser import FORM, PASSWORD, SEAL, chromium, context_for, page, run, scripts  # noqa: F401 - fixtures
from trading.opening.models import OpenedBid
from trading.opening.reference import key_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

OTHERS = "other-secret-77"
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "清江市测试认证机构")])


def certificate(private):
    now = database_now()
    made = x509.CertificateBuilder(NAME, NAME, private.public_key(), x509.random_serial_number(), now, now + timedelta(days=30))
    return made.sign(private, SHA256())


def strong_file(private, *chain):
    """As `cryptography` writes it by default, which needs no legacy algorithm."""
    return pkcs12.serialize_key_and_certificates(
        b"somebody", private, certificate(private), chain, BestAvailableEncryption(OTHERS.encode())
    )


def old_file(private, scheme):
    how = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048).key_cert_algorithm(scheme).build(OTHERS.encode())
    return pkcs12.serialize_key_and_certificates(b"somebody", private, certificate(private), None, how)


def openssl(*arguments, **given):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **given).stdout


def by_openssl(folder, private, *more):
    """A file made by `openssl pkcs12 -export`, with whatever algorithms it takes by default."""
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate(private).public_bytes(Encoding.PEM)
    path = folder / "in.pem"
    path.write_bytes(pem)
    return openssl("pkcs12", "-export", "-in", path, "-passout", f"pass:{OTHERS}", *more)


LOAD_ALL = """
    const found = [];
    for (const [bytes, password] of given.files) {
      try {
        const keys = await api.loadKeys(new File([api.unb64u(bytes)], "k.p12"), password);
        const hidden = [keys.signing, keys.encryption?.privateKey].filter(Boolean).map((key) => key.extractable);
        const refused = await crypto.subtle.exportKey("pkcs8", keys.signing).catch((problem) => problem.name);
        found.push({
          owner: keys.owner, kid: keys.kid, recovery: keys.recovery, encryption: keys.encryption !== null, hidden, refused,
          spki: api.b64u(keys.signingSpki), certificate: keys.certificate && api.b64u(keys.certificate), chain: keys.chain.length,
          signature: await api.sign(keys.signing, "login", { v: 1, says: "我" }),
        });
      } catch (problem) {
        found.push({ code: problem.code, message: problem.message });
      }
    }
    return found;
"""


def loaded(page, *files, password=OTHERS):  # noqa: F811 - fixture
    return run(page, LOAD_ALL, files=[[b64u(data), password] for data in files])


MAKE = """
    const ca = given.ca && { file: new File([api.unb64u(given.ca)], "ca.p12"), password: given.secret };
    const made = await api.makeKeys(given.password, { owner: given.owner, role: given.role, not_after: given.ends, recovery: given.recovery, ca });
    const file = api.b64u(new Uint8Array(await made.file.arrayBuffer()));
    return { file, enrolment: made.enrolment, kid: made.kid, code: made.recovery?.code };
"""


def made(page, *, ca=None, recovery=True, role="bidder", owner="91429900MA5C0001XX"):  # noqa: F811 - fixture
    found = run(
        page, MAKE, password=PASSWORD, owner=owner, role=role, recovery=recovery, ends=keys.enrolment_terms(database_now()),
        ca=ca and b64u(ca), secret=OTHERS,
    )  # fmt: skip
    return found | {"file": unb64u(found["file"])}


def test_what_the_browser_makes_is_strong_and_everybody_opens_it(page, tmp_path):  # noqa: F811
    kept = made(page)
    path = tmp_path / "k.p12"
    path.write_bytes(kept["file"])
    done = subprocess.run(
        ["openssl", "pkcs12", "-info", "-nodes", "-in", path, "-passin", f"pass:{PASSWORD}"], check=True, capture_output=True, text=True
    )
    assert done.stderr.count(f"PBES2, PBKDF2, AES-256-CBC, Iteration {ROUNDS}, PRF hmacWithSHA256") == 2
    assert f"MAC: sha256, Iteration {ROUNDS}" in done.stderr
    assert "friendlyName: etp/signing/v1 91429900MA5C0001XX\n" in done.stdout
    assert f"friendlyName: etp/encryption/v1 91429900MA5C0001XX {kept['enrolment']['recovery']}\n" in done.stdout
    first = pkcs12.load_pkcs12(kept["file"], PASSWORD.encode()).key
    own, owner, recovery = read_key_file(kept["file"], PASSWORD)
    assert spki_of(first) == spki_of(own.signing) == unb64u(kept["enrolment"]["signing_spki"])
    assert (own.kid, owner, recovery) == (kept["kid"], "91429900MA5C0001XX", kept["enrolment"]["recovery"])
    assert str(pyrage.x25519.Identity.from_str(kept["code"]).to_public()) == recovery
    with pytest.raises(ValueError):
        read_key_file(kept["file"], PASSWORD + "x")


def test_the_browser_opens_what_our_python_wrote(page):  # noqa: F811
    person = city().supervisor
    office = person.organisations().get()
    own = enrolled(office, by=person, role="holder")
    (found,) = loaded(page, key_file(own, PASSWORD), password=PASSWORD)
    assert (found["owner"], found["kid"], found["encryption"], found["recovery"]) == (person.pseudonym, own.kid, True, None)
    assert (found["hidden"], found["refused"]) == ([False, False], "InvalidAccessError")
    assert verify(spki_of(own.signing), "login", {"v": 1, "says": "我"}, found["signature"])


def test_the_browser_signs_with_certificates_of_others(page, tmp_path):  # noqa: F811
    curve, old = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    root = certificate(ec.generate_private_key(ec.SECP384R1()))
    files = [strong_file(curve, root), strong_file(old), by_openssl(tmp_path, curve), by_openssl(tmp_path, old)]
    for found, private, chain in zip(loaded(page, *files), (curve, old, curve, old), (2, 1, 1, 1), strict=True):
        assert (found["owner"], found["kid"], found["encryption"], found["chain"]) == (None, None, False, chain)
        assert (found["hidden"], found["refused"]) == ([False], "InvalidAccessError")
        leaf = x509.load_der_x509_certificate(unb64u(found["certificate"]))
        assert leaf.public_key() == private.public_key()
        assert unb64u(found["spki"]) == spki_of(private)
        assert verify(spki_of(private), "login", {"v": 1, "says": "我"}, found["signature"])


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_a_certificate_goes_into_the_new_key_file_with_its_signing_key(page, bidder, kind):  # noqa: F811
    private = new_key() if kind == "p256" else rsa.generate_private_key(65537, 3072)
    kept = made(page, ca=strong_file(private), owner=bidder.uscc)
    (found,) = loaded(page, kept["file"], password=PASSWORD)
    assert (found["owner"], found["kid"], found["chain"], found["encryption"]) == (bidder.uscc, kept["kid"], 1, True)
    assert unb64u(found["spki"]) == spki_of(private)
    inside = pkcs12.load_pkcs12(kept["file"], PASSWORD.encode())
    assert (inside.key.private_numbers(), inside.cert.certificate.public_key()) == (private.private_numbers(), private.public_key())
    key = keys.enroll_keys(bidder, **kept["enrolment"], by=bidder.somebody, at=database_now())
    assert bytes(SigningKey.objects.get().spki) == spki_of(private)
    assert verify(spki_of(private), "key-binding", key.binding, key.signature)


def relabelled(data):
    """The same file, saying RC2 with 40 bits where it says triple DES: as Windows and OpenSSL 1.1 wrapped certificates."""
    triple, rc2 = (bytes.fromhex("060a2a864886f70d010c01") + bytes([kind]) for kind in (3, 6))
    assert triple in data
    return data.replace(triple, rc2)


def test_old_encryption_is_refused_whatever_the_password_and_the_way_out_is_shown(page, client, tmp_path):  # noqa: F811
    private = rsa.generate_private_key(65537, 2048)
    triple = old_file(private, pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    files = [
        triple,
        relabelled(triple),
        by_openssl(tmp_path, private, "-keypbe", "DES-EDE3-CBC"),
        by_openssl(tmp_path, private, "-certpbe", "DES-EDE3-CBC"),
    ]
    for found in loaded(page, *files) + loaded(page, *files, password="wrong"):
        assert found["code"] == "p12_legacy"
        assert "密钥文件格式过旧" in found["message"] and "转换你的密钥文件" in found["message"]
    help_page = client.get("/help/key-files/").content.decode()
    assert reverse("sealing:key_help") == "/help/key-files/"
    assert "openssl pkcs12 -legacy" in help_page and "-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -iter 600000" in help_page


def test_the_way_out_works(page, tmp_path):  # noqa: F811
    private = rsa.generate_private_key(65537, 2048)
    path, plain, new = tmp_path / "old.p12", tmp_path / "plain.pem", tmp_path / "new.p12"
    path.write_bytes(old_file(private, pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC))
    openssl("pkcs12", "-legacy", "-in", path, "-nodes", "-out", plain, "-passin", f"pass:{OTHERS}")
    strong = ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256", "-iter", "600000"]
    openssl("pkcs12", "-export", "-in", plain, "-out", new, *strong, "-passout", f"pass:{PASSWORD}")
    (found,) = loaded(page, new.read_bytes(), password=PASSWORD)
    assert unb64u(found["spki"]) == spki_of(private)


def test_other_files_and_wrong_passwords_are_named_in_chinese(page):  # noqa: F811
    own = read_key_file(write_key_file(Keys(new_key(), new_key()), "91429900MA5C0001XX", PASSWORD), PASSWORD)[0]
    good = write_key_file(own, "91429900MA5C0001XX", PASSWORD, recovery=str(pyrage.x25519.Identity.generate().to_public()))
    # Whoever swaps the recipient of the recovery code would open every bid: the file's MAC notices.
    swapped = good.replace("age1".encode("utf-16-be"), "age2".encode("utf-16-be"))
    assert swapped != good
    bare = pkcs12.serialize_key_and_certificates(None, new_key(), None, None, BestAvailableEncryption(PASSWORD.encode()))
    p384, short = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)  # noqa: S505 - it must be refused
    cases = [
        (good, "x" * 12, "p12_password"), (swapped, PASSWORD, "p12_password"), (b"", PASSWORD, "p12_damaged"),
        (good[:-1], PASSWORD, "p12_damaged"), (b"PK\x03\x04 a zip", PASSWORD, "p12_damaged"), (b'{"v": 1}', PASSWORD, "p12_damaged"),
        (bare, PASSWORD, "p12_unsupported"), (strong_file(p384), OTHERS, "p12_unsupported"), (strong_file(short), OTHERS, "p12_unsupported"),
    ]  # fmt: skip
    found = run(page, LOAD_ALL, files=[[b64u(data), password] for data, password, _ in cases])
    assert [row.get("code") for row in found] == [code for _, _, code in cases]
    assert found[0]["message"] == "口令错误，请重新输入。"
    assert all(any(char >= "\u4e00" for char in row["message"]) for row in found)


WEAK = [
    "", "short-7a", "password123", "1234567890", "qwertyuiop12", "aaaaaaaaaaaa", "abcabcabcabc", "19900101198", "Admin123456!", "清江封存", "清江-口令-2026", "公司公司公司公司公司",
    "13700000001a", "清江封存有限公司2026",
]  # fmt: skip
STRONG = ["my-sealing-words", "Tr7#kqLp92vz", "四棵树下两只猫看海浪", "correct horse battery"]


def test_weak_passwords_are_told_from_strong_ones(page):  # noqa: F811
    known = ["清江封存有限公司", "13700000001"]
    found = run(page, "return given.all.map((each) => api.strengthOf(each, given.known));", all=WEAK + STRONG, known=known)
    judged = {password: row["weak"] for password, row in zip(WEAK + STRONG, found, strict=True)}
    assert judged == dict.fromkeys(WEAK, True) | dict.fromkeys(STRONG, False)
    assert all(row["hint"] for row in found)


def test_the_page_takes_no_weak_password_no_other_file_and_no_unwritten_code(page, bidder, tmp_path):  # noqa: F811
    said = page.locator("#keys-said")
    downloads = []
    page.on("download", lambda download: downloads.append(download))
    page.fill("#password", "password123")
    expect(page.locator("#strength-said")).to_contain_text("强度：弱。太容易猜到")
    page.fill("#again", "password123")
    page.click("#make")
    expect(said).to_contain_text("口令强度不够")
    page.fill("#password", PASSWORD)
    page.click("#make")
    expect(said).to_have_text("两次输入的口令不一致。")
    assert downloads == []
    page.fill("#again", PASSWORD)
    with page.expect_download() as waiting:
        page.click("#make")
    own, other = tmp_path / "own.p12", tmp_path / "other.p12"
    waiting.value.save_as(own)
    other.write_bytes(write_key_file(Keys(new_key(), new_key()), bidder.uscc, PASSWORD))
    page.set_input_files("#saved", other)
    page.click("#prove")
    expect(said).to_have_text("这不是刚刚生成的密钥文件，请选择刚下载的文件。", timeout=20_000)
    page.set_input_files("#saved", own)
    page.click("#prove")
    page.locator("#code li").first.wait_for(timeout=20_000)
    groups = page.locator("#code li").all_text_contents()
    page.emulate_media(media="print")
    seen = "name => getComputedStyle(document.querySelector(name)).visibility"
    assert [page.evaluate(seen, name) for name in (".sheet", "#code li", "h1")] == ["visible", "visible", "hidden"]
    page.emulate_media(media="screen")
    page.click("#written")
    assert page.locator("#code li").count() == 0
    page.fill("#group0", "QQQQQQ")
    page.fill("#group1", "QQQQQQ")
    page.click("#enrol")
    expect(said).to_contain_text("与恢复码不符")
    assert not EncryptionKey.objects.exists()
    for field in ("group0", "group1"):
        place = int("".join(char for char in page.text_content(f"label[for={field}]") if char.isdigit()))
        page.fill(f"#{field}", groups[place - 1])
    page.click("#enrol")
    page.wait_for_selector("#make-keys[data-done]")
    key = EncryptionKey.objects.get()
    code = "AGE-SECRET-KEY-1" + "".join(groups)
    assert key.recovery == str(pyrage.x25519.Identity.from_str(code).to_public())
    assert code not in page.content() and groups[3] not in page.content()
    assert page.problems == []


def test_a_holder_enrols_on_the_same_page(page, client, live_server, tmp_path):  # noqa: F811
    person = city().staff
    client.force_login(person)
    base = live_server.url.replace("127.0.0.1", "localhost")
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    page.goto(f"{base}/me/keys/")
    path = tmp_path / "holder.p12"
    assert make_key_file(page, PASSWORD, path) is None
    key = keys.holder_key_of(person)
    own, owner, recovery = read_key_file(path.read_bytes(), PASSWORD)
    assert (key.kid, key.role, key.recovery, owner, recovery) == (own.kid, "holder", "", person.pseudonym, "")
    assert page.problems == []


def test_the_code_opens_what_the_browser_sealed_and_what_python_sealed(page, bidder):  # noqa: F811
    kept = made(page, owner=bidder.uscc)
    identity = pyrage.x25519.Identity.from_str(kept["code"])
    context = context_for(bidder)
    sealed = run(page, SEAL, keys=b64u(kept["file"]), password=PASSWORD, context=context, form=FORM, files=[["a.pdf", b64u(b"a" * 999)]])
    plain = pyrage.decrypt(base64.b64decode(sealed["data"]), [identity])
    assert b"a" * 999 in plain
    target = io.BytesIO()
    files = [("a.pdf", "application/pdf", io.BytesIO(b"b" * 70_000))]
    policy = opening_policy("T-2026-0001", "1")
    seal_bid(context, FORM, files, spki=spki_of(new_key()), policy=policy, target=target, recovery=kept["enrolment"]["recovery"])
    data = target.getvalue()
    assert b"b" * 70_000 in pyrage.decrypt(data, [identity])
    code = kept["code"].lower().replace("-", " - ")
    opened = run(
        page,
        """
        const header = api.headerOf(api.unb64u(given.data));
        const told = (problem) => problem.message;
        return {
          key: api.b64u(await api.openRecoveryStanza(header, given.code)),
          short: api.b64u(await api.openRecoveryStanza(header, given.code.slice(given.code.indexOf("1") + 1))),
          other: await api.openRecoveryStanza(header, given.other).catch(told),
          typo: await api.openRecoveryStanza(header, given.code.slice(0, -1)).catch(told),
        };
        """,
        data=b64u(data), code=code, other=str(pyrage.x25519.Identity.generate()),
    )  # fmt: skip
    assert opened["key"] == opened["short"] and len(unb64u(opened["key"])) == 16
    assert (opened["other"], opened["typo"]) == ("该恢复码不能解密此投标文件。", "恢复码有误，请对照打印件逐组核对。")


SLOW = 20_000


def test_the_recovery_code_opens_a_bid_in_the_hall(chromium, live_server, client, scripts, tmp_path):  # noqa: F811
    """The file that sealed is lost: the code opens the bid, and a new file, enrolled meanwhile, signs."""
    lot = published_lot(holders=3)
    identity = pyrage.x25519.Identity.generate()
    loser, *others = [holder.organisation for holder in lot.tender.holders.order_by("pk")]
    for firm in (loser, *others):
        firm.somebody = firm.memberships.get().person
        hand_in(lot, firm, recovery=str(identity.to_public()) if firm == loser else "")
    opening = started_opening(lot)
    new = enrolled(loser, by=loser.somebody)
    stranger = tmp_path / "stranger.p12"
    stranger.write_bytes(write_key_file(Keys(new_key(), new_key()), loser.uscc, PASSWORD))
    path = tmp_path / "new.p12"
    path.write_bytes(key_file(new, PASSWORD))

    client.force_login(loser.somebody)
    base = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    context.set_default_timeout(PATIENCE)
    hall = context.new_page()
    hall.goto(f"{base}/openings/{lot.tender.number}/{lot.no}/")
    said = hall.locator("#key-said")

    def release(file, code):
        hall.set_input_files("#key", file)
        hall.fill("#key-form #password", PASSWORD)
        hall.fill("#recovery", code)
        hall.click("#key-form button")

    hall.locator("#key-form summary").click()
    assert "提交解密仍须用已登记在你名下的签名密钥签名" in hall.text_content("#key-form")
    release(path, "")
    expect(said).to_have_text("载入的密钥不是封存这份投标文件的密钥。", timeout=SLOW)
    release(path, str(pyrage.x25519.Identity.generate()))
    expect(said).to_have_text("该恢复码不能解密此投标文件。", timeout=SLOW)
    release(stranger, str(identity))
    expect(said).to_contain_text("签名无法核对", timeout=SLOW)
    mine = OpenedBid.objects.get(opening=opening, bid__bidder=loser)
    assert mine.state == OpenedBid.State.PENDING
    release(path, str(identity).lower())
    expect(said).to_contain_text("密钥已核对，解密成功", timeout=SLOW)
    mine.refresh_from_db()
    assert mine.state == OpenedBid.State.KEY_OK
    context.close()
