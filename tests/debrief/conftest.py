"""Who opens which debrief, as the doors see it."""

import pytest
from django.urls import reverse

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def visit(client):
    """`visit(person, lot)`: what the lot's debrief page answers that person."""

    def get(person, lot):
        client.force_login(person, backend=BACKEND)
        return client.get(reverse("trading:debrief", args=[lot.tender.number, lot.no]))

    return get


@pytest.fixture
def read(client):
    """`read(person, document)`: what the document's address answers that person."""

    def get(person, document):
        client.force_login(person, backend=BACKEND)
        return client.get(reverse("documents:document", args=[document.check_code]))

    return get
