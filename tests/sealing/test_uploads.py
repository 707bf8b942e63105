"""tus through the door: what the server says it has is on disk; damage, disorder and lateness leave no trace."""

import base64
import hashlib
import io
import os
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.urls import reverse

from ledger.canonical import b64u
from rulebook.clock import database_now
from rulebook.refusals import Forbidden, Refused
from sealing import uploads
from sealing.models import Upload
from tests.sealing.conftest import new_bidder

pytestmark = pytest.mark.django_db
BODY = os.urandom(3000)


def metadata(**fields):
    about = {"tender": "T-2026-0001", "lot": "1", "envelope": "bid", "seal": b64u(os.urandom(16)), **fields}
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items())


def announce(client, size=3000, about=None, **headers):
    said = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": about or metadata()}
    return client.post("/uploads/", headers=said | headers)


def send(client, url, chunk, offset, *, checksum=None, **headers):
    digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    return client.generic(
        "PATCH",
        url,
        chunk,
        content_type="application/offset+octet-stream",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Upload-Checksum": checksum or f"sha256 {digest}",
            **headers,
        },
    )


def ask(client, url):
    return client.head(url, headers={"Tus-Resumable": "1.0.0"})


@pytest.fixture
def door(bidder, browser_of):
    return browser_of(bidder)


@pytest.fixture
def url(door):
    return announce(door)["Location"]


def stored():
    return Upload.objects.get().path.read_bytes()


def test_the_server_says_what_it_can(door):
    answer = door.options("/uploads/")
    said = {name: answer[name] for name in ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")}
    assert said == {
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,checksum,termination,expiration",
        "Tus-Max-Size": str(600 * 1024 * 1024),
        "Tus-Checksum-Algorithm": "sha256",
    }


def test_a_file_comes_in_chunks_and_is_digested(door, url):
    for at in range(0, len(BODY), 1024):
        answer = send(door, url, BODY[at : at + 1024], at)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(min(at + 1024, len(BODY))))
        assert answer["Tus-Resumable"] == "1.0.0"
        assert "GMT" in answer["Upload-Expires"]
    upload = Upload.objects.get()
    assert (stored(), upload.sha256, upload.is_complete) == (BODY, b64u(hashlib.sha256(BODY).digest()), True)
    assert upload.path.stat().st_mode & 0o777 == 0o600


def test_head_tells_where_to_go_on(door, url):
    send(door, url, BODY[:1000], 0)
    answer = ask(door, url)
    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Length"]) == (200, "1000", "3000")
    assert answer["Cache-Control"] == "no-store"


def test_the_same_seal_finds_its_upload_again(door):
    about = metadata()
    first = announce(door, about=about)
    send(door, first["Location"], BODY[:1000], 0)
    again = announce(door, about=about)
    assert (again["Location"], again["Upload-Offset"]) == (first["Location"], "1000")
    assert announce(door, size=9, about=about).status_code == 409


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
def test_other_versions_of_tus_are_refused(door, version):
    answer = announce(door, **{"Tus-Resumable": version})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize("offset", [0, 999, 1001, 3000])
def test_a_wrong_offset_is_a_conflict(door, url, offset):
    send(door, url, BODY[:1000], 0)
    assert send(door, url, BODY[1000:2000], offset).status_code == 409
    assert stored() == BODY[:1000]


def test_a_damaged_chunk_is_dropped_whole(door, url):
    send(door, url, BODY[:1000], 0)
    wrong = "sha256 " + base64.b64encode(bytes(32)).decode()
    assert send(door, url, BODY[1000:2000], 1000, checksum=wrong).status_code == 460
    assert (stored(), ask(door, url)["Upload-Offset"]) == (BODY[:1000], "1000")
    assert send(door, url, BODY[1000:2000], 1000).status_code == 204


@pytest.mark.parametrize("checksum", ["md5 AAAA", "sha256", "sha256 AAAA", "sha256 !!", "sha1 " + "A" * 28])
def test_a_chunk_needs_a_sha256(door, url, checksum):
    assert send(door, url, BODY, 0, checksum=checksum).status_code == 400


def test_more_than_announced_is_refused(door, url):
    assert send(door, url, BODY + b"x", 0).status_code == 400
    assert not Upload.objects.get().path.exists()


