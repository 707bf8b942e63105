"""The archive of a lot: everything of it, each file with its digest, in one ZIP whose digest stands in the ledger."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from ledger.models import LedgerEntry
from rulebook.clock import city_day, database_now
from rulebook.refusals import Refused
from tests.factories.documents import seal_documents
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import organisation, stored
from trading.archive import actions, contents
from trading.archive.models import LotArchive
from trading.archive.packing import pack
from trading.awards import actions as awards
from trading.projects.models import Lot
from trading.tenders.actions import fail_lot

BACKEND = "django.contrib.auth.backends.ModelBackend"


def contracted(lot):
    publicity = shown(lot)
    at, by = end_of(publicity), lot.city.handler
    award = awards.publish_result(awards.decide_award(lot, by=by, at=at), by=by, at=at)
    bid = award.candidate.result.bid
    facts = {
        "number": "HT-1", "amount": bid.price, "signed_on": city_day(at), "term_days": bid.term_days, "manager": bid.manager, "quality": "合格",
    }  # fmt: skip
    awards.file_contract(award, facts, stored(by, lot.city.agency, "contract"), by=by, at=at)
    lot.refresh_from_db()
    return lot


def archived(lot, client):
    client.force_login(lot.city.staff, backend=BACKEND)
    client.post(reverse("trading:make_archive", args=[lot.tender.number, lot.no]))
    seal_documents()
    actions.finish_archive(LotArchive.objects.get(lot=lot), at=database_now())
    answer = client.get(reverse("trading:archive_file", args=[lot.tender.number, lot.no]))
    return b"".join(answer.streaming_content)


def test_one_tender_one_file_whose_digests_hold(lot, client):
    data = archived(contracted(lot), client)
    archive = LotArchive.objects.get(lot=lot)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        manifest = json.loads(found.read("manifest.json"))
        for row in manifest["files"]:
            assert hashlib.sha256(found.read(row["path"])).hexdigest() == row["sha256"], row["path"]
        assert {row["path"] for row in manifest["files"]} | {"manifest.json", "SHA256SUMS"} == set(found.namelist())
    stages = {row["path"][:2] for row in manifest["files"]}
    assert stages >= {"01", "02", "03", "04", "05", "06", "07", "08", "09"}
    assert hashlib.sha256(data).hexdigest() == archive.sha256
    last = LedgerEntry.objects.filter(kind="lot.archived").get()
    assert archive.sha256.encode() in bytes(last.data)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.ARCHIVED


def test_a_lot_that_goes_on_is_not_archived(lot):
    with pytest.raises(Refused) as refusal:
        actions.request_archive(lot, by=lot.city.staff, at=database_now())
    assert refusal.value.code == "not_finished"


def test_a_failed_lot_is_archived_and_stays_failed(lot, client):
    fail_lot(lot, reason="评标委员会否决全部投标", by=lot.city.handler, at=database_now())
    archived(lot, client)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.FAILED


def test_it_is_packed_once_and_read_by_those_concerned(lot, client):
    archived(contracted(lot), client)
    with pytest.raises(Refused):
        actions.request_archive(lot, by=lot.city.staff, at=database_now())
    actions.finish_archive(LotArchive.objects.get(lot=lot), at=database_now())
    assert LedgerEntry.objects.filter(kind="lot.archived").count() == 1
    url = reverse("trading:archive_file", args=[lot.tender.number, lot.no])
    for person, status in (
        (lot.city.handler, 200),
        (lot.city.supervisor, 200),
        (organisation("agency").somebody, 404),
        (lot.city.bidders[0].somebody, 403),
    ):
        client.force_login(person, backend=BACKEND)
        assert client.get(url).status_code == status


def test_packing_holds_little_in_memory():
    piece = bytes(1 << 20)
    item = contents.Item("big", "大文件", lambda: (piece for _ in range(200)))
    tracemalloc.start()
    total = sum(len(part) for part in pack([item], {}, datetime(2026, 11, 20, tzinfo=UTC), {}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 100_000
    assert peak < 20 << 20


def test_two_files_of_one_name_are_a_mistake(lot, monkeypatch):
    twin = contents.Item("x", "甲", lambda: [b"1"])
    monkeypatch.setattr(contents, "_contributors", [lambda _: [twin, twin]])
    with pytest.raises(ValueError, match="two files"):
        list(contents.items_of(lot))


def test_the_page_lists_what_waits_and_what_is_made(lot, client):
    contracted(lot)
    client.force_login(lot.city.staff, backend=BACKEND)
    page = reverse("trading:archives")
    assert "待归档" in client.get(page).content.decode()
    archived(lot, client)
    assert LotArchive.objects.get(lot=lot).sha256[:16] in client.get(page).content.decode()
