"""The witness cosigns a log that only grows, and raises an alarm for everything else."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from ledger.acts import record
from ledger.canonical import b64u
from ledger.keys import witnesses
from ledger.merkle import leaf_hash
from ledger.merkle import root as root_over
from ledger.models import LedgerCheckpoint
from ledger.note import cosigned_at, verify
from ledger.rotation import rotate
from ledger.sequencer import sequence_once
from ledger.signer import signer
from ledger.signing import LocalSigner
from ledger.tiles import publish_checkpoint, write_tiles
from tests.factories.ledger import Happened, happen
from tests.trust.witnessing import PROGRAM, Witness

pytestmark = pytest.mark.django_db


def grow(count=1):
    for n in range(count):
        happen(what=str(n))
    sequence_once()


@pytest.fixture
def witness(tmp_path, settings):
    found = Witness(tmp_path / "witness")
    settings.ETP_WITNESSES = [found.vkey]
    return found


def hand_in(note):
    return Client(enforce_csrf_checks=True).post("/ledger/cosignatures", note, content_type="text/plain; charset=utf-8").status_code


def checkpoint():
    return Client().get("/ledger/checkpoint").content.decode()


def test_a_growing_log_is_cosigned_mirrored_and_kept(witness, settings):
    for count in (1, 3, 300, 1, 700):
        grow(count)
        assert witness.alarm() is None
        note = (witness.state / "checkpoint").read_text()
        assert verify(note, signer().name, signer().ledger_public_key()).size == LedgerCheckpoint.objects.order_by("size").last().size
        assert cosigned_at(note, "witness.example", witnesses()[0].public_key) > 1_600_000_000
    assert (witness.state / "checkpoints.txt").read_text().count("witness.example ") == 5
    for path in settings.ETP_LEDGER.glob("tile/entries/*"):
        if path.is_file():
            assert (witness.mirror / path.relative_to(settings.ETP_LEDGER)).read_bytes() == path.read_bytes()


def test_its_cosignature_is_taken_in_and_published_with_the_checkpoint(witness, settings):
    grow()
    assert witness.alarm() is None
    plain = (settings.ETP_LEDGER / "checkpoint").read_text()
    assert checkpoint() == plain
    note = (witness.state / "checkpoint").read_text()
    assert hand_in(note) == 204
    assert checkpoint() == note and note.startswith(plain)
    # What is published with a witness's line still verifies for everybody, the witness included.
    assert verify(checkpoint(), signer().name, signer().ledger_public_key()).size == 1
    grow()
    assert "witness.example" not in checkpoint()
    assert hand_in(note) == 204
    assert "witness.example" not in checkpoint()


def test_lines_of_two_witnesses_stand_together(witness, settings, tmp_path):
    second = Witness(tmp_path / "second", name="second.example")
    settings.ETP_WITNESSES = [witness.vkey, second.vkey]
    grow()
    for each in (witness, second, witness):
        each.look()
        assert hand_in((each.state / "checkpoint").read_text()) == 204
    assert [checkpoint().count(name) for name in ("witness.example", "second.example")] == [1, 1]


def test_strangers_and_forgers_hand_in_nothing(witness, settings, tmp_path):
    grow()
    stranger = Witness(tmp_path / "stranger", name="stranger.example")
    stranger.look(), witness.look()
    plain = (settings.ETP_LEDGER / "checkpoint").read_text()
    good = (witness.state / "checkpoint").read_text()
    assert hand_in((stranger.state / "checkpoint").read_text()) == 403
    assert hand_in(plain) == 403
    assert hand_in(good.replace("witness.example ", "witness.example AAAA", 1)) in (400, 403)
    assert hand_in(good[:-6] + "AAAA=\n") == 400
    assert hand_in("nonsense") == 400
    assert hand_in(good + "x" * 20_000) == 413
    assert checkpoint() == plain


def test_a_log_that_shrinks_or_vanishes_is_an_alarm(witness, settings):
    grow(3)
    old = (settings.ETP_LEDGER / "checkpoint").read_text()
    grow(2)
    assert witness.alarm() is None
    (settings.ETP_LEDGER / "checkpoint").write_text(old)
    assert witness.alarm() == "rollback"
    shutil.rmtree(settings.ETP_LEDGER)
    assert witness.alarm() == "rollback"
    assert len(list((witness.state / "evidence").glob("*rollback"))) >= 1


def forked(settings, tmp_path, size, later):
    """The same signing key, made to sign another history by whoever holds it."""
    keys = tmp_path / "copied-keys"
    shutil.copytree(settings.ETP_SIGNER_KEYS, keys)
    state = json.loads((keys / "signer-state.json").read_text())
    (keys / "signer-state.json").write_text(json.dumps({**state, "size": 0, "root": "", "peaks": [], "batch": []}))
    other = LocalSigner(keys, settings.ETP_ORIGIN)
    entries = [json.dumps({"t": "open", "n": n}).encode() for n in range(size + later)]
    leaves = [leaf_hash(data) for data in entries]
    shutil.rmtree(settings.ETP_LEDGER)
    write_tiles(lambda a, b: leaves[a:b], lambda a, b: entries[a:b], 0, len(leaves))
    publish_checkpoint(other.sign_checkpoint(len(leaves), root_over(leaves), leaves))


@pytest.mark.parametrize("later", [0, 1, 300])
def test_a_second_history_under_the_same_key_is_a_fork(witness, settings, tmp_path, later):
    grow(5)
    assert witness.alarm() is None
    forked(settings, tmp_path, 5, later)
    assert witness.alarm() == "fork"
    assert "fork" in witness.look()[1], "the alarm stays until people have looked"


def test_a_forgers_signature_is_an_alarm(witness, settings):
    grow()
    path = settings.ETP_LEDGER / "checkpoint"
    path.write_text(path.read_text()[:-8] + "AAAAAA==\n")
    assert witness.alarm() in ("signature", "format")
    path.write_text("hello")
    assert witness.alarm() == "format"


def test_entries_and_tiles_that_differ_from_what_was_signed_are_alarms(witness, settings):
    grow(4)
    bundle = settings.ETP_LEDGER / "tile" / "entries" / "000.p" / "4"
    before = bundle.read_bytes()
    bundle.write_bytes(before.replace(b'"what":"2"', b'"what":"9"'))
    assert witness.alarm() == "entries"
    bundle.write_bytes(before[:-3])
    assert witness.alarm() == "tiles"
    bundle.unlink()
    assert witness.alarm() == "tiles"
    bundle.write_bytes(before)
    tile = settings.ETP_LEDGER / "tile" / "0" / "000.p" / "4"
    tile.write_bytes(bytes(128))
    assert witness.alarm() == "tiles"


def test_a_log_that_stands_still_too_long_is_an_alarm(witness):
    grow()
    assert witness.alarm() is None
    assert witness.alarm("--stale", "0") == "stale"
    grow()
    assert witness.alarm("--stale", "0") is None


def test_a_new_key_is_trusted_once_its_list_is_pinned(witness):
    grow()
    assert witness.alarm() is None
    rotate()
    sequence_once()
    grow()
    assert witness.alarm() == "signature"
    call_command("ledger_keys", to=str(witness.keys))
    assert witness.alarm() is None


def test_an_alarm_runs_the_operators_command(witness, settings, tmp_path):
    grow(2)
    assert witness.alarm() is None
    (settings.ETP_LEDGER / "checkpoint").unlink()
    report = tmp_path / "report"
    script = tmp_path / "tell.sh"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {report}\n')
    script.chmod(0o755)
    assert witness.alarm("--alarm", str(script)) == "rollback"
    assert report.read_text().startswith("rollback: ")


def test_without_a_log_or_a_key_nothing_is_checked(witness, tmp_path):
    assert witness.look()[0] == 2
    empty = subprocess.run(
        [sys.executable, PROGRAM, "run", tmp_path.as_uri(), "--once", "--state", tmp_path / "none", "--keys", witness.keys],
        capture_output=True, text=True,
    )  # fmt: skip
    assert empty.returncode == 2 and "not set up" in empty.stderr


@pytest.fixture
def site(tmp_path, settings):
    """A site that serves the log and some scripts."""
    root = tmp_path / "site"
    (root / "static").mkdir(parents=True)
    (root / "static" / "seal.js").write_text("seal()")
    (root / "index.html").write_text('<script src="/static/seal.js" integrity="x"></script>')
    settings.ETP_LEDGER = root / "ledger"
    handler = partial(SimpleHTTPRequestHandler, directory=root)
    handler.log_message = None
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield root, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Release(Happened):
    """A release of the client in the log, whoever's room it is to log one."""

    stream = "client"

    def public(self):
        return json.loads(self.what)


