"""Doing an evaluation again from what was sealed, and saying where what is stored differs.

`recomputed` reads the sealed inputs; `recomputed_in_public` works with published notices alone, as anybody could.
"""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from disclosure.models import Notice
from ledger.canonical import money
from ledger.models import LedgerEntry
from trading.evaluation import declared
from trading.evaluation.arithmetic import sums_of
from trading.evaluation.bids import judged_offers
from trading.evaluation.checks import correction_is_unchanged, ranking_is_unchanged, sheet_is_unchanged
from trading.evaluation.combining import outcome_of, prices_of
from trading.evaluation.corrections import lines_of
from trading.evaluation.methods import deducted_price, deviation_points, lowest_price_points
from trading.evaluation.methods.pricing import Benchmark
from trading.evaluation.models import Evaluation, Score, Sheet
from trading.evaluation.publishing import BENCHMARK_SAID, DEDUCTED, DEDUCTED_SAID, LOWEST_SAID, parts_label
from trading.evaluation.seats import seated
from trading.opening.checks import table_is_unchanged
from trading.tenders.queries import document_digest

# Hints to the committee, and no part of the result; the past that the range is taken from goes on.
HINTS = ("range", "low_prices")
STEP = Decimal("0.01")
CORRECTED = "算术修正后 "


@dataclass
class Finding:
    """One recomputation: what was compared, what differs, and what could not be told."""

    agrees: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def compare(self, ok: bool, agrees: str, differs: str) -> None:
        (self.agrees if ok else self.differs).append(agrees if ok else differs)


def said_of(stream: str, kind: str) -> list[dict]:
    """What the ledger holds of one kind of act in a stream, in order."""
    return [json.loads(bytes(row.data)) for row in LedgerEntry.objects.filter(stream=stream, kind=kind).order_by("n")]


def evaluations_to_check(tender, lot_no=None) -> list[Evaluation]:
    rows = Evaluation.objects.filter(lot__tender=tender, state__in=[Evaluation.State.COMBINED, Evaluation.State.SIGNED])
    rows = rows.filter(lot__no=lot_no) if lot_no else rows
    return list(rows.select_related("lot__tender__project", "lot__tender__document").order_by("lot__no", "round"))


def recomputed(evaluation) -> Finding:
    """Settings, sheets, prices and ranking against the ledger, and the result against its own inputs."""
    found = Finding()
    lot = evaluation.lot
    compare_document(found, lot.tender)
    compare_sheets(found, evaluation)
    opened = [body for body in said_of(lot.tender.stream, "opening.revealed") if body["d"]["lot"] == lot.key]
    wrong = [problem for body in opened if (problem := table_is_unchanged(body))]
    if opened:
        found.compare(not wrong, "报价：与开标时的存证一致", "报价：开标一览表与开标时的存证不符")
    else:
        found.untold.append("报价：账本中没有公布开标一览表的记录，无法与存证核对")
    compare_corrections(found, evaluation)
    compare_declarations(found, evaluation)
    compare_result(found, evaluation)
    combined = [body for body in said_of(lot.tender.stream, "evaluation.combined") if is_of(body, evaluation)]
    if combined:
        found.compare(not ranking_is_unchanged(combined[-1]), "名次和总分：与汇总时的存证一致", "名次和总分：与汇总时的存证不符")
    return found


def is_of(body: dict, evaluation) -> bool:
    said = body["d"]
    return said["lot"] == evaluation.lot.key and said["round"] == evaluation.round


def compare_document(found: Finding, tender) -> None:
    published = said_of(tender.stream, "tender.published")
    if not published:
        found.untold.append("招标文件：账本中没有发布记录，无法与存证核对")
        return
    same = published[-1]["d"]["document"] == document_digest(tender.document)
    found.compare(same, "评标办法和评审标准：与发布时的存证一致", "评标办法和评审标准：招标文件与发布时的存证不符")


