"""Checkpoints are time-stamped hourly (RFC 3161) where an authority is configured, and what is no proper stamp is not kept."""

import hashlib
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from asn1crypto import cms, core, tsp

from ledger.models import LedgerCheckpoint, LedgerEntry, LedgerTimestamp
from ledger.sequencer import sequence_once
from ledger.timestamps import check_token, local_authority, stamp_checkpoint
from tests.factories.ledger import happen

pytestmark = pytest.mark.django_db


def grow():
    happen()
    sequence_once()


def test_without_an_authority_nothing_is_stamped():
    grow()
    assert stamp_checkpoint() is None


def test_the_newest_checkpoint_is_stamped_once_and_published(settings, client):
    settings.ETP_TSA = "local"
    assert stamp_checkpoint() is None, "an empty log has no checkpoint"
    grow()
    stamp = stamp_checkpoint()
    token = bytes(stamp.token)
    note = LedgerCheckpoint.objects.get(size=stamp.size).note
    check_token(cms.ContentInfo.load(token), hashlib.sha256(note.encode()).digest())
    assert b"".join(client.get("/ledger/timestamps/1.tsr").streaming_content) == token
    assert stamp_checkpoint() is None
    assert b'"note":"timestamp"' in bytes(LedgerEntry.objects.get(kind="ledger.note").data)
    sequence_once()
    assert stamp_checkpoint().size == 2


def test_a_token_about_something_else_or_forged_is_refused(settings):
    settings.ETP_TSA = "local"
    grow()
    token = bytes(stamp_checkpoint().token)
    digest = hashlib.sha256(LedgerCheckpoint.objects.get().note.encode()).digest()
    with pytest.raises(ValueError, match="something else"):
        check_token(cms.ContentInfo.load(token), hashlib.sha256(b"another").digest())
    forged = cms.ContentInfo.load(token)
    signature = forged["content"]["signer_infos"][0]["signature"].native
    forged = cms.ContentInfo.load(token.replace(signature, signature[:-1] + bytes([signature[-1] ^ 1])))
    with pytest.raises(ValueError, match="signature"):
        check_token(forged, digest)


@pytest.fixture
def served():
    """An authority behind HTTP; `served.harm(response)` may spoil its answers."""

    class Authority(BaseHTTPRequestHandler):
        harm = staticmethod(lambda answer: answer)

        def do_POST(self):  # noqa: N802 - the name is the library's
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = Authority.harm(local_authority().request_tsa_response(asked)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Authority.url = f"http://127.0.0.1:{server.server_port}/"
    yield Authority
    server.shutdown()


def test_an_authority_is_asked_over_http(settings, served):
    settings.ETP_TSA = served.url
    grow()
    assert stamp_checkpoint().authority == served.url


def test_an_authority_that_refuses_or_answers_another_question_is_not_believed(settings, served):
    settings.ETP_TSA = served.url
    grow()
    right = served.harm
    # A TimeStampResp with the status "rejection" and no token.
    served.harm = staticmethod(lambda answer: core.Sequence.load(bytes.fromhex("30053003020102")))
    with pytest.raises(ValueError, match="missing"):
        stamp_checkpoint()
    kept = []
    served.harm = staticmethod(lambda answer: kept.append(answer) or kept[0])
    stamp_checkpoint()
    grow()
    with pytest.raises(OSError, match="another question"):
        # The first answer again: its nonce is not the one just sent.
        stamp_checkpoint()
    served.harm = right
    assert LedgerTimestamp.objects.count() == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_openssl_reads_the_token_the_same(settings, tmp_path):
    settings.ETP_TSA = "local"
    grow()
    stamp = stamp_checkpoint()
    path = settings.ETP_LEDGER / "timestamps" / f"{stamp.size}.tsr"
    said = subprocess.run(["openssl", "ts", "-reply", "-token_in", "-in", path, "-text"], capture_output=True, text=True)
    digest = hashlib.sha256(LedgerCheckpoint.objects.get(size=stamp.size).note.encode()).hexdigest()
    assert digest[:8] in said.stdout.replace(" ", "").replace("-", "")
