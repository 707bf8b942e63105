"""The steps that set a machine up and start the house. Standard library only: it runs before anything is installed."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# Debian packages by what needs them. A container image takes all but SERVERS, in the same steps (bin/setup).
SERVERS = {"postgresql": "数据库", "redis-server": "任务队列"}
RUNTIME = {
    "libpango-1.0-0": "PDF 排版",
    "libpangoft2-1.0-0": "PDF 排版",
    "libharfbuzz-subset0": "PDF 字体子集",
    "fonts-noto-cjk": "中文字体",
}
BUILD = {"nodejs": "前端构建", "npm": "前端构建", "python3-venv": "虚拟环境"}
TEST_PACKAGES = {
    "chromium": "浏览器测试",
    "poppler-utils": "核对 PDF",
    "docker-compose": "核对容器编排",
    "nginx-light": "核对反向代理",
}


def say(text):
    print(f"· {text}", flush=True)


def run(*command, **more):
    """Run a command; on failure show what it said and stop."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, **more)
    if done.returncode:
        print((done.stdout or "") + (done.stderr or ""), file=sys.stderr)
        sys.exit(f"失败：{' '.join(str(part) for part in command)}")
    return done


def installed(package):
    if package in ("nodejs", "npm") and shutil.which("node") and shutil.which("npm"):
        return True
    if package == "python3-venv":
        return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0
    done = subprocess.run(["dpkg-query", "-W", "-f=${Status}", package], capture_output=True, text=True)
    return "install ok installed" in done.stdout


def system_packages(wanted):
    """Install the Debian packages that are missing, as root or by sudo; other systems bring their own."""
    if not shutil.which("apt-get"):
        return
    missing = [package for package in wanted if not installed(package)]
    if not missing:
        return
    say("安装系统软件：" + "、".join(f"{package}（{wanted[package]}）" for package in missing))
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and not shutil.which("sudo"):
        sys.exit("需要 root 权限安装上述软件：请以 root 运行一次，或先安装 sudo。")
    prefix += ["env", "DEBIAN_FRONTEND=noninteractive"]
    run(*prefix, "apt-get", "update", "-qq")
    run(*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)


