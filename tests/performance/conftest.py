import pytest

from tests.factories.performance import signed_contract


@pytest.fixture
def contract(lot):
    """A filed contract of 30 million with a term of 400 days; `contract.at` is the moment, `.city` and `.firm` its parties."""
    return signed_contract(lot)
