import json
from pathlib import Path

import pytest

from tests.conftest_ledger import deliver_events, fresh_ledger  # noqa: F401 - fixtures

VECTORS = Path(__file__).resolve().parents[1] / "data" / "trust-vectors.json"


@pytest.fixture(scope="session")
def vectors():
    return json.loads(VECTORS.read_text())
