"""A provision of law as data: what it says, where it stands, when it holds and how sure we are of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar

from rulebook.refusals import Refused


class Consequence(StrEnum):
    """What follows when the provision is not kept."""

    BLOCK = "不得进入下一步"
    POSTPONE = "顺延截止时间"
    REFUSE = "逾期不予受理"
    SUSPEND = "答复前暂停交易活动"
    ALERT = "超期提醒并报警"
    WARN = "提示"
    KEEP = "期满前不得删除"
    FAIL = "本次交易失败"
    NOTE = "供参考"


CONFIDENCE = {
    "V": "已核对法规原文",
    "V2": "已核对转载资料",
    "H": "依据较可靠，待核原文",
    "M": "依据一般，待核原文",
    "L": "依据不确定，须核实",
    "S": "地方做法，可调整",
    "D": "平台设计值，可调整",
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One provision: `code` of our rule table, `says` in Chinese, `source` the article, `confidence` a key of CONFIDENCE.

    An amendment ends the old entry (`until`) and adds a new one with the same code; entries are never edited.
    `waivable`: whether the competent supervisor may, by an official act, set another limit for one tender.
    """

    code: str
    says: str
    source: str
    since: date
    until: date | None = None
    confidence: str = "V"
    consequence: Consequence = Consequence.BLOCK
    waivable: bool = False

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def refuse(self, message: str, *, field: str = "", next_step: str = "") -> NoReturn:
        raise Refused(self.code, message, rule=f"{self.source}：{self.says}", field=field, next_step=next_step)


RuleKind = TypeVar("RuleKind", bound=Rule)


def in_force(rules: RuleKind | tuple[RuleKind, ...], day: date) -> RuleKind:
    """The version of a rule that holds on a day; a rule is one entry or a tuple of entries over time."""
    versions = rules if isinstance(rules, tuple) else (rules,)
    found = [rule for rule in versions if rule.holds_on(day)]
    if not found:
        raise LookupError(f"no version of {versions[0].code} holds on {day}")
    return found[0]
