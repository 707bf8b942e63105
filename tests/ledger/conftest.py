import json
from pathlib import Path

import pytest

from tests.conftest_ledger import (  # noqa: F401 - fixtures
    _transactional_tests_may_empty_the_ledger,
    deliver_events,
    fresh_ledger,
)

VECTORS = Path(__file__).resolve().parents[1] / "data" / "trust-vectors.json"


@pytest.fixture(scope="session")
def vectors():
    return json.loads(VECTORS.read_text())
