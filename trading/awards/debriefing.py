"""Handing every loser its debrief once a result is public, and taking it back when the result falls."""

from django.db import transaction

from documents.actions import request_document, void_document
from documents.models import OfficialDocument
from postbox.actions import tell_members
from trading.awards.contesting import after_candidates, after_procurement, after_works_end
from trading.awards.debrief import Outcome, debrief_for
from trading.bidding.queries import bidders_of
from trading.procedures.versions import procedure_of
from trading.projects.models import Category

KIND = "debrief"


def subject_of(lot):
    """A stream of its own: what one bidder may read lies not among the papers of the tender."""
    return f"debrief/{lot.tender.number}/{lot.key}"


def debriefs_of(lot, bidder=None):
    """The debriefs of a lot, the newest first; of one bidder alone if named."""
    rows = OfficialDocument.objects.filter(kind=KIND, subject=subject_of(lot)).order_by("-pk")
    return rows.filter(readers=bidder) if bidder else rows


def standing(lot, bidder=None):
    return debriefs_of(lot, bidder).filter(superseded_by=None, voided_at=None)


def candidates_outcome(publicity):
    """A works result as it hangs out: the first candidate is who would win."""
    first = publicity.candidates.filter(passed_over_at=None).select_related("result__bid__bid__bidder").first()
    return Outcome(
        publicity.evaluation, after_candidates(publicity.lot, publicity), publicity.notice.number, winner=first.result,
        winner_word="第一中标候选人",
    )  # fmt: skip


def award_outcome(award):
    """A result that was announced: of a procurement, or of works where another than the first candidate has won."""
    lot, known_at = award.lot, award.published_at
    if lot.tender.project.category == Category.PROCUREMENT:
        remedies = after_procurement(lot, known_at, "采购过程和中标结果：评分、排名、投标无效的认定")
    else:
        remedies = after_works_end(lot, known_at, "定标和中标结果违反法律规定")
    return Outcome(
        award.candidate.publicity.evaluation, remedies, award.result_notice.number, winner=award.candidate.result,
        winner_word=procedure_of(lot.tender).actor("winner"),
    )  # fmt: skip


def failed_outcome(lot, notice):
    """A lot that has ended without a winner, and why."""
    about = "否决投标和招标失败的决定"
    if lot.tender.project.category == Category.PROCUREMENT:
        remedies = after_procurement(lot, notice.published_at, f"采购过程：{about}", result=False)
    else:
        remedies = after_works_end(lot, notice.published_at, about)
    return Outcome(lot.evaluations.order_by("-round").first(), remedies, notice.number, failure=dict(notice.facts)["原因"])


def bid_debriefs(lot, outcome):
    """{bidder: its debrief} of all whose bids count and that have not won."""
    winner = outcome.winner.bid.bidder if outcome.winner else None
    return {bidder: debrief_for(lot, bidder, outcome) for bidder in bidders_of(lot) if bidder != winner}


@transaction.atomic
def issue_debriefs(lot, contents, *, by, at):
    """Give each loser its document and a message; one that it had of an earlier result is superseded.

    A loser that was told of this very result already gets nothing; who has won after all loses its debrief.
    """
    for bidder, content in contents.items():
        last = debriefs_of(lot, bidder).first()
        if last is not None and last.voided_at is None and last.context["basis"] == content["basis"]:
            continue
        document = request_document(
            KIND, subject=subject_of(lot), title=f"{lot.tender.name}{lot.name}评审结果告知书", context=content, by=by, at=at,
            readers=[bidder], supersedes=last,
        )  # fmt: skip
        tell_members(
            bidder, f"评审结果告知书：{lot.tender.name}{lot.name}", content["sentence"], link=address_of(lot), key=f"debrief/{document.pk}"
        )
    void_debriefs(lot, "结果已变更，你单位已被确定为中标（成交）人。", by=by, at=at, besides=contents)


@transaction.atomic
def void_debriefs(lot, reason, *, by, at, besides=()):
    """The result that debriefs speak of stands no more: they are void, and their readers are told."""
    for document in standing(lot).exclude(readers__in=list(besides)):
        void_document(document, reason=reason, by=by, at=at)
        for bidder in document.readers.all():
            tell_members(
                bidder,
                f"评审结果告知书已失效：{lot.tender.name}{lot.name}",
                reason[:300],
                link=address_of(lot),
                key=f"debrief-void/{document.pk}",
            )


def address_of(lot):
    return f"/me/bids/{lot.tender.number}/{lot.no}/debrief/"
