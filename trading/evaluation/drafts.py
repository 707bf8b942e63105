"""What a member has typed at the desk and not handed in yet: kept as they type, and legible to nobody but them."""

import re
from datetime import datetime
from typing import Any

from django.db import models, transaction

from rulebook.refusals import Refused
from sealing.vault import conceal, revealed
from trading.evaluation.models import CommitteeMember, Evaluation

PURPOSE = "evaluation/draft"
FIELD = re.compile(r"(check|reason|points|remark)-[0-9]{1,18}-[0-9]{1,18}")
# As long as the remark that a sheet takes.
LONGEST = 300
MOST = 5000


class EvaluationDraft(models.Model):
    """One seat's unfinished sheet. Its content lies concealed: who reads the database learns that somebody types, not what."""

    member = models.OneToOneField(CommitteeMember, models.PROTECT, related_name="draft")
    # {field of the desk's form: text}
    content = models.BinaryField()
    saved_at = models.DateTimeField()


@transaction.atomic
def keep_draft(seat: CommitteeMember, fields: Any, *, at: datetime) -> EvaluationDraft:
    """Keep what stands in the sheet of a seat, in place of what was kept before; no official act, so the ledger learns nothing.

    Refused once the sheet is handed in: a save that comes late must not leave a draft behind.
    """
    # The lock that handing in takes as well.
    evaluation = Evaluation.objects.select_for_update().get(pk=seat.evaluation_id)
    seat = CommitteeMember.objects.get(pk=seat.pk)
    if seat.pledged_at is None or seat.state != CommitteeMember.State.ACCEPTED or not is_writing(evaluation, seat):
        raise Refused("not_writing", "你的评审意见已经提交，或者评审已进入下一阶段，不再保存草稿。", next_step="请刷新页面。")
    if not isinstance(fields, dict) or len(fields) > MOST or not all(fits(name, text) for name, text in fields.items()):
        raise Refused("bad_draft", "草稿的内容不完整。", next_step="请刷新页面后重试。", status=400)
    content = conceal(PURPOSE, fields, bound=str(seat.pk))
    return EvaluationDraft.objects.update_or_create(member=seat, defaults={"content": content, "saved_at": at})[0]


def is_writing(evaluation: Evaluation, seat: CommitteeMember) -> bool:
    """Whether the seat has a sheet before it that it has not handed in."""
    S = Evaluation.State
    handed_in = {S.REVIEWING: seat.review_submitted_at, S.SCORING: seat.scores_submitted_at}
    return handed_in.get(S(evaluation.state), True) is None


def fits(name: object, text: object) -> bool:
    return isinstance(name, str) and bool(FIELD.fullmatch(name)) and isinstance(text, str) and len(text) <= LONGEST


def draft_of(seat: CommitteeMember) -> dict[str, str]:
    """What the seat has typed so far."""
    row = EvaluationDraft.objects.filter(member=seat).first()
    return revealed(PURPOSE, row.content, bound=str(seat.pk)) if row else {}


def forget_drafts(*seats: CommitteeMember) -> None:
    """The sheet was handed in, the seat given up or the evaluation ended: nothing is left of what was typed."""
    EvaluationDraft.objects.filter(member__in=seats).delete()
