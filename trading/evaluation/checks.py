"""What the audit compares: score sheets and the combined ranking with their digests."""

from ledger.audit import register
from ledger.canonical import HJ, b64u, money
from trading.evaluation.actions import table_of
from trading.evaluation.models import Evaluation, Score


def evaluation_of(said):
    return Evaluation.objects.get(lot__tender__number=said["tender"], lot__no=int(said["lot"]), round=said["round"])


def sheet_is_unchanged(body):
    said = body["d"]
    rows = Score.objects.filter(member__evaluation=evaluation_of(said), member__person__pseudonym=body["by"]["id"])
    sheet = [[row.bid_id, row.criterion_id, money(row.points)] for row in rows.order_by("bid_id", "criterion_id")]
    return None if b64u(HJ("score-sheet", sheet)) == said["digest"] else "评分表与存证不符"


def ranking_is_unchanged(body):
    said = body["d"]
    if b64u(HJ("evaluation-table", table_of(evaluation_of(said)))) != said["digest"]:
        return "评标汇总与存证不符"
    return None


register("score.submitted", sheet_is_unchanged)
register("evaluation.combined", ranking_is_unchanged)
