"""Enrolling keys: who binds a key must hold it, act for its owner, and not claim another's."""

import json
from datetime import timedelta

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse

from accounts.models import Membership, Person
from ledger.canonical import b64u, instant, unb64u
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing import keys
from sealing.models import EncryptionKey, SigningKey
from sealing.recovery import recipient_key
from sealing.reference import signature as sign
from sealing.reference import spki_of
from sealing.signatures import verify
from tests.factories.trading import city
from tests.sealing.conftest import new_bidder, new_key

pytestmark = pytest.mark.django_db


def enrolment(bidder, encryption, signing, *, not_after=None, **changes):
    """What the browser posts."""
    if not_after is None:
        not_after = keys.enrolment_terms(database_now())
    holder = changes.pop("holder", None)
    binding = keys.binding_of(holder.pseudonym if holder else bidder.uscc, spki_of(encryption), not_after, "holder" if holder else "bidder")
    return {
        "role": "holder" if holder else "bidder",
        "encryption_spki": b64u(spki_of(encryption)),
        "signing_spki": b64u(spki_of(signing)),
        "not_after": not_after,
        "signature": sign(signing, "key-binding", binding),
    } | changes


def enrol(bidder, encryption=None, signing=None, *, by=None, at=None, **more):
    data = enrolment(bidder, encryption or new_key(), signing or new_key(), **more)
    return keys.enroll_keys(bidder, **data, by=by or bidder.somebody, at=at or database_now())


def entries(kind):
    """Data of the ledger's entries of one kind."""
    found = [json.loads(bytes(entry.data)) for entry in LedgerEntry.objects.order_by("pk")]
    return [entry for entry in found if entry.get("k") == kind]


def refusal(*args, **kwargs):
    with pytest.raises(Refused) as refused:
        enrol(*args, **kwargs)
    assert refused.value.message
    return refused.value.code


def test_a_bound_key_is_enrolled_and_logged(bidder):
    encryption = new_key()
    key = enrol(bidder, encryption)
    assert keys.encryption_key_of(bidder) == key
    assert bytes(key.spki) == spki_of(encryption)
    assert [bytes(row.spki) for row in keys.signing_keys_of(bidder.somebody)] == [bytes(SigningKey.objects.get().spki)]
    (entry,) = entries("key.enrolled")
    assert entry["d"] == {
        "owner": bidder.uscc,
        "org": bidder.uscc,
        "role": "bidder",
        "kid": key.kid,
        "spki": b64u(spki_of(encryption)),
        "not_after": instant(key.not_after),
        "signing_spki": b64u(bytes(SigningKey.objects.get().spki)),
        "signature": key.signature,
        "cert": None,
    }
    assert (entry["by"]["id"], entry["by"]["cert"]) == (bidder.somebody.pseudonym, None)


def test_the_newest_key_seals_and_older_ones_stay_for_their_bids(bidder):
    signing = new_key()
    first, second = enrol(bidder, signing=signing), enrol(bidder, signing=signing)
    assert keys.encryption_key_of(bidder) == second
    assert set(EncryptionKey.objects.filter(organisation=bidder, revoked_at=None)) == {first, second}
    assert SigningKey.objects.count() == 1


def test_without_a_key_the_bidder_is_told_where_to_make_one(bidder):
    with pytest.raises(Refused) as refused:
        keys.encryption_key_of(bidder)
    assert (refused.value.code, "密钥" in refused.value.next_step) == ("no_key", True)


def test_a_key_past_its_end_seals_no_more(bidder):
    key = enrol(bidder)
    EncryptionKey.objects.filter(pk=key.pk).update(not_after=database_now() - timedelta(seconds=1))
    assert keys.newest_key(bidder) is None


def test_a_binding_signed_by_another_key_is_refused(bidder):
    encryption = new_key()
    binding = keys.binding_of(bidder.uscc, spki_of(encryption), keys.enrolment_terms(database_now()))
    other = sign(new_key(), "key-binding", binding)
    assert refusal(bidder, encryption, signature=other) == "bad_binding"