def compare_sheets(found: Finding, evaluation) -> None:
    """Each member's sheet against the digest that was entered when it was handed in."""
    sheets = {body["by"]["id"]: body for body in said_of(evaluation.lot.tender.stream, "score.submitted") if is_of(body, evaluation)}
    wrong = 0
    for member in seated(evaluation):
        body = sheets.get(member.pseudonym)
        if body is None:
            found.untold.append(f"评分：账本中没有{member.person.name}提交评分的记录")
        elif sheet_is_unchanged(body):
            wrong += 1
            found.differs.append(f"评分：{member.person.name}的评分表与提交时的存证不符{changed_marks(member)}")
    if sheets and not wrong:
        found.agrees.append(f"评分：{len(sheets)} 名成员的评分表与提交时的存证一致")


def compare_declarations(found: Finding, evaluation) -> None:
    """What was found of each declaration, against the sheets of the preliminary review; a seat filled since has none."""
    sheets = list(Sheet.objects.filter(member__in=seated(evaluation), stage=Sheet.Stage.REVIEW))
    rows = list(evaluation.declared.select_related("bid__bid__bidder"))
    if not rows or len(sheets) < evaluation.size:
        return
    against = [bid for sheet in sheets for bid, check, passed, _ in sheet.rows if check == declared.DECLARATION and not passed]
    wrong = [row for row in rows if row.against != against.count(row.bid_id) or row.accepted and row.against * 2 > evaluation.size]
    for row in wrong:
        found.differs.append(f"中小企业声明：{row.bid.bidder.name}的认定与各成员提交的评审意见不符")
    if not wrong:
        found.agrees.append(f"中小企业声明：{len(rows)} 份的认定与各成员提交的评审意见一致")


def changed_marks(member) -> str:
    """Which marks were changed after they were handed in; empty where the sheet itself was."""
    kept = Sheet.objects.filter(member=member, stage=Sheet.Stage.SCORE).first()
    given = {(bid, criterion): points for bid, criterion, points, _ in kept.rows} if kept else {}
    said = [
        f"{row.bid.bidder.name}的“{row.criterion.title}”存为 {row.points}，提交时为 {given[key]}"
        for row in Score.objects.filter(member=member).select_related("bid__bid__bidder", "criterion").order_by("bid_id", "criterion_id")
        if (key := (row.bid_id, row.criterion_id)) in given and money(row.points) != given[key]
    ]
    return "：" + "；".join(said) if said else ""


def compare_corrections(found: Finding, evaluation) -> None:
    """Each corrected price against the sealed price table, and the bidder's word on it against the ledger."""
    rows = list(evaluation.corrections.select_related("bid__bid__bidder", "question__evaluation__lot__tender"))
    kept = {body["d"]["question"]: body for body in said_of(evaluation.lot.tender.stream, "evaluation.corrected")}
    for row in rows:
        sums, body = sums_of(evaluation.lot, row.bid), kept.get(row.question_id)
        right = sums is not None and sums.by_rule == row.price and lines_of(sums) == row.lines
        found.compare(
            right, f"算术修正：{row.bid.bidder.name}修正后的报价与报价表重算一致", f"算术修正：{row.bid.bidder.name}修正后的报价与报价表重算不符"
        )  # fmt: skip
        if body is None:
            found.untold.append(f"算术修正：账本中没有{row.bid.bidder.name}答复的记录")
        elif correction_is_unchanged(body):
            found.differs.append(f"算术修正：{row.bid.bidder.name}的确认与答复时的存证不符")


