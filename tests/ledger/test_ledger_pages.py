"""The log in public: files for machines, pages for people."""

import pytest
from django.urls import reverse

from ledger.note import verify
from ledger.sequencer import sequence_once
from ledger.signer import signer
from tests.factories.ledger import happen

pytestmark = pytest.mark.django_db


def content(response):
    return response.getvalue()


def test_anyone_can_fetch_the_log_file_by_file(client, fresh_ledger):
    entry = happen(what="公开的事")
    sequence_once()
    note = content(client.get("/ledger/checkpoint"))
    assert verify(note.decode(), signer().name, signer().ledger_public_key()).size == 1
    assert content(client.get("/ledger/checkpoints.txt")) == note + b"\n"
    assert content(client.get("/ledger/tile/0/000.p/1")) == bytes(entry.leaf_hash)
    data = bytes(entry.data)
    assert content(client.get("/ledger/tile/entries/000.p/1")) == len(data).to_bytes(2, "big") + data


def test_full_tiles_never_change_and_partial_ones_are_asked_for_again(client, fresh_ledger):
    for n in range(257):
        happen(what=str(n))
    sequence_once()
    caching = {
        path: client.get(f"/ledger/{path}")["Cache-Control"] for path in ("tile/0/000", "tile/0/001.p/1", "tile/entries/000", "checkpoint")
    }
    assert ["immutable" in value for value in caching.values()] == [True, False, True, False]


@pytest.mark.parametrize("path", ["../keys/ledger.key", "tile/../../keys/ledger.key", "tile/0", "nothing", "%2e%2e/keys"])
def test_nothing_but_the_log_is_served(client, fresh_ledger, path):
    happen()
    sequence_once()
    assert client.get(f"/ledger/{path}").status_code == 404


def test_an_entry_is_shown_with_its_proof_and_how_to_check_it(client, fresh_ledger):
    happen(what="另一件事")
    entry = happen(what="公开的事", private={"name": "张三"})
    sequence_once()
    page = client.get(reverse("web:ledger_entry", args=[entry.pk])).content.decode()
    assert "公开的事" in page and bytes(entry.leaf_hash).hex()[:8] in page.replace(" ", "")
    assert "核验方法" in page and "张三" not in page


def test_an_entry_without_a_place_says_so(client, fresh_ledger):
    entry = happen()
    assert "正在登记" in client.get(reverse("web:ledger_entry", args=[entry.pk])).content.decode()


def test_a_blinded_entry_shows_nothing_of_the_act(client, fresh_ledger):
    entry = happen("secret-stream", "投标", secret=True)
    sequence_once()
    page = client.get(reverse("web:ledger_entry", args=[entry.pk])).content.decode()
    assert "secret-stream" not in page and "happened" not in page and "somebody" not in page