def test_a_binding_of_another_owner_is_refused(bidder):
    rival = new_bidder()
    data = enrolment(rival, new_key(), new_key())
    with pytest.raises(Refused) as refused:
        keys.enroll_keys(bidder, **data, by=bidder.somebody, at=database_now())
    assert refused.value.code == "bad_binding"


def test_only_members_enrol_for_their_organisation(bidder):
    with pytest.raises(Forbidden):
        enrol(bidder, by=new_bidder().somebody)
    assert not EncryptionKey.objects.exists()


def test_one_key_serves_one_purpose(bidder):
    key = new_key()
    assert refusal(bidder, key, key) == "one_key"


def test_a_key_is_enrolled_once(bidder):
    key = new_key()
    enrol(bidder, key)
    assert refusal(bidder, key) == "key_known"


def test_a_signing_key_belongs_to_one_person(bidder):
    signing = new_key()
    enrol(new_bidder(), signing=signing)
    assert refusal(bidder, signing=signing) == "key_of_other"


def test_a_revoked_signing_key_does_not_come_back(bidder):
    signing = new_key()
    enrol(bidder, signing=signing)
    SigningKey.objects.update(revoked_at=database_now())
    assert refusal(bidder, signing=signing) == "key_of_other"


@pytest.mark.parametrize("days", [-1, 0, 3 * 365 + 1])
def test_a_key_lives_three_years_at_most(bidder, days):
    at = database_now()
    assert refusal(bidder, at=at, not_after=instant(at + timedelta(days=days))) == "bad_binding"


@pytest.mark.parametrize("text", ["", "2027-01-01", "2027-01-01T00:00:00", "2027-01-01T00:00:00Z", "明年", "9" * 40])
def test_the_end_is_written_as_official_times_are(bidder, text):
    assert refusal(bidder, not_after=text) == "bad_binding"


def compressed(key):
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point


def foreign_keys():
    for private in (generate_private_key(SECP384R1()), Ed25519PrivateKey.generate()):
        yield private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield compressed(new_key())
    yield spki_of(new_key()) + b"\0"
    yield spki_of(new_key())[:-1]
    yield b""


FOREIGN = ["p384", "ed25519", "compressed", "longer", "shorter", "nothing"]


@pytest.mark.parametrize("spki", list(foreign_keys()), ids=FOREIGN)
def test_only_plain_p256_keys_are_enrolled(bidder, spki):
    assert refusal(bidder, encryption_spki=b64u(spki)) == "bad_key"


def test_a_revoked_key_seals_no_more_and_the_ledger_says_so(bidder):
    first = enrol(bidder)
    second = enrol(bidder)
    keys.revoke_key(second, reason="replaced", by=bidder.somebody, at=database_now())
    assert keys.encryption_key_of(bidder) == first
    assert [entry["d"] for entry in entries("key.revoked")] == [
        {"owner": bidder.uscc, "role": "bidder", "kid": second.kid, "reason": "replaced", "signing": None, "cert": None}
    ]
    with pytest.raises(Refused) as refused:
        keys.revoke_key(second, reason="replaced", by=bidder.somebody, at=database_now())
    assert refused.value.code == "revoked"


def test_others_cannot_revoke_it(bidder, browser_of):
    key = enrol(bidder)
    with pytest.raises(Forbidden):
        keys.revoke_key(key, reason="lost", by=new_bidder().somebody, at=database_now())
    answer = browser_of(new_bidder()).post(reverse("sealing:revoke_key", args=[key.kid]))
    assert answer.status_code == 404


