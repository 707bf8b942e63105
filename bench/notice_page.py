"""Requests per second of a public notice page, against a bare Django view that returns the same bytes."""

import socket
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from bench._ground import ROUNDS, SECONDS, bare_view, ground, say, together
from disclosure.models import Notice
from ledger.sequencer import sequence_once
from tests.factories.trading import published_lot

CLIENTS = 4


def fetch(connection, request):
    """One answer off a connection that stays open; its body's length."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise AssertionError(head)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    read = len(body)
    while read < length:
        read += len(connection.recv(65536))
    return length


def rate(port, path):
    """Requests per second of a few clients that ask as fast as they are answered."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    total, lock = 0, Lock()

    def client(_):
        nonlocal total
        done, until = 0, time.monotonic() + SECONDS
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.monotonic() < until:
                fetch(connection, request)
                done += 1
        with lock:
            total += done

    seconds = together(CLIENTS, client)
    return total / seconds


def body_of(port, path):
    with urllib.request.urlopen(f"http://localhost:{port}{path}") as answer:
        return answer.read()


with ground("web") as platform, TemporaryDirectory() as name:
    lot = published_lot()
    while sequence_once():
        pass
    path = f"/notices/{Notice.objects.get(tender_number=lot.tender.number).number}/"
    with bare_view(body_of(platform.port, path), Path(name)) as bare:
        rate(platform.port, path), rate(bare, path)
        found = [(rate(platform.port, path), rate(bare, path)) for _ in range(ROUNDS)]
say("notice_page", [one for one, _ in found], [other for _, other in found], "requests/s", "bare view")
