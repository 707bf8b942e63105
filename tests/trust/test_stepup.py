"""Official acts bear a fresh signature over exactly what was posted; everything else is refused and nothing happens."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import passkeys, stepup
from accounts.models import OrganisationReview, StepUp
from credit.models import CreditEntry
from credit.rules_data import load_rules
from ledger.canonical import HJ, H, b64u, jcs
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from sealing.keys import kid_of
from sealing.models import SigningKey
from sealing.reference import signature as sign
from sealing.reference import spki_of
from tests.authorisation.matrix import MATRIX
from tests.authorisation.test_matrix import address, doors
from tests.factories.trading import city, member, organisation, person
from tests.sealing.conftest import new_key
from tests.trust.authenticator import Authenticator, enrolled, post

pytestmark = pytest.mark.django_db
ACTS = {name: pattern.callback.act for name, pattern in doors().items() if hasattr(pattern.callback, "act")}


@pytest.fixture(autouse=True)
def required(house, settings):
    settings.ETP_STEP_UP = "required"


@pytest.fixture
def where():
    return city(bidders=1)


@pytest.fixture
def newcomer():
    """A registration that waits for the centre's review."""
    return organisation("bidder", "清江扶摇建设有限公司", state="submitted")


def enter(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def staff(client, where):
    """The centre's person, signed in, with a passkey `client.key`."""
    enter(client, where.staff)
    client.key = enrolled(client)
    return client


def digest(fields, files=None):
    return b64u(HJ("act-fields", {"v": 1, "fields": {name: [value] for name, value in fields.items()}, "files": files or {}}))


def ask(client, path, fields, *, files=None, about=None):
    return post(
        client, "accounts:act_challenge", {"path": path, "digest": digest(fields, files) if about is None else about, "fields": fields}
    )


def by_passkey(client, act, key=None):
    return {"nonce": act["nonce"], "method": "passkey", "credential": (key or client.key).get(b64u(HJ("act", act)))}


def hand_in(client, path, fields, proof, **more):
    return client.post(path, {**fields, "act_proof": json.dumps(proof), **more}, headers={"Accept": "application/json"})


def review(row):
    return reverse("accounts:review", args=[row.uscc])


GOOD = {"outcome": "accepted", "reasons": ""}


def refused(answer, code="act_unsigned"):
    assert (answer.status_code, answer.json().get("code")) == (403, code)


def undone(row):
    row.refresh_from_db()
    return row.state == "submitted" and not OrganisationReview.objects.exists() and not StepUp.objects.exclude(method="").exists()


def test_what_is_signed_is_what_the_server_calls_the_act(staff, where, newcomer):
    asked = ask(staff, review(newcomer), GOOD).json()
    act = asked["act"]
    assert asked["who"] == f"{where.staff.name}（{where.centre.name}）" and asked["methods"] == ["passkey"]
    assert set(act) == {"v", "kind", "target", "digest", "session", "nonce", "exp"}
    assert (act["v"], act["kind"], act["target"], act["digest"]) == (
        1,
        "主体入库审核通过",
        f"{newcomer.name}（{newcomer.uscc}）",
        digest(GOOD),
    )
    assert act["session"] == b64u(H("session", staff.session.session_key.encode()))
    assert ask(staff, review(newcomer), {**GOOD, "outcome": "returned"}).json()["act"]["kind"] == "退回主体登记"


def test_the_act_is_done_and_its_entry_bears_the_proof(staff, where, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    assert hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act)).status_code == 302
    newcomer.refresh_from_db()
    row = StepUp.objects.get()
    entry = LedgerEntry.objects.get(kind="organisation.reviewed")
    assert newcomer.is_active and list(row.entries.all()) == [entry]
    assert (row.person, row.method, row.evidence["act"], row.used_at is not None) == (where.staff, "passkey", act, True)
    # The log binds the evidence: H of the private part stands in the entry, and the private part holds its digest.
    assert entry.private == {"proof": b64u(HJ("act-proof", row.evidence))}
    assert json.loads(bytes(entry.data))["h"] == b64u(H("private", bytes(entry.salt) + jcs(entry.private)))


