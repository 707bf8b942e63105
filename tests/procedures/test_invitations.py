"""An invited tender: who is invited, what everybody else is told, and when the public learns of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from credit.models import Exclusion
from disclosure.models import Notice
from documents.models import OfficialDocument
from ledger.models import LedgerEntry
from postbox.models import Message
from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Forbidden, Refused
from tests.factories.bids import decrypt, hand_in, revealed, started_opening
from tests.factories.documents import place_entries
from tests.factories.evaluation import signed
from tests.factories.procedures import invited, lot_under, take, take_until
from tests.factories.trading import make_workday, organisation, written_document
from trading.awards.actions import publish_candidates
from trading.bidding.gates import upload_gate
from trading.deposits.actions import open_account
from trading.opening.actions import close_opening
from trading.procedures.rules.works import INVITEES
from trading.procedures.versions import procedure_of
from trading.projects.models import Lot, Tender
from trading.tenders import actions
from trading.tenders.models import DocumentHolder, Invitation
from trading.venues.queries import public_openings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_print")]


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


def prepared(code="GC-IT", bidders=3, **fields):
    """A lot whose document may be published, with so many of the city's four bidders invited; `outsider` is not."""
    lot = lot_under(code, **fields)
    lot.outsider = lot.city.bidders[3]
    invited(lot, lot.city.bidders[:bidders])
    return lot


def published(lot):
    now = database_now()
    due = now + timedelta(days=30)
    make_workday(city_day(due))
    written_document(lot.tender, by=lot.city.handler, published_at=now, due_at=due)
    actions.publish_tender(lot.tender, by=lot.city.handler, at=now)
    lot.refresh_from_db()
    lot.tender.refresh_from_db()
    return lot


def excluded(bidder, category="GC"):
    """The bidder, barred from a category by a decision in force."""
    today = city_day(database_now())
    supervisor = organisation("regulator").somebody
    Exclusion.objects.create(
        organisation=bidder, category=category, decision_number="清住建罚〔2026〕1 号", basis="《招标投标法》第五十四条", since=today,
        until=today + timedelta(days=365), by=supervisor,
    )  # fmt: skip
    return bidder


def refusal_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def signed_in(client, somebody):
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


def obtain(lot, bidder):
    return actions.obtain_document(lot.tender, bidder, by=bidder.somebody, at=database_now())


# ---- whom it invites


def test_two_invited_are_too_few_and_three_are_enough():
    lot = prepared(bidders=2)
    refusal = refusal_of(lambda: published(lot))
    assert (refusal.code, refusal.rule) == ("C-01", f"{INVITEES.source}：{INVITEES.says}")
    assert "受邀单位只有 2 家" in refusal.message and "受邀单位" in refusal.next_step
    assert not Message.objects.filter(subject__contains="投标邀请书").exists()
    actions.name_invitee(lot.tender, lot.city.bidders[2], by=lot.city.handler, at=database_now())
    assert published(lot).state == Lot.State.BIDDING


def test_each_invited_organisation_gets_a_message_that_leads_to_the_tender():
    lot = published(prepared())
    told = Message.objects.filter(subject=f"投标邀请书：{lot.tender.name}")
    assert {row.person for row in told} == {each.somebody for each in lot.city.bidders[:3]}
    assert {row.link for row in told} == {f"/tenders/{lot.tender.number}/"}


def test_who_is_barred_or_on_the_tenderee_s_side_or_no_bidder_is_refused_at_naming():
    lot = prepared(bidders=0)
    barred = excluded(lot.outsider)
    agency = also_a_bidder(lot.city.agency)
    named = lambda who: actions.name_invitee(lot.tender, who, by=lot.city.handler, at=database_now())  # noqa: E731
    refusal = refusal_of(lambda: named(barred))
    assert refusal.code == "excluded" and "第三十八条" in refusal.rule and refusal.next_step
    assert refusal_of(lambda: named(agency)).code == "own_side"
    assert refusal_of(lambda: named(lot.city.regulator)).code == "not_bidder"
    assert not Invitation.objects.exists()


def test_who_is_barred_between_naming_and_publication_stops_it():
    lot = prepared()
    excluded(lot.city.bidders[0])
    assert refusal_of(lambda: published(lot)).code == "excluded"


def test_only_those_who_work_on_the_tender_name_and_nobody_after_the_invitations_went_out():
    lot = prepared()
    with pytest.raises(Forbidden):
        actions.name_invitee(lot.tender, lot.outsider, by=lot.outsider.somebody, at=database_now())
    published(lot)
    assert refusal_of(lambda: actions.name_invitee(lot.tender, lot.outsider, by=lot.city.handler, at=database_now())).code == "published"
    assert refusal_of(lambda: actions.remove_invitee(lot.tender.invitations.first(), by=lot.city.handler)).code == "published"
    assert lot.tender.invitations.count() == 3


