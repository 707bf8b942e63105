"""Which procedures there are, and on which version a tender runs."""

from datetime import date
from functools import cache

from rulebook.clock import city_day, database_now
from trading.procedures.loading import load
from trading.procedures.procedures import Procedure


@cache
def all_versions() -> tuple[Procedure, ...]:
    """Every version of every procedure, as the files stand."""
    return load()


def versions_of(code: str) -> tuple[Procedure, ...]:
    """All versions of a procedure, the newest first."""
    return tuple(sorted((each for each in all_versions() if each.code == code), key=lambda each: each.since, reverse=True))


def version_on(code: str, day: date) -> Procedure:
    """The version that holds on a day. LookupError where none does."""
    found = [each for each in all_versions() if each.code == code and each.holds_on(day)]
    if not found:
        raise LookupError(f"no version of {code} holds on {day}")
    return found[0]


def procedure_of(tender) -> Procedure:
    """The version a tender began with; a registration that is not yet taken in follows today's."""
    if tender.procedure_since is None:
        return version_on(tender.procedure, city_day(database_now()))
    return next(each for each in all_versions() if each.code == tender.procedure and each.since == tender.procedure_since)


def offered(day: date) -> tuple[Procedure, ...]:
    """The procedures that may begin on a day, in the order of their files."""
    return tuple(each for each in all_versions() if each.holds_on(day))
