"""The archive of a lot: everything of it, each file with its digest, in one ZIP whose digest stands in the ledger."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse

from accounts.models import Duty
from ledger.audit import CHECKS
from ledger.canonical import parse_jcs
from ledger.models import LedgerEntry
from rulebook.clock import CITY, city_day, database_now
from rulebook.refusals import Forbidden, Refused
from sealing import vault
from supervision.remedies.models import Complaint
from tests.factories.archives import add_paper, complete, lock_in_ledger, sealed, submit_report, witnessed
from tests.factories.documents import seal_documents
from tests.factories.evaluation import end_of, shown
from tests.factories.trading import member, organisation, pdf, stored
from trading.archive import actions, contents
from trading.archive.actions import reading
from trading.archive.holds import reasons_to_keep
from trading.archive.models import ArchiveDisposal, ArchiveLookUp, LotArchive
from trading.archive.packing import pack
from trading.archive.queries import completeness_of
from trading.archive.retention import WORKS_KEPT, ended_on, retention_of
from trading.archive.tasks import verify_archives
from trading.awards import actions as awards
from trading.conduct.actions import complete_step
from trading.procedures.reaching import milestones_of
from trading.procedures.records import records_of
from trading.projects.models import Lot
from trading.tenders.actions import fail_lot, report_fact

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
    complete(lot)
    client.force_login(lot.city.staff, backend=BACKEND)
    client.post(reverse("trading:make_archive", args=[lot.tender.number, lot.no]))
    seal_documents()
    actions.finish_archive(LotArchive.objects.get(lot=lot), at=database_now())
    answer = client.get(reverse("trading:archive_file", args=[lot.tender.number, lot.no]))
    return b"".join(answer.streaming_content)


def test_one_tender_one_file_whose_digests_hold(lot, client):
    witnessed(contracted(lot), "opening", "evaluating")
    data = archived(lot, client)
    archive = LotArchive.objects.get(lot=lot)
    assert (archive.retention, archive.kept_until) == ("K-GC", WORKS_KEPT.earliest(city_day(lot.awards.get().contract.filed_at)))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        manifest = json.loads(found.read("manifest.json"))
        for row in manifest["files"]:
            assert hashlib.sha256(found.read(row["path"])).hexdigest() == row["sha256"], row["path"]
        assert {row["path"] for row in manifest["files"]} | {"manifest.json", "SHA256SUMS"} == set(found.namelist())
    stages = {row["path"][:2] for row in manifest["files"]}
    assert stages >= {"01", "02", "03", "04", "05", "06", "07", "08", "09", "11", "12"}
    assert hashlib.sha256(data).hexdigest() == archive.sha256
    last = LedgerEntry.objects.filter(kind="lot.archived").get()
    assert archive.sha256.encode() in bytes(last.data)
    assert Lot.objects.get(pk=lot.pk).state == Lot.State.ARCHIVED


def test_manifests_and_signatures_of_opened_bids_are_in_it(lot):
    paths = {item.path for item in contents.bids(lot)}
    assert paths == {f"05-bids/{bidder.uscc}/rev-01.json" for bidder in lot.city.bidders}


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


def refused(code, act, *args, **more):
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    assert refusal.value.code == code
    return refusal.value


def failed(lot):
    """A lot that ends without an award, with everything its archive wants: little to print, quick to seal."""
    fail_lot(lot, reason="评标委员会否决全部投标", by=lot.city.handler, at=database_now())
    lot.refresh_from_db()
    complete(lot)
    return lot


def archivist(lot):
    return member(lot.city.centre, duties=[Duty.ARCHIVE], name="档案员")


@pytest.mark.requirement("R064")
def test_what_is_missing_is_named_with_who_supplies_it(lot, client):
    contracted(lot)
    found = completeness_of(lot, database_now())
    # The factory's opening has no printed record and no deposits; the written report waits on the award's page.
    assert [row.item.code for row in found.missing] == ["deposit", "opening", "report", "witness"]
    settled = [row for row in found.places if row.item.mandatory and row.there]
    assert found.percent == 100 * len(settled) // (len(settled) + 4)
    refusal = refused("incomplete", actions.request_archive, lot, by=lot.city.staff, at=database_now())
    assert "招标投标情况书面报告（招标人、代理机构）" in refusal.message
    assert refusal.details["missing"] == ["deposit", "opening", "report", "witness"]
    assert not LotArchive.objects.exists()
    client.force_login(lot.city.handler, backend=BACKEND)
    for page in (reverse("trading:own_archives"), reverse("trading:archive", args=[lot.tender.number, lot.no])):
        assert "招标投标情况书面报告" in client.get(page).content.decode()


@pytest.mark.requirement("R231")
def test_the_side_hands_in_its_paper_and_the_witness_signs(lot, client):
    contracted(lot)
    client.force_login(lot.city.handler, backend=BACKEND)
    page = reverse("trading:archive", args=[lot.tender.number, lot.no])
    client.post(page, {"move": "paper", "item": "deposit", "title": "保函", "file": pdf("保函.pdf")})
    witnessed(lot, "opening", "evaluating")
    assert {row.item.code for row in completeness_of(lot, database_now()).missing} == {"opening", "report"}
    add_paper(lot, "opening")
    submit_report(lot)
    assert completeness_of(lot, database_now()).percent == 100


def test_the_written_report_has_one_way_in_from_which_clock_step_and_archive_follow(lot, client):
    contracted(lot)
    client.force_login(lot.city.handler, backend=BACKEND)
    archive, award = (reverse(f"trading:{name}", args=[lot.tender.number, lot.no]) for name in ("archive", "award"))
    desk = reverse("trading:steps", args=[lot.tender.number, lot.no])
    for page in (archive, desk):
        assert f'href="{award}"' in client.get(page).content.decode()
    # Neither as a paper of the archive, nor at the desk, nor as a day reported to the clock.
    refusal = refused("own_room", add_paper, lot, "report")
    assert refusal.rule == "《招标投标法》第四十七条" and "定标页面" in refusal.next_step
    assert 'value="report"' not in client.get(archive).content.decode()
    assert refused("no_step", complete_step, lot, "report", {}, by=lot.city.handler, at=database_now()).status == 404
    day = city_day(database_now())
    refused("not_reportable", report_fact, lot.tender, lot, "written_report_submitted", day, by=lot.city.handler, at=database_now())
    client.post(award, {"move": "report", "report": pdf("书面报告.pdf")})
    assert "written_report_submitted" in milestones_of(lot.tender, lot)
    assert records_of(lot).filter(step="report").count() == 1
    assert "report" not in {row.item.code for row in completeness_of(lot, database_now()).missing}
    for page in (archive, desk):
        assert f'href="{award}"' not in client.get(page).content.decode()


def test_an_exception_takes_a_reason_and_a_second_person(lot, client):
    lock_in_ledger(lot)
    fail_lot(lot, reason="评标委员会否决全部投标", by=lot.city.handler, at=database_now())
    lot.refresh_from_db()
    assert {row.item.code for row in completeness_of(lot, database_now()).missing} == {"deposit", "witness"}
    add_paper(lot, "deposit")
    staff, other, now = lot.city.staff, archivist(lot), database_now()
    refused("not_missing", actions.ask_exception, lot, "notice", "没有", by=staff, at=now)
    refused("no_reason", actions.ask_exception, lot, "witness", " ", by=staff, at=now)
    asked = actions.ask_exception(lot, "witness", "开标当日断电，见证系统未启用", by=staff, at=now)
    refused("incomplete", actions.request_archive, lot, by=staff, at=now)
    refused("same_person", actions.approve_exception, asked, by=staff, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(asked).objects.filter(pk=asked.pk).update(approved_by=staff)
    client.force_login(other, backend=BACKEND)
    client.post(reverse("trading:archive", args=[lot.tender.number, lot.no]), {"move": "approve_exception", "item": "witness"})
    assert sealed(lot).finished_at
    entry = LedgerEntry.objects.get(kind="archive.excepted")
    assert entry.private == {"reason": "开标当日断电，见证系统未启用"}


@pytest.mark.requirement("R065")
def test_a_sealed_volume_verifies_and_what_was_tampered_with_is_reported(lot, monkeypatch):
    alarms = []
    monkeypatch.setattr(reading, "raise_alarm", lambda *said: alarms.append(said))
    archive = sealed(failed(lot))
    assert actions.verify_archive(archive, at=database_now()) == "" and not alarms
    path = archive.vault.path
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    assert "档案文件不可读" in actions.verify_archive(archive, at=database_now())
    path.unlink()
    assert "档案文件不可读" in actions.verify_archive(archive, at=database_now())
    # A ZIP that was exchanged whole, key and all, still has another digest.
    archive.vault = vault.store([b"another"])
    assert reading.damage_of(archive) == "压缩包摘要与记录不符"
    assert [said[:2] for said in alarms] == [("archive.damaged", archive.file_name)] * 2


@pytest.mark.requirement("R065")
def test_later_papers_make_a_volume_of_their_own(lot, client):
    first = sealed(failed(lot))
    refused("archived", actions.request_archive, lot, by=lot.city.staff, at=database_now())
    add_paper(lot, title="审计报告")
    second = sealed(lot)
    assert (first.volume, second.volume, second.manifest["previous"]) == (1, 2, first.sha256)
    assert [row["what"] for row in second.manifest["files"] if row["path"].startswith("12")] == [f"审计报告（{lot.city.centre.name}）"]
    verify_archives()
    assert [(row.verified_at is None, row.damage) for row in LotArchive.objects.all()] == [(False, ""), (False, "")]
    bodies = [parse_jcs(bytes(row.data)) for row in LedgerEntry.objects.filter(kind="lot.archived").order_by("pk")]
    assert [body["d"]["volume"] for body in bodies] == [1, 2]
    assert [check(body) for body in bodies for check in CHECKS["lot.archived"]] == [None, None]
    client.force_login(lot.city.staff, backend=BACKEND)
    answer = client.get(reverse("trading:archive_file", args=[lot.tender.number, lot.no]), {"volume": 2})
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == second.sha256


def test_every_look_up_is_on_record(lot, client):
    archived(failed(lot), client)
    client.force_login(lot.city.supervisor, backend=BACKEND)
    b"".join(client.get(reverse("trading:archive_file", args=[lot.tender.number, lot.no])).streaming_content)
    rows = ArchiveLookUp.objects.order_by("at")
    assert [(row.by, row.organisation) for row in rows] == [(lot.city.staff, lot.city.centre), (lot.city.supervisor, lot.city.regulator)]
    with pytest.raises(InternalError), transaction.atomic():
        rows.delete()
    page = client.get(reverse("trading:archive", args=[lot.tender.number, lot.no])).content.decode()
    assert "查阅记录" in page and lot.city.staff.name in page


@pytest.mark.requirement("R065")
@pytest.mark.parametrize(("procedure", "rule"), [
    ("GC-OT", "K-GC"), ("GC-LOT", "K-GC"), ("ZC-OT", "T-ZC-52"), ("ZC-TP", "T-ZC-52"), ("ZC-KJ", "T-ZC-52"), ("TD-L", "K-TD"),
    # The law of auctions asks for five years, which the longer rule includes.
    ("TD-A", "K-TD"), ("KY-A", "K-KY"), ("CQ-L", "K-CQ"), ("CJ-P", "K-CJ"),
])  # fmt: skip
def test_each_kind_of_trade_has_its_retention(lot, procedure, rule):
    lot.tender.procedure, lot.tender.procedure_since = procedure, None
    found = retention_of(lot, date(2026, 6, 1))
    assert (found.code, found.earliest(date(2026, 6, 1))) == (rule, date(2041, 6, 1))
    assert found.source.endswith("《政府采购法》第四十二条") or "参照《政府采购法》第四十二条" in found.source


def at_noon(day):
    return datetime.combine(day, time(12), tzinfo=CITY)


@pytest.fixture
def volume(lot):
    """A sealed volume; that sealing makes such ones is proved above."""
    failed(lot)
    now = database_now()
    return LotArchive.objects.create(
        lot=lot, vault=vault.store([b"zip"]), manifest={"files": []}, sha256=hashlib.sha256(b"zip").hexdigest(), requested_by=lot.city.staff,
        requested_at=now, finished_at=now, retention="K-GC", kept_until=WORKS_KEPT.earliest(ended_on(lot)),
    )  # fmt: skip


def test_a_sealed_volume_does_not_change_even_at_the_database(volume):
    for change in ({"manifest": {}}, {"sha256": "0" * 64}, {"kept_until": database_now().date()}, {"vault": vault.store([b"x"])}):
        with pytest.raises(InternalError), transaction.atomic():
            LotArchive.objects.filter(pk=volume.pk).update(**change)


@pytest.mark.requirement("R065")
@pytest.mark.parametrize(("shift", "allowed"), [(-1, False), (0, True), (1, True)])
def test_an_archive_is_kept_to_the_day(lot, volume, shift, allowed):
    moment = at_noon(volume.kept_until + timedelta(days=shift))
    if allowed:
        assert actions.propose_disposal(lot, "期满", by=lot.city.staff, at=moment).proposed_by == lot.city.staff
    else:
        refusal = refused("K-GC", actions.propose_disposal, lot, "期满", by=lot.city.staff, at=moment)
        assert f"{volume.kept_until:%Y-%m-%d}" in refusal.message


def test_disposal_takes_two_and_leaves_manifest_and_record(lot, volume, django_capture_on_commit_callbacks, client):
    moment, staff, other, path = at_noon(volume.kept_until), lot.city.staff, archivist(lot), volume.vault.path
    proposed = actions.propose_disposal(lot, "保存期满", by=staff, at=moment)
    refused("same_person", actions.approve_disposal, proposed, by=staff, at=moment)
    with pytest.raises(Forbidden):
        actions.approve_disposal(proposed, by=lot.city.handler, at=moment)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArchiveDisposal.objects.filter(pk=proposed.pk).update(approved_by=staff)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        actions.approve_disposal(proposed, by=other, at=moment)
    manifest = volume.manifest
    volume.refresh_from_db()
    assert (path.exists(), volume.is_disposed, volume.manifest) == (False, True, manifest)
    body = parse_jcs(bytes(LedgerEntry.objects.get(kind="archive.disposed").data))
    assert body["d"]["retention"] == "K-GC" and body["d"]["proposed_by"] == staff.pseudonym
    assert [check(body) for check in CHECKS["archive.disposed"]] == [None]
    refused("disposed", add_paper, lot)
    client.force_login(staff, backend=BACKEND)
    assert client.get(reverse("trading:archive_file", args=[lot.tender.number, lot.no])).status_code == 404
    assert "清单和本记录永久保留" in client.get(reverse("trading:archive", args=[lot.tender.number, lot.no])).content.decode()


def test_a_hold_or_an_open_complaint_keeps_an_archive_beyond_its_time(lot, volume):
    moment, staff = at_noon(volume.kept_until), lot.city.staff
    hold = actions.place_hold(lot, "立案调查", by=lot.city.supervisor, at=moment)
    assert "立案调查" in refused("held", actions.propose_disposal, lot, "期满", by=staff, at=moment).message
    # What the regulator holds, the centre does not free.
    with pytest.raises(Forbidden):
        actions.end_hold(hold, by=staff, at=moment)
    actions.end_hold(hold, by=lot.city.supervisor, at=moment)
    proposed = actions.propose_disposal(lot, "期满", by=staff, at=moment)
    bidder = lot.city.bidders[1]
    Complaint.objects.create(
        number="TS2026-0001", lot=lot, organisation=bidder, by=bidder.somebody, regulator=lot.city.regulator, facts="x", claim="x",
        filed_at=moment, acceptance_due_at=moment,
    )  # fmt: skip
    assert reasons_to_keep(lot) == ["投诉 TS2026-0001 尚未办结"]
    # Also when it came between the proposal and the second person.
    refused("held", actions.approve_disposal, proposed, by=archivist(lot), at=moment)