def test_a_registered_signing_key_signs_as_well(client, where, newcomer):
    key = new_key()
    enter(client, where.staff)
    SigningKey.objects.create(person=where.staff, spki=spki_of(key), kid=kid_of(spki_of(key)), enrolled_at=database_now())
    asked = ask(client, review(newcomer), GOOD).json()
    assert asked["methods"] == ["key"]
    other = {"nonce": asked["act"]["nonce"], "method": "key", "signature": sign(new_key(), "act", asked["act"])}
    refused(hand_in(client, review(newcomer), GOOD, other))
    wrong_label = ask(client, review(newcomer), GOOD).json()["act"]
    proof = {"nonce": wrong_label["nonce"], "method": "key", "signature": sign(key, "bid-manifest", wrong_label)}
    refused(hand_in(client, review(newcomer), GOOD, proof))
    assert undone(newcomer)
    act = ask(client, review(newcomer), GOOD).json()["act"]
    proof = {"nonce": act["nonce"], "method": "key", "signature": sign(key, "act", act)}
    assert hand_in(client, review(newcomer), GOOD, proof).status_code == 302
    assert StepUp.objects.get(method="key").entries.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"reasons": "另有说明"}, {"outcome": "returned"}, {"more": "1"}, {"reasons": " "}],
    ids=["a text", "the outcome", "one more", "a space"],
)
def test_a_field_changed_after_signing(staff, newcomer, changed):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(staff, review(newcomer), {**GOOD, **changed}, by_passkey(staff, act)))
    assert undone(newcomer)


def test_a_field_left_out_after_signing(staff, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(staff, review(newcomer), {"outcome": "accepted"}, by_passkey(staff, act)))
    assert undone(newcomer)


def test_line_ends_and_spelling_of_the_browser_make_no_difference(staff, newcomer):
    signed = {"outcome": "returned", "reasons": "一\n二\u00e9"}
    act = ask(staff, review(newcomer), signed).json()["act"]
    assert hand_in(staff, review(newcomer), {**signed, "reasons": "一\r\n二e\u0301"}, by_passkey(staff, act)).status_code == 302


def test_another_object_of_the_same_kind(staff, newcomer):
    other = organisation("bidder", state="submitted")
    act = ask(staff, review(other), GOOD).json()["act"]
    refused(hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act)))
    assert undone(newcomer)


def test_a_proof_serves_once(staff, newcomer):
    other = {"outcome": "returned", "reasons": "请补正"}
    act = ask(staff, review(newcomer), other).json()["act"]
    proof = by_passkey(staff, act)
    assert hand_in(staff, review(newcomer), other, proof).status_code == 302
    type(newcomer).objects.filter(pk=newcomer.pk).update(state="submitted")
    refused(hand_in(staff, review(newcomer), other, proof))
    assert OrganisationReview.objects.count() == 1


def test_a_refused_act_spends_the_proof_and_keeps_nothing(staff, newcomer):
    bad = {"outcome": "returned", "reasons": ""}
    act = ask(staff, review(newcomer), bad).json()["act"]
    proof = by_passkey(staff, act)
    answer = hand_in(staff, review(newcomer), bad, proof)
    assert answer.status_code == 200 and "写明" in answer.content.decode()
    assert not StepUp.objects.get().entries.exists()
    refused(hand_in(staff, review(newcomer), bad, proof))


def test_an_expired_challenge(staff, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    row = StepUp.objects.get()
    assert timedelta(seconds=110) < row.expires_at - database_now() <= timedelta(seconds=120)
    StepUp.objects.update(expires_at=database_now())
    refused(hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act)))
    assert undone(newcomer)


def test_another_session_of_the_same_person(staff, where, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(enter(Client(), where.staff), review(newcomer), GOOD, by_passkey(staff, act)))
    assert undone(newcomer)


def test_the_passkey_of_a_colleague(staff, where, newcomer):
    colleague = enter(Client(), member(where.centre, duties=["manager"]))
    colleague.key = enrolled(colleague)
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act, colleague.key)), "wrong_passkey")
    # Nor does the colleague's own signature carry somebody else's challenge.
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(colleague, review(newcomer), GOOD, by_passkey(colleague, act)))
    assert undone(newcomer)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: setattr(key, "origin", "https://evil.example"),
        lambda key: setattr(key, "verified", False),
        lambda key: setattr(key, "count", 0),
        lambda key: setattr(key, "key", Authenticator().key),
    ],
    ids=["other origin", "no user verification", "counter rolled back", "other key"],
)
def test_a_wrong_assertion(staff, newcomer, spoil):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    spoil(staff.key)
    refused(hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act)), "wrong_passkey")
    assert undone(newcomer)