def test_an_open_tender_invites_nobody():
    lot = lot_under("GC-OT")
    refusal = refusal_of(lambda: actions.name_invitee(lot.tender, lot.city.bidders[0], by=lot.city.handler, at=database_now()))
    assert refusal.code == "not_by_invitation"
    published(lot)
    assert not lot.tender.private and obtain(lot, lot.city.bidders[0])


def test_the_agency_finds_them_in_the_register_and_names_them_on_the_page(client):
    lot = prepared(bidders=0)
    organisation("bidder", "清江子虚园林有限公司", state="submitted")
    page = reverse("trading:invitees", args=[lot.tender.number])
    signed_in(client, lot.city.handler)
    body = client.get(page, {"q": "子虚"}).content.decode()
    assert lot.city.bidders[0].name in body and "园林" not in body and lot.city.bidders[1].name not in body
    assert client.post(page, {"organisation": lot.city.bidders[0].uscc}).status_code == 302
    row = Invitation.objects.get()
    assert (row.organisation, row.sent_at) == (lot.city.bidders[0], None)
    excluded(lot.outsider)
    assert "处于禁止参与期内" in client.post(page, {"organisation": lot.outsider.uscc}).content.decode()
    assert client.post(reverse("trading:remove_invitee", args=[lot.tender.number, row.pk])).status_code == 302
    assert not Invitation.objects.exists()


# ---- government procurement: the draw decides


def drawn(lot, count):
    take_until(lot, "supplier_draw")
    return take(lot, procedure_of(lot.tender).step("supplier_draw"), invited=lot.city.bidders[:count])


def test_a_draw_of_two_is_refused_and_one_of_three_is_who_is_invited():
    lot = lot_under("ZC-IT")
    assert refusal_of(lambda: drawn(lot, 2)).code == "C-01"
    drawn(lot, 3)
    refusal = refusal_of(lambda: actions.name_invitee(lot.tender, lot.city.bidders[3], by=lot.city.handler, at=database_now()))
    assert refusal.code == "drawn" and refusal.next_step
    published(lot)
    assert {row.organisation for row in lot.tender.invitations.all()} == set(lot.city.bidders[:3])
    assert refusal_of(lambda: obtain(lot, lot.city.bidders[3])).code == "not_invited"
    assert obtain(lot, lot.city.bidders[0])


def test_a_barred_supplier_is_refused_when_the_draw_is_entered():
    lot = lot_under("ZC-IT")
    excluded(lot.city.bidders[0], category="ZC")
    refusal = refusal_of(lambda: drawn(lot, 3))
    assert (refusal.code, refusal.field) == ("excluded", "invited")


def test_who_was_named_by_hand_gives_way_to_the_draw():
    lot = lot_under("ZC-IT")
    invited(lot, [lot.city.bidders[3]])
    drawn(lot, 3)
    published(lot)
    assert not lot.tender.invitations.filter(organisation=lot.city.bidders[3]).exists()


# ---- who may take part


def test_everybody_else_is_refused_at_every_door_with_the_rule():
    lot = published(prepared())
    outsider, now = lot.outsider, database_now()
    tries = [
        lambda: obtain(lot, outsider),
        lambda: actions.ask_question(lot.tender, outsider, "能否延期？", by=outsider.somebody, at=now),
        lambda: open_account(lot, outsider, by=outsider.somebody, at=now),
        lambda: upload_gate(lot.tender.number, lot.key, outsider),
        lambda: hand_in(lot, outsider, "30000000.00"),
    ]
    for attempt in tries:
        refusal = refusal_of(attempt)
        assert (refusal.code, refusal.status) == ("not_invited", 403)
        assert "邀请招标" in refusal.message and refusal.rule == f"C-01 {INVITEES.source}：{INVITEES.says}"
    assert not DocumentHolder.objects.exists()


@pytest.mark.parametrize("side", ["owner", "agency"])
def test_who_tenders_it_is_refused_at_every_door_of_an_open_tender_too(side, client):
    lot = published(lot_under("GC-OT"))
    own, now = also_a_bidder(getattr(lot.city, side)), database_now()
    assert "获取招标文件" not in signed_in(client, own.somebody).get(reverse("trading:tender", args=[lot.tender.number])).content.decode()
    tries = [
        lambda: obtain(lot, own),
        lambda: actions.ask_question(lot.tender, own, "能否延期？", by=own.somebody, at=now),
        lambda: open_account(lot, own, by=own.somebody, at=now),
        lambda: upload_gate(lot.tender.number, lot.key, own),
        lambda: hand_in(lot, own, "30000000.00"),
    ]
    for attempt in tries:
        refusal = refusal_of(attempt)
        assert (refusal.code, refusal.rule) == ("own_side", "《招标投标法实施条例》第十三条、第三十四条") and refusal.next_step
    assert not DocumentHolder.objects.exists()
    assert obtain(lot, lot.city.bidders[0])


