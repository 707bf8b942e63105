"""The signer as a process of its own: what it signs, what it refuses, and what happens while it is away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.acts import record
from ledger.canonical import unb64u
from ledger.events import Chaff
from ledger.merkle import leaf_hash, root
from ledger.models import LedgerCheckpoint, LedgerQueue
from ledger.note import verify
from ledger.sequencer import begun, place, waiting
from ledger.signer import SignerAway, SignerRefused, signer
from ledger.signing import RECEIPTS
from tests.processes import ROOT

LEAVES = [leaf_hash(bytes([n])) for n in range(5)]


class Running:
    """A signer process on a folder and socket of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.place = tempfile.mkdtemp()
        self.socket = Path(self.place) / "signer"
        self.process = None

    def start(self, origin="tender.example"):
        command = [sys.executable, "-m", "ledger.signer_process", "--folder", self.folder, "--socket", self.socket, "--origin", origin]
        # Nothing of Django's or the database's settings: it needs none of them.
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/platform"}
        self.process = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.PIPE)
        for _ in range(200):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self.process.stderr.read())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def raw(self, line):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(line + b"\n")
            return json.loads(connection.makefile("rb").readline())


@pytest.fixture
def running(settings, tmp_path):
    found = Running(tmp_path / "signer").start()
    settings.ETP_SIGNER, settings.ETP_ORIGIN = str(found.socket), "tender.example"
    yield found
    found.process.kill()
    found.process.wait()
    shutil.rmtree(found.place)


def test_it_signs_what_is_checked_with_its_public_keys(running):
    note = signer().sign_checkpoint(5, root(LEAVES), LEAVES)
    assert verify(note, "tender.example/ledger", signer().ledger_public_key()).size == 5
    assert signer().state()["size"] == 5
    body = dict.fromkeys(RECEIPTS["ack"], "")
    assert len(unb64u(signer().sign_receipt("ack", body))) == 64
    certificate = x509.load_der_x509_certificate(signer().pdf_chain()[0])
    certificate.public_key().verify(signer().sign_pdf(b"\x31\x00"), b"\x31\x00", ECDSA(SHA256()))


def test_it_refuses_a_second_history_also_after_a_restart(running):
    signer().sign_checkpoint(5, root(LEAVES), LEAVES)
    running.kill()
    running.start()
    other = [leaf_hash(b"other")] * 5
    with pytest.raises(SignerRefused):
        signer().sign_checkpoint(5, root(other), other)
    with pytest.raises(SignerRefused):
        signer().sign_checkpoint(4, root(LEAVES[:4]), LEAVES[:4])
    assert verify(signer().sign_checkpoint(5, root(LEAVES), LEAVES), signer().name, signer().ledger_public_key()).size == 5


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[]",
        b'{"method":"load"}',
        b'{"method":"state","more":1}',
        b'{"method":"sign_pdf","attributes":"AAAA"}',
        b'{"method":"sign_receipt","label":"act","obj":{}}',
        b'{"method":"sign_checkpoint","size":1,"root":"zz","batch":[]}',
        b'{"method":"sign_checkpoint","size":1,"root":"00","batch":[1]}',
        b'{"method":"sign_checkpoint","size":"1","root":"00","batch":[]}',
    ],
)
def test_what_is_not_one_of_its_formats_is_refused_and_it_lives_on(running, line):
    assert "refused" in running.raw(line)
    assert signer().state()["size"] == 0


def test_every_call_is_in_its_log_and_its_files_are_its_own(running):
    signer().sign_checkpoint(5, root(LEAVES), LEAVES)
    running.raw(b'{"method":"steal"}')
    log = (running.folder / "signer.log").read_text()
    assert f"sign_checkpoint for process {os.getpid()} of user {os.getuid()}: done" in log
    assert "steal for process" in log
    assert "no such method" in log
    assert running.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in running.folder.glob("*.key")} == {0}


def test_two_signers_never_serve_one_folder(running, tmp_path):
    second = Running(running.folder)
    with pytest.raises(AssertionError, match="another signer"):
        second.start()
    shutil.rmtree(second.place)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
def test_while_it_is_away_entries_wait_and_nothing_is_lost(running):
    from django.db import transaction

    def act():
        with transaction.atomic():
            record(Chaff(), by=None)

    act()
    frontier = place(begun(lambda: False), waiting())
    act()
    running.kill()
    with pytest.raises(SignerAway):
        place(frontier, waiting())
    assert LedgerQueue.objects.count() == 1
    assert LedgerCheckpoint.objects.count() == 1
    running.start()
    frontier = place(begun(lambda: False), waiting())
    assert frontier.size == 2
    assert signer().state()["size"] == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
def test_signed_and_then_gone_before_the_answer_ends_in_the_same_log(running, monkeypatch):
    from django.db import transaction

    with transaction.atomic():
        record(Chaff(), by=None)
    frontier, entries, honest = begun(lambda: False), waiting(), type(signer()).sign_checkpoint

    def lost(self, *arguments):
        honest(self, *arguments)
        raise SignerAway

    monkeypatch.setattr(type(signer()), "sign_checkpoint", lost)
    with pytest.raises(SignerAway):
        place(frontier, entries)
    monkeypatch.undo()
    with transaction.atomic():
        record(Chaff(), by=None)
    frontier = begun(lambda: False)
    assert frontier.size == 1
    assert place(frontier, waiting()).size == 2


def test_a_page_that_needs_it_says_so_and_what_to_do(running):
    running.kill()
    with pytest.raises(SignerAway) as refusal:
        signer().state()
    assert refusal.value.status == 503
    assert "不会丢失" in refusal.value.next_step
