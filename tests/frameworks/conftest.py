import re
from datetime import timedelta

import pytest

from rulebook.clock import pretend
from tests.factories.trading import PDF


@pytest.fixture(autouse=True)
def real_time():
    yield
    pretend(timedelta(0))


@pytest.fixture(autouse=True)
def quick_print(request, monkeypatch):
    """Contracts are printed for real only where a test asks for it: printing takes long."""
    if "real_print" not in request.fixturenames:
        monkeypatch.setattr("trading.frameworks.actions.deciding.print_pdf", lambda template, context: PDF)


@pytest.fixture
def real_print():
    pass


class Doors:
    """The doors of the room, as people go through them: each act is a form that is posted."""

    def __init__(self, client):
        self.client = client

    def enter(self, person):
        self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return self.client

    def page(self, person, path):
        answer = self.enter(person).get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def post(self, person, path, **fields):
        """Posted and done: the page it leads to."""
        answer = self.enter(person).post(path, fields)
        assert answer.status_code == 302, words(answer)
        return answer.url

    def refused(self, person, path, **fields):
        """Posted and refused: the page says why."""
        answer = self.enter(person).post(path, fields)
        assert answer.status_code != 302
        return answer.content.decode()

    def step(self, person, order, name, **fields):
        return self.post(person, step_path(order, name), move=name, **fields)

    def step_refused(self, person, order, name, **fields):
        return self.refused(person, step_path(order, name), move=name, **fields)


def step_path(order, name):
    return f"/work/framework-orders/{order.number}/steps/{name}/"


def words(answer):
    return answer.status_code, re.findall(r'class="err[^>]*>(.*?)</div>', answer.content.decode(), re.S)


@pytest.fixture
def doors(client, db):
    return Doors(client)
