"""The image is made by the steps that set a machine up, in the same order: what is tested is what ships."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

import _house  # noqa: E402 - stands beside the commands, not on the path

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def test_the_image_takes_every_step_but_the_servers():
    taken = [step for steps in re.findall(r"bin/setup ([a-z -]+?)(?: &&|$)", DOCKERFILE, re.M) for step in steps.split()]
    assert taken == [step for step in _house.STEPS if step != "servers"]


def test_the_image_installs_nothing_else():
    (asked,) = re.findall(r"apt-get install ([^&]*)", DOCKERFILE)
    assert [word for word in asked.split() if not word.startswith("-")] == ["ca-certificates", "python3"]
    assert not re.search(r"\b(pip|npm|curl|wget) ", DOCKERFILE)


def test_every_file_that_is_copied_is_there_and_no_data_is():
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M):
        assert all((ROOT / name).exists() for name in line.split()[:-1])
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", "var", ".venv", "node_modules"} <= set(ignored)
