"""Remembers which numbered requirements the tests of a full run proved, for `bin/requirements`.

`bin/test` runs the suite in two parts and names the file that both add to in ETP_REQUIREMENTS; part of a suite names none.
"""

import json
import os
from pathlib import Path

OUTCOMES: dict[str, dict[str, str]] = {}


def pytest_collection_modifyitems(items):
    for item in items:
        numbers = {number for marker in item.iter_markers("requirement") for number in marker.args}
        # Travels with the report from a worker of xdist to the process that gathers them.
        item.user_properties += [("requirement", number) for number in sorted(numbers)]


def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        for name, number in report.user_properties:
            if name == "requirement":
                OUTCOMES.setdefault(number, {})[report.nodeid] = "failed" if report.failed else report.outcome


def pytest_sessionfinish(session):
    if "ETP_REQUIREMENTS" not in os.environ or hasattr(session.config, "workerinput"):
        return
    path = Path(os.environ["ETP_REQUIREMENTS"])
    known = json.loads(path.read_text()) if path.exists() else {}
    for number, tests in OUTCOMES.items():
        known.setdefault(number, {}).update(tests)
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False))
