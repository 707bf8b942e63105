from tests.sealing.conftest import bidder  # noqa: F401 - a fixture
from tests.sealing.test_browser import chromium, scripts  # noqa: F401 - fixtures
