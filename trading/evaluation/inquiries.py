"""What prices ask for once they are known, by the platform itself, and what the evaluation waits for.

Corrections come first: what counts by rule is what prices are compared by.
"""

from trading.evaluation import corrections, low_prices
from trading.evaluation.models import Evaluation
from trading.tenders.notices import shown

VOTED = {"open": "请各成员表决报价是否合理", "carried": "不能证明报价合理，已否决", "lost": "报价成立"}


def take_up(evaluation, *, at):
    """Ask, reject and open votes as the prices known now and the answers given by now demand; done twice, it does nothing more."""
    corrections.settle_overdue(evaluation, at=at)
    # Before the first checks are decided nobody knows between which bids prices are compared.
    if evaluation.state in (Evaluation.State.SCORING, Evaluation.State.PRICING):
        corrections.ask_confirmations(evaluation, at=at)
        if not corrections.unconfirmed(evaluation):
            low_prices.ask_reasons(evaluation, at=at)
    low_prices.open_votes(evaluation, at=at)


def open_inquiries(evaluation):
    """What nobody hands in scores before: corrections unconfirmed, low prices undecided."""
    return [*corrections.unconfirmed(evaluation), *low_prices.undecided(evaluation)]


def standing_of(question, at):
    """Where an inquiry stands and what is next, in words."""
    motion = low_prices.motion_of(question)
    if motion is not None:
        return VOTED[motion.state]
    if question.accepted is not None:
        return "已确认，按修正后的报价评审" if question.accepted else "不接受修正，已否决"
    if question.answered_at:
        return "已答复，等待表决"
    return f"等待投标人在 {shown(question.due_at)} 前答复" if at <= question.due_at else "答复时间已过"