def compare_result(found: Finding, evaluation) -> None:
    """Ranks, parts and totals as stored, against what follows from the inputs."""
    judged = judged_offers(evaluation)
    again, prices = outcome_of(evaluation, judged), prices_of(evaluation, judged)
    bids = {bid.pk: bid for bid in judged}
    stored = {row.bid_id: row for row in evaluation.results.select_related("bid__bid__bidder")}
    differences = []
    for row in again.rows:
        kept = stored.pop(row.key, None)
        if kept is None:
            differences.append(f"第 {row.rank} 名没有存储结果")
            continue
        name = kept.bid.bidder.name
        for title, value in row.parts.items():
            if kept.parts.get(title) != value:
                differences.append(f"{name}的“{title}”存为 {kept.parts.get(title)}，重算为 {value}")
        if kept.price != prices[row.key]:
            differences.append(f"{name}的评审报价存为 {kept.price}，重算为 {prices[row.key]}")
        if kept.total != row.total:
            differences.append(f"{name}的总分存为 {kept.total}，重算为 {row.total}")
        if kept.aside != row.aside:
            differences.append(f"{name}的同品牌认定与重算不同")
        if kept.rank != row.rank:
            differences.append(f"{name}的名次存为第 {kept.rank} 名，重算为第 {row.rank} 名")
    differences += [f"{row.bid.bidder.name}有存储结果，但不在有效投标之列" for row in stored.values()]
    aside = set(evaluation.rejections.filter(code=declared.SAME_BRAND).values_list("bid__bid", flat=True))
    if aside != {judged[bids[key]].bid_id for key in again.unevaluated}:
        differences.append("同品牌投标的取舍与重算不同")
    names = [name for name, value in evaluation.workings.items() if name not in HINTS and not holds(value, again.workings.get(name))]
    if names and not differences:
        differences.append(f"计算依据与重算不同（{'、'.join(WORKING_NAMES.get(name, name) for name in names)}）")
    found.differs += [f"结果：{each}" for each in differences]
    if not differences:
        found.agrees.append(f"结果：{len(again.rows)} 份投标的各项得分、总分和名次，重算完全一致")


def holds(stored, again) -> bool:
    """Whether all that was stored comes out again; what is computed beyond it was not kept in older days."""
    if isinstance(stored, dict) and isinstance(again, dict):
        return all(holds(value, again.get(name)) for name, value in stored.items())
    return stored == again


WORKING_NAMES = {
    "price": "价格分", "credit": "信用分", "ties": "同分的处理", "ties_text": "抽签文本", "evaluated": "评审价", "deduction": "价格扣除",
    "brands": "同品牌",
}  # fmt: skip


def recomputed_in_public(tender, lot) -> Finding:
    """From published notices alone: what of the result they let anybody check, and plainly what they do not."""
    found = Finding()
    notices = Notice.objects.filter(tender_number=tender.number, private=False)
    shown = notices.filter(kind=Notice.Kind.CANDIDATES, lot_no=lot.no).order_by("-published_at").first()
    call = notices.filter(kind__in=[Notice.Kind.TENDER, Notice.Kind.INVITATION]).order_by("published_at").first()
    if shown is None:
        compare_deduction(found, notices.filter(kind=Notice.Kind.RESULT, lot_no=lot.no).order_by("-published_at").first())
        found.untold.append("没有已公布的中标候选人公示，公开信息不足以复算。")
        return found
    facts = dict(shown.facts)
    candidates = [row for label, value in shown.facts if (row := candidate_of(label, value))]
    compare_ranks(found, candidates)
    compare_limit(found, candidates, call)
    for row in candidates:
        compare_parts(found, row, facts)
    found.untold.append("各成员的评分没有公开，技术分、商务分以公示的为准；未公示的投标人、基准价的去高去低和信用评分不能从公示复算。")
    return found


def candidate_of(label: str, text: str) -> dict | None:
    """A fact of the notice, “第 1 名：某公司，1.00 元，2.00 分”, as values; a corrected price counts, what was read out is named before it."""
    try:
        name, price, measure = text.rsplit("，", 2)
        if price.startswith(CORRECTED):
            name, price = name.rpartition("，报价 ")[0], price.removeprefix(CORRECTED)
        return {
            "rank": int(label.removeprefix("第 ").removesuffix(" 名")), "name": name, "price": Decimal(price.removesuffix(" 元").replace(",", "")),
            "by_price": measure.startswith("评标价"),
            "measure": Decimal(measure.removeprefix("评标价 ").removesuffix(" 元").removesuffix(" 分").replace(",", "")),
        }  # fmt: skip
    except (ValueError, ArithmeticError):
        return None


