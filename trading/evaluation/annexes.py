"""What the report carries of the committee's questions, the bidders' answers, the votes, of who watched, and of other venues."""

from trading.evaluation.models import CommitteeMember
from trading.evaluation.offsite import breaks_of, venues_of
from trading.remote.queries import lines_of
from trading.tenders.notices import shown


def annexes_of(evaluation):
    """Questions with their answers, and motions with how each member voted, as the report prints them."""
    questions = evaluation.questions.select_related("bid__bid__bidder", "proof")
    motions = evaluation.motions.select_related("bid__bid__bidder").prefetch_related("votes__member")
    return {
        "questions": [
            {
                "name": row.bid.bidder.name, "matter": row.get_matter_display(), "text": row.text, "at": shown(row.asked_at),
                "answer": row.answer or "逾期没有答复", "proof": row.proof.name if row.proof else "",
            }
            for row in questions
        ],
        "motions": [
            {
                "name": row.bid.bidder.name, "clause": row.clause, "reason": row.reason, "result": row.get_state_display(),
                "votes": [
                    {"name": vote.member.person.name, "agrees": vote.agrees, "reason": vote.reason} for vote in row.votes.order_by("at")
                ],
            }
            for row in motions
        ],
    }  # fmt: skip


def remote_of(evaluation):
    """Where the members sat, how the line broke, and what they wrote to each other: nothing where all sat in one place."""
    lines = lines_of(evaluation.lot, evaluation.round)
    return {
        "venues": venues_of(evaluation),
        "interruptions": breaks_of(evaluation),
        "discussion": [{"seat": row.seat, "at": shown(row.at), "text": row.words} for row in lines],
    }


def monitoring_of(evaluation):
    """What the supervising experts wrote, one after the other: remarks with their times, and the report."""
    rows = CommitteeMember.monitors.filter(evaluation=evaluation, notes__isnull=False).distinct()
    return [
        {
            "name": f"{row.order} 号席 {row.person.name}",
            "notes": [{"at": shown(note.at), "text": note.text, "report": note.report} for note in row.notes.all()],
        }
        for row in rows
    ]
