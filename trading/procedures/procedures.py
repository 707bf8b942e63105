"""The ways to trade, as data: stages in order, who acts, what each step yields, which rules time it."""

from dataclasses import dataclass, replace

from rulebook.periods import Period
from trading.procedures.registry import rules_of
from trading.procedures.rules import works


@dataclass(frozen=True)
class Step:
    """One step inside a stage: who takes it and the document it leaves."""

    label: str
    actor: str
    document: str
    optional: bool = False


@dataclass(frozen=True)
class Stage:
    """One stage: its label, who acts, the lot states in which it is going on, and its steps."""

    label: str
    actor: str
    states: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Procedure:
    """A way to trade. `periods` are its statutory periods, all versions over time."""

    code: str
    name: str
    stages: tuple[Stage, ...]
    periods: tuple[Period, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stage in self.stages for step in stage.steps)


WORKS_PERIODS = tuple(rule for rule in rules_of(works) if isinstance(rule, Period))

REGISTRATION = Stage(
    "进场登记",
    "招标人、交易中心",
    ("registered",),
    (
        Step("核准招标范围、方式和组织形式", "项目审批部门", "核准文件"),
        Step("委托招标代理", "招标人、代理机构", "委托代理协议", optional=True),
        Step("进场登记", "招标人或代理机构、交易中心", "进场登记表"),
        Step("编制招标文件、公平竞争审查", "代理机构、招标人", "招标文件、审查表"),
        Step("招标文件备案", "行业监督部门", "备案回执"),
    ),
)
NOTICE = Step("发布招标公告", "招标人", "招标公告")
BIDDING = Stage(
    "公告与投标",
    "招标人、投标人",
    ("bidding",),
    (
        Step("资格预审", "招标人、资格审查委员会", "资格预审公告、审查报告、结果通知书", optional=True),
        NOTICE,
        Step("获取招标文件", "潜在投标人", "文件获取记录（开标前保密）"),
        Step("踏勘、提问、澄清与修改", "招标人、潜在投标人", "澄清与修改文件", optional=True),
        Step("对招标文件的异议", "潜在投标人、招标人", "异议书、答复", optional=True),
        Step("提交投标保证金", "投标人", "缴纳凭证或保函"),
        Step("加密提交投标文件", "投标人", "投标文件、回执"),
        Step("抽取专家、组建评标委员会", "招标人、交易中心", "抽取记录"),
    ),
)
OPENING = Stage("开标", "交易中心、投标人", ("opening",), (Step("开标、解密、当场异议", "招标人、投标人", "开标记录"),))
EVALUATION = Stage(
    "评标",
    "评标委员会",
    ("evaluating", "evaluated"),
    (Step("初步评审、详细评审、推荐候选人", "评标委员会", "评标报告、评分表"),),
)
CANDIDATES = Stage(
    "候选人公示",
    "招标人",
    ("candidates_public",),
    (
        Step("公示中标候选人", "招标人", "中标候选人公示"),
        Step("对评标结果的异议、投诉", "投标人、招标人、行政监督部门", "异议书、投诉书、处理决定", optional=True),
    ),
)
RESULT = Stage(
    "中标结果",
    "招标人",
    ("award_decided", "result_public"),
    (
        Step("定标、发出通知、公告结果", "招标人", "中标通知书、结果通知书、中标结果公告"),
        Step("提交书面报告", "招标人", "招标投标情况书面报告"),
    ),
)
CONTRACT = Stage(
    "合同与归档",
    "招标人、中标人",
    ("contracted", "archived"),
    (
        Step("签订合同、备案、退还保证金", "招标人、中标人", "合同"),
        Step("履约、标后监管、变更、验收、付款", "招标人、中标人、行政监督部门", "履约报告、验收书"),
        Step("归档", "招标人、交易中心", "一标一档"),
    ),
)

OPEN_TENDER = Procedure("GC-OT", "公开招标", (REGISTRATION, BIDDING, OPENING, EVALUATION, CANDIDATES, RESULT, CONTRACT), WORKS_PERIODS)
INVITATION = Step("向三个以上受邀人发出投标邀请书", "招标人", "投标邀请书")
INVITED_TENDER = replace(
    OPEN_TENDER,
    code="GC-IT",
    name="邀请招标",
    stages=(
        REGISTRATION,
        replace(
            BIDDING,
            label="邀请与投标",
            steps=tuple(INVITATION if step is NOTICE else step for step in BIDDING.steps if step.label != "资格预审"),
        ),
        *OPEN_TENDER.stages[2:],
    ),
)

PROCEDURES = {procedure.code: procedure for procedure in (OPEN_TENDER, INVITED_TENDER)}


def steps_of(procedure: Procedure, state: str) -> list[dict]:
    """The stages for the progress strip: done, now or still to come, seen from a lot's state."""
    current = next((place for place, stage in enumerate(procedure.stages) if state in stage.states), None)
    rows = []
    for place, stage in enumerate(procedure.stages):
        if current is None or place > current:
            mark = ""
        elif place < current or state == "archived":
            mark = "done"
        else:
            mark = "now"
        rows.append({"label": stage.label, "note": stage.actor, "state": mark})
    return rows
