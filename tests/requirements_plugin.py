"""Remembers which numbered requirements the tests of a full run proved, for `bin/requirements`."""

import json
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "var" / "requirements.json"


def pytest_configure(config):
    config.stash_requirements = {}


def pytest_collection_modifyitems(config, items):
    for item in items:
        for marker in item.iter_markers("requirement"):
            for number in marker.args:
                config.stash_requirements.setdefault(number, {})[item.nodeid] = "not run"


def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        OUTCOMES[report.nodeid] = "failed" if report.failed else report.outcome


OUTCOMES: dict[str, str] = {}


def pytest_sessionfinish(session):
    whole = not session.config.option.keyword and not session.config.option.markexpr and session.config.args_source.name != "ARGS"
    if not whole or hasattr(session.config, "workerinput"):
        return
    rows = {
        number: {test: OUTCOMES.get(test, outcome) for test, outcome in tests.items()}
        for number, tests in session.config.stash_requirements.items()
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
