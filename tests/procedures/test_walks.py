"""Every procedure from its registration to its archive, each step through its action."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from rulebook.clock import city_day, database_now, pretend
from rulebook.refusals import Refused
from tests.factories import evaluation as evaluations
from tests.factories.archives import sealed, submit_report, witnessed
from tests.factories.bids import decrypt, hand_in, jump_to, revealed, started_opening
from tests.factories.documents import place_entries
from tests.factories.procedures import invited, lot_under, take
from tests.factories.trading import make_workday, pdf, stored, written_document
from trading.archive.actions import request_archive
from trading.archive.queries import completeness_of
from trading.awards import actions as awards
from trading.opening.actions import close_opening
from trading.procedures.records import records_of
from trading.procedures.rules import procurement
from trading.procedures.versions import all_versions, procedure_of, version_on
from trading.projects.models import Lot
from trading.tenders.actions import obtain_document, publish_tender
from trading.witness.stages import witnessed_stages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_print")]


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


BY_DESK = [each for each in all_versions() if not each.is_sealed]


def missing_of(lot):
    return [row.item.code for row in completeness_of(Lot.objects.get(pk=lot.pk), database_now()).missing]


def rows_of(page):
    """{document: its row on the archive's page}, as plain words."""
    cells = re.findall(r"<tr>\s*<td><span class=\"b\">(.*?)</span>(.*?)</tr>", page, re.S)
    return {says: re.sub(r"<[^>]*>|\s+", " ", rest) for says, rest in cells}


def the_archive_says_what_it_lacks_and_is_sealed_without(lot, procedure, client):
    """The witness's record, what only the sides have: named on the page with supplier and basis until each is there; then sealed."""
    lot.refresh_from_db()
    outside = [code for code in missing_of(lot) if code not in ("witness", "report")]
    assert set(outside) <= NOT_OF_THE_PLATFORM, "what the procedure's own steps left is there"
    assert ("witness" in missing_of(lot), "report" in missing_of(lot)) == (True, procedure.step_of("report") is not None)
    client.force_login(lot.city.handler, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("trading:archive", args=[lot.tender.number, lot.no])
    shown = rows_of(client.get(page).content.decode())
    places = completeness_of(lot, database_now()).places
    assert list(shown) == [row.item.says for row in places]
    for row in places:
        said = shown[row.item.says]
        assert row.item.supplier in said and row.item.source in said
        assert ("缺少" in said) == row.is_missing
    with pytest.raises(Refused) as refused:
        request_archive(lot, by=lot.city.staff, at=database_now())
    assert refused.value.code == "incomplete"
    for code in outside:
        client.post(page, {"move": "paper", "item": code, "title": "材料", "file": pdf("材料.pdf")})
        assert code not in missing_of(lot)
    if procedure.step_of("report"):
        submit_report(lot)
    witnessed(lot, *witnessed_stages(lot))
    assert missing_of(lot) == []
    assert "缺少" not in "".join(rows_of(client.get(page).content.decode()).values())
    sealed(lot)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.ARCHIVED
    assert not lot.archive_exceptions.exists()


# Made outside: the record of a procurement's activities, and deposits that did not come through the platform's bank.
NOT_OF_THE_PLATFORM = {"activity", "deposit"}


@pytest.mark.requirement("R064")
@pytest.mark.parametrize("procedure", BY_DESK, ids=lambda each: each.code)
def test_a_procedure_is_walked_from_registration_to_archive(procedure, client):
    lot = lot_under(procedure.code)
    assert (lot.tender.procedure, lot.tender.procedure_since) == (procedure.code, procedure.since)
    taken = set()
    for step in procedure.steps:
        alternative = any(step.code in each.instead_of for each in procedure.steps if each.code in taken)
        if step.by_form and not step.optional and not alternative:
            assert step.code in missing_of(lot)
            row = take(lot, step)
            # What is sealed until its time is not yet there.
            assert (step.code in missing_of(lot)) == step.secret
            assert bool(row.notice) == bool(step.notice)
            assert bool(row.document) == step.prints
            taken.add(step.code)
    the_archive_says_what_it_lacks_and_is_sealed_without(lot, procedure, client)
    done = set(records_of(lot).values_list("step", flat=True))
    assert {step.code for step in procedure.steps if not step.optional} <= done


SEALED = [each for each in all_versions() if each.is_sealed and each.until is None]


@pytest.mark.requirement("R064")
@pytest.mark.parametrize("procedure", SEALED, ids=lambda each: each.code)
def test_a_sealed_procedure_is_walked_through_its_rooms(procedure, client):
    lot = lot_under(procedure.code)
    for step in procedure.stages[0].steps:
        if step.by_form and not step.optional:
            take(lot, step)
    publish(lot)
    sealed_bids(lot)
    evaluated(lot)
    awarded(lot, procedure)
    for step in procedure.stages[-1].steps:
        if step.by_form and not step.optional:
            take(lot, step)
    the_archive_says_what_it_lacks_and_is_sealed_without(lot, procedure, client)
    done = set(records_of(lot).values_list("step", flat=True))
    assert {step.code for step in procedure.steps if not step.optional} <= done


def publish(lot):
    now = database_now()
    due = now + timedelta(days=30)
    make_workday(city_day(due))
    invited(lot)
    written_document(lot.tender, by=lot.city.handler, published_at=now, due_at=due)
    publish_tender(lot.tender, by=lot.city.handler, at=now)
    lot.refresh_from_db()
    lot.tender.refresh_from_db()


def sealed_bids(lot):
    """Three bids are sealed, handed in, opened with their bidders' keys, and the record is closed."""
    for bidder, share in zip(lot.city.bidders[:3], ("0.90", "0.91", "0.92"), strict=True):
        obtain_document(lot.tender, bidder, by=bidder.somebody, at=database_now())
        hand_in(lot, bidder, str((lot.estimate * Decimal(share)).quantize(Decimal("0.01"))))
    place_entries()
    opening = started_opening(lot)
    for bidder in lot.city.bidders[:3]:
        decrypt(opening, bidder)
    opening = revealed(opening)
    close_opening(opening, by=lot.city.staff, at=database_now())
    lot.refresh_from_db()


def evaluated(lot):
    evaluation = evaluations.signed(lot)
    assert evaluation.state == "signed"
    lot.refresh_from_db()


def awarded(lot, procedure):
    """The award, after the showing of candidates where the procedure has one; result and contract."""
    handler = lot.city.handler
    if procedure.step_of("candidates"):
        publicity = awards.publish_candidates(lot.evaluations.get(), by=handler, at=database_now())
        jump_to(publicity.until + timedelta(seconds=1))
    award = awards.decide_award(lot, by=handler, at=database_now())
    awards.publish_result(award, by=handler, at=database_now())
    bid = award.candidate.result.bid
    facts = {
        "number": "HT-1", "amount": bid.price, "signed_on": city_day(database_now()), "term_days": bid.term_days, "manager": bid.manager,
        "quality": "合格",
    }  # fmt: skip
    awards.file_contract(award, facts, stored(handler, lot.city.agency, "contract"), by=handler, at=database_now())
    lot.refresh_from_db()


def test_government_procurement_awards_on_the_report_without_showing_candidates():
    procedure = version_on("ZC-OT", city_day(database_now()))
    assert procedure.step_of("candidates") is None
    assert procedure.least_count("too_few", city_day(database_now())) == procurement.BIDDERS
    assert procedure.bend("few_valid").leads == "failed"


def test_the_dates_of_a_publication_are_held_against_the_procedure_s_own_rules():
    lot = lot_under("ZC-OT")
    for step in lot_steps(lot):
        take(lot, step)
    now = database_now()
    due = now + timedelta(days=procurement.BID_PREPARATION.days - 1)
    make_workday(city_day(due))
    written_document(lot.tender, by=lot.city.handler, published_at=now, due_at=due)
    with pytest.raises(Refused) as refused:
        publish_tender(lot.tender, by=lot.city.handler, at=now)
    assert refused.value.code == "T-ZC-04"


def lot_steps(lot):
    return [step for step in procedure_of(lot.tender).stages[0].steps if step.by_form and not step.optional]
