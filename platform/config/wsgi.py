import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the import roots must stand first
from django.db import connection  # noqa: E402

application = get_wsgi_application()

from rulebook.clock import check_clock  # noqa: E402 - models can be read only now

check_clock()
# No connection may be shared with processes that a server forks from this one.
connection.close()
