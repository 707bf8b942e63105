"""The demo city is loaded as `bin/serve` loads it, and looked at from all sides."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from accounts.models import Organisation, Person
from config.demo import procedures, sign_ins, tenders
from config.demo.city import PASSWORD
from credit.models import CreditEntry, CreditScore
from disclosure.models import Notice
from ledger.merkle import leaf_hash, root
from ledger.models import Delivery, LedgerCheckpoint, LedgerLeaf, LedgerQueue
from ledger.note import verify
from ledger.signer import signer
from rulebook.clock import database_now
from sealing.keyfile import read_key_file
from sealing.models import EncryptionKey
from supervision.remedies.models import Complaint, Objection
from trading.archive.models import LotArchive
from trading.awards.models import Contract, ContractDraft
from trading.bidding.models import Bid
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.frameworks.models import FrameworkOrder
from trading.opening.models import OpenedBid, Opening
from trading.performance.models import ContractChange, Deduction
from trading.procedures.models import StepRecord
from trading.procedures.reaching import milestones_of
from trading.projects.models import Lot, Project, Tender
from trading.tenders.models import DocumentHolder, Suspension

DESKS = (
    ("13900000001", ("trading:staff_desk", "trading:contracts", "experts:centre_desk", "experts:gaps", "experts:ratings")),
    (
        "13900000002",
        ("supervision:desk", "trading:contracts", "trading:site_inspections", "trading:performance_settings", "experts:regulator_desk"),
    ),
    ("13900000003", ("trading:agency_desk", "trading:contracts")),
    ("13900000004", ("trading:bidder_desk", "trading:contracts", "trading:key_people")),
    ("13900000005", ("trading:expert_desk", "experts:archive", "experts:training", "experts:fees")),
    ("13900000009", ("accounts:admin_desk",)),
)


@pytest.fixture
def fresh_city(db, settings, tmp_path):
    """Loads the demo city into the empty database, with keys and files of its own each time."""
    loads = iter(range(9))

    def load():
        folder = tmp_path / str(next(loads))
        settings.VAR = folder
        for name in ("ETP_KEYS", "ETP_SIGNER_KEYS", "ETP_LEDGER", "ETP_UPLOADS", "ETP_PARTNERS"):
            setattr(settings, name, folder / name.lower())
        call_command("demo")
        return folder

    return load


def offset():
    """How far official time is from the database's own, in seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT abs(extract(epoch FROM official_now() - clock_timestamp()))")
        return cursor.fetchone()[0]


def stages():
    return Counter(Lot.objects.values_list("state", flat=True))


def public_facts():
    """Names, numbers, amounts and stages: all that the date decides, and nothing that keys or draws do."""
    return (
        list(
            Lot.objects.order_by("tender__number", "id").values_list(
                "tender__number", "tender__name", "price_limit", "state", "bids_due_at"
            )
        ),
        list(Organisation.objects.order_by("id").values_list("name", "uscc", "state")),
        list(Notice.objects.order_by("number").values_list("number", "kind", "title", "amount", "due_at")),
        sorted(OpenedBid.objects.values_list("bid__bidder__name", "state", "reason", "price"), key=str),
        sorted(
            Evaluation.objects.values_list(
                "lot__tender__number", "state", "results__rank", "results__total", "results__bid__bid__bidder__name"
            ),
            key=str,
        ),
    )


def test_the_demo_city_has_tenders_at_every_stage(fresh_city, client):
    folder = fresh_city()

    assert offset() < 1
    assert Tender.objects.count() >= 40
    assert Organisation.objects.count() >= 200
    assert set(Project.objects.values_list("state", flat=True)) == {"draft", "submitted", "returned", "accepted"}
    assert {state: stages()[state] for state in Lot.State.values} == {
        "registered": 8, "bidding": 14, "opening": 3, "evaluating": 11, "evaluated": 2, "candidates_public": 7, "award_decided": 2,
        "result_public": 3, "contracted": 10, "archived": 0, "failed": 2, "terminated": 1,
    }  # fmt: skip
    assert Counter(Opening.objects.exclude(state="closed").values_list("state", flat=True)) == {
        "waiting": 2,
        "keys": 1,
        "revealed": 1,
        "failed": 2,
    }
    assert Counter(Evaluation.objects.exclude(state="signed").values_list("state", flat=True)) == {
        "forming": 3,
        "reviewing": 2,
        "scoring": 2,
        "pricing": 1,
    }
    assert Tender.objects.filter(round=2).count() == 1
    assert Counter(Objection.objects.values_list("state", flat=True)) == {"filed": 2, "dismissed": 5}
    assert Counter(Complaint.objects.values_list("state", flat=True)) == {"filed": 1, "accepted": 1, "dismissed": 1, "upheld": 1}
    assert Suspension.objects.in_force(database_now()).count() == 3
    assert set(CreditEntry.objects.values_list("state", flat=True)) == {"submitted", "notified", "effective", "revoked"}
    assert CreditScore.objects.exists() and LotArchive.objects.count() == 1

    check_performance(client)

    assert Bid.objects.exists() and not Bid.objects.filter(received_at__gte=F("deadline")).exists()
    assert not Bid.objects.filter(received_at__gte=F("lot__bids_due_at")).exists()
    assert not Notice.objects.filter(published_at__gt=database_now()).exists()
    check_ledger()
    check_bidder(folder)
    check_pages(client)


