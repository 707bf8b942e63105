"""Load and faults against real processes, as the browser walk starts them."""

from tests.e2e.conftest import house, platform, quiet_queue  # noqa: F401 - fixtures
