"""The lock files name all that is needed on every Python that is supported, not only on the one they were made with."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("python", ["3.11.2", "3.12.3", "3.13.0"])
@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_nothing_is_missing_from_the_lock(lock, python):
    text = (ROOT / lock).read_text()
    rows = [Requirement(row) for row in re.findall(r"^([A-Za-z][^\\\n]*)", text, re.M)]
    place = {"python_full_version": python, "python_version": python.rpartition(".")[0], "extra": ""}
    wanted = {canonicalize_name(row.name) for row in rows if row.marker is None or row.marker.evaluate(place)}
    missing = set()
    for name in wanted:
        try:
            needs = distribution(name).requires or []
        except ModuleNotFoundError:
            # Only another Python needs it; what it needs itself is then not known here.
            continue
        for need in map(Requirement, needs):
            if (need.marker is None or need.marker.evaluate(place)) and canonicalize_name(need.name) not in wanted:
                missing.add(f"{name} needs {need}")
    assert missing == set()


def test_no_lock_names_a_package_index():
    for lock in ("requirements.txt", "requirements-dev.txt", "package-lock.json"):
        assert not re.search(r"(--index-url|--find-links|\"resolved\")", (ROOT / lock).read_text())
