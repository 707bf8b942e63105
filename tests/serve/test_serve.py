"""`bin/serve` in a copy of the checkout: first start, later starts, every way of being killed, and servers from outside."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", "node_modules", "__pycache__", "tests", "docs"}
sys.path.insert(0, str(ROOT / "bin"))

import _house  # noqa: E402 - stands beside the commands, not on the path

pytestmark = pytest.mark.alone


class House:
    """A checkout of its own, with what was installed already; and the platform that runs in it."""

    def __init__(self, folder):
        self.root = folder / "etp"
        shutil.copytree(ROOT, self.root, symlinks=True, ignore=lambda at, names: LEFT_OUT | ({"var"} if Path(at) == ROOT else set()))
        for shared in (".venv", "node_modules"):
            (self.root / shared).symlink_to(ROOT / shared)
        shutil.copytree(ROOT / "var" / "stamps", self.root / "var" / "stamps")
        self.port = free_port()
        self.process = None

    def environment(self, **more):
        ours = ("ETP_", "DATABASE_", "REDIS_", "PYTHONPATH", "DJANGO_")
        return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, **more}

    def begin(self, *options, **more):
        """Start, and gather what it says; like a terminal, it has a process group of its own."""
        self.said = []
        self.process = subprocess.Popen(
            [sys.executable, str(self.root / "bin" / "serve"), "--port", str(self.port), *options], env=self.environment(**more),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=lambda out=self.process.stdout: self.said.extend(out), daemon=True).start()

    def start(self, **more):
        """Start and wait for the site."""
        self.begin(**more)
        self.wait_for("平台已启动")
        assert self.get("/healthz")["database"] == "ok"
        self.wait_for("按 Ctrl-C 停止")

    def wait_for(self, words):
        for _ in range(3600):
            if words in "".join(self.said):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError("".join(self.said))

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:  # noqa: S310 - our own
            return json.load(response)

    def interrupt(self):
        """Ctrl-C, as a terminal sends it: to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def pids(self):
        return {name: pid for name, (pid, _) in json.loads((self.root / "var/serve/pids.json").read_text()).items()}

    def running(self):
        """What of this house runs: pid and command."""
        marks = (str(self.root).encode(), str(self.sockets).encode())
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                command = (place / "cmdline").read_bytes()
                where = os.readlink(place / "cwd").encode()
            except OSError:
                continue
            if any(mark in command or where.startswith(mark) for mark in marks):
                found[int(place.name)] = command.replace(b"\0", b" ").decode()
        return found

    @property
    def sockets(self):
        """Where bin/_house.py puts the sockets of a checkout that stands here."""
        short = hashlib.sha256(str(self.root / "var" / "serve").encode()).hexdigest()[:10]
        return Path("/tmp") / f"etp-{short}"  # noqa: S108 - see there

    def count(self, table):
        command = ["psql", "-h", str(self.sockets), "-U", "etp", "-d", "etp", "-tAc", f"SELECT count(*) FROM {table}"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def facts(self):
        return {table: self.count(table) for table in ("accounts_organisation", "disclosure_notice", "trading_tender", "credit_creditrule")}

    def kill(self, *pids):
        for pid in pids:
            # One that ends with its parent may be gone already.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def power_cut(self):
        self.kill(*self.running())
        self.process.wait(20)
        for _ in range(100):
            if not self.running():
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def house():
    """One house for the whole story; the database's user must be able to enter it, which pytest's folders forbid."""
    folder = Path(tempfile.mkdtemp(prefix="etp-serve-"))
    folder.chmod(0o755)
    made = House(folder)
    yield made
    made.kill(*made.running())
    shutil.rmtree(made.sockets, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def city(house):
    """The facts of the demo city, after the first start on an empty folder, and after Ctrl-C."""
    house.start()
    facts = house.facts()
    assert house.interrupt() == 0, "".join(house.said)
    assert house.running() == {}
    return facts


def test_the_first_start_loads_the_city_and_ctrl_c_leaves_nothing_running(city):
    assert all(city.values())


def test_a_later_start_keeps_everything(house, city):
    house.start()
    assert house.facts() == city
    second = subprocess.run([sys.executable, house.root / "bin/serve"], env=house.environment(), capture_output=True, text=True)
    assert (second.returncode, "已在这个目录中运行" in second.stderr) == (1, True)

    web = house.pids()["web"]
    os.killpg(web, signal.SIGKILL)
    house.wait_for("web 意外结束")
    for _ in range(200):
        try:
            assert house.pids()["web"] != web
            assert house.get("/healthz")["database"] == "ok"
            break
        except (OSError, AssertionError):
            time.sleep(0.1)
    else:
        raise AssertionError("the site did not come back")


def test_a_killed_supervisor_leaves_nothing_in_the_way(house, city):
    assert house.process.poll() is None
    strays = house.pids()
    house.kill(house.process.pid)
    house.process.wait(20)
    assert set(strays.values()) <= set(house.running())
    house.start()
    assert not set(strays.values()) & set(house.running())
    assert house.facts() == city


def test_after_a_power_cut_everything_comes_back(house, city):
    before = house.count("ledger_entry")
    house.power_cut()
    assert house.running() == {}
    left = house.root / "var/serve/database/pg/postmaster.pid"
    # Another process of the same user has PostgreSQL's old pid by now.
    other = subprocess.Popen(_house.as_user("sleep", "600"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    left.write_text(left.read_text().replace(left.read_text().split("\n")[0], str(other.pid), 1))
    try:
        house.start()
        assert house.facts() == city
        assert house.count("ledger_entry") >= before
        assert house.interrupt() == 0
    finally:
        other.kill()
        other.wait()
    assert house.running() == {}


def test_ctrl_c_in_the_middle_of_the_start_leaves_nothing_running(house, city):
    house.begin()
    house.wait_for("更新数据库结构")
    house.interrupt()
    assert house.running() == {}


def test_a_port_that_is_taken_is_named(house, city):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        house.begin()
        assert house.process.wait(30) == 1
    time.sleep(0.2)
    assert re.search(f"端口 {house.port} 已被", "".join(house.said))


def test_servers_from_outside_are_used_and_none_are_started(house, city, tmp_path):
    """Here the outside is the database and the queue of the tests, holding the same city."""
    outside = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "ETP_BROKER")}
    server = re.search(r"host=(.*)", outside["DATABASE_URL"])[1]
    reach = ["-h", server, "-U", "etp"]
    dump = tmp_path / "city.dump"
    subprocess.run([sys.executable, house.root / "bin/manage", "check"], env=house.environment(), check=True, capture_output=True)
    with dump.open("wb") as out:
        subprocess.run(["pg_dump", "-h", house.sockets, "-U", "etp", "-Fc", "etp"], stdout=out, check=True)
    house.power_cut()
    subprocess.run(["createdb", *reach, "etp_outside"], check=True)
    try:
        subprocess.run(["pg_restore", *reach, "-d", "etp_outside", dump], check=True)
        (house.root / "var/serve/database").rename(house.root / "var/serve/aside")
        house.start(**{**outside, "DATABASE_URL": outside["DATABASE_URL"].replace("/etp?", "/etp_outside?")})
        assert not [command for command in house.running().values() if "postgres" in command or "redis-server" in command]
        assert not (house.root / "var/serve/database").exists()
        assert house.interrupt() == 0
        assert house.running() == {}
        asked = subprocess.run(
            ["psql", *reach, "-d", "etp_outside", "-tAc", "SELECT count(*) FROM trading_tender"], capture_output=True, text=True
        )
        assert int(asked.stdout) == city["trading_tender"]
    finally:
        subprocess.run(["dropdb", *reach, "--force", "etp_outside"], check=True)
