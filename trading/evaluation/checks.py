"""What the audit compares: score sheets and the combined ranking with their digests."""

from decimal import Decimal

from ledger.audit import register
from ledger.canonical import HJ, b64u, money
from trading.evaluation.actions import table_of
from trading.evaluation.corrections import correction_digest
from trading.evaluation.models import BidQuestion, CommitteeMember, Evaluation, Score, Sheet
from trading.evaluation.monitoring import digest_of


def evaluation_of(said):
    return Evaluation.objects.get(lot__tender__number=said["tender"], lot__no=int(said["lot"]), round=said["round"])


def sheet_is_unchanged(body):
    """The concealed sheet against the digest of its handing in, and the scores made of it, once there are, against the sheet."""
    seat = CommitteeMember.called.get(evaluation=evaluation_of(body["d"]), order=body["by"]["id"].removeprefix("seat-"))
    if seat.state != CommitteeMember.State.ACCEPTED:
        # Replaced since: what was handed in is void and deleted.
        return None
    sheet = seat.sheets.filter(stage=Sheet.Stage.SCORE).first()
    if sheet is None:
        return "评分表不在了"
    if sheet.digest != body["d"]["digest"]:
        return "评分表与存证不符"
    scores = Score.objects.filter(member=sheet.member).order_by("bid_id", "criterion_id")
    rows = [[row.bid_id, row.criterion_id, money(row.points), row.remark] for row in scores]
    return None if not rows or rows == sheet.rows else "评分与提交的评分表不符"


def blind_sheet_is_unchanged(body):
    """The concealed blind sheet against its digest, and the points of the score sheet against what was given blind."""
    seat = CommitteeMember.objects.get(evaluation=evaluation_of(body["d"]), order=body["by"]["id"].removeprefix("seat-"))
    if seat.state != CommitteeMember.State.ACCEPTED:
        return None
    sheets = {sheet.stage: sheet for sheet in seat.sheets.all()}
    sheet = sheets.get(Sheet.Stage.BLIND)
    if sheet is None or sheet.digest != body["d"]["digest"]:
        return "技术（暗标）评分表与存证不符"
    blind = {(bid, criterion): points for bid, criterion, points, _ in sheet.rows}
    given = sheets[Sheet.Stage.SCORE].rows if Sheet.Stage.SCORE in sheets else []
    changed = any(blind.get((bid, criterion), points) != points for bid, criterion, points, _ in given)
    return "评分表与暗标评分不符" if changed else None


def ranking_is_unchanged(body):
    said = body["d"]
    if b64u(HJ("evaluation-table", table_of(evaluation_of(said)))) != said["digest"]:
        return "评标汇总与存证不符"
    return None


def correction_is_unchanged(body):
    """What was asked about a correction, the bidder's answer and the price that counts, against the digest of the answer."""
    question = BidQuestion.objects.get(pk=body["d"]["question"])
    prices = set(question.corrections.values_list("price", flat=True))
    counted = prices == {Decimal(question.details["by_rule"])} if question.accepted else not prices
    same = correction_digest(question) == body["d"]["digest"] and question.accepted == body["d"]["accepted"]
    return None if same and counted else "算术修正与投标人答复时的存证不符"


def monitoring_is_unchanged(body):
    seat = CommitteeMember.monitors.get(evaluation=evaluation_of(body["d"]), order=body["by"]["id"].removeprefix("seat-"))
    return None if digest_of(seat) == body["d"]["digest"] else "监标记录或者监标报告与存证不符"


register("evaluation.corrected", correction_is_unchanged)
register("evaluation.monitored", monitoring_is_unchanged)
register("score.submitted", sheet_is_unchanged)
register("score.blind", blind_sheet_is_unchanged)
register("evaluation.combined", ranking_is_unchanged)
