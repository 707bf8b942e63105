"""nginx with the shipped configuration, on local ports, in front of a small upstream and of the platform in gunicorn."""

import http.client
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import connection

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A folder with a self-signed certificate and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return folder


class Proxy:
    """The shipped configuration with nothing changed but ports, folders and the upstream's address."""

    def __init__(self, folder, certificate, upstream):
        self.http, self.https = free_port(), free_port()
        self.trusted = ssl.create_default_context(cafile=certificate / "fullchain.pem")
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for shipped, local in (
            ("/tmp/", f"{folder}/"),  # noqa: S108 - the container's
            ("listen 8080 ", f"listen 127.0.0.1:{self.http} "),
            ("listen 8443 ", f"listen 127.0.0.1:{self.https} "),
            ("/etc/etp/tls", str(certificate)),
            ("/var/www/acme", str(folder / "acme")),
            ("set $web web:8000;", f"set $web 127.0.0.1:{upstream};"),
            ("/dev/stderr", str(folder / "error.log")),
            ("/dev/stdout", str(folder / "access.log")),
        ):
            assert shipped in text
            text = text.replace(shipped, local)
        self.file = folder / "nginx.conf"
        self.file.write_text(text)
        self.log, self.access_log = folder / "error.log", folder / "access.log"
        # As root, nginx would give its work to a user who cannot enter the test's folder.
        self.command = [NGINX, "-c", str(self.file), "-e", str(self.log), "-g", "user root;" if os.geteuid() == 0 else "pcre_jit off;"]

    def check(self):
        return subprocess.run([*self.command, "-t"], capture_output=True, text=True)

    def start(self):
        self.process = subprocess.Popen([*self.command[:-1], self.command[-1] + " daemon off;"])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.https)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def secure(self):
        return http.client.HTTPSConnection("localhost", self.https, context=self.trusted, timeout=20)

    def ask(self, method, path, body=None, **headers):
        line = self.secure()
        line.request(method, path, body=body, headers=headers)
        response = line.getresponse()
        return response, response.read()


