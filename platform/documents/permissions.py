"""Who may read files and documents that are not public; the rooms that own a purpose say so."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import Organisation, Person
from documents.models import OfficialDocument, StoredFile

Visitor = Person | AnonymousUser
_readers: dict[str, Callable[[Any, Organisation | None, Any], bool]] = {}


def register_reader(purpose: str, function: Callable[[Any, Organisation | None, Any], bool]) -> None:
    """`function(person, organisation, obj) -> bool` decides for files of this purpose or documents of this kind."""
    _readers[purpose] = function


def may_read_file(person: Visitor, organisation: Organisation | None, file: StoredFile) -> bool:
    if file.public or (person.is_authenticated and file.uploaded_by_id == person.pk):
        return True
    if file.organisation_id and organisation is not None and file.organisation_id == organisation.pk:
        return True
    return person.is_authenticated and file.purpose in _readers and _readers[file.purpose](person, organisation, file)


def may_read_document(person: Visitor, organisation: Organisation | None, document: OfficialDocument) -> bool:
    if document.public:
        return True
    if not person.is_authenticated:
        return False
    if organisation is not None and document.readers.filter(pk=organisation.pk).exists():
        return True
    return document.kind in _readers and _readers[document.kind](person, organisation, document)
