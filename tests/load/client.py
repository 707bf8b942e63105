"""A bidder's program that talks to the running platform over HTTP, as its browser would."""

import base64
import hashlib
import http.client
import json
import time
from contextlib import suppress
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from trading.opening import reference

CSRF = "c" * 32
TUS = {"Tus-Resumable": "1.0.0"}


def signed_in(person):
    """A session's cookie, without going through the sign-in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return session.session_key


class HttpBidder:
    """One bidder with its keys, its sealed bid and its signed manifest. Sealing needs the database; sending does not."""

    def __init__(self, lot, bidder, price, *, size=2000):
        self.lot, self.bidder, self.price = lot, bidder, price
        self.path = f"/me/bids/{lot.tender.number}/{lot.no}/"
        self.cookie = f"sessionid={signed_in(bidder.somebody)}; csrftoken={CSRF}"
        self.keys = reference.make_keys(bidder, by=bidder.somebody)
        self.content = f"{bidder.uscc} {price}".encode().ljust(size, b".")
        form = {"price": price, "term_days": 400, "quality": "合格", "manager": "甲"}
        self.envelope, self.sealed = reference.seal(lot, bidder, self.keys, form, [("技术文件.pdf", "application/pdf", self.content)])
        manifest = reference.manifest_of(lot, bidder, [self.envelope])
        self.manifest = {"manifest": manifest, "signature": reference.signature(self.keys.signing, "bid-manifest", manifest)}
        self.answers = []

    def connect(self, url):
        place = urlsplit(url)
        return http.client.HTTPConnection(place.hostname, place.port, timeout=60)

    def send(self, connection, method, path, body=b"", **headers):
        said = {"Cookie": self.cookie, "X-CSRFToken": CSRF, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, said)

    def ask(self, url, method, path, body=b"", **headers):
        """(status, headers, body) of one request on a connection of its own."""
        connection = self.connect(url)
        try:
            self.send(connection, method, path, body, **headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def announce(self, url):
        """Begin the upload; its address and how much is there."""
        about = {"tender": self.lot.tender.number, "lot": self.lot.key, "envelope": "bid", "seal": self.envelope["seal"]}
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items())
        status, headers, body = self.ask(url, "POST", "/uploads/", **TUS, Upload_Length=str(len(self.sealed)), Upload_Metadata=metadata)
        assert status == 201, body
        return headers["Location"], int(headers["Upload-Offset"])

    def upload(self, url, *, chunk=1 << 20):
        """Send what is missing of the sealed bid."""
        address, offset = self.announce(url)
        while offset < len(self.sealed):
            piece = self.sealed[offset : offset + chunk]
            checksum = "sha256 " + base64.b64encode(hashlib.sha256(piece).digest()).decode()
            status, headers, body = self.ask(
                url, "PATCH", address, piece, **TUS, Upload_Offset=str(offset), Upload_Checksum=checksum,
                Content_Type="application/offset+octet-stream",
            )  # fmt: skip
            assert status == 204, body
            offset = int(headers["Upload-Offset"])

    def submit(self, url, *, leave=False):
        """Hand in the manifest. (status, answer); `leave` hangs up before the answer comes."""
        body = json.dumps(self.manifest).encode()
        connection = self.connect(url)
        try:
            self.send(connection, "POST", f"{self.path}submission/", body, Content_Type="application/json")
            if leave:
                return None
            answer = connection.getresponse()
            found = answer.status, json.loads(answer.read())
        finally:
            connection.close()
        self.answers.append(found)
        return found

    def submit_until_answered(self, url, *, tries=60, pause=0.5):
        """As a browser does when the connection breaks: the same manifest again, until the platform answers."""
        for _ in range(tries):
            with suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
                status, answer = self.submit(url)
                if status < 500:
                    return status, answer
            time.sleep(pause)
        raise AssertionError("the platform never answered")

    def receipt(self, url):
        status, _, body = self.ask(url, "GET", f"{self.path}receipts/{self.manifest['manifest']['rev']}.json")
        return status, json.loads(body)
