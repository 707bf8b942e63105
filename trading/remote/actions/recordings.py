"""After the end each venue registers the recording it keeps; the ledger holds its digest."""

import re

from django.db import transaction

from ledger.acts import record
from rulebook.refusals import Refused
from trading.remote.actions.requests import about, given, locked
from trading.remote.conference import ConferenceFailed, conference
from trading.remote.events import RecordingRegistered
from trading.remote.models import RemoteSession, VenueRecording
from trading.remote.permissions import require_main, side_of

DIGEST = re.compile(r"[0-9a-f]{64}")


@transaction.atomic
def register_recording(session, *, name, minutes, sha256, place, by, at):
    """A venue says what it recorded, how long it is, where it lies, and its SHA-256; the recording itself stays with the venue."""
    by_host = side_of(by, session)
    session = locked(session)
    if session.state not in RemoteSession.OVER:
        raise Refused("not_over", "评标结束后登记音视频记录。")
    sha256 = sha256.strip().lower()
    if not DIGEST.fullmatch(sha256):
        raise Refused("bad_digest", "摘要应为 64 位十六进制数字，或者上传文件由平台计算。", field="sha256", status=400)
    if session.recordings.filter(by_host=by_host, sha256=sha256).exists():
        raise Refused("known", "这段记录已经登记。", field="sha256")
    row = VenueRecording.objects.create(
        session=session, by_host=by_host, name=given(name, "名称", field="name", most=120), minutes=minutes, sha256=sha256,
        place=given(place, "保存位置", field="place", most=200), by=by, at=at,
    )  # fmt: skip
    venue = "host" if by_host else "main"
    record(
        RecordingRegistered(**about(session), venue=venue, minutes=minutes, sha256=sha256),
        by=by,
        role="host" if by_host else "staff",
        private={"name": row.name, "place": row.place},
    )
    return row


@transaction.atomic
def take_recordings(session, reference, *, by, at):
    """Our centre registers what the conference system recorded and is not registered yet; how many that were."""
    require_main(by)
    try:
        found = conference().recordings(reference)
    except ConferenceFailed as failed:
        raise Refused("no_recordings", "会议系统没有答复。", next_step="请稍后再试，或者手工登记。", status=503) from failed
    known = set(session.recordings.filter(by_host=False).values_list("sha256", flat=True))
    fresh = [each for each in found if each.sha256 not in known]
    for each in fresh:
        register_recording(session, name=each.name, minutes=each.minutes, sha256=each.sha256, place=each.place, by=by, at=at)
    return len(fresh)
