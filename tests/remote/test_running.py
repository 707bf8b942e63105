"""While a remote evaluation runs: breaks of the line, the discussion, the meeting room, recordings."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledger.canonical import HJ, b64u, instant
from ledger.models import LedgerEntry
from rulebook.clock import database_now
from rulebook.refusals import Refused
from tests.evaluation.test_curious import betrayals, everything, news
from tests.factories.evaluation import confirm_all, members, review, worked
from tests.factories.remote import a_host, off_site, received, running
from trading.archive.contents import remote_sessions
from trading.evaluation import actions, discussing, offsite
from trading.evaluation.attendance import not_arrived
from trading.evaluation.bounds import ARRIVAL
from trading.evaluation.committee import replace_member
from trading.evaluation.drafts import draft_of, keep_draft
from trading.evaluation.models import CommitteeMember, Evaluation
from trading.remote import actions as remote
from trading.remote.conference import ConferenceFailed, Recording
from trading.remote.models import DiscussionLine, Interruption, MeetingMove, RemoteSession, VenueRecording
from trading.remote.rules import INTERRUPTION
from trading.tenders.models import Criterion

pytestmark = pytest.mark.django_db
ROW = pytest.mark.requirement("R100")
S = RemoteSession.State
MINUTE = timedelta(minutes=1)


@pytest.fixture
def host(db):
    return a_host()


@pytest.fixture
def work(lot, host):
    """(evaluation at work, session)"""
    return running(lot, host)


def state():
    return RemoteSession.objects.get().state


def refused(code, function, *arguments, **more):
    with pytest.raises(Refused) as found:
        function(*arguments, **more)
    assert found.value.code == code
    return found.value


def ended(evaluation):
    """The same evaluation, worked to its signed report."""
    evaluation = worked(evaluation)
    for seat in members(evaluation):
        actions.sign_report(evaluation, by=seat.person, at=database_now())
    return Evaluation.objects.get(pk=evaluation.pk)


@ROW
@pytest.mark.parametrize("side", ["host", "staff"])
def test_while_the_line_is_broken_nobody_hands_in_and_drafts_are_kept(lot, host, work, client, side):
    evaluation, session = work
    seat = members(evaluation)[0]
    bid = actions.bids_of(evaluation).first()
    check = lot.tender.document.criteria.filter(part__in=Criterion.CHECKS).first()
    typed = {f"reason-{bid.pk}-{check.pk}": "核对到一半"}
    keep_draft(seat, typed, at=database_now())
    who = host.somebody if side == "host" else lot.city.staff
    client.force_login(who)
    if side == "host":
        door, fields = reverse("trading:host_session", args=[session.pk]), {"interrupt-what": "专线断开"}
    else:
        door = reverse("trading:remote", args=[lot.tender.number, lot.no])
        fields = {"session": session.pk, f"interrupt-{session.pk}-what": "专线断开"}
    assert client.post(door, {"move": "interrupt", **fields}).status_code == 302
    assert state() == S.INTERRUPTED
    for act in (review, lambda evaluation, seat: discussing.write_to_all(evaluation, "在吗", by=seat.person, at=database_now())):
        told = refused("interrupted", act, evaluation, seat)
        assert INTERRUPTION.source in told.rule and "草稿已经保存" in told.next_step
    assert draft_of(seat) == typed
    # Reading stays open, and the page says why nothing can be handed in.
    client.force_login(seat.person)
    page = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
    assert f"与{host.name}的连接已中断" in page and "核对到一半" in page
    client.force_login(lot.city.staff)
    back = {"move": "resume", "session": session.pk, f"resume-{session.pk}-resumes_at": ""}
    assert client.post(reverse("trading:remote", args=[lot.tender.number, lot.no]), back).status_code == 302
    assert state() == S.RUNNING
    review(evaluation, seat)
    row = Interruption.objects.get()
    assert (row.by_host, row.minutes, row.was_sealed) == (side == "host", 0, False)
    assert [entry.kind for entry in LedgerEntry.objects.filter(kind__in=["remote.interrupted", "remote.resumed"]).order_by("pk")] == [
        "remote.interrupted", "remote.resumed",
    ]  # fmt: skip


def test_only_the_centre_says_that_the_line_is_back(lot, host, work):
    evaluation, session = work
    remote.report_interruption(session, "专线断开", by=host.somebody, at=database_now())
    refused("no_duty", offsite.resume, evaluation, session, resumes_at=None, by=host.somebody, at=database_now())
    refused("wrong_state", remote.report_interruption, session, "再次", by=lot.city.staff, at=database_now())


@ROW
@pytest.mark.parametrize(("beyond", "sealed"), [(-MINUTE, False), (timedelta(0), False), (MINUTE, True)])
def test_more_than_thirty_minutes_seal_the_evaluation(lot, host, work, beyond, sealed):
    evaluation, session = work
    since = database_now()
    remote.report_interruption(session, "供电中断", by=lot.city.staff, at=since)
    then = since + INTERRUPTION.most + beyond
    seat = members(evaluation)[0]
    message = refused("interrupted", offsite.require_at_work, evaluation, seat, then).message
    assert ("暂停并封存" in message) == sealed
    if not sealed:
        offsite.resume(evaluation, session, resumes_at=None, by=lot.city.staff, at=then)
        assert state() == S.RUNNING and not not_arrived(evaluation)
        return
    assert (
        refused(INTERRUPTION.code, offsite.resume, evaluation, session, resumes_at=None, by=lot.city.staff, at=then).field == "resumes_at"
    )
    refused("bad_time", offsite.resume, evaluation, session, resumes_at=then - MINUTE, by=lot.city.staff, at=then)
    later = then + timedelta(hours=2)
    offsite.resume(evaluation, session, resumes_at=later, by=lot.city.staff, at=then)
    # Everybody signs in again, and it goes on not before the time that was named.
    assert state() == S.DRAWN and len(not_arrived(evaluation)) == 5
    refused("gathering", offsite.require_at_work, evaluation, seat, later)
    received(evaluation, lot.city.staff, at=later)
    assert state() == S.RUNNING
    refused("not_yet", offsite.require_at_work, evaluation, seat, later - MINUTE)
    offsite.require_at_work(evaluation, seat, later)
    told = json.loads(bytes(LedgerEntry.objects.get(kind="remote.resumed").data))["d"]
    assert (told["minutes"], told["sealed"], told["resumes_at"]) == (31, True, instant(later))


@ROW
def test_the_report_and_the_archive_tell_of_every_break(lot, host, work):
    evaluation, session = work
    remote.report_interruption(session, "光缆挖断", by=host.somebody, at=database_now())
    offsite.resume(evaluation, session, resumes_at=None, by=lot.city.staff, at=database_now())
    report = ended(evaluation).report.context
    assert [(row["venue"], row["what"], row["minutes"], row["sealed"]) for row in report["interruptions"]] == [
        (host.name, "光缆挖断", 0, False)
    ]
    (kept,) = remote_sessions(lot)
    said = b"".join(kept.pieces()).decode()
    assert kept.path == "07-evaluation/remote-1.json" and "光缆挖断" in said and host.name in said


def test_a_member_who_comes_in_place_of_another_signs_in_first(lot, host, work):
    evaluation, _ = work
    gone = off_site(evaluation)[0]
    replace_member(gone, CommitteeMember.State.ABSENT, by=lot.city.staff, at=database_now())
    confirm_all(evaluation)
    came = next(seat for seat in off_site(evaluation) if seat.pledged_at is None)
    refused(ARRIVAL.code, actions.make_pledge, evaluation, by=came.person, at=database_now())
    received(evaluation, lot.city.staff)
    actions.make_pledge(evaluation, by=came.person, at=database_now())
    assert state() == S.RUNNING


@ROW
def test_what_members_write_is_concealed_until_the_end_and_then_bound_by_the_ledger(lot, host, work, client):
    evaluation, _ = work
    one, two, *_ = members(evaluation)
    words = "第二家的工期与公告不符"
    before = everything()
    client.force_login(one.person)
    door = reverse("trading:discussion", args=[evaluation.pk])
    assert client.post(door, {"text": words}).status_code == 302
    assert client.post(door, {"text": " "}).status_code == 400
    rows = news(before, everything())
    assert not any(words in row or words.encode().hex() in row for _, row in rows)
    assert betrayals(rows, [seat.expert for seat in members(evaluation)]) == set()
    assert not LedgerEntry.objects.filter(kind="remote.discussed").exists()
    client.force_login(two.person)
    page = client.get(door).content.decode()
    assert words in page and f"{one.order} 号席" in page and one.person.name not in page
    # Nobody else reads it: not our staff, not the host, not a bidder.
    for stranger in (lot.city.staff, host.somebody, lot.city.bidders[0].somebody, lot.city.owner.somebody):
        client.force_login(stranger)
        assert client.get(door).status_code in (403, 404)
    ended(evaluation)
    line = DiscussionLine.objects.get()
    assert line.text == words
    told = json.loads(bytes(LedgerEntry.objects.get(kind="remote.discussed").data))["d"]
    assert told["lines"] == 1 and told["digest"] == b64u(HJ("remote-discussion", [line.facts]))
    # The same words give another digest: they could not have been guessed from it.
    line.write(words)
    del line.__dict__["content"]
    assert told["digest"] != b64u(HJ("remote-discussion", [line.facts]))


def test_a_discussion_needs_a_pledge_and_another_venue(lot, host, work, client):
    evaluation, session = work
    seat = members(evaluation)[0]
    CommitteeMember.objects.filter(pk=seat.pk).update(pledged_at=None)
    client.force_login(seat.person)
    assert client.get(reverse("trading:discussion", args=[evaluation.pk])).status_code == 404
    refused("no_pledge", discussing.write_to_all, evaluation, "内容", by=seat.person, at=database_now())
    RemoteSession.objects.update(state=S.WITHDRAWN)
    refused("not_remote", discussing.write_to_all, evaluation, "内容", by=members(evaluation)[1].person, at=database_now())


@ROW
def test_the_simulated_room_keeps_who_came_went_and_showed_a_screen(lot, host, work, client):
    evaluation, session = work
    door = reverse("trading:meeting", args=[evaluation.pk])
    assert (session.main_link, session.host_link) == (door, door)
    near, far = next(seat for seat in members(evaluation) if not offsite.session_of(seat)), off_site(evaluation)[0]
    for seat, kinds in ((near, ["join", "share"]), (far, ["join", "share", "leave"])):
        client.force_login(seat.person)
        for kind in kinds:
            assert client.post(door, {"kind": kind}).status_code == 302
        if kind == "share":
            assert "正在共享屏幕" in client.get(door).content.decode()
    page = client.get(door).content.decode()
    assert f"{near.order} 号席离开" not in page and f"{far.order} 号席离开会议" in page and host.name in page
    assert client.post(door, {"kind": "leave"}).status_code == 409
    assert list(MeetingMove.objects.values_list("seat", "kind")) == [
        (near.order, "join"), (near.order, "share"), (far.order, "join"), (far.order, "share"), (far.order, "leave"),
    ]  # fmt: skip


class Recorder:
    """A conference system that was given venues alone, and recorded one file."""

    def __init__(self):
        self.asked = []

    def open_room(self, reference, venues):
        self.asked.append((reference, venues))
        return {each: f"https://meet.example/{number}" for number, each in enumerate(venues)}

    def recordings(self, reference):
        return [Recording(name="主场全程", minutes=95, sha256="a" * 64, place="会议系统 3 号存储")]


class Broken:
    def open_room(self, reference, venues):
        raise ConferenceFailed

    recordings = open_room


def test_another_conference_system_is_asked_by_reference_and_venues_alone(lot, host, monkeypatch, client):
    system = Recorder()
    monkeypatch.setattr("trading.remote.actions.running.conference", lambda: system)
    monkeypatch.setattr("trading.remote.actions.recordings.conference", lambda: system)
    monkeypatch.setattr("trading.evaluation.offsite_views.conference", lambda: system)
    evaluation, session = running(lot, host)
    assert system.asked == [(f"evaluation/{evaluation.pk}", ["main", host.name])]
    assert (session.main_link, session.host_link) == ("https://meet.example/0", "https://meet.example/1")
    for seat in members(evaluation):
        client.force_login(seat.person)
        page = client.get(reverse("trading:evaluation_desk", args=[evaluation.pk])).content.decode()
        assert ("https://meet.example/1" if offsite.session_of(seat) else "https://meet.example/0") in page
    assert client.get(reverse("trading:meeting", args=[evaluation.pk])).status_code == 404
    ended(evaluation)
    client.force_login(lot.city.staff)
    desk = reverse("trading:remote", args=[lot.tender.number, lot.no])
    for _ in range(2):
        client.post(desk, {"move": "take", "session": session.pk})
    assert VenueRecording.objects.get().sha256 == "a" * 64


def test_without_its_room_the_evaluation_does_not_start(lot, host, monkeypatch):
    monkeypatch.setattr("trading.remote.actions.running.conference", Broken)
    refused("no_room", running, lot, host)
    assert Evaluation.objects.get().state == Evaluation.State.FORMING


@ROW
def test_each_venue_registers_its_recording_after_the_end_and_the_ledger_holds_its_digest(lot, host, work, client):
    evaluation, session = work
    data = b"moving pictures"
    digest = hashlib.sha256(data).hexdigest()
    fields = {"move": "recording", "recording-name": "副场全程录像", "recording-minutes": 95, "recording-place": "副场机房 2 号柜"}
    door = reverse("trading:host_session", args=[session.pk])
    client.force_login(host.somebody)
    early = client.post(door, {**fields, "recording-sha256": digest})
    assert "评标结束后登记" in early.content.decode() and not VenueRecording.objects.exists()
    ended(evaluation)
    assert "请选择文件，或者填写摘要" in client.post(door, fields).content.decode()
    assert "64 位" in client.post(door, {**fields, "recording-sha256": "abc"}).content.decode()
    assert client.post(door, {**fields, "recording-file": SimpleUploadedFile("录像.mp4", data)}).status_code == 302
    client.force_login(lot.city.staff)
    name = f"recording-{session.pk}"
    mine = {
        "move": "recording",
        "session": session.pk,
        f"{name}-name": "主场录像",
        f"{name}-minutes": 96,
        f"{name}-place": "主场",
        f"{name}-sha256": "B" * 64,
    }
    assert client.post(reverse("trading:remote", args=[lot.tender.number, lot.no]), mine).status_code == 302
    told = [json.loads(bytes(row.data))["d"] for row in LedgerEntry.objects.filter(kind="remote.recorded").order_by("pk")]
    assert [(row["venue"], row["minutes"], row["sha256"]) for row in told] == [("host", 95, digest), ("main", 96, "b" * 64)]


def test_a_stopped_evaluation_ends_its_session(lot, host, work):
    evaluation, session = work
    remote.report_interruption(session, "断线", by=host.somebody, at=database_now())
    actions.stop_evaluation(evaluation, at=database_now())
    session.refresh_from_db()
    assert session.state == S.FINISHED and session.finished_at and session.broken() is None
