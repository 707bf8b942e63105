"""What was opened does not lie open on the disk."""

import os
from threading import Thread

import pytest

from sealing import vault

pytestmark = pytest.mark.django_db


def test_a_kept_file_comes_back_and_is_unreadable_on_disk():
    plain = b"price 1234567.80 " * 20000
    row = vault.store([plain[:7], plain[7:100000], plain[100000:]])
    assert b"".join(vault.read(row)) == plain
    assert row.size == len(plain)
    assert b"1234567.80" not in row.path.read_bytes()


def test_each_file_has_a_key_of_its_own():
    first, second = vault.store([b"same"]), vault.store([b"same"])
    assert vault.unwrap_key(first.wrapped_key) != vault.unwrap_key(second.wrapped_key)


def test_a_changed_file_is_not_given_out():
    row = vault.store([os.urandom(100000)])
    data = bytearray(row.path.read_bytes())
    data[-1] ^= 1
    row.path.write_bytes(data)
    with pytest.raises(ValueError, match="changed"):
        list(vault.read(row))


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    found = []
    threads = [Thread(target=lambda: found.append(vault.vault_key.__wrapped__(tmp_path / "keys"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["vault.key"]
    assert (tmp_path / "keys" / "vault.key").stat().st_mode & 0o777 == 0o600
