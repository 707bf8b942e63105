"""What the owner must have settled before a project enters: control points as data, each with its paper."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.periods import WORKING, MaximumPeriod
from trading.projects.models import Project, ProjectPaper


@dataclass(frozen=True)
class ControlPoint:
    """A matter the owner answers for, the paper that proves it, and when it is asked for."""

    paper: str
    matter: str
    source: str
    confidence: str
    from_estimate: Decimal = Decimal(0)
    with_agency_only: bool = False
    # For 工程总承包 tendered at this stage alone.
    at_stage: str = ""

    def applies_to(self, project) -> bool:
        if self.with_agency_only and project.agency_id is None:
            return False
        if self.at_stage and not (project.kind == project.Kind.EPC and project.epc_stage == self.at_stage):
            return False
        return (project.estimate or Decimal(0)) >= self.from_estimate


K = ProjectPaper.Kind

CONTROL_POINTS = (
    ControlPoint(K.APPROVAL, "项目已经审批、核准或备案", "《招标投标法》第九条", "V"),
    ControlPoint(K.FUNDS, "资金来源已经落实并列入预算", "《招标投标法》第九条", "V"),
    ControlPoint(K.DECISION, "“三重一大”事项已经集体决策", "项目单位内部控制要求（地方做法，可调整）", "S"),
    ControlPoint(K.AGENCY_CONTRACT, "与代理机构签订了书面委托合同", "《招标投标法实施条例》第十四条", "V", with_agency_only=True),
    ControlPoint(
        K.PRELIMINARY,
        "初步设计已经审批，可以工程总承包发包",
        "建市规〔2019〕12号第七条",
        "H",
        at_stage=Project.DesignBuildStage.PRELIMINARY,
    ),
    ControlPoint(
        K.FEASIBILITY,
        "投资决策已经审批，可以工程总承包发包",
        "建市规〔2019〕12号第七条",
        "H",
        at_stage=Project.DesignBuildStage.FEASIBILITY,
    ),
    # Larger projects: the amounts are this city's own and may be changed.
    ControlPoint(K.FEASIBILITY, "可行性研究已经批复", "政府投资项目管理要求（地方做法，可调整）", "S", Decimal(50_000_000)),
    ControlPoint(K.DEMAND, "招标范围和技术需求已经确定", "项目单位内部控制要求（地方做法，可调整）", "S", Decimal(50_000_000)),
    ControlPoint(K.POLICY, "招标条件已通过公平竞争审查", "公平竞争审查制度（地方做法，可调整）", "S", Decimal(50_000_000)),
)


@dataclass(frozen=True)
class Urgency:
    """A reason for the green channel (绿色通道)."""

    label: str
    source: str
    confidence: str = "S"


PROMISES = "本市公共资源交易平台服务承诺（地方做法，可调整）"
URGENCIES = {
    "key": Urgency("重点建设项目", PROMISES),
    "livelihood": Urgency("民生实事项目", PROMISES),
    "safety": Urgency("抢险救灾、公共安全项目", "《招标投标法》第六十六条、本市服务承诺（地方做法，可调整）"),
    "investment": Urgency("招商引资项目", PROMISES),
}
# How soon intake answers, by whether the project goes through the green channel.
INTAKE = MaximumPeriod(
    code="L-05", says="项目登记提交后一个工作日内办理受理", source=PROMISES, since=date(2018, 1, 1), confidence="S", days=1, unit=WORKING
)
GREEN_INTAKE = MaximumPeriod(
    code="L-06",
    says="绿色通道项目当日办理受理，休息日提交的顺延至下一个工作日",
    source=PROMISES,
    since=date(2018, 1, 1),
    confidence="S",
    days=0,
)
# How soon the centre's officer brings a project of the green channel to its notice, by its estimate.
GREEN_SMALL = Decimal(2_000_000)
GREEN_NOTICE = MaximumPeriod(
    code="L-08", says="绿色通道项目估算价不足二百万元的，受理后五个工作日内发布公告", source=PROMISES, since=date(2018, 1, 1), confidence="S",
    days=5, unit=WORKING,
)  # fmt: skip
GREEN_NOTICE_LARGE = MaximumPeriod(
    code="L-09", says="绿色通道项目估算价二百万元以上的，受理后十个工作日内发布公告", source=PROMISES, since=date(2018, 1, 1), confidence="D",
    days=10, unit=WORKING,
)  # fmt: skip
# Papers that may follow: never what the law itself asks before tendering.
TOLERABLE = (K.DECISION, K.FEASIBILITY, K.DEMAND, K.POLICY, K.AGENCY_CONTRACT)
TOLERANCE = MaximumPeriod(
    code="L-07", says="容缺受理的材料在承诺之日起十个工作日内补齐，逾期未补的暂停交易", source=PROMISES, since=date(2018, 1, 1),
    confidence="S", days=10, unit=WORKING,
)  # fmt: skip


def intake_due(project):
    """By when intake has promised to answer a submitted registration."""
    return (GREEN_INTAKE if project.urgency else INTAKE).due_at(project.submitted_at)
