"""What the report carries of the committee's questions, the bidders' answers, the votes, of who watched, and of other venues."""

from decimal import Decimal

from trading.evaluation.models import BidQuestion, CommitteeMember, SheetTries
from trading.evaluation.offsite import breaks_of, venues_of
from trading.remote.queries import lines_of
from trading.tenders.notices import shown


def annexes_of(evaluation):
    """Questions with their answers, inquiries into prices, and motions with how each member voted, as the report prints them."""
    questions = evaluation.questions.filter(matter=BidQuestion.Matter.CLARITY).select_related("bid__bid__bidder", "proof")
    motions = evaluation.motions.filter(question=None).select_related("bid__bid__bidder").prefetch_related("votes__member")
    return {
        "inquiries": inquiries_of(evaluation),
        "tries": tries_of(evaluation),
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
                "votes": votes_of(row),
            }
            for row in motions
        ],
    }  # fmt: skip


def votes_of(motion):
    return [{"name": vote.member.person.name, "agrees": vote.agrees, "reason": vote.reason} for vote in motion.votes.order_by("at")]


def inquiries_of(evaluation):
    """Each inquiry into a price: why, what was asked, the answer and its proof, the votes with their reasons, the conclusion."""
    rows = evaluation.questions.exclude(matter=BidQuestion.Matter.CLARITY).select_related("bid__bid__bidder", "proof", "motion")
    rejected = dict(evaluation.rejections.values_list("bid_id", "reason"))
    found = [
        {
            "name": row.bid.bidder.name, "matter": row.get_matter_display(), "asked": shown(row.asked_at),
            "reasons": "，".join(row.details.get("reasons", [])), "lines": row.details.get("lines", []),
            "figures": "，".join(f"{label} {value}" for label, value in row.details.get("figures", [])),
            "text": "" if row.details else row.text, "answer": row.answer or "逾期没有答复", "proof": row.proof.name if row.proof else "",
            "votes": votes_of(row.motion) if hasattr(row, "motion") else [], "conclusion": conclusion_of(row, rejected.get(row.bid_id)),
        }
        for row in rows
    ]  # fmt: skip
    carried = evaluation.corrections.exclude(question__evaluation=evaluation).select_related("bid__bid__bidder", "question")
    return found + [
        {
            "name": row.bid.bidder.name, "matter": row.question.get_matter_display(), "asked": shown(row.question.asked_at), "lines": row.lines,
            "answer": row.question.answer, "conclusion": f"投标人在此前的评审中已经确认，按 {row.price:,.2f} 元评审",
        }
        for row in carried
    ]  # fmt: skip


def conclusion_of(question, rejection):
    """What came of an inquiry; `rejection` is why its bid fell, if it did."""
    if rejection is not None:
        return f"否决投标：{rejection}"
    if question.matter == BidQuestion.Matter.LOW_PRICE:
        return "报价成立"
    return f"投标人确认修正，按 {Decimal(question.details['by_rule']):,.2f} 元评审"


def tries_of(evaluation):
    """Whose sheets were refused for differing from the others', and how often."""
    rows = SheetTries.objects.filter(member__evaluation=evaluation).select_related("member").order_by("member__order")
    return [{"name": f"{row.member.order} 号席 {row.member.person.name}", "count": row.content["count"]} for row in rows]


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
