"""What the report carries of the committee's questions, the bidders' answers and the votes."""

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
