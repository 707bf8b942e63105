"""The benches run and end with a line that machines read; what they measure is not judged here."""

import json
import os
import subprocess
import sys

import pytest

from tests.processes import ROOT


def test_the_list_names_them_all():
    said = subprocess.run([sys.executable, "bin/bench"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in said.splitlines()] == [
        "expert_draw",
        "ledger_append",
        "ledger_verify",
        "notice_page",
        "open",
        "seal",
        "submit",
    ]
    assert subprocess.run([sys.executable, "bin/bench", "nothing"], cwd=ROOT, capture_output=True).returncode == 1


@pytest.mark.parametrize("name", ["expert_draw", "ledger_append", "ledger_verify", "notice_page", "open", "seal", "submit"])
def test_a_bench_ends_with_its_ratio(name, tmp_path):
    environment = {
        **os.environ, "ETP_TEST_DATABASE": f"bench_{os.getpid()}", "ETP_DEBUG": "0", "ETP_SECRET_KEY": "of-a-test", "ETP_VAR": str(tmp_path),
        "PYTHONPATH": f"{ROOT}/platform:{ROOT}",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--quick"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    line = json.loads(done.stdout.splitlines()[-1])
    assert set(line) == {"name", "value", "unit", "yardstick", "ratio"}
    assert line["name"] == name
    assert line["ratio"] == pytest.approx(line["value"] / line["yardstick"], rel=0.01)