def compare_ranks(found: Finding, candidates: list[dict]) -> None:
    ranks = [row["rank"] for row in candidates]
    found.compare(bool(ranks) and ranks == list(range(1, len(ranks) + 1)), "名次：连续", f"名次：公示的名次不连续（{ranks}）")
    for before, after in pairwise(candidates):
        right = before["measure"] <= after["measure"] if before["by_price"] else before["measure"] >= after["measure"]
        found.compare(
            right, f"名次：第 {before['rank']} 名不劣于第 {after['rank']} 名",
            f"名次：第 {before['rank']} 名{before['name']}（{before['measure']}）劣于第 {after['rank']} 名{after['name']}（{after['measure']}）",
        )  # fmt: skip


def compare_limit(found: Finding, candidates: list[dict], call: Notice | None) -> None:
    if call is None or call.amount is None:
        found.untold.append("没有招标公告的最高投标限价，报价是否超过限价无法核对。")
        return
    for row in candidates:
        found.compare(
            row["price"] <= call.amount, f"限价：{row['name']}的报价不高于公告的最高投标限价", f"限价：{row['name']}的报价高于公告的最高投标限价 {call.amount:,.2f} 元",
        )  # fmt: skip


def compare_deduction(found: Finding, notice: Notice | None) -> None:
    """A procurement shows no candidates; its result says what the winner's price counted as, if that was another."""
    facts = dict(notice.facts) if notice else {}
    said = re.fullmatch(DEDUCTED_SAID, facts.get(DEDUCTED, ""))
    if not said:
        return
    price, percent, counted = (Decimal(each.replace(",", "")) for each in said.groups())
    same = facts["中标价"] == f"{price:,.2f} 元" and deducted_price(price, percent) == counted
    who = facts["中标人"]
    found.compare(same, f"评标价：{who}的价格扣除计算无误", f"评标价：{who}的价格扣除与公布的中标价、比例不符")


def compare_parts(found: Finding, row: dict, facts: dict[str, str]) -> None:
    """The sum of the published parts, and the points for the price by the published formula."""
    if row["by_price"]:
        return
    said = facts.get(parts_label(row["rank"]))
    if said is None:
        found.untold.append(f"{row['name']}的各项得分没有公布，总分无法核对。")
        return
    # A title may itself contain the mark that parts them.
    parts = {title: Decimal(value) for title, value in re.findall(r"(.+?) (\d+\.\d\d)(?:、|$)", said)}
    total = sum(parts.values(), Decimal(0))
    found.compare(
        total == row["measure"], f"总分：{row['name']}各项之和等于总分 {row['measure']}", f"总分：{row['name']}各项之和为 {total}，公示的总分为 {row['measure']}"
    )  # fmt: skip
    title, wanted = price_points_said(row["price"], facts)
    if title is None or title not in parts:
        found.untold.append(f"{row['name']}的价格分没有公布算法，无法核对。")
        return
    found.compare(
        parts[title] == wanted, f"价格分：{row['name']}按公示的算法为 {wanted} 分", f"价格分：{row['name']}公示为 {parts[title]} 分，按公示的算法为 {wanted} 分"
    )  # fmt: skip


def price_points_said(price: Decimal, facts: dict[str, str]) -> tuple[str | None, Decimal | None]:
    """(title, points) of a price by what the notice says of its formula."""
    for label, text in facts.items():
        named = re.fullmatch(r"价格分（(.+)）", label)
        if named and (lowest := re.fullmatch(LOWEST_SAID, text)):
            base, full = (Decimal(each.replace(",", "")) for each in lowest.groups())
            return named[1], lowest_price_points({"lowest": base, "own": price}, full).points["own"]
        if named and (said := re.fullmatch(BENCHMARK_SAID, text)):
            base, full, above, below = (Decimal(each.replace(",", "")) for each in said.groups())
            return named[1], deviation_points({"own": price}, Benchmark(Fraction(base), {}), full, above=above, below=below).points["own"]
    return None, None
