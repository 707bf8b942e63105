"""What people see of the log: a tender's acts with their proofs, the newest checkpoint under every page and document, alarms and audits."""

import json

import pytest
from django.urls import reverse

from ledger.alarms import open_alarms, raise_alarm
from ledger.audit import run_audit
from ledger.canonical import jcs, unb64u
from ledger.events import KINDS
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.models import LedgerEntry, LedgerStream
from ledger.note import verify
from ledger.sequencer import sequence_once
from ledger.signer import signer
from tests.factories.bids import decrypt, hand_in, revealed, started_opening
from tests.factories.ledger import happen
from tests.factories.trading import organisation, person, published_lot
from web import ledger_words

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def sequence():
    while sequence_once():
        pass


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def administrator():
    found = person("管理员甲")
    found.is_administrator = True
    found.save()
    return found


def test_every_kind_of_act_has_its_words():
    assert {kind for kind in KINDS if not kind.startswith("test.")} <= set(ledger_words.KINDS)


def test_a_tenders_page_shows_its_acts_in_words_with_place_and_proof(client):
    lot = published_lot(holders=3)
    sequence()
    page = text(client, reverse("trading:tender", args=[lot.tender.number]))
    entry = LedgerEntry.objects.get(kind="tender.published")
    assert "存证轨迹" in page and "发布招标" in page and f"第 {entry.index} 条" in page
    assert reverse("web:ledger_proof", args=[entry.pk]) in page and reverse("web:ledger_entry", args=[entry.pk]) in page


def test_before_the_opening_nothing_shows_who_or_how_many_bid(client):
    lot = published_lot(holders=3)
    hand_in(lot, lot.city.bidders[0])
    sequence()
    page = text(client, reverse("trading:tender", args=[lot.tender.number]))
    assert "递交投标文件" not in page
    assert client.get(reverse("web:ledger_stream", args=[lot.bid_stream])).status_code == 404


@pytest.mark.requirement("R135")
def test_the_whole_stream_stands_in_order_after_the_opening(client):
    lot = published_lot(holders=3)
    for bidder in lot.city.bidders:
        hand_in(lot, bidder)
    opening = started_opening(lot)
    for bidder in lot.city.bidders:
        decrypt(opening, bidder)
    revealed(opening)
    sequence()
    page = text(client, reverse("web:ledger_stream", args=[f"tender/{lot.tender.number}"]))
    places = [page.index(words) for words in ("发布招标", "投标截止，锁定全部投标", "开标开始", "公布开标结果", "公开此前密封的记录")]
    assert places == sorted(places) and "1 标段" in page and "交易中心" in page


@pytest.mark.requirement("R135")
def test_a_downloaded_proof_verifies_by_itself(client):
    for n in range(5):
        happen(what=str(n))
    sequence()
    entry = LedgerEntry.objects.order_by("pk")[2]
    found = json.loads(client.get(reverse("web:ledger_proof", args=[entry.pk])).content)
    assert (found["v"], found["type"], found["entry"]["d"]["what"]) == (1, "etp-entry", "2")
    checkpoint = verify(found["checkpoint"], signer().name, signer().ledger_public_key())
    steps = [unb64u(step) for step in found["proof"]]
    assert verify_inclusion(leaf_hash(jcs(found["entry"])), found["index"], checkpoint.size, steps, checkpoint.root)


def test_an_entry_without_a_place_has_no_proof_yet(client):
    entry = happen()
    assert client.get(reverse("web:ledger_proof", args=[entry.pk])).status_code == 404
    assert client.get(reverse("web:ledger_proof", args=[99999])).status_code == 404


def test_every_page_carries_the_newest_checkpoint(client, administrator):
    home = text(client, reverse("disclosure:home"))
    assert "根摘要" not in home
    happen()
    sequence()
    root = client.get("/ledger/checkpoint").content.decode().split("\n")[2]
    assert root in text(client, reverse("disclosure:home")).replace("&#x2B;", "+")
    client.force_login(administrator, backend=BACKEND)
    assert root in text(client, reverse("accounts:admin_desk")).replace("&#x2B;", "+")


def test_a_page_does_not_fail_when_the_published_checkpoint_is_broken(client, settings):
    happen()
    sequence()
    (settings.ETP_LEDGER / "checkpoint").write_text("broken")
    assert "根摘要" not in text(client, reverse("disclosure:home"))


def test_an_administrator_sees_alarms_and_settles_them(client, administrator):
    alarm = raise_alarm("clock.host", "web", "web 主机的时钟与数据库相差 +3600.0 秒")
    client.force_login(administrator, backend=BACKEND)
    assert "服务器时钟偏差" in text(client, reverse("accounts:admin_desk"))
    assert "+3600.0" in text(client, reverse("web:alarms"))
    assert client.post(reverse("web:settle_alarm", args=[alarm.pk]), {"conclusion": ""}).status_code == 400
    assert client.post(reverse("web:settle_alarm", args=[alarm.pk]), {"conclusion": "已校准时钟"}).status_code == 302
    assert open_alarms() == [] and "已校准时钟" in text(client, reverse("web:alarms"))


def test_a_supervisor_reads_alarms_and_audits_but_settles_nothing(client):
    alarm = raise_alarm("ledger.audit", "rows", "公告的内容与存证不符")
    run_audit()
    supervisor = organisation("regulator").somebody
    client.force_login(supervisor, backend=BACKEND)
    assert "公告的内容与存证不符" in text(client, reverse("web:alarms")) and "处理结论" not in text(client, reverse("web:alarms"))
    assert client.post(reverse("web:settle_alarm", args=[alarm.pk]), {"conclusion": "无事"}).status_code == 403
    assert "全部一致" in text(client, reverse("web:audits"))


def test_findings_of_the_last_audit_are_shown(client, administrator):
    happen()
    sequence()
    LedgerStream.objects.filter(name="test/here").update(n=9)
    run_audit()
    client.force_login(administrator, backend=BACKEND)
    page = text(client, reverse("web:audits"))
    assert "发现不一致" in page and "test/here" in page and "各流的先后" in page