def check_ledger():
    """Every entry stands in the log, in the order of its time, and the last signed root is over all of them."""
    leaves = list(LedgerLeaf.objects.order_by("idx").select_related("entry"))
    assert not LedgerQueue.objects.exists() and not Delivery.objects.filter(done_at=None).exists()
    note = LedgerCheckpoint.objects.order_by("-size").first().note
    checkpoint = verify(note, signer().name, signer().ledger_public_key())
    assert (checkpoint.size, checkpoint.root) == (len(leaves), root([leaf_hash(bytes(leaf.entry.data)) for leaf in leaves]))
    times = [leaf.entry.at for leaf in leaves]
    assert times == sorted(times) and times[-1] - times[0] > timedelta(days=100)


def check_bidder(folder):
    """The demo's bidder holds an open document, has a bid in, a key to release, and its key file."""
    firm = Person.objects.get(mobile="13900000004").memberships.get().organisation
    open_lots = Lot.objects.filter(state=Lot.State.BIDDING, bids_due_at__gt=database_now(), tender__holders__organisation=firm)
    assert open_lots.filter(bids__bidder=firm).exists() and open_lots.exclude(bids__bidder=firm).exists()
    assert OpenedBid.objects.filter(bid__bidder=firm, opening__state="keys", state="pending").exists()
    # Its key file, and those of the three who draw committees: each is told to whoever starts the demo.
    files = sorted((folder / "demo").glob("*.p12"))
    found = {owner: (keys.kid, path) for path in files for keys, owner, _ in [read_key_file(path.read_bytes(), PASSWORD)]}
    rows = EncryptionKey.objects.filter(enrolled_by__mobile__in=[f"1390000000{digit}" for digit in range(1, 5)])
    assert {owner: kid for owner, (kid, _) in found.items()} == {row.binding["owner"]: row.kid for row in rows}
    assert len(found) == 4 and firm.uscc in found
    assert all(any(str(path) in line for line in sign_ins.sign_in_lines()) for _, path in found.values())
    assert not DocumentHolder.objects.filter(obtained_at__lt=F("tender__published_at")).exists()


def check_performance(client):
    """The demo's bidder carries out contracts: with changes, payments, attendance and a deduction to decide."""
    firm = Person.objects.get(mobile="13900000004").memberships.get().organisation
    mine = Contract.objects.filter(award__candidate__result__bid__bid__bidder=firm)
    assert mine.filter(acceptances__state="passed").exists() and mine.filter(acceptances=None, deductions__state="served").exists()
    assert ContractDraft.objects.filter(award__candidate__result__bid__bid__bidder=firm, state="offered").exists()
    assert set(Deduction.objects.values_list("state", flat=True)) == {"served", "confirmed"}
    assert set(ContractChange.objects.values_list("state", flat=True)) == {"in_force", "agreed"}
    for contract in mine:
        client.force_login(Person.objects.get(mobile="13900000004"))
        assert client.get(reverse("trading:contract", args=[contract.lot.tender.number, contract.lot.no])).status_code == 200


WAYS_TO_TRADE = {
    # procedure: (state of its lot, kinds of its notices, what the demo's bidder may do now)
    "ZC-CS": ("evaluating", {"ZC_INTENT", "ZC_NOTICE"}, ["final_quote"]),
    "ZC-DY": ("registered", {"ZC_SINGLE"}, ["publicity_objection"]),
    "ZC-KJ": ("contracted", {"ZC_INTENT", "ZC_NOTICE", "ZC_ENTRY", "ZC_DEAL"}, []),
    "CQ-NB": ("bidding", {"CQ_NOTICE"}, []),
    "TD-L": ("bidding", {"TD_NOTICE"}, ["buyers"]),
    "CJ-A": ("contracted", {"CJ_NOTICE", "CJ_RESULT"}, []),
}


