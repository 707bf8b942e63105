"""What of a person stands encrypted at rest: numbers, accounts, birthday, address, relatives. Nothing here says who may read it.

One object per person under AES-256-GCM, its key derived from the vault's; the person's pseudonym is bound in, so that a row
moved to another person opens for nobody.
"""

import hashlib
import hmac
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.models import Person
from experts.models import PersonalRecord
from ledger.canonical import b64u
from sealing.vault import vault_key

FIELDS = {
    "identity": "身份证号",
    "birthday": "出生日期",
    "address": "通讯地址",
    "phone": "其他联系电话",
    "bank": "开户银行",
    "account": "银行账号",
    "relatives": "近亲属",
}


def derived(purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"etp/experts/v1/" + purpose).derive(vault_key(settings.ETP_KEYS))


def sealed(person: Person, values: dict[str, str]) -> bytes:
    nonce = os.urandom(12)
    plain = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    return nonce + AESGCM(derived(b"record")).encrypt(nonce, plain, person.pseudonym.encode())


def opened(record: PersonalRecord) -> dict[str, str]:
    """All protected values of a person. Whoever shows them to somebody else records the look (`experts.actions.looks`)."""
    data = bytes(record.sealed)
    return json.loads(AESGCM(derived(b"record")).decrypt(data[:12], data[12:], record.person.pseudonym.encode()))


def identity_digest(number: str) -> str:
    return b64u(hmac.new(derived(b"identity"), number.encode(), hashlib.sha256).digest())


def values_of(person: Person) -> dict[str, str]:
    """The person's own values; an empty object where nothing was entered yet."""
    record = PersonalRecord.objects.filter(person=person).first()
    return opened(record) if record else {}


def keep(person: Person, values: dict[str, str]) -> None:
    """Encrypt the person's values anew, as they now are."""
    number = values.get("identity")
    PersonalRecord.objects.update_or_create(
        person=person, defaults={"sealed": sealed(person, values), "identity_digest": identity_digest(number) if number else None}
    )


def taken_by_another(person: Person, number: str) -> bool:
    return PersonalRecord.objects.filter(identity_digest=identity_digest(number)).exclude(person=person).exists()