def test_a_reason_is_asked_for_and_the_warning_stands_beside_it(bidder, browser_of):
    key, client = enrol(bidder), browser_of(bidder)
    url = reverse("sealing:revoke_key", args=[key.kid])
    page = client.get(url).content.decode()
    assert "已用它封存并递交的投标文件仍然有效，开标时仍只能用这把密钥的文件（或它的恢复码）解密" in page
    assert client.post(url, {"reason": ""}).status_code == 200
    assert keys.newest_key(bidder) == key
    assert client.post(url, {"reason": "lost"}).status_code == 302
    key.refresh_from_db()
    assert (key.revoked_for, keys.newest_key(bidder)) == ("lost", None)
    assert keys.signing_keys_of(bidder.somebody)


def test_a_key_that_others_may_know_takes_its_signing_key_along(bidder):
    signing = new_key()
    key = enrol(bidder, signing=signing)
    enrol(bidder)
    keys.revoke_key(key, reason="exposed", by=bidder.somebody, at=database_now())
    assert entries("key.revoked")[0]["d"]["signing"] == keys.kid_of(spki_of(signing))
    (left,) = keys.signing_keys_of(bidder.somebody)
    assert bytes(left.spki) != spki_of(signing)


def test_a_reason_of_ones_own_is_refused(bidder):
    with pytest.raises(Refused) as refused:
        keys.revoke_key(enrol(bidder), reason="because", by=bidder.somebody, at=database_now())
    assert refused.value.code == "no_reason"


RECOVERY = pyrage.x25519.Identity.generate().to_public()


def test_the_recipient_of_a_recovery_code_is_kept_with_the_key(bidder):
    assert enrol(bidder, recovery=str(RECOVERY)).recovery == str(RECOVERY)
    assert enrol(bidder).recovery == ""


@pytest.mark.parametrize(
    "wrong",
    ["age1", str(RECOVERY)[:-1], str(RECOVERY).upper(), str(RECOVERY) + "q", "AGE-SECRET-KEY-1QQ", "汉"],
    ids=["a prefix", "one letter less", "in capitals", "one letter more", "a secret", "no letters"],
)
def test_nothing_but_an_age_recipient_is_kept(bidder, wrong):
    assert refusal(bidder, recovery=wrong) == "bad_recovery"


def test_a_mistyped_recipient_is_noticed(bidder):
    text = str(RECOVERY)
    for place in range(4, len(text)):
        other = "q" if text[place] != "q" else "p"
        with pytest.raises(ValueError):
            recipient_key(text[:place] + other + text[place + 1 :])


@pytest.fixture
def holders(db):
    """People of the centre, a regulator and a tenderee, each with their organisation."""
    where = city()
    where.owner.holder, where.centre.holder, where.regulator.holder = where.owner.somebody, where.staff, where.supervisor
    return [where.centre, where.regulator, where.owner]


def test_holders_enrol_keys_of_their_own(holders):
    for office in holders:
        assert keys.holder_key_of(office.holder) is None
        key = enrol(office, holder=office.holder, by=office.holder)
        assert keys.holder_key_of(office.holder) == key
        assert (key.role, key.organisation, key.binding["owner"], key.binding["role"]) == (
            "holder", office, office.holder.pseudonym, "holder",
        )  # fmt: skip
        assert keys.newest_key(office) is None
        entry = entries("key.enrolled")[-1]
        said = entry["d"]
        assert (said["owner"], said["org"], said["role"]) == (office.holder.pseudonym, office.uscc, "holder")
        assert (entry["s"], entry["by"]["role"]) == (f"keys/{office.holder.pseudonym}", "holder")
        binding = {name: said[name] for name in ("owner", "spki", "kid", "role", "not_after")} | {"v": 1}
        assert verify(unb64u(said["signing_spki"]), "key-binding", binding, said["signature"])


def test_a_holders_key_ends_with_its_revocation_its_day_and_the_persons_office(holders):
    office = holders[0]
    person = office.holder
    first = enrol(office, holder=person, by=person)
    second = enrol(office, holder=person, by=person)
    keys.revoke_key(second, reason="replaced", by=person, at=database_now())
    assert keys.holder_key_of(person) == first
    person.memberships.update(until=database_now())
    assert keys.holder_key_of(person) is None
    person.memberships.update(until=None)
    EncryptionKey.objects.filter(pk=first.pk).update(not_after=database_now() - timedelta(seconds=1))
    assert keys.holder_key_of(person) is None


