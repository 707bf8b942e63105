"""Alarms reach the ledger, the administrators' inbox and page, once for each thing that is wrong."""

import pytest
from django.db import transaction

from ledger.alarms import open_alarms, raise_alarm, settle_alarm
from ledger.canonical import parse_jcs
from ledger.models import LedgerAlarm, LedgerEntry, LedgerStream
from postbox.models import Message
from rulebook.refusals import Refused
from tests.factories.trading import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db):
    found = person("管理员甲")
    found.is_administrator = True
    found.save()
    return found


def test_an_alarm_is_entered_without_its_particulars_and_told_to_administrators(administrator, deliver):
    alarm = raise_alarm("key.early", "bids/T-1/1", "投标人 91110000MA00000000 在锁定前索取密钥", private={"bidder": "91110000MA00000000"})
    deliver()
    body = parse_jcs(bytes(alarm.entry.data))
    assert (body["k"], body["s"], body["d"]) == (
        "ledger.note",
        "ledger",
        {"note": "alarm", "alarm": "key.early", "about": "bids/T-1/1", "no": alarm.pk},
    )
    assert "91110000MA00000000" not in bytes(alarm.entry.data).decode() and alarm.entry.private["bidder"] == "91110000MA00000000"
    message = Message.objects.get(person=administrator)
    assert "锁定前索取投标密钥" in message.subject and "91110000MA00000000" not in message.subject + message.body


def test_the_same_thing_again_only_counts_until_it_is_settled(administrator):
    for _ in range(3):
        alarm = raise_alarm("clock.host", "web", "偏差 3600 秒")
    assert (LedgerAlarm.objects.count(), alarm.count, LedgerEntry.objects.filter(kind="clock.alarm").count()) == (1, 3, 1)
    with pytest.raises(Refused):
        settle_alarm(alarm, " ", by=administrator)
    settle_alarm(alarm, "已校时", by=administrator)
    with pytest.raises(Refused):
        settle_alarm(alarm, "再来一次", by=administrator)
    assert open_alarms() == []
    assert raise_alarm("clock.host", "web", "又来了").pk != alarm.pk


def test_an_alarm_cannot_be_rolled_back_with_what_was_refused():
    with pytest.raises(RuntimeError), transaction.atomic():
        raise_alarm("key.early", "bids/T-1/1", "…")


def test_a_ledger_too_damaged_for_entries_still_leaves_an_alarm():
    raise_alarm("ledger.audit", "streams", "…")
    LedgerStream.objects.filter(name="ledger").update(n=0)
    alarm = raise_alarm("ledger.audit", "leaves", "…")
    assert alarm.entry is None and alarm in open_alarms()