def test_a_pre_qualified_tender_is_for_those_alone_who_passed():
    lot = lot_under("GC-PQ")
    *passed, failed = lot.city.bidders
    take(lot, take_until(lot, "prequal_review"), qualified=passed)
    take_until(lot, "drafting")
    published(lot)
    tries = [
        lambda: obtain(lot, failed),
        lambda: open_account(lot, failed, by=failed.somebody, at=database_now()),
        lambda: upload_gate(lot.tender.number, lot.key, failed),
        lambda: hand_in(lot, failed, "30000000.00"),
    ]
    for attempt in tries:
        refusal = refusal_of(attempt)
        assert (refusal.code, refusal.status, refusal.rule) == ("not_qualified", 403, "《招标投标法实施条例》第十九条")
    assert not DocumentHolder.objects.exists()
    assert obtain(lot, passed[0])


@pytest.mark.parametrize(
    ("code", "first", "last"), [("GC-PQ", "发布资格预审公告", "prequal_result"), ("ZC-OT", "采购预算与实施计划备案", "demand")]
)
def test_nothing_is_published_before_the_steps_of_the_desk_that_precede_it(code, first, last):
    lot = lot_under(code)
    refusal = refusal_of(lambda: published(lot))
    assert refusal.code == "step_left" and first in refusal.message and refusal.next_step
    step = take_until(lot, last)
    refusal = refusal_of(lambda: published(lot))
    assert refusal.code == "step_left" and step.label in refusal.message
    take(lot, step)
    assert published(lot).state == Lot.State.BIDDING


def also_a_bidder(organisation):
    organisation.kinds = [*organisation.kinds, "bidder"]
    organisation.save()
    return organisation


DOORS = ("tender", "held", "download", "ask")


def test_outsider_and_stranger_find_no_door_and_the_invited_find_all(client):
    lot = published(prepared())
    number, own = lot.tender.number, lot.city.bidders[0]
    lots = [reverse(f"trading:{name}", args=[number, lot.no]) for name in ("bid", "deposit")] + [
        reverse("supervision:new_objection", args=[number, lot.no])
    ]
    tender = reverse("trading:tender", args=[number])
    policy = reverse("trading:offline_policy", args=[number, lot.key])
    for path in (tender, policy):
        answer = client.get(path)
        assert answer.status_code == 403 and lot.tender.name not in answer.content.decode()
    signed_in(client, lot.outsider.somebody)
    for path in [reverse(f"trading:{name}", args=[number]) for name in DOORS] + [policy, *lots]:
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "C-01" in answer.content.decode() and lot.tender.name not in answer.content.decode()
    assert client.post(reverse("trading:obtain", args=[number])).status_code == 403
    assert client.get(reverse("trading:steps", args=[number, lot.no])).status_code == 404
    assert lot.tender.name not in client.get(reverse("trading:bidder_desk")).content.decode()

    signed_in(client, own.somebody)
    desk = client.get(reverse("trading:bidder_desk")).content.decode()
    assert "收到的投标邀请" in desk and lot.tender.name in desk
    assert "获取招标文件" in client.get(tender).content.decode()
    assert client.post(reverse("trading:obtain", args=[number])).status_code == 302
    for path in [tender, reverse("trading:held", args=[number]), reverse("trading:ask", args=[number]), *lots]:
        assert client.get(path).status_code == 200, path
    assert "收到的投标邀请" not in client.get(reverse("trading:bidder_desk")).content.decode()


def test_those_who_work_on_it_and_watch_it_see_it_as_before(client):
    lot = published(prepared())
    for somebody in (lot.city.handler, lot.city.staff, lot.city.supervisor, lot.city.owner.somebody):
        signed_in(client, somebody)
        assert client.get(reverse("trading:tender", args=[lot.tender.number])).status_code == 200


# ---- secrecy


def public_pages(client, lot):
    week = reverse("trading:openings") + f"?day={city_day(lot.bids_due_at):%Y-%m-%d}"
    paths = [reverse("disclosure:home"), reverse("disclosure:notices"), reverse("disclosure:notices") + f"?q={lot.tender.number}",
             reverse("disclosure:notices") + "?q=综合楼", week, reverse("trading:openings_ics"), reverse("trading:availability"), reverse("draws:draws")]  # fmt: skip
    return {path: client.get(path).content.decode() for path in paths}


