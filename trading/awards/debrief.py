"""What one loser of a sealed tender is told of its own bid: result, points, rejection, what the law withholds.

Frozen when the result becomes public; page and document show the same words.
"""

from dataclasses import dataclass

from ledger.canonical import money
from rulebook.provisions import CONFIDENCE, Rule
from trading.awards import debrief_rules as rules
from trading.awards.models import Candidate
from trading.evaluation.actions import BELOW_MARK
from trading.evaluation.bounds import CORRECTION, REASONS, REJECTION
from trading.evaluation.combining import marks_of
from trading.evaluation.corrections import UNCONFIRMED
from trading.evaluation.declared import SAME_BRAND
from trading.evaluation.methods import explained
from trading.evaluation.methods.explaining import bid_line, low_lines
from trading.evaluation.models import BidResult, CheckOpinion, Evaluation, RejectionMotion
from trading.methods.registry import METHODS
from trading.methods.rules import SAME_BRAND as SAME_BRAND_RULE
from trading.opening.models import OpenedBid
from trading.procedures.versions import procedure_of
from trading.projects.models import Category
from trading.tenders.models import Criterion
from trading.tenders.notices import shown

OWN = "你单位"
UNREAD = (OpenedBid.State.UNOPENED_BIDDER, OpenedBid.State.UNOPENED_PLATFORM, OpenedBid.State.CORRUPT)
# Reasons of the platform's own rules, and what they rest on.
PLATFORM_REASONS = {
    "PRICE_OVER_LIMIT": "投标报价高于最高投标限价",
    BELOW_MARK: "技术商务得分低于通过线",
    "SECOND_UNOPENED": "第二信封没有开启",
    UNCONFIRMED: "报价的算术修正没有经投标人确认",
    SAME_BRAND: "与报价较低的同品牌投标按一家计算，没有参加评标",
}


@dataclass(frozen=True)
class Outcome:
    """How a lot ended, as far as a debrief speaks of it: who won (by which word), or why nobody did, and what may be contested."""

    evaluation: Evaluation | None
    remedies: list[dict]
    notice: str
    winner: BidResult | None = None
    winner_word: str = ""
    failure: str = ""

    @property
    def basis(self) -> str:
        """Names the result a debrief rests on: while it stays the same, no further debrief is due."""
        first = f"{self.winner_word}{self.winner.pk}" if self.winner else self.notice
        return f"{self.evaluation.round if self.evaluation else 0}/{first}"


def said_of(rule: Rule) -> dict:
    return {"says": rule.says, "source": rule.source, "sure": CONFIDENCE[rule.confidence]}


def debrief_for(lot, bidder, outcome: Outcome) -> dict:
    """The debrief of one bidder in canonical types."""
    evaluation, procurement = outcome.evaluation, lot.tender.project.category == Category.PROCUREMENT
    opened = list(OpenedBid.objects.filter(opening__lot=lot, bid__bidder=bidder).select_related("bid__bidder").order_by("pk"))
    result = evaluation.results.filter(bid__bid__bidder=bidder).select_related("bid").first() if evaluation else None
    rejection = evaluation.rejections.filter(bid__bid__bidder=bidder).first() if evaluation else None
    read = next((row.price for row in reversed(opened) if row.price is not None), None)
    price = result.price if result else read
    fallen = rejected(rejection, procurement) if rejection else unopened(opened)
    winner = outcome.winner
    return {
        **heading(lot, bidder, notice=outcome.notice, basis=outcome.basis, leader=outcome.winner_word),
        "ground": said_of(rules.OWN_SCORE) if procurement else said_of(rules.CANDIDATES_EXPLAINED) if outcome.winner else None,
        "sentence": sentence(price_said(price, read), result, fallen, outcome),
        "facts": facts_of(price, read, result, winner),
        **table_of(lot, evaluation, result, rejection, winner, procurement=procurement),
        "lines": lines_for(evaluation, result, winner, procurement=procurement) if result else [],
        "fallen": fallen,
        "withheld": withheld(winner, procurement=procurement),
        "remedies": outcome.remedies,
    }


def heading(lot, bidder, *, notice: str, basis: str, leader: str) -> dict:
    """What every debrief names, however the lot was traded; `leader` is the word for who stands first, "" where nobody won."""
    procedure = procedure_of(lot.tender)
    return {
        "tender": lot.tender.name, "number": lot.tender.number, "lot": lot.name, "lot_no": lot.no, "bidder": bidder.name,
        "owner": lot.tender.project.owner.name, "owner_word": procedure.actor("tenderee"), "procedure": procedure.name,
        "notice": notice, "basis": basis, "leader": leader,
    }  # fmt: skip


