"""Two branches of the law of protest: works (异议, 11号令) and government procurement (质疑, 94号令); which of them a lot follows."""

from dataclasses import dataclass

from rulebook.limits import MinimumCount
from rulebook.periods import MaximumPeriod
from trading.procedures.rules import procurement, works
from trading.projects.models import Category


@dataclass(frozen=True, kw_only=True)
class Regime:
    """The words of one branch for a protest and the complaint after it, and the periods and articles that bind both.

    `checked` is the milestone of the decision whether to accept a complaint. `investigators` is None where papers alone
    may be examined. `asks_leave`: an accepted complaint is withdrawn only with the regulator's leave. `after_contract` says
    what follows by law from a complaint that is upheld once the contract was concluded.
    """

    protest: str
    tenderee: str
    bidder: str
    activity: str
    matters: dict[str, str]
    remedies: dict[str, str]
    handling: str
    protest_first: str
    complain_once: str
    filing: MaximumPeriod
    acceptance: MaximumPeriod
    checked: str
    decision: MaximumPeriod
    investigators: MinimumCount | None
    asks_leave: bool
    after_contract: str


WORKS = Regime(
    protest="异议", tenderee="招标人", bidder="投标人", activity="招标投标活动",
    matters={"document": "招标文件", "result": "评标结果"},
    remedies={"none": "维持", "reevaluate": "责令重新评标", "retender": "责令重新招标"},
    handling="《工程建设项目招标投标活动投诉处理办法》", protest_first="《招标投标法实施条例》第六十条：应当先向招标人提出异议",
    complain_once="《工程建设项目招标投标活动投诉处理办法》第十二条",
    filing=works.COMPLAINT_FILING, acceptance=works.COMPLAINT_ACCEPTANCE, checked="complaint_acceptance_decided",
    decision=works.COMPLAINT_DECISION, investigators=works.COMPLAINT_INVESTIGATORS, asks_leave=True,
    after_contract="合同已经订立，平台不再变更结果：中标无效、解除合同、赔偿损失，由当事人依法处理（《招标投标法实施条例》第八十一条）。",
)  # fmt: skip
PROCUREMENT = Regime(
    protest="质疑", tenderee="采购人", bidder="供应商", activity="采购活动",
    matters={"document": "采购文件", "process": "采购过程", "result": "采购结果"},
    remedies={"none": "维持", "reevaluate": "撤销结果，责令退回重新评审", "retender": "责令重新开展采购活动"},
    handling="《政府采购质疑和投诉办法》", protest_first="《政府采购质疑和投诉办法》第十九条：提起投诉前已依法进行质疑",
    complain_once="《政府采购质疑和投诉办法》第十九条",
    filing=procurement.COMPLAINT_FILING, acceptance=procurement.COMPLAINT_CHECK, checked="complaint_checked",
    decision=procurement.COMPLAINT_DECISION, investigators=None, asks_leave=False,
    after_contract="合同已经订立，平台不再变更结果：撤销合同、承担赔偿责任，由当事人依法处理（《政府采购质疑和投诉办法》第三十二条）。",
)  # fmt: skip


def is_procurement(lot) -> bool:
    return lot.tender.project.category == Category.PROCUREMENT


def regime_of(lot) -> Regime:
    return PROCUREMENT if is_procurement(lot) else WORKS
