import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery  # noqa: E402 - the import roots must stand first
from celery.schedules import crontab  # noqa: E402
from celery.signals import beat_init, worker_init  # noqa: E402

app = Celery("etp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(
    [
        "trading.tenders",
        "trading.outages",
        "trading.opening",
        "trading.evaluation",
        "trading.frameworks",
        "trading.performance",
        "trading.archive",
        "trading.deposits",
        "supervision.clocks",
    ],
    related_name="tasks",
)
app.autodiscover_tasks(["ledger"], related_name="upkeep")
# Every task finds for itself what is due: one that is lost or late harms nothing.
app.conf.beat_schedule = {
    "deliver-events": {"task": "ledger.tasks.sweep", "schedule": 10.0},
    "send-dispatches": {"task": "postbox.tasks.sweep", "schedule": 15.0},
    "print-documents": {"task": "documents.tasks.print_forgotten", "schedule": 30.0},
    "publish-scheduled": {"task": "trading.tenders.tasks.publish_scheduled", "schedule": 15.0},
    "probe-website": {"task": "trading.outages.tasks.probe_website", "schedule": 60.0},
    "watch-limits": {"task": "supervision.clocks.tasks.watch_limits", "schedule": 600.0},
    "watch-offices": {"task": "supervision.clocks.tasks.watch_offices", "schedule": crontab(hour=8, minute=15)},
    "watch-promises": {"task": "trading.tenders.tasks.watch_promises", "schedule": 600.0},
    "remind-holders": {"task": "trading.tenders.tasks.remind_holders", "schedule": crontab(hour=9, minute=0)},
    "discard-uploads": {"task": "sealing.tasks.discard_expired", "schedule": crontab(minute=25)},
    "advance-openings": {"task": "trading.opening.tasks.advance_openings", "schedule": 3.0},
    "give-up-calls": {"task": "trading.evaluation.tasks.give_up_calls", "schedule": 30.0},
    "advance-inquiries": {"task": "trading.evaluation.tasks.advance_inquiries", "schedule": 15.0},
    "advance-draws": {"task": "draws.tasks.advance_draws", "schedule": 3.0},
    "advance-framework-orders": {"task": "trading.frameworks.tasks.advance_orders", "schedule": 30.0},
    "pack-archives": {"task": "trading.archive.tasks.build_waiting_archives", "schedule": 60.0},
    "verify-archives": {"task": "trading.archive.tasks.verify_archives", "schedule": crontab(hour=3, minute=30)},
    "fetch-revocation-lists": {"task": "accounts.tasks.fetch_revocation_lists", "schedule": crontab(minute=5)},
    "refresh-demo-lists": {"task": "config.tasks.refresh_demo_lists", "schedule": crontab(minute="*/10")},
    "watch-clock": {"task": "ledger.upkeep.watch_clocks", "schedule": 60.0},
    "stamp-checkpoint": {"task": "ledger.upkeep.stamp", "schedule": crontab(minute=5)},
    "send-refunds": {"task": "trading.deposits.tasks.send_refunds", "schedule": 20.0},
    "watch-refunds": {"task": "trading.deposits.tasks.watch_refunds", "schedule": crontab(hour="8", minute=5)},
    "compare-books": {"task": "trading.deposits.tasks.compare_books", "schedule": crontab(hour=1, minute=15)},
    "audit-ledger": {"task": "ledger.upkeep.audit", "schedule": crontab(hour=2, minute=30)},
    "remind-contracts": {"task": "trading.performance.tasks.remind_of_red_items", "schedule": crontab(hour=8, minute=0)},
    "close-assessments": {"task": "agencies.tasks.close_assessments", "schedule": crontab(minute=15)},
    "restore-experts": {"task": "experts.tasks.restore_experts", "schedule": crontab(hour=0, minute=20)},
    "close-expert-ratings": {"task": "experts.tasks.close_ratings", "schedule": crontab(hour=0, minute=25)},
    "rescore": {"task": "credit.tasks.rescore_expired", "schedule": crontab(hour=0, minute=10)},
}


@worker_init.connect
@beat_init.connect
def stand_on_official_time(**_):
    """A worker or a beat that could not make sure of the official clock does not start."""
    from django.db import connection

    from rulebook.clock import check_clock

    try:
        check_clock()
    except Exception as wrong:
        # Celery goes on after any lesser exception in a listener of its signals.
        raise SystemExit(f"official time: {wrong}") from wrong
    finally:
        connection.close()
