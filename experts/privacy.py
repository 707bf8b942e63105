"""What of a person stands encrypted at rest: numbers, accounts, birthday, address, relatives. Nothing here says who may read it.

One object per person under AES-256-GCM, its key derived from the vault's; the person's pseudonym is bound in, so that a row
moved to another person opens for nobody.
"""

from accounts.models import Person
from experts.models import PersonalRecord
from sealing.vault import conceal, marked, revealed

FIELDS = {
    "identity": "身份证号",
    "birthday": "出生日期",
    "address": "通讯地址",
    "phone": "其他联系电话",
    "bank": "开户银行",
    "account": "银行账号",
    "relatives": "近亲属",
}


def opened(record: PersonalRecord) -> dict[str, str]:
    """All protected values of a person. Whoever shows them to somebody else records the look (`experts.actions.looks`)."""
    return revealed("experts/record", record.sealed, bound=record.person.pseudonym)


def identity_digest(number: str) -> str:
    return marked("experts/identity", number)


def values_of(person: Person) -> dict[str, str]:
    """The person's own values; an empty object where nothing was entered yet."""
    record = PersonalRecord.objects.filter(person=person).first()
    return opened(record) if record else {}


def keep(person: Person, values: dict[str, str]) -> None:
    """Encrypt the person's values anew, as they now are."""
    number = values.get("identity")
    PersonalRecord.objects.update_or_create(
        person=person,
        defaults={
            "sealed": conceal("experts/record", values, bound=person.pseudonym),
            "identity_digest": identity_digest(number) if number else None,
        },
    )


def taken_by_another(person: Person, number: str) -> bool:
    return PersonalRecord.objects.filter(identity_digest=identity_digest(number)).exclude(person=person).exists()
