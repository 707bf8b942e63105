"""Witnessed stages, complete files and sealed volumes, through the real actions."""

from django.db import transaction

from ledger.acts import record
from rulebook.clock import database_now
from tests.factories.documents import seal_documents
from tests.factories.trading import stored
from trading.archive import actions
from trading.archive.models import LotArchive
from trading.archive.queries import completeness_of
from trading.awards.actions import current_award, submit_written_report
from trading.opening.events import LotLocked
from trading.witness.actions import answer_point, sign_record, write_line
from trading.witness.queries import open_points


def lock_in_ledger(lot):
    """The factory's opening left no entry; a real one begins with this."""
    with transaction.atomic():
        record(LotLocked(tender=lot.tender.number, lot=lot.key, n=lot.openings.get().count, bids_root="x"), by=None)


def answer_all(lot, stage, *, by):
    for point in open_points(lot, stage, database_now()):
        answer_point(lot, stage, point.code, "ok", by=by, at=database_now())


def witnessed(lot, *stages):
    """The records of these stages with one line each, every risk point answered, signed."""
    staff = lot.city.staff
    for stage in stages:
        now = database_now()
        write_line(lot, stage, seen_at=now, place="第一开标厅", present="代理机构 2 人", text="过程正常。", by=staff, at=now)
        answer_all(lot, stage, by=staff)
        sign_record(lot, stage, by=staff, at=database_now())


def complete(lot):
    """Whatever is still missing comes as a paper from the centre, and the written report through its page's action."""
    lot.refresh_from_db()
    for row in completeness_of(lot, database_now()).missing:
        if row.item.code == "report":
            submit_report(lot)
        else:
            add_paper(lot, row.item.code)


def submit_report(lot):
    award, by = current_award(lot), lot.city.handler
    submit_written_report(award, stored(by, lot.city.agency, "contract"), by=by, at=database_now())


def add_paper(lot, item="", title="补交材料"):
    centre, staff = lot.city.centre, lot.city.staff
    file = stored(staff, centre, "archive")
    return actions.add_paper(lot, title, file, item=item, organisation=centre, by=staff, at=database_now())


def sealed(lot):
    """The next volume of a lot, packed."""
    archive = actions.request_archive(lot, by=lot.city.staff, at=database_now())
    seal_documents()
    actions.finish_archive(archive, at=database_now())
    return LotArchive.objects.get(pk=archive.pk)