def sentence(price, result, fallen, outcome: Outcome) -> str:
    """The result in one sentence: what became of the bid, and who won at what price."""
    own = f"{price}，" if price else ""
    if result is not None:
        own = f"{OWN}{own}{measured(result)}，{'同品牌的另一家投标得分更高，不作为中标候选人' if result.aside else f'排第 {result.rank} 名'}{given_up(result)}"
    elif fallen is not None:
        own = f"{OWN}{own}{fallen['what']}，没有参加排名"
    else:
        own = f"{OWN}{own}{'没有被否决，也没有产生排名' if outcome.evaluation else '没有进入评审'}"
    if outcome.winner is None:
        return f"{own}。本标段没有中标人：{outcome.failure.rstrip('。')}。"
    bid = outcome.winner.bid
    return f"{own}。{outcome.winner_word}为{bid.bidder.name}，{price_said(outcome.winner.price, bid.price)}，{measured(outcome.winner)}。"


def price_said(price, read) -> str:
    """A price in words, with what was read out where a correction counts; nothing where none was read."""
    if price is None:
        return ""
    return f"投标报价 {read:,.2f} 元" + (f"，算术修正后 {price:,.2f} 元" if price != read else "")


def given_up(result: BidResult) -> str:
    """That a candidate was passed over, and why."""
    passed = Candidate.objects.filter(result=result, passed_over_at__isnull=False).first()
    return f"，没有被确定为中标人（{passed.passed_over_reason}）" if passed else ""


def measured(result: BidResult) -> str:
    """What ranked a bid, in words; a lot that was drawn ranks by no number."""
    if METHODS[result.evaluation.lot.tender.document.method].by == "lot":
        return "由摇号确定名次"
    return result.said if result.evaluated else f"得 {result.said}"


def facts_of(price, read, result, winner) -> list[dict]:
    """Own and winner's numbers side by side: prices, evaluated prices, ranks."""
    first = winner.bid if winner else None
    rows = [("投标报价（元）", f"{read:,.2f}" if read is not None else "没有开启", f"{first.price:,.2f}" if first else "")]
    if price != read or (winner and winner.is_corrected):
        rows.append(("算术修正后（元）", f"{price:,.2f}" if price is not None else "", f"{winner.price:,.2f}" if winner else ""))
    if (result or winner) and (result or winner).evaluated:
        rows.append(("评标价（元）", result.shown if result else "没有参加排名", winner.shown if winner else ""))
    rows.append(("名次", f"第 {result.rank} 名" if result else "没有参加排名", f"第 {winner.rank} 名" if winner else ""))
    return [{"label": label, "own": own, "winner": other} for label, own, other in rows]


def table_of(lot, evaluation, result, rejection, winner, *, procurement: bool) -> dict:
    """Points by criterion: own, and the winner's as far as the law lets them be shown."""
    parts = result.parts if result and not result.evaluated else {}
    if not parts and rejection is not None and rejection.code == BELOW_MARK:
        parts = {criterion.title: str(mark) for criterion, mark in marks_of(evaluation, rejection.bid).items()}
    if not parts:
        return {"rows": [], "total": None}
    criteria = sorted(lot.tender.document.criteria.exclude(part__in=Criterion.CHECKS), key=lambda row: row.place)
    theirs = winner.parts if winner and not winner.evaluated and not procurement else {}
    rows = [
        {
            "part": row.get_part_display(), "title": row.title, "full": money(row.points), "own": parts.get(row.title, "没有评审"),
            "winner": theirs.get(row.title, "" if winner is None else "依法不公开"),
        }
        for row in criteria
    ]  # fmt: skip
    total = {
        "full": money(sum(row.points for row in criteria)), "own": str(result.total) if result else "没有汇总",
        "winner": str(winner.total) if winner else "",
    }  # fmt: skip
    return {"rows": rows, "total": total}


def lines_for(evaluation, result, winner, *, procurement: bool) -> list[str]:
    """How the points came about, from what the evaluation took and gave; of other bids only what concerns this one."""
    own, first = str(result.bid_id), str(winner.bid_id) if winner else ""
    names = {own: OWN} | ({first: winner.bid.bidder.name} if winner else {})
    method = METHODS[evaluation.lot.tender.document.method]
    kept = {key: evaluation.workings[key] for key in ("price", "credit", "lot", "ties_text") if key in evaluation.workings}
    kept["evaluated"] = {key: value for key, value in evaluation.workings.get("evaluated", {}).items() if key in names}
    kept["low_prices"] = {key: value for key, value in evaluation.workings.get("low_prices", {}).items() if key == own}
    if deduction := evaluation.workings.get("deduction"):
        kept["deduction"] = deduction | {"bids": [key for key in deduction["bids"] if key in names]}
    if (brands := evaluation.workings.get("brands")) and own in brands["aside"]:
        # The brand's first is named: the bidder must know whom it was counted with.
        kept["brands"] = brands | {"aside": {own: brands["aside"][own]}}
        first_of_brand = evaluation.results.filter(bid=brands["aside"][own]).select_related("bid__bid__bidder").first()
        names |= {brands["aside"][own]: first_of_brand.bid.bidder.name} if first_of_brand else {}
    kept["ties"] = [tie for tie in evaluation.workings.get("ties", []) if {tie["before"], tie["after"]} <= set(names)]
    deviations = [(OWN, bid_line(own, evaluation.workings, result.parts))]
    if winner and not procurement:
        deviations.append((winner.bid.bidder.name, bid_line(first, evaluation.workings, winner.parts)))
    said = [f"{name}报价：{line}" for name, line in deviations if line]
    credit = [f"{OWN}的平台信用评分为 {result.bid.credit['score']}"] if "credit" in kept else []
    return [
        f"评标办法：{method.name}，{method.core}",
        *own_declaration(evaluation, result),
        *explained(kept, names),
        *credit,
        *said,
        *low_lines(kept, names),
    ]


