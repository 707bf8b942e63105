from celery import shared_task
from django.conf import settings

from config.demo.authority import Authority
from config.demo.certificate_keys import SCHEMES
from rulebook.clock import database_now


@shared_task
def refresh_demo_lists():
    """The simulated authority's revocation lists never grow old while a demonstration runs."""
    folder = settings.VAR / "demo-ca"
    if settings.ETP_CONSOLES:
        for scheme in SCHEMES:
            if (folder / "keys" / f"{scheme}-issuing.key").exists():
                Authority(folder, scheme, at=database_now()).write_lists(at=database_now())
