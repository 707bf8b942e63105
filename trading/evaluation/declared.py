"""What bids declare, as the committee judges it: small firms' declarations, and bids of one brand that are one bidder.

The declaration is a line of the preliminary review, for the bids that claim the document's policy; in a reserved tender for
all, since there it is a qualification. A majority against it takes the preference away, and in a reserved tender rejects.
"""

from collections.abc import Iterable

from trading.bidding.declaring import brand_counts, brand_in, claims, computed_size, declaration_said, firms_in, policy_of
from trading.evaluation.methods import brands_counted
from trading.evaluation.models import BidRejection, DeclarationFinding, Evaluation
from trading.methods import rules
from trading.methods.registry import DEDUCT
from trading.opening.models import OpenedBid

# In a review sheet the declaration's line stands where the others name their criterion; no criterion has this id.
DECLARATION = 0
SAME_BRAND = "SAME_BRAND"


class DeclarationLine:
    """The declaration as a line of the desk's sheet, beside the document's criteria."""

    pk, points, objective, title = DECLARATION, 0, False, "中小企业声明函"

    def __init__(self, policy: str):
        reserved = policy != DEDUCT
        self.standard = (
            "本项目专门面向中小企业：没有声明，或者声明不实的，判不通过，过半数不通过的否决投标"
            if reserved
            else "对照声明函和证明材料判断声明是否属实；过半数不通过的不给予价格扣除，不否决投标"
        )
        self.label = "资格评审" if reserved else "中小企业政策"

    def get_part_display(self) -> str:
        return self.label


def is_reserved(evaluation: Evaluation) -> bool:
    return policy_of(evaluation.lot.tender.document) not in ("", DEDUCT)


def judged_declaration(evaluation: Evaluation, bid: OpenedBid) -> DeclarationLine | None:
    """The declaration's line in a bid's sheet; None where there is nothing to judge."""
    policy = policy_of(evaluation.lot.tender.document)
    return DeclarationLine(policy) if policy and (policy != DEDUCT or claims(bid.form, policy)) else None


def settle_declarations(evaluation: Evaluation, rows: list[list], bids: Iterable[OpenedBid], *, at) -> None:
    """Write down what the members' sheets say of each declaration; a reserved tender rejects who has none that holds.

    `rows` are those of all sheets of the preliminary review: [bid, criterion, passed, reason].
    """
    policy = policy_of(evaluation.lot.tender.document)
    for bid in bids:
        if judged_declaration(evaluation, bid) is None:
            continue
        against = [reason for each, check, passed, reason in rows if (each, check, passed) == (bid.pk, DECLARATION, False)]
        claimed = claims(bid.form, policy)
        fails = len(against) * 2 > evaluation.size or not claimed
        why = "，".join(sorted(set(against))) or "没有提交符合要求的声明"
        reason = f"中小企业声明不通过（{len(against)} 票）：{why}" if fails else ""
        found = {"accepted": not fails, "against": len(against), "reason": reason}
        DeclarationFinding.objects.update_or_create(evaluation=evaluation, bid=bid, defaults=found)
        if fails and is_reserved(evaluation) and not evaluation.rejections.filter(bid=bid).exists():
            BidRejection.objects.create(
                evaluation=evaluation, bid=bid, code="QUALIFICATION", reason=f"本项目专门面向中小企业，{reason}", at=at
            )


def preferred(evaluation: Evaluation) -> set[int]:
    """The bids (those the members judged) whose declaration was accepted."""
    return set(evaluation.declared.filter(accepted=True).values_list("bid", flat=True))


def brands_among(evaluation: Evaluation, bids: Iterable[OpenedBid]) -> dict[int, str]:
    """{bid: brand} of the bids that name one, where the document makes bids of one brand one bidder."""
    if not brand_counts(evaluation.lot.tender.document):
        return {}
    return {bid.pk: brand for bid in bids if (brand := brand_in(bid.form))}


def competitors(evaluation: Evaluation, bids: Iterable[OpenedBid]) -> int:
    """How many bidders these bids are: those of one brand count once (87号令第三十一条)."""
    bids = list(bids)
    return brands_counted([bid.pk for bid in bids], brands_among(evaluation, bids))


def set_aside(evaluation: Evaluation, bid: OpenedBid, first: OpenedBid, *, at) -> None:
    """最低评标价法: another bid of the brand is cheaper, so this one takes no part."""
    rule = rules.SAME_BRAND
    BidRejection.objects.create(
        evaluation=evaluation, bid=bid, code=SAME_BRAND, at=at,
        reason=f"与{first.bidder.name}提供同品牌产品，由报价较低（相同的按招标文件确定）的一家参加评标（{rule.source}）",
    )  # fmt: skip


def declared_lines(evaluation: Evaluation) -> list[str]:
    """What became of each declaration, for report and desk; what figures say otherwise stands beside it."""
    lines = []
    for row in evaluation.declared.select_related("bid__bid__bidder").order_by("bid__order"):
        verdict = "采纳" if row.accepted else f"不采纳，{row.reason}"
        if row.accepted and row.against:
            verdict += f"（{row.against} 票不同意）"
        differs = any(size and size != firm["kind"] for firm in firms_in(row.bid.form) for size in [computed_size(firm)])
        lines.append(f"{row.bid.bidder.name}的中小企业声明：评标委员会{verdict}{'；平台按所填数据划型，与声明不一致' if differs else ''}")
    return lines


def accepted_declaration(evaluation: Evaluation, bidder) -> str:
    """The declaration of a bidder who had the preference, as it is published with the result; "" for others."""
    row = evaluation.declared.filter(bid__bid__bidder=bidder, accepted=True).select_related("bid").first()
    return declaration_said(row.bid.form) if row else ""
