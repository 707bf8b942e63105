"""What the audit compares: winner, amount and notices with their entries."""

from ledger.audit import register
from ledger.canonical import money
from trading.awards.models import Award, CandidatePublicity, Contract


def awards_of(said):
    return Award.objects.filter(lot__tender__number=said["tender"], lot__no=int(said["lot"])).select_related(
        "candidate__result__bid__bid__bidder"
    )


def award_is_unchanged(body):
    said = body["d"]
    decided = [(row.candidate.result.bid.bid.bidder.uscc, money(row.candidate.result.price)) for row in awards_of(said)]
    return None if (said["winner"], said["amount"]) in decided else "中标人或中标价与存证不符"


def result_is_unchanged(body):
    said = body["d"]
    rows = awards_of(said).exclude(result_notice=None).select_related("result_notice")
    shown = [(row.result_notice.number, row.candidate.result.bid.bid.bidder.uscc) for row in rows]
    return None if (said["notice"], said["winner"]) in shown else "中标结果公告与存证不符"


def candidates_are_unchanged(body):
    return None if CandidatePublicity.objects.filter(notice__number=body["d"]["notice"]).exists() else "候选人公示与存证不符"


def contract_is_unchanged(body):
    said = body["d"]
    contract = Contract.objects.filter(notice__number=said["notice"]).first()
    return None if contract and money(contract.amount) == said["amount"] else "合同金额与存证不符"


register("award.decided", award_is_unchanged)
register("award.published", result_is_unchanged)
register("candidates.shown", candidates_are_unchanged)
register("contract.filed", contract_is_unchanged)
