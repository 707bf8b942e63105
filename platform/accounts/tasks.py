"""Fetching the authorities' revocation lists."""

import hashlib
import logging
import urllib.request
from pathlib import Path

from celery import shared_task
from django.conf import settings

from accounts.certificates.reading import has_signed_list
from accounts.certificates.trust import authorities, read_list

log = logging.getLogger(__name__)

PATIENCE = 30
LARGEST = 64 * 1024 * 1024


@shared_task
def fetch_revocation_lists() -> None:
    """Ask each address of ETP_CRL_URLS for its list. What cannot be had, or is not an authority's, leaves the old one in place."""
    for url in settings.ETP_CRL_URLS:
        try:
            keep_list(url, download(url))
        except (OSError, ValueError) as wrong:
            log.error("revocation list %s: %s", url, wrong)


def download(url: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ValueError("neither http nor https")
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - http or https, from the settings
        data = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("too large")
    return data


def keep_list(url: str, data: bytes) -> None:
    """Put the list into ETP_CRLS, unless it is nobody's whom we know, or older than the one there (ValueError)."""
    listed = read_list(data)
    if not any(has_signed_list(each, listed) for group in authorities() for each in group):
        raise ValueError("not signed by an authority that is trusted here")
    folder = Path(settings.ETP_CRLS)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.crl"
    if path.exists() and listed.last_update_utc < read_list(path.read_bytes()).last_update_utc:
        raise ValueError("older than the one we have")
    draft = path.with_name(f".{path.name}")
    draft.write_bytes(data)
    draft.replace(path)