def test_a_chunk_is_at_most_eight_mebibytes(door):
    url = announce(door, size=9 * 1024 * 1024)["Location"]
    assert send(door, url, bytes(8 * 1024 * 1024 + 1), 0).status_code == 400
    assert send(door, url, bytes(8 * 1024 * 1024), 0).status_code == 204


@pytest.mark.parametrize(
    ("size", "status"),
    [(0, 413), (600 * 1024 * 1024, 201), (600 * 1024 * 1024 + 1, 413), (-1, 400), ("a", 400), ("", 400)],
)
def test_a_file_is_at_most_600_mebibytes(door, size, status):
    assert announce(door, size=size).status_code == status


@pytest.mark.parametrize(
    "about",
    [
        "",
        "tender",
        "tender !!!",
        metadata(seal="short"),
        metadata(seal="../../../etc/passwd"),
        metadata(seal="A" * 21 + "B"),
        metadata(envelope=""),
        metadata(envelope="x" * 17),
        metadata(envelope="../x"),
        metadata(seal=b64u(bytes(17))),
    ],
    ids=range(10),
)
def test_an_incomplete_announcement_is_refused(door, about):
    assert announce(door, about=about or " ").status_code == 400
    assert not Upload.objects.exists()


@pytest.mark.parametrize("header", ["-1", "a", "1e3", "٣", "9" * 30])
def test_a_strange_offset_is_refused(door, url, header):
    assert send(door, url, BODY, 0, **{"Upload-Offset": header}).status_code == 400


def test_a_chunk_of_another_type_is_refused(door, url):
    answer = door.patch(url, BODY, content_type="text/plain", headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"})
    assert answer.status_code == 415


def test_bytes_beyond_the_safe_offset_are_cut_off_on_resumption(door, url):
    """A crash after writing, before the offset was stored: the next chunk overwrites what nobody promised."""
    send(door, url, BODY[:1000], 0)
    with Upload.objects.get().path.open("ab") as torn:
        torn.write(b"torn" * 500)
    assert send(door, url, BODY[1000:], 1000).status_code == 204
    assert stored() == BODY


def test_lost_bytes_are_never_filled_with_zeros(door, url):
    send(door, url, BODY[:1000], 0)
    os.truncate(Upload.objects.get().path, 500)
    answer = send(door, url, BODY[1000:], 1000)
    assert (answer.status_code, "丢失" in answer.content.decode()) == (410, True)
    assert Upload.objects.get().offset == 1000


def test_an_upload_that_was_given_up_is_gone(door, url):
    send(door, url, BODY[:1000], 0)
    path = Upload.objects.get().path
    answer = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads.transaction, "on_commit", lambda act: act())
        answer = door.delete(url, headers={"Tus-Resumable": "1.0.0"})
    assert (answer.status_code, path.exists()) == (204, False)
    assert (ask(door, url).status_code, send(door, url, BODY[1000:], 1000).status_code) == (410, 410)


def test_others_find_no_upload(door, url, browser_of):
    rival = browser_of(new_bidder())
    statuses = [
        ask(rival, url).status_code,
        send(rival, url, BODY, 0).status_code,
        rival.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code,
    ]
    assert statuses == [404, 404, 404]
    assert Upload.objects.get().terminated_at is None


def test_who_is_signed_out_is_told_so(door, url):
    door.logout()
    answer = send(door, url, BODY, 0)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_only_members_upload_for_their_organisation(bidder):
    with pytest.raises(Forbidden):
        uploads.create_upload(
            bidder, tender="T", lot="1", envelope="bid", seal=b64u(bytes(16)), size=1, by=new_bidder().somebody,
            at=database_now(),
        )  # fmt: skip


def shut(tender, lot, organisation):
    raise Refused("deadline_passed", "投标截止时间已过，平台依规拒收。", rule="《招标投标法》第二十八条", status=403)


def test_after_the_deadline_nothing_is_announced(door):
    uploads.register_gate(shut)
    answer = announce(door)
    assert (answer.status_code, answer.json()["code"], answer["Tus-Resumable"]) == (403, "deadline_passed", "1.0.0")
    assert not Upload.objects.exists()


def test_after_the_deadline_no_chunk_comes_in(door, url):
    send(door, url, BODY[:1000], 0)
    uploads.register_gate(shut)
    answer = send(door, url, BODY[1000:], 1000)
    assert (answer.status_code, answer.json()["code"]) == (403, "deadline_passed")
    assert Upload.objects.get().offset == 1000


