"""Sheets that were refused for differing from the others': counted, slowed down, and told in the report."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from ledger.canonical import instant
from rulebook.refusals import Refused
from sealing.vault import conceal
from trading.evaluation.bounds import TRIES
from trading.evaluation.models import CommitteeMember, Evaluation, SheetTries
from trading.tenders.notices import shown

DIFFERS = ("objective_differs", "outlier")


@contextmanager
def counted(seat: CommitteeMember, *, at: datetime) -> Iterator[None]:
    """Around handing in a sheet: refused for differing, it is counted, which the refusal itself would undo."""
    try:
        with transaction.atomic():
            refuse_hasty(seat, at)
            yield
    except Refused as refusal:
        if refusal.code in DIFFERS:
            note_try(seat, at=at)
        raise


def refuse_hasty(seat: CommitteeMember, at: datetime) -> None:
    """After the free tries each further one waits: marks are not found out by trying."""
    # One try after the other: many at once would all find the pause not begun.
    Evaluation.objects.select_for_update().get(pk=seat.evaluation_id)
    row = SheetTries.objects.filter(member=seat).first()
    if row is None or row.content["count"] < TRIES.free:
        return
    again = datetime.fromisoformat(row.content["at"]) + TRIES.pause
    if at < again:
        TRIES.refuse(
            f"评分已因与其他成员不一致被退回 {row.content['count']} 次，请在 {shown(again)} 以后再提交。",
            next_step="请先与其他成员一起核对证明材料。",
        )


@transaction.atomic
def note_try(seat: CommitteeMember, *, at: datetime) -> None:
    Evaluation.objects.select_for_update().get(pk=seat.evaluation_id)
    row = SheetTries.objects.filter(member=seat).first()
    count = row.content["count"] + 1 if row else 1
    sealed = conceal("evaluation/tries", {"count": count, "at": instant(at)}, bound=str(seat.pk))
    SheetTries.objects.update_or_create(member=seat, defaults={"sealed": sealed})
