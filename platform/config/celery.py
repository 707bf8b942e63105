import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery  # noqa: E402 - the import roots must stand first

app = Celery("etp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