def test_a_holders_key_is_nobody_elses_and_bidders_hold_none(holders, bidder):
    office = holders[0]
    rival = new_bidder()
    for organisation, person, role in ((bidder, bidder.somebody, "holder"), (office, office.holder, "bidder")):
        data = enrolment(organisation, new_key(), new_key(), holder=person if role == "holder" else None)
        with pytest.raises(Refused) as refused:
            keys.enroll_keys(organisation, **data, by=person, at=database_now())
        assert refused.value.code == "bad_role"
    # Signed as one holder, posted by another.
    other = Person.objects.create(mobile="13799990001", name="同事", mobile_verified_at=database_now())
    Membership.objects.create(person=other, organisation=office, duties=[])
    with pytest.raises(Refused) as refused:
        keys.enroll_keys(office, **enrolment(office, new_key(), new_key(), holder=office.holder), by=other, at=database_now())
    assert refused.value.code == "bad_binding"
    key = enrol(office, holder=office.holder, by=office.holder)
    for person in (other, rival.somebody):
        with pytest.raises(Forbidden):
            keys.revoke_key(key, reason="lost", by=person, at=database_now())
    assert keys.holder_key_of(office.holder) == key


def test_shares_have_no_recovery_code(holders):
    office = holders[0]
    assert refusal(office, holder=office.holder, by=office.holder, recovery=str(RECOVERY)) == "bad_recovery"


def test_the_holders_page_shows_the_persons_own_keys(holders, client):
    office = holders[0]
    client.force_login(office.holder)
    other = Person.objects.create(mobile="13799990001", name="同事", mobile_verified_at=database_now())
    Membership.objects.create(person=other, organisation=office, duties=[])
    own, others = enrol(office, holder=office.holder, by=office.holder), enrol(office, holder=other, by=other)
    page = client.get(reverse("sealing:keys")).content.decode()
    assert (own.kid in page, others.kid in page) == (True, False)
    assert client.get(reverse("sealing:revoke_key", args=[others.kid])).status_code == 404


def post(client, body):
    url = reverse("sealing:create_key")
    return client.post(url, body, content_type="application/json", headers={"Accept": "application/json"})


def test_the_door_takes_what_the_browser_posts(bidder, browser_of):
    encryption = new_key()
    answer = post(browser_of(bidder), json.dumps(enrolment(bidder, encryption, new_key())))
    assert (answer.status_code, answer.json()) == (
        201,
        {"kid": keys.kid_of(spki_of(encryption)), "spki": b64u(spki_of(encryption))},
    )


@pytest.mark.parametrize("body", ["", "[]", "1", "[[1]]", "{}", '{"signature": 5}', '{"not_after": null}'])
def test_the_door_answers_nonsense_with_a_refusal(bidder, browser_of, body):
    answer = post(browser_of(bidder), body)
    assert (answer.status_code, bool(answer.json()["message"])) == (400, True)


def test_the_page_warns_that_nobody_can_restore_the_key(bidder, browser_of):
    page = browser_of(bidder).get(reverse("sealing:keys")).content.decode()
    assert "请妥善保管密钥文件、口令和恢复码，平台无法找回" in page


def test_the_page_says_what_each_key_is_good_for(bidder, browser_of):
    client = browser_of(bidder)
    key = enrol(bidder)
    said = []
    for change in ({}, {"not_after": database_now()}, {"revoked_at": database_now()}):
        EncryptionKey.objects.filter(pk=key.pk).update(**change)
        page = client.get(reverse("sealing:keys")).content.decode()
        said.append([word for word in ("有效", "已过期", "已停用") if f"{word}</span>" in page])
    assert said == [["有效"], ["已过期"], ["已停用"]]
