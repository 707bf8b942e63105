from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from django.apps import AppConfig, apps


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "存证账本"

    def ready(self) -> None:
        for app in apps.get_app_configs():
            if app.module is not None:
                find_listeners(app.module)


def find_listeners(package: ModuleType) -> None:
    """Import the modules `listeners` and `checks` of one of our apps and of each of its rooms."""
    # Other people's packages have rooms that do not import without their optional parts.
    if not hasattr(package, "__path__") or "site-packages" in (package.__file__ or ""):
        return
    names = [package.__name__]
    names += [f"{package.__name__}.{row.name}" for row in iter_modules(package.__path__) if row.ispkg]
    for name in names:
        for part in ("listeners", "checks"):
            if find_spec(f"{name}.{part}") is not None:
                import_module(f"{name}.{part}")
