"""The audit passes a true ledger and sees what does not agree with an entry: rows of every kind, and the private part."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command

from disclosure.models import Notice
from documents.actions import ensure_printed
from documents.models import OfficialDocument
from ledger.audit import run_audit
from ledger.models import LedgerAlarm, LedgerAudit, LedgerEntry, LedgerStream
from ledger.sequencer import sequence_once
from rulebook.clock import database_now
from tests.factories.bids import decrypt, hand_in, revealed, started_opening
from tests.factories.evaluation import end_of, shown
from tests.factories.ledger import happen
from tests.factories.trading import published_lot
from tests.ledger.test_sequencing import unguarded
from trading.awards import actions as awards
from trading.awards.models import Award
from trading.bidding.models import Bid, BidEnvelope
from trading.evaluation.models import BidResult, Score
from trading.opening.actions import close_opening
from trading.opening.models import OpenedBid

pytestmark = pytest.mark.django_db


def findings(area="rows"):
    while sequence_once():
        pass
    return [row["text"] for row in run_audit().findings if row["area"] == area]


@pytest.fixture
def opened():
    """A lot whose three bids came in sealed, were opened and read out."""
    lot = published_lot(holders=3)
    for bidder, price in zip(lot.city.bidders, ("30000000.00", "31000000.00", "32000000.00"), strict=True):
        hand_in(lot, bidder, price)
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    close_opening(revealed(opening), by=lot.city.staff, at=database_now())
    return lot


def test_a_true_ledger_has_no_findings_and_every_entry_was_looked_at(opened):
    while sequence_once():
        pass
    report = run_audit()
    assert report.findings == [] and report.entries == report.size > 10 and report.compared == 9
    assert not LedgerAlarm.objects.exists()
    note = LedgerEntry.objects.get(kind="ledger.note")
    assert b'"note":"audit"' in bytes(note.data)


def lose_a_notice_word(lot):
    Notice.objects.filter(kind=Notice.Kind.OPENING).update(body="<p>另一份</p>")


def change_a_price(lot):
    OpenedBid.objects.filter(order=1).update(price=Decimal("1.00"))


def change_a_manifest(lot):
    bid = Bid.objects.first()
    Bid.objects.filter(pk=bid.pk).update(manifest={**bid.manifest, "rev": 7})


def change_when_a_bid_came(lot):
    bid = Bid.objects.first()
    Bid.objects.filter(pk=bid.pk).update(received_at=database_now(), deadline=database_now().replace(year=2099))


def lose_a_sealed_file(lot):
    Bid.objects.first().envelopes.first().upload.path.unlink()


def change_a_printed_document(lot):
    document = ensure_printed(OfficialDocument.objects.filter(kind="opening_record").get())
    (settings.MEDIA_ROOT / document.file.path).write_bytes(b"%PDF-1.4 another")


def slip_in_a_notice(lot):
    Notice.objects.filter(kind=Notice.Kind.OPENING).update(entry=None)


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lose_a_notice_word, "公告"),
        (change_a_price, "开标一览表"),
        (change_a_manifest, "投标清单"),
        (change_when_a_bid_came, "收到时间"),
        (lose_a_sealed_file, "封存的投标文件"),
        (change_a_printed_document, "文书"),
        (slip_in_a_notice, "没有存证"),
    ],
)
def test_a_row_that_differs_from_its_entry_is_found(opened, harm, says):
    assert findings() == []
    harm(opened)
    assert any(says in text for text in findings())
    assert LedgerAlarm.objects.get(kind="ledger.audit").about == "rows"


def test_scores_ranking_and_award_are_compared(lot):
    publicity = shown(lot)
    awards.decide_award(lot, by=lot.city.handler, at=end_of(publicity))
    # These four bids were put there by a factory, without acts of their own.
    assert findings() == []
    Score.objects.filter(pk=Score.objects.first().pk).update(points=Decimal("1"))
    BidResult.objects.filter(rank=1).update(total=Decimal("99.99"))
    other = publicity.candidates.get(rank=2)
    Award.objects.update(candidate=other)
    assert {"评分与提交的评分表不符", "评标汇总与存证不符", "中标人或中标价与存证不符"} <= set(findings())


def test_a_private_part_that_was_exchanged_is_found():
    entry = happen(private={"name": "张三"})
    assert findings("entries") == []
    with unguarded() as cursor:
        cursor.execute('UPDATE ledger_entry SET private = \'{"name": "李四"}\' WHERE id = %s', [entry.pk])
    assert findings("entries") == ["保密部分与其摘要不符"]


def test_the_command_says_how_it_went(capsys):
    happen()
    sequence_once()
    call_command("etp_audit")
    assert '"findings": 0' in capsys.readouterr().out
    LedgerStream.objects.filter(name="test/here").update(n=5)
    with pytest.raises(SystemExit) as ended:
        call_command("etp_audit")
    assert ended.value.code == 1 and "test/here" in capsys.readouterr().err
    assert [len(row.findings) for row in LedgerAudit.objects.order_by("started_at")] == [0, 1]


def test_a_finding_about_what_is_sealed_tells_neither_who_nor_how_many(opened):
    LedgerStream.objects.filter(name=opened.bid_stream).update(n=99)
    BidEnvelope.objects.update(size=1)
    while sequence_once():
        pass
    said = str(run_audit().findings)
    assert "密封" in said and opened.bid_stream not in said and not any(bidder.uscc in said for bidder in opened.city.bidders)