def release(*paths, root):
    files = [{"path": f"/{path}", "sha256": b64u(hashlib.sha256((root / path).read_bytes()).digest())} for path in paths]
    event = Release("here", json.dumps({"version": "1.0", "files": files}))
    object.__setattr__(event, "kind", "client.released")
    with transaction.atomic():
        record(event, by=None)
    sequence_once()


def test_scripts_other_than_the_released_ones_are_alarms(site, tmp_path):
    root, url = site
    watching = Witness(tmp_path / "witness", "--client", url=url)
    grow()
    assert watching.alarm() is None, "before the first release there is nothing to compare"
    release("static/seal.js", root=root)
    assert watching.alarm() is None
    (root / "static" / "seal.js").write_text("seal(); tell()")
    assert watching.alarm() == "client"
    (root / "static" / "seal.js").write_text("seal()")
    assert watching.alarm() is None
    (root / "static" / "other.js").write_text("tell()")
    (root / "index.html").write_text('<script src="/static/seal.js"></script><script src="/static/other.js"></script>')
    assert watching.alarm() == "client"
    (root / "index.html").write_text("<script>tell()</script>")
    assert watching.alarm() == "client"
    (root / "index.html").write_text('<script src="/static/seal.js"></script>')
    (root / "static" / "seal.js").unlink()
    assert watching.alarm() == "client"


def test_over_http_its_line_comes_to_stand_under_the_published_checkpoint(committed, live_server, tmp_path, settings):
    watching = Witness(tmp_path / "witness", url=live_server.url)
    settings.ETP_WITNESSES = [watching.vkey]
    for count in (3, 300):
        grow(count)
        code, said = watching.look()
        assert code == 0 and "not taken" not in said, said
        assert checkpoint().count("witness.example ") == 1
    settings.ETP_WITNESSES = []
    grow()
    code, said = watching.look()
    assert code == 0 and "not taken" in said, "a platform that does not know it is no reason for an alarm"