def own_declaration(evaluation, result) -> list[str]:
    """What the committee found of the bidder's own declaration as a small firm."""
    row = evaluation.declared.filter(bid__bid=result.bid.bid).first()
    if row is None:
        return []
    return [f"{OWN}的中小企业声明：{'评标委员会采纳' if row.accepted else f'评标委员会不采纳，{row.reason}'}"]


def rejected(rejection, procurement: bool) -> dict:
    """Clause, reason, basis and the vote of a rejection, in numbers alone."""
    motion = RejectionMotion.objects.filter(evaluation=rejection.evaluation, bid=rejection.bid, state=RejectionMotion.State.CARRIED).first()
    by_law = rules.INVALID_IN_PROCUREMENT if procurement else rules.REJECTED
    basis = (
        CORRECTION
        if rejection.code == UNCONFIRMED
        else SAME_BRAND_RULE
        if rejection.code == SAME_BRAND
        else rules.BY_THE_DOCUMENT
        if rejection.code in (BELOW_MARK, "SECOND_UNOPENED")
        else by_law
    )
    found = {
        "what": f"被评标委员会否决（{REASONS[rejection.code] if rejection.code in REASONS else PLATFORM_REASONS.get(rejection.code, '')}）",
        "clause": motion.clause if motion else clause_of(rejection), "reason": motion.reason if motion and motion.question_id is None else rejection.reason,
        "rules": [said_of(basis), *([said_of(REJECTION)] if motion and not procurement else [])], "vote": vote_of(motion) if motion else "", "at": shown(rejection.at),
    }  # fmt: skip
    if rejection.code in PLATFORM_REASONS:
        found["what"] = PLATFORM_REASONS[rejection.code] + "，投标无效" * (rejection.code in ("PRICE_OVER_LIMIT", UNCONFIRMED))
    return found


def vote_of(motion) -> str:
    agreed, against = (motion.votes.filter(agrees=each).count() for each in (True, False))
    return f"应到 {motion.evaluation.size} 人，{agreed} 人同意、{against} 人不同意，过半数同意，通过"


def clause_of(rejection) -> str:
    """Where in the tender document the reason stands: the checks that a majority failed, the price limit, the pass mark."""
    if rejection.code == "PRICE_OVER_LIMIT":
        return f"招标文件载明的最高投标限价 {rejection.evaluation.lot.price_limit:,.2f} 元"
    if rejection.code == UNCONFIRMED:
        return "招标文件载明的报价修正办法"
    if rejection.code == SAME_BRAND:
        return "招标文件载明的同品牌认定方式"
    if rejection.code in PLATFORM_REASONS:
        return "招标文件载明的双信封评标办法"
    failed = CheckOpinion.objects.filter(member__evaluation=rejection.evaluation, bid=rejection.bid, passed=False).select_related(
        "criterion"
    )
    reserved = ["资格评审标准“中小企业声明函”：本项目专门面向中小企业"] if "中小企业声明不通过" in rejection.reason else []
    named = {row.criterion for row in failed if f"{row.criterion.title}不通过" in rejection.reason}
    return "；".join(
        [
            *reserved,
            *(
                f"{row.get_part_display()}标准“{row.title}”{f'：{row.standard}' if row.standard else ''}"
                for row in sorted(named, key=lambda each: each.place)
            ),
        ]
    )


def unopened(opened) -> dict | None:
    """Why a bid was not read at the opening; None where it was read, or where no opening came to it."""
    last = next((row for row in opened if row.state in UNREAD), None)
    if last is None:
        return None
    return {
        "what": f"在开标时{last.get_state_display()}，没有进入评审", "clause": "招标文件载明的开标程序和解密时限",
        "reason": last.reason or last.get_state_display(), "vote": "", "at": "",
        "rules": [] if last.state == OpenedBid.State.CORRUPT else [said_of(rules.UNOPENED)],
    }  # fmt: skip


def withheld(winner, *, procurement: bool) -> list[dict]:
    """What is not shown, in words, and the reason for it."""
    members = rules.MEMBERS_SECRET_IN_PROCUREMENT if procurement else rules.MEMBERS_SECRET
    others = "其他投标人的评审情况" + ("（中标候选人的见公示）" if winner and not procurement else "")
    rows = [("评标委员会成员各自的评分、意见和表决", members), (others, members)]
    if winner and procurement:
        rows.insert(0, ("中标供应商的各项得分（只公开总得分）", rules.WINNER_TOTAL))
    return [{"what": what, **said_of(rule)} for what, rule in rows]