def test_every_other_way_to_trade_has_a_story_that_everybody_can_follow(fresh_city, client, monkeypatch):
    monkeypatch.setattr(tenders, "EARLY", ())
    monkeypatch.setattr(tenders, "LATE", ())
    fresh_city()
    told = Lot.objects.exclude(framework__kind="medical").select_related("tender__project__regulator")
    lots = {lot.tender.procedure: lot for lot in told}
    assert {code: lot.state for code, lot in lots.items()} == {code: state for code, (state, _, _) in WAYS_TO_TRADE.items()}
    agent, firm = Person.objects.get(mobile="13900000003"), Person.objects.get(mobile="13900000004")
    home = client.get(reverse("disclosure:home")).content.decode()
    for code, (_, kinds, turn) in WAYS_TO_TRADE.items():
        lot = lots[code]
        client.logout()
        notices = Notice.objects.filter(tender_number=lot.tender.number)
        assert set(notices.values_list("kind", flat=True)) == kinds
        assert any(notice.number in home for notice in notices)
        for notice in notices:
            page = client.get(reverse("disclosure:notice", args=[notice.number]))
            assert page.status_code == 200 and lot.tender.name in page.content.decode()
        page = client.get(reverse("trading:tender", args=[lot.tender.number]))
        assert page.status_code == 200 and lot.tender.name in page.content.decode()
        watcher = lot.tender.project.regulator.memberships.get().person
        for person in (agent, firm, watcher):
            client.force_login(person)
            page = client.get(reverse("trading:steps", args=[lot.tender.number, lot.no]))
            assert page.status_code == 200 and lot.tender.name in page.content.decode()
            assert person != firm or [row.step.code for row in page.context["next"]] == turn
    client.force_login(agent)
    desk = client.get(reverse("trading:agency_desk")).content.decode()
    assert all(lot.tender.name in desk for lot in lots.values())
    client.force_login(firm)
    desk = client.get(reverse("trading:bidder_desk")).content.decode()
    assert {code for code, lot in lots.items() if lot.tender.name in desk} == {"ZC-CS", "ZC-KJ", "CQ-NB", "CJ-A"}
    check_turns(client, lots, firm)


def check_turns(client, lots, firm):
    """The demo's bidder is asked for its final quote; the sealed quote and the applications of others stay secret."""
    lot = lots["ZC-CS"]
    page = client.get(reverse("trading:step", args=[lot.tender.number, lot.no, "final_quote"]))
    assert page.status_code == 200 and "最后报价" in page.content.decode()
    secret = StepRecord.objects.filter(step__in=["final_quote", "buyers"])
    assert secret.count() == 4 and not secret.exclude(data={}).exists()
    single = milestones_of(lots["ZC-DY"].tender, lots["ZC-DY"])
    assert single["single_source_publicity_start"] < database_now() < single["single_source_publicity_end"]
    deals = StepRecord.objects.filter(lot=lots["ZC-KJ"], step="call_off").order_by("at")
    assert [row.data["winner"] == [firm.memberships.get().organisation.uscc] for row in deals] == [False, True, False]
    orders = FrameworkOrder.objects.filter(catalogue__lot=lots["ZC-KJ"])
    assert Counter(orders.values_list("state", flat=True)) == {"accepted": 1, "quoted": 1, "asked": 2}
    assert orders.filter(state="asked", offers__state="open", offers__supplier=firm.memberships.get().organisation).exists()
    assert "提交维修报价" in client.get(reverse("trading:framework_desk")).content.decode()
    assert not StepRecord.objects.exclude(overran=[]).exists() and not StepRecord.objects.filter(at__gt=database_now()).exists()
    assert {story.procedure for story in procedures.STORIES} == set(lots)


def check_pages(client):
    for lot in {row.state: row for row in Lot.objects.filter(tender__published_at__isnull=False)}.values():
        assert client.get(reverse("trading:tender", args=[lot.tender.number])).status_code == 200
    for notice in {row.kind: row for row in Notice.objects.all()}.values():
        assert client.get(reverse("disclosure:notice", args=[notice.number])).status_code == 200
    party = CreditEntry.objects.filter(state="effective").first().organisation
    for url in (reverse("disclosure:home"), reverse("disclosure:notices"), reverse("credit:organisation", args=[party.uscc])):
        assert client.get(url).status_code == 200
    for mobile, desks in DESKS:
        client.force_login(Person.objects.get(mobile=mobile))
        for desk in desks:
            assert client.get(reverse(desk)).status_code == 200
    seats = CommitteeMember.objects.of(Person.objects.get(mobile="13900000005"))
    assert set(seats.values_list("evaluation__state", "state")) == {
        ("forming", "called"),
        ("reviewing", "accepted"),
        ("scoring", "accepted"),
    }


def test_the_same_day_gives_the_same_city(fresh_city, monkeypatch):
    monkeypatch.setattr(tenders, "EARLY", (("clarified", 2, 9),))
    monkeypatch.setattr(tenders, "LATE", (("failed", 1, 4), ("contracted", 1, 16)))
    found = []
    for _ in range(2):
        empty = transaction.savepoint()
        fresh_city()
        found.append(public_facts())
        transaction.savepoint_rollback(empty)
    assert found[0] == found[1]


def test_a_failure_leaves_the_clock_right(fresh_city, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr("reception.actions.review_organisation", fails)
    with pytest.raises(RuntimeError):
        fresh_city()
    assert offset() < 1


def test_a_city_that_is_there_is_left_alone(db, capsys):
    Organisation.objects.create(uscc="914299000000000001", name="已有单位", kinds=["bidder"])
    call_command("demo", "--if-empty")
    assert Organisation.objects.count() == 1