def test_a_deadline_that_passes_while_a_chunk_comes_in_refuses_it(door, url):
    asked = []

    def closing(tender, lot, organisation):
        asked.append((tender, lot, organisation.pk))
        if len(asked) == 2:
            shut(tender, lot, organisation)

    uploads.register_gate(closing)
    assert send(door, url, BODY, 0).status_code == 403
    upload = Upload.objects.get()
    assert (upload.offset, upload.sha256, len(asked)) == (0, "", 2)


def test_an_expired_upload_takes_nothing_more_and_is_discarded(door, url, django_capture_on_commit_callbacks):
    send(door, url, BODY[:1000], 0)
    now = database_now()
    Upload.objects.update(expires_at=now - timedelta(minutes=1))
    assert (ask(door, url).status_code, send(door, url, BODY[1000:], 1000).status_code) == (410, 410)
    path = Upload.objects.get().path
    # Within the hour it may still be part of a submission under way.
    assert (uploads.discard_expired(at=now), path.exists()) == (0, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.discard_expired(at=now + timedelta(hours=1)) == 1
    assert not path.exists()
    assert uploads.discard_expired(at=now + timedelta(hours=2)) == 0


def test_what_was_never_submitted_goes_after_the_opening(door, django_capture_on_commit_callbacks):
    mine = announce(door)["Location"]
    send(door, mine, BODY, 0)
    other = announce(door, about=metadata(lot="2"))["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.discard_unsubmitted("T-2026-0001", "1", at=database_now()) == 1
    assert (ask(door, mine).status_code, ask(door, other).status_code) == (410, 200)


@pytest.mark.django_db(transaction=True)
def test_two_chunks_at_once_do_not_mix(bidder):
    """While one request holds the upload, another is told that it is locked, at once."""
    upload = uploads.create_upload(
        bidder, tender="T", lot="1", envelope="bid", seal=b64u(bytes(16)), size=len(BODY), by=bidder.somebody,
        at=database_now(),
    )  # fmt: skip
    begun, may_end = Event(), Event()

    class Slow:
        def __init__(self):
            self.rest = BODY

        def read(self, most):
            begun.set()
            may_end.wait(10)
            piece, self.rest = self.rest[:most], self.rest[most:]
            return piece

    class Quick(Slow):
        def read(self, most):
            return BODY[:most]

    def chunk(body):
        digest = "sha256 " + base64.b64encode(hashlib.sha256(BODY).digest()).decode()
        return uploads.append_chunk(upload, offset=0, length=len(BODY), checksum=digest, body=body, at=database_now())

    def first():
        try:
            chunk(Slow())
        finally:
            connection.close()

    thread = Thread(target=first)
    thread.start()
    assert begun.wait(10)
    with pytest.raises(uploads.UploadProblem) as locked:
        chunk(Quick())
    may_end.set()
    thread.join()
    assert locked.value.status == 423
    upload.refresh_from_db()
    assert (upload.offset, upload.path.read_bytes()) == (len(BODY), BODY)


class Broken:
    """A connection that gives some bytes and then breaks."""

    def __init__(self, rest=b""):
        self.rest = rest

    def read(self, most):
        piece, self.rest = self.rest[:most], self.rest[most:]
        if not piece:
            raise OSError("the client is gone")
        return piece


@pytest.mark.parametrize("body", [io.BytesIO(BODY[:500]), Broken(BODY[:500]), Broken()])
def test_a_chunk_that_breaks_off_leaves_nothing(bidder, body):
    upload = uploads.create_upload(
        bidder, tender="T", lot="1", envelope="bid", seal=b64u(bytes(16)), size=1000, by=bidder.somebody,
        at=database_now(),
    )  # fmt: skip
    digest = "sha256 " + base64.b64encode(hashlib.sha256(BODY[:1000]).digest()).decode()
    with pytest.raises(uploads.UploadProblem) as refused:
        uploads.append_chunk(upload, offset=0, length=1000, checksum=digest, body=body, at=database_now())
    assert refused.value.status == 400
    assert (stored(), Upload.objects.get().offset) == (b"", 0)


def test_an_upload_has_an_address_of_its_own(door, url):
    assert url == reverse("sealing:upload", args=[Upload.objects.get().token])