def test_a_sign_in_assertion_is_no_signature_under_an_act(staff, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    challenge = post(staff, "accounts:passkey_options").json()["challenge"]
    refused(hand_in(staff, review(newcomer), GOOD, {**by_passkey(staff, act), "credential": staff.key.get(challenge)}), "wrong_passkey")
    assert undone(newcomer)


@pytest.mark.parametrize("proof", [None, {}, [], 7, "x", {"nonce": "x", "method": "key"}, {"nonce": None, "method": None}])
def test_nonsense_in_place_of_a_proof(staff, newcomer, proof):
    refused(hand_in(staff, review(newcomer), GOOD, proof))
    assert undone(newcomer)


@pytest.mark.parametrize("method", ["certificate", "", "PASSKEY"])
def test_an_unknown_method(staff, newcomer, method):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    refused(hand_in(staff, review(newcomer), GOOD, {**by_passkey(staff, act), "method": method}))
    assert undone(newcomer)


def test_files_are_part_of_what_is_signed(client, where):
    load_rules()
    enter(client, where.supervisor)
    client.key = enrolled(client)
    path = reverse("credit:report")
    rule = client.get(path).context["form"].fields["rule"].queryset.first()
    fields = {
        "facts": "提供虚假材料", "rule": str(rule.pk), "uscc": where.bidders[0].uscc, "decision_number": "清建罚〔2026〕1 号", "tender_number": "",
    }  # fmt: skip

    def paper(data):
        return SimpleUploadedFile("决定书.pdf", data, content_type="application/pdf")

    data = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    files = {"evidence": [stepup.sha256(paper(data))]}
    act = ask(client, path, fields, files=files).json()["act"]
    refused(hand_in(client, path, fields, by_passkey(client, act), evidence=paper(data + b"\n")))
    assert not CreditEntry.objects.exists()
    act = ask(client, path, fields, files=files).json()["act"]
    answer = hand_in(client, path, fields, by_passkey(client, act), evidence=paper(data))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert CreditEntry.objects.count() == 1


def test_who_has_nothing_to_sign_with_is_told_where_to_get_it(client, where, newcomer):
    enter(client, where.staff)
    answer = ask(client, review(newcomer), GOOD)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_method")
    assert "账号与安全" in answer.json()["next_step"]


def test_a_challenge_is_only_for_doors_one_may_pass_and_that_are_acts(client, where):
    enter(client, where.bidders[0].somebody)
    for path in ("/staff/organisations/91420800MA4K00010X/", "/me/", "/no/such/door/", "https://elsewhere.example/me/"):
        assert ask(client, path, GOOD).status_code == 404
    enter(client, where.staff)
    for wrong in ("", "x", "A" * 42, "A" * 43 + "="):
        assert ask(client, "/staff/organisations/91420800MA4K00010X/", GOOD, about=wrong).status_code == 400


def posts():
    """Every door of official acts, with each of its moves."""
    for name, act in sorted(ACTS.items()):
        if isinstance(act.kind, str):
            yield name, {}
        else:
            yield from ((name, {act.field: move}) for move, kind in act.kind.items() if kind)
            yield name, {act.field: "no-such-move"}


@pytest.mark.parametrize(
    ("name", "fields"), posts(), ids=lambda value: value if isinstance(value, str) else "-".join(value.values()) or "plain"
)
def test_every_door_of_official_acts_refuses_without_a_signature(client, where, name, fields):
    people = {
        "staff": where.staff, "supervisor": where.supervisor, "agency": where.handler, "tenderee": where.owner.somebody,
        "admin": person(is_administrator=True), "bidder": where.bidders[0].somebody,
        "host": organisation("host").somebody,
    }  # fmt: skip
    path = address(name, doors()[name])
    before = LedgerEntry.objects.count()
    for audience in MATRIX[name]:
        enter(client, people[audience])
        for proof in ({}, {"act_proof": "null"}, {"act_proof": '{"nonce":"x","method":"passkey"}'}):
            answer = client.post(path, {**fields, **proof}, headers={"Accept": "application/json"})
            told = answer.json()["code"]
            assert (answer.status_code, told) in ((403, "act_unsigned"), (400, "unknown_move"))
            assert (told == "unknown_move") == ("no-such-move" in fields.values())
    assert LedgerEntry.objects.count() == before


def test_the_acts_that_must_be_signed_are_all_there():
    assert set(ACTS) == {
        "accounts:calendar", "accounts:decide_permission", "accounts:permissions", "accounts:remove_holiday",
        "accounts:review", "accounts:sign_rules", "agencies:answer_complaint", "agencies:begin_draw",
        "agencies:begin_inspection", "agencies:check", "agencies:check_paper", "agencies:choose",
        "agencies:close_request", "agencies:complaint", "agencies:conclude", "agencies:confirm_list",
        "agencies:correct", "agencies:declare_paper", "agencies:decline", "agencies:enter_list", "agencies:inspect",
        "agencies:leave", "agencies:lift", "agencies:mark_entry", "agencies:move_contract", "agencies:new_course",
        "agencies:new_list", "agencies:new_request", "agencies:own_assessment", "agencies:propose", "agencies:rating",
        "agencies:recheck", "agencies:result", "agencies:submit", "agencies:suspend", "credit:move_entry",
        "credit:report", "draws:new", "draws:void", "experts:assess_year", "experts:batch", "experts:checked_sitting",
        "experts:checks", "experts:decide_change", "experts:expert", "experts:publish_check", "experts:review",
        "experts:share", "supervision:acknowledge", "supervision:alert", "supervision:complaint", "supervision:inquiry",
        "supervision:objection", "supervision:waive", "trading:add_pattern", "trading:agree_extension",
        "trading:archive", "trading:ask_ruling", "trading:award", "trading:bend", "trading:booking", "trading:clarify",
        "trading:committee", "trading:committee_move", "trading:contract_draft", "trading:contract_step",
        "trading:decide_fallback", "trading:deposit_move", "trading:end_pattern", "trading:entrust",
        "trading:entrustment", "trading:framework_catalogue", "trading:framework_order_step", "trading:host_move",
        "trading:host_session", "trading:make_archive", "trading:new_booking", "trading:new_framework_order",
        "trading:outages", "trading:promise_paper", "trading:publish", "trading:publish_template", "trading:remote",
        "trading:request_booking", "trading:resume", "trading:review", "trading:review_project", "trading:ruling",
        "trading:settle_outage", "trading:step", "trading:tender_clock", "trading:terminate", "trading:withholding",
        "trading:withholding_move", "trading:witness_stage",
    }  # fmt: skip
    # Bidders sign their manifests and key releases in the acts themselves; they are asked where others stand at the same door.
    asked = {name for name in ACTS if "bidder" in MATRIX[name]}
    assert asked == {
        "accounts:sign_rules",
        "agencies:rating",
        "trading:contract_draft",
        "trading:contract_step",
        "trading:framework_order_step",
        "trading:step",
    }


def test_every_page_marks_its_forms(staff, newcomer):
    page = staff.get(review(newcomer)).content.decode()
    assert "<form data-act method" in page and 'id="act-dialog"' in page and "build/act.js" in page


def test_where_it_is_offered_only_those_who_can_sign_must(client, settings, where, newcomer):
    settings.ETP_STEP_UP = "offered"
    enter(client, where.staff)
    page = client.get(review(newcomer)).content.decode()
    assert "data-act" not in page and "act.js" not in page
    assert ask(client, review(newcomer), GOOD).json() == {"act": None}
    assert client.post(review(newcomer), GOOD).status_code == 302
    other = organisation("bidder", state="submitted")
    client.key = enrolled(client)
    refused(hand_in(client, review(other), GOOD, None))
    assert "data-act" in client.get(review(other)).content.decode()
    act = ask(client, review(other), GOOD).json()["act"]
    assert hand_in(client, review(other), GOOD, by_passkey(client, act)).status_code == 302


def test_a_revoked_passkey_signs_nothing(staff, where, newcomer):
    act = ask(staff, review(newcomer), GOOD).json()["act"]
    passkeys.revoke(where.staff.passkeys.get(), at=database_now())
    refused(hand_in(staff, review(newcomer), GOOD, by_passkey(staff, act)), "wrong_passkey")
    assert undone(newcomer)
