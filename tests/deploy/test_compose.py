"""The file of containers is valid, starts with no secret missing, and gives no container more than it needs."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
REQUIRED = sorted(set(re.findall(r"\$\{(\w+):\?", TEXT)))
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = ("web", "worker", "beat", "sequencer", "prepare")


@pytest.fixture
def config(tmp_path):
    """What docker-compose says to the file with only these variables: no .env beside it fills in what is left out."""
    (tmp_path / "none.env").touch()
    command = ["docker-compose", "--env-file", str(tmp_path / "none.env"), "-f", str(ROOT / "docker-compose.yml"), "config", "-q"]
    return lambda given: subprocess.run(command, env={"PATH": os.environ["PATH"], **given}, capture_output=True, text=True, cwd=ROOT)


def everything():
    return {name: f"/{name.lower()}" for name in REQUIRED}


def test_the_file_is_valid(config):
    done = config(everything())
    assert (done.returncode, done.stderr) == (0, "")


def test_every_secret_and_every_name_of_the_city_is_asked_for():
    assert REQUIRED == [
        "ETP_APP_PASSWORD", "ETP_CERTIFICATES", "ETP_CRL_URLS", "ETP_DATABASE_PASSWORD", "ETP_GATEWAY", "ETP_HOST", "ETP_ORIGIN",
        "ETP_PLATFORM_DIGITS", "ETP_REDIS_PASSWORD", "ETP_ROOTS", "ETP_SECRET_KEY", "ETP_SEQUENCER_PASSWORD",
    ]  # fmt: skip


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("left", ["out", "empty"])
def test_nothing_starts_while_one_is_missing(config, name, left):
    given = everything()
    del given[name]
    done = config(given if left == "out" else {**given, name: ""})
    assert done.returncode != 0
    assert name in done.stderr


def test_no_secret_has_a_default():
    defaults = re.findall(r"\$\{(\w+):-", TEXT)
    assert [name for name in defaults if re.search("PASSWORD|KEY|SECRET", name)] == []


def test_the_parts_of_the_platform_are_all_there():
    assert sorted(SERVICES) == sorted([*OURS, "signer", "postgres", "redis", "proxy"])
    assert "replicas" not in TEXT


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_container_runs_as_root_or_writes_where_it_should_not(name):
    service = SERVICES[name]
    user = service.get("user") if "build" not in service else (ROOT / "Dockerfile").read_text().split("USER ")[1].split()[0]
    assert user not in (None, "", "0", "root", "0:0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_what_runs_is_watched_and_started_again(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_migrations_run_once_and_the_others_wait():
    assert SERVICES["prepare"]["restart"] == "no"
    waiting = {
        name for name, service in SERVICES.items()
        if service.get("depends_on", {}).get("prepare") == {"condition": "service_completed_successfully"}
    }  # fmt: skip
    assert waiting == {"web", "worker", "beat", "sequencer"}


def test_only_the_proxy_can_be_reached_and_the_database_reaches_nothing():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert yaml.safe_load(TEXT)["networks"]["back"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["back"]


def test_each_process_uses_the_database_role_that_is_its_own():
    roles = {name: SERVICES[name]["environment"]["DATABASE_URL"].split("//")[1].split(":")[0] for name in OURS}
    assert roles == {"prepare": "etp", "web": "etp_app", "worker": "etp_app", "beat": "etp_app", "sequencer": "etp_sequencer"}


def test_keys_and_ledger_stand_on_volumes_of_their_own():
    assert set(yaml.safe_load(TEXT)["volumes"]) == {
        "database",
        "queue",
        "media",
        "uploads",
        "ledger",
        "keys",
        "signer",
        "signer-socket",
        "crls",
    }
    assert "keys:/var/lib/etp/keys" in SERVICES["sequencer"]["volumes"]
    assert SERVICES["prepare"]["volumes"] == []


def test_only_the_signer_can_read_the_keys_that_sign():
    holders = [name for name, service in SERVICES.items() if any("/var/lib/etp/signer" in each for each in service.get("volumes", []))]
    assert holders == ["signer"]
    assert SERVICES["signer"]["network_mode"] == "none"
    assert SERVICES["signer"]["user"] == "10002:10001"


def test_consoles_are_off_and_cookies_are_secure():
    settings = SERVICES["web"]["environment"]
    assert (settings["ETP_CONSOLES"], settings["ETP_HTTPS"]) == ("0", "1")
    assert "ETP_DEBUG" not in TEXT