class Upstream(http.server.ThreadingHTTPServer):
    """Remembers how much of each body has come, as it comes."""

    daemon_threads = True

    class RequestHandlerClass(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def take(self):
            row = {"path": self.path, "headers": dict(self.headers), "came": 0, "whole": False}
            self.server.seen.append(row)
            left = int(self.headers.get("Content-Length", 0))
            while left and (piece := self.rfile.read1(min(left, 65536))):
                row["came"] += len(piece)
                left -= len(piece)
            row["whole"] = left == 0
            self.send_response(204)
            self.end_headers()

        do_GET = do_POST = do_PATCH = take

        def log_message(self, *args):
            """Nothing to say."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.RequestHandlerClass)
        self.seen = []

    def wait(self, condition):
        for _ in range(100):
            if self.seen and condition(self.seen[-1]):
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def upstream():
    with Upstream() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy_of(tmp_path, certificate):
    running = []

    def start(port):
        proxy = Proxy(tmp_path, certificate, port)
        proxy.start()
        running.append(proxy)
        return proxy

    yield start
    for proxy in running:
        proxy.process.terminate()
        proxy.process.wait(20)


@pytest.fixture
def proxy(proxy_of, upstream):
    return proxy_of(upstream.server_port)


def test_the_configuration_is_valid(tmp_path, certificate):
    done = Proxy(tmp_path, certificate, 1).check()
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_http_is_sent_to_https(proxy, upstream):
    line = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=20)
    line.request("GET", "/notices/?q=1", headers={"Host": "ggzy.example"})
    response = line.getresponse()
    assert (response.status, response.headers["Location"]) == (308, "https://ggzy.example/notices/?q=1")
    assert upstream.seen == []


def test_certificate_proofs_are_served_without_tls(proxy, tmp_path):
    folder = tmp_path / "acme" / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("proof")
    line = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=20)
    line.request("GET", "/.well-known/acme-challenge/token")
    assert line.getresponse().read() == b"proof"


@pytest.mark.parametrize("path, most", [("/verify/", 52 * MEGABYTE), ("/uploads/0/", 8 * MEGABYTE)])
def test_a_body_over_the_limit_is_refused(proxy, upstream, path, most):
    line = proxy.secure()
    line.putrequest("PATCH", path)
    line.putheader("Content-Length", str(most + 1))
    line.endheaders()
    assert line.getresponse().status == 413
    assert upstream.seen == []


def test_a_whole_chunk_passes(proxy, upstream):
    response, _ = proxy.ask("PATCH", "/uploads/0/", body=bytes(8 * MEGABYTE))
    assert response.status == 204
    assert upstream.seen[-1]["came"] == 8 * MEGABYTE


def began(proxy, method, path):
    """A request of 4 MiB of which only the first half was sent so far."""
    line = proxy.secure()
    line.putrequest(method, path)
    line.putheader("Content-Length", str(4 * MEGABYTE))
    line.endheaders()
    line.send(bytes(2 * MEGABYTE))
    return line


def test_an_upload_reaches_the_platform_while_it_is_still_being_sent(proxy, upstream):
    line = began(proxy, "PATCH", "/uploads/0/")
    assert upstream.wait(lambda row: row["came"] == 2 * MEGABYTE)
    assert not upstream.seen[-1]["whole"]
    line.send(bytes(2 * MEGABYTE))
    assert line.getresponse().status == 204
    assert upstream.seen[-1]["whole"]


def test_any_other_body_is_gathered_before_it_takes_up_a_thread(proxy, upstream):
    line = began(proxy, "POST", "/verify/")
    time.sleep(0.5)
    assert upstream.seen == []
    line.send(bytes(2 * MEGABYTE))
    assert line.getresponse().status == 204


def test_what_a_client_says_about_itself_is_not_passed_on(proxy, upstream):
    proxy.ask("GET", "/", **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
    passed = upstream.seen[-1]["headers"]
    assert (passed["X-Forwarded-For"], passed["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert passed["Host"] == f"localhost:{proxy.https}"


def test_the_log_says_nothing_of_an_experts_desk(proxy):
    desk = f"https://localhost:{proxy.https}/expert/evaluations/12/"
    for path in (
        "/expert/evaluations/12/", "/expert", "//expert/evaluations/12/", "/%65xpert/evaluations/12/", "/opened-files/abc/",
        "/static/dist/desk.a1b2.js", "/static/css/desk.css", "/static/css/platform.css", "/sign-in/?next=/expert/evaluations/12/", "/notices/?q=1",
    ):  # fmt: skip
        proxy.ask("GET", path, Referer=desk)
    for _ in range(100):
        log = proxy.access_log.read_text()
        if "/notices/" in log:
            break
        time.sleep(0.05)
    assert [line.split('"')[1] for line in log.splitlines()] == [
        f"GET {path} HTTP/1.1" for path in ("/static/css/platform.css", "/sign-in/", "/notices/")
    ]  # fmt: skip
    for secret in ("expert", "evaluations", "opened-files", "desk"):
        assert secret not in log


def test_the_log_says_nothing_of_a_desk_either_where_the_platform_fails(proxy_of):
    proxy, desk = proxy_of(free_port()), "/expert/evaluations/12/"
    for path in (desk, "/static/css/platform.css"):
        response, _ = proxy.ask("GET", path, Referer=f"https://localhost{desk}")
        assert response.status == 502
    time.sleep(0.5)
    assert "expert" not in proxy.log.read_text() + proxy.access_log.read_text()


@pytest.fixture
def site(committed, tmp_path):
    """The platform as the web container runs it; the port it listens on."""
    port, row = free_port(), connection.settings_dict
    place = f"{row['HOST']}:{row['PORT']}" if row["HOST"] else ""
    folder = row["OPTIONS"].get("host", "")
    environment = {
        **os.environ, "ETP_DEBUG": "0", "ETP_CONSOLES": "0", "ETP_HTTPS": "1", "ETP_SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"postgres://{row['USER']}@{place}/{row['NAME']}" + (f"?host={folder}" if folder else ""),
        "ETP_VAR": str(tmp_path), "ETP_PORT": str(port), "ETP_ALLOWED_HOSTS": "localhost", "PYTHONPATH": f"{ROOT}/platform:{ROOT}",
    }  # fmt: skip
    gather = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(gather, cwd=ROOT, env=environment, check=True)
    serve = [str(Path(sys.executable).parent / "gunicorn"), "--config", "deploy/gunicorn.py", "config.wsgi:application"]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=log)
    healthy = [sys.executable, "deploy/healthy.py"]
    asking = {**environment, "ETP_WEB": f"127.0.0.1:{port}"}
    for _ in range(120):
        if subprocess.run(healthy, cwd=ROOT, env=asking, stderr=subprocess.DEVNULL).returncode == 0:
            break
        assert process.poll() is None, (tmp_path / "web.log").read_text()
        time.sleep(0.25)
    yield port
    process.terminate()
    assert process.wait(30) == 0


def test_the_platform_answers_behind_the_proxy(site, proxy_of):
    proxy = proxy_of(site)
    response, body = proxy.ask("GET", "/healthz")
    assert (response.status, json.loads(body)["database"]) == (200, "ok")
    page, body = proxy.ask("GET", "/sign-in/")
    assert page.status == 200
    assert "csrfmiddlewaretoken" in body.decode()
    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"]
    other, _ = proxy.ask("GET", "/", Host="elsewhere.example")
    assert other.status == 400


def test_a_chunk_that_is_refused_unread_is_refused_with_the_reason(site, proxy_of):
    proxy = proxy_of(site)
    for _ in range(5):
        upload = "/uploads/00000000-0000-0000-0000-000000000000/"
        kind = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        chunk, said = proxy.ask("PATCH", upload, body=bytes(8 * MEGABYTE), Origin="https://localhost", Referer="https://localhost/", **kind)
        assert (chunk.status, b"CSRF" in said or b"signed_out" in said) == (403, True), said