def test_the_public_sees_nothing_of_it_before_the_result(client):
    lot = published(prepared())
    notice = lot.tender.document.notice
    assert (notice.kind, notice.private, notice.document.public) == (Notice.Kind.INVITATION, True, False)
    for path, body in public_pages(client, lot).items():
        assert lot.tender.name not in body and notice.number not in body, path
    address = reverse("disclosure:notice", args=[notice.number])
    assert client.get(address).status_code == 404
    assert client.get(reverse("documents:document", args=[notice.document.check_code])).status_code == 404
    assert public_openings(lot.bids_due_at, lot.bids_due_at + timedelta(hours=1)) == []
    assert signed_in(client, lot.outsider.somebody).get(address).status_code == 404
    assert signed_in(client, lot.city.bidders[0].somebody).get(address).status_code == 200


def test_what_follows_it_is_as_private_and_reaches_the_invited():
    lot = published(prepared())
    obtain(lot, lot.city.bidders[0])
    actions.publish_clarification(
        lot.tender, text="补充说明", answers={}, affects_bids=False, new_bids_due_at=None, by=lot.city.handler, at=database_now()
    )
    actions.terminate_tender(lot.tender, reason="规划调整", by=lot.city.handler, at=database_now())
    assert set(Notice.objects.filter(tender_number=lot.tender.number).values_list("private", flat=True)) == {True}
    told = Message.objects.filter(subject=f"终止招标：{lot.tender.name}")
    assert {each.somebody for each in lot.city.bidders[:3]} <= {row.person for row in told}
    assert lot.outsider.somebody not in {row.person for row in told}


def test_the_ledger_names_nobody_and_shows_no_number():
    lot = published(prepared())
    entry = LedgerEntry.objects.get(kind="invitations.sent")
    assert entry.inner["d"]["organisations"] == sorted(each.uscc for each in lot.city.bidders[:3])
    public = b"".join(bytes(each.data) for each in LedgerEntry.objects.all()).decode()
    for bidder in lot.city.bidders:
        assert bidder.uscc not in public and bidder.name not in public
    assert "invitations" not in public


def test_the_first_public_result_puts_everything_on_the_board(client):
    lot = published(prepared())
    for bidder, share in zip(lot.city.bidders[:3], ("0.90", "0.91", "0.92"), strict=True):
        obtain(lot, bidder)
        hand_in(lot, bidder, str((lot.estimate * Decimal(share)).quantize(Decimal("0.01"))))
    place_entries()
    opening = started_opening(lot)
    for bidder in lot.city.bidders[:3]:
        decrypt(opening, bidder)
    close_opening(revealed(opening), by=lot.city.staff, at=database_now())
    lot.refresh_from_db()
    evaluation = signed(lot)
    opened = OfficialDocument.objects.get(kind="opening_record")
    assert client.get(reverse("documents:document", args=[opened.check_code])).status_code == 404
    assert lot.tender.name not in client.get(reverse("documents:verify_code", args=[opened.number])).content.decode()
    hidden = list(Notice.objects.filter(tender_number=lot.tender.number))
    assert hidden and all(each.private for each in hidden)
    assert all(lot.tender.name not in body for body in public_pages(client, lot).values())
    publish_candidates(evaluation, by=lot.city.handler, at=database_now())
    assert not Notice.objects.filter(tender_number=lot.tender.number, private=True).exists()
    assert not Tender.objects.get(pk=lot.tender_id).private
    assert LedgerEntry.objects.get(kind="notices.disclosed").inner is None
    assert client.get(reverse("trading:tender", args=[lot.tender.number])).status_code == 200
    for each in hidden:
        each.refresh_from_db()
        assert each.document.public
        assert client.get(reverse("disclosure:notice", args=[each.number])).status_code == 200
    opened.refresh_from_db()
    assert opened.public
    # Who was not invited may see it now, and still not take part.
    assert refusal_of(lambda: obtain(lot, lot.outsider)).code == "not_invited"


# ---- again


def test_a_new_round_invites_anew(client):
    lot = published(prepared())
    actions.fail_lot(lot, reason="投标人不足三个", by=lot.city.staff, at=database_now())
    again = actions.open_next_round(lot, by=lot.city.handler, at=database_now())
    assert not again.invitations.exists()
    second = again.lots.get()
    second.city = lot.city
    assert refusal_of(lambda: published(second)).code == "C-01"
    invited(second, lot.city.bidders[1:])
    published(second)
    first = lot.city.bidders[0]
    assert refusal_of(lambda: obtain(second, first)).code == "not_invited"
    assert obtain(second, lot.outsider)
    assert again.number not in signed_in(client, first.somebody).get(reverse("trading:tender", args=[lot.tender.number])).content.decode()
    assert (
        lot.tender.number
        not in signed_in(client, lot.outsider.somebody).get(reverse("trading:tender", args=[again.number])).content.decode()
    )
