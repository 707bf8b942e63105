"""Pages kept for a moment, and sessions that are written once a minute."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from disclosure.models import Notice
from tests.factories.trading import person, published_lot
from web import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(settings):
    settings.ETP_PAGE_SECONDS = 60
    kept._pages.clear()
    published_lot()
    yield f"/notices/{Notice.objects.get().number}/"
    kept._pages.clear()


def test_a_stranger_is_answered_from_memory(url, django_assert_num_queries):
    first = Client().get(url)
    with django_assert_num_queries(0):
        again = Client().get(url)
    assert (again.status_code, again.content) == (200, first.content)
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]


def test_reading_aids_have_pages_of_their_own(url):
    plain, large = Client(), Client()
    large.cookies["size"] = "large"
    assert 'data-size="large"' not in plain.get(url).content.decode().split(">", 2)[1]
    assert 'data-size="large"' in large.get(url).content.decode().split(">", 2)[1]


def test_nobody_gets_the_page_of_somebody_who_is_signed_in(url):
    somebody = person("季无名")
    client = Client()
    client.force_login(somebody)
    assert "季无名" in client.get(url).content.decode()
    assert "季无名" not in Client().get(url).content.decode()
    assert "季无名" in client.get(url).content.decode()


def test_what_is_not_there_is_not_kept(url):
    assert Client().get("/notices/GG2026-99999/").status_code == 404
    assert kept._pages == {}


def test_a_notice_costs_as_many_queries_with_three_others_as_with_none(settings, django_assert_num_queries):
    lot = published_lot()
    first = Notice.objects.get()
    Client().get(f"/notices/{first.number}/")
    with django_assert_num_queries(3):
        Client().get(f"/notices/{first.number}/")
    for place in range(3):
        Notice.objects.create(
            number=f"X-{place}",
            kind="GC_CLAR",
            title="澄清",
            tender_number=lot.tender.number,
            category="GC",
            digest="x",
            published_at=timezone.now(),
        )
    with django_assert_num_queries(3):
        Client().get(f"/notices/{first.number}/")


def test_a_session_in_use_is_written_once_a_minute_and_does_not_end(client, monkeypatch):
    client.force_login(person())
    client.get("/")
    row = Session.objects.get(session_key=client.cookies[django_settings.SESSION_COOKIE_NAME].value)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    client.get("/")
    assert Session.objects.get(pk=row.pk).expire_date < timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr("accounts.middleware.SEEN_EVERY", 0)
    client.get("/")
    assert Session.objects.get(pk=row.pk).expire_date > timezone.now() + timedelta(minutes=29)