def stamp_of(*files):
    digest = hashlib.sha256()
    for name in files:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def add_files(digest, folder, kinds=None):
    """Make the digest depend on the content of a folder's files (of some kinds only)."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and (kinds is None or path.suffix in kinds):
            digest.update(path.read_bytes())


def once(name, key, step):
    """Do a step unless it was done for this very input."""
    stamp = ROOT / "var" / "stamps" / name
    if stamp.exists() and stamp.read_text() == key:
        return
    step()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


def virtual_environment(lock):
    def build():
        say("安装 Python 依赖（按锁定文件核对摘要）")
        if not PYTHON.exists():
            run(sys.executable, "-m", "venv", VENV)
        run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", lock)

    stamp = ROOT / "var" / "stamps" / "python"
    if not PYTHON.exists():
        stamp.unlink(missing_ok=True)
    # The tests' environment holds all that serving needs: a start never takes it down.
    known = {stamp_of("requirements-dev.txt"), stamp_of(lock)}
    if stamp.exists() and stamp.read_text() in known:
        return
    once("python", stamp_of(lock), build)


def front_end():
    def fetch():
        say("安装前端依赖")
        run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")

    def bundle():
        say("打包脚本与图标")
        run("npm", "run", "--silent", "build")

    stamps = ROOT / "var" / "stamps"
    if not (ROOT / "node_modules" / "esbuild").exists():
        (stamps / "npm").unlink(missing_ok=True)
    once("npm", stamp_of("package-lock.json", "package.json"), fetch)
    digest = hashlib.sha256((ROOT / "static/build.mjs").read_bytes())
    for folder in (
        "static/src",
        "static/js",
        "templates",
        "platform",
        "trading",
        "supervision",
        "disclosure",
        "credit",
        "experts",
        "agencies",
    ):
        add_files(digest, folder, (".js", ".html", ".py"))
    for folder in ("static/css", "static/img", "static/src/offline", "verify"):
        add_files(digest, folder)
    digest.update((ROOT / "pyproject.toml").read_bytes())
    if not (ROOT / "static/build/release.json").exists():
        (stamps / "bundle").unlink(missing_ok=True)
    once("bundle", digest.hexdigest(), bundle)


def static_files():
    """Gather what browsers get, under names that change with the content."""

    def collect():
        say("收集静态文件")
        unused = {"ETP_SECRET_KEY": "not used here", "DATABASE_URL": "postgres:///unused", "ETP_DEBUG": "0"}
        folder = {"ETP_STATIC_ROOT": str(target), "PYTHONPATH": f"{ROOT}/platform:{ROOT}"}
        run(PYTHON, "manage.py", "collectstatic", "--noinput", "-v", "0", env={**os.environ, **unused, **folder})

    target = Path(os.environ.get("ETP_STATIC_ROOT", ROOT / "var" / "serve" / "staticfiles"))
    if not (target / "staticfiles.json").exists():
        (ROOT / "var" / "stamps" / "static").unlink(missing_ok=True)
    digest = hashlib.sha256(stamp_of("requirements.txt").encode())
    add_files(digest, "static")
    once("static", digest.hexdigest(), collect)


# What makes a machine ready to serve, in this order; the Dockerfile takes the same steps by name.
STEPS = {
    "servers": lambda: system_packages(SERVERS),
    "runtime": lambda: system_packages(RUNTIME),
    "build": lambda: system_packages(BUILD),
    "python": lambda: virtual_environment("requirements.txt"),
    "front-end": front_end,
    "static": static_files,
}


def set_up(*, tests):
    """Everything that must be on the machine before anything starts."""
    if tests:
        system_packages({**SERVERS, **RUNTIME, **BUILD, **TEST_PACKAGES})
        virtual_environment("requirements-dev.txt")
        front_end()
    else:
        for step in STEPS.values():
            step()


def as_user(*command):
    """PostgreSQL refuses to run as root: then it runs as the unprivileged user of its package."""
    command = [str(part) for part in command]
    return command if os.geteuid() else ["runuser", "-u", "postgres", "--", *command]


def postgres_bin():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        sys.exit("没有找到 PostgreSQL。")
    return found[-1]


class Servers:
    """The private PostgreSQL and Redis of one data folder; where both are given from outside, none are started."""

    def __init__(self, folder):
        self.folder = ROOT / "var" / folder
        self.given = "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ
        self.data = self.folder / "database" / "pg"
        # A Unix socket's path must be short, whatever folder the checkout stands in.
        short = hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]
        self.sockets = Path("/tmp") / f"etp-{short}"  # noqa: S108 - not shared: owned by the database's user
        self.redis_socket = self.sockets / "redis.sock"
        self.redis = None

    def start(self):
        """Start what does not run yet; the environment that the services need to reach it."""
        if self.given:
            return {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
        say("启动数据库和任务队列")
        for folder in (self.folder, self.sockets, self.data.parent):
            folder.mkdir(parents=True, exist_ok=True)
        # Whoever reaches the socket is let in: nobody else may. Fails where another user made the folder first.
        self.sockets.chmod(0o700)
        if os.geteuid() == 0:
            for folder in (self.sockets, self.data.parent):
                shutil.chown(folder, "postgres", "postgres")
            closed = next((str(each) for each in self.data.parents if not os.stat(each).st_mode & 0o001), None)
            if closed:
                sys.exit(f"数据库用户不能进入 {closed}：请把项目放在可进入的目录，或以普通用户运行。")
        self.start_postgres()
        self.start_redis()
        return {
            "DATABASE_URL": f"postgres://etp@/etp?host={self.sockets}",
            "REDIS_URL": f"unix://{self.redis_socket}?db=0",
            "ETP_BROKER": f"redis+socket://{self.redis_socket}?virtual_host=0",
        }

    def start_postgres(self):
        tools = postgres_bin()
        if not (self.data / "PG_VERSION").exists():
            run(*as_user(tools / "initdb", "-D", self.data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "etp"))
        if not self.postgres_answers():
            self.forget_dead_postgres()
            options = f"-k {self.sockets} -c listen_addresses= -c max_connections=200"
            if self.folder.name == "test":
                # A test's data need not outlive a power cut; thousands of emptied tables need not wait for the disk.
                options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            # pg_ctl's child keeps its output open: it must not be a pipe that somebody waits on.
            done = subprocess.run(
                as_user(tools / "pg_ctl", "-D", self.data, "-w", "-l", self.data / "server.log", "-o", options, "start"),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            if done.returncode:
                sys.exit(f"数据库没有启动，请查看 {self.data / 'server.log'}")
        asked = run("psql", "-h", self.sockets, "-U", "etp", "-d", "postgres", "-tAc", "select 1 from pg_database where datname='etp'")
        if not asked.stdout.strip():
            run("createdb", "-h", self.sockets, "-U", "etp", "etp")

    def postgres_answers(self):
        """Whether the server runs; one that is still recovering is waited for by pg_ctl."""
        return subprocess.run(["pg_isready", "-q", "-h", self.sockets], capture_output=True).returncode == 0

    def forget_dead_postgres(self):
        """After a power cut its pid may be another process's: PostgreSQL would believe that it still runs."""
        left = self.data / "postmaster.pid"
        if not left.exists():
            return
        command = Path("/proc") / left.read_text().split("\n")[0] / "cmdline"
        if not command.exists() or str(self.data).encode() not in command.read_bytes():
            left.unlink()
            for socket in self.sockets.glob(".s.PGSQL.*"):
                socket.unlink()

    def revive(self):
        """Start again what died by itself."""
        if not self.given and not (self.postgres_answers() and self.redis_answers()):
            self.start()

    def start_redis(self):
        if self.redis_answers():
            return
        self.redis_socket.unlink(missing_ok=True)
        self.redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.redis_socket), "--dir", str(self.folder), "--appendonly", "yes"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        for _ in range(100):
            if self.redis_answers():
                return
            time.sleep(0.1)
        sys.exit("任务队列没有启动。")

    def redis_answers(self):
        done = subprocess.run(["redis-cli", "-s", str(self.redis_socket), "ping"], capture_output=True, text=True)
        return done.stdout.strip() == "PONG"

    def stop(self):
        if self.given:
            return
        subprocess.run(["redis-cli", "-s", str(self.redis_socket), "shutdown"], capture_output=True)
        if self.redis is not None:
            self.redis.wait(20)
        subprocess.run(as_user(postgres_bin() / "pg_ctl", "-D", self.data, "-m", "fast", "stop"), capture_output=True)


def environment(servers, **more):
    """The environment that manage.py and the services run in."""
    secret = ROOT / "var" / "secret-key"
    if not secret.exists():
        secret.parent.mkdir(exist_ok=True)
        draft = secret.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(hashlib.sha256(os.urandom(64)).hexdigest())
        draft.replace(secret)
    return {"ETP_CONSOLES": "1", "ETP_SECRET_KEY": secret.read_text(), **os.environ, **servers, **more}


def stop_group(process, patience=15):
    """End a process and all it started; by force what does not listen."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
