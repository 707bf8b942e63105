"""What the owner must have settled before a project enters: control points as data, each with its paper."""

from dataclasses import dataclass
from decimal import Decimal

from trading.projects.models import ProjectPaper


@dataclass(frozen=True)
class ControlPoint:
    """A matter the owner answers for, the paper that proves it, and when it is asked for."""

    paper: str
    matter: str
    source: str
    confidence: str
    from_estimate: Decimal = Decimal(0)
    with_agency_only: bool = False

    def applies_to(self, project) -> bool:
        if self.with_agency_only and project.agency_id is None:
            return False
        return (project.estimate or Decimal(0)) >= self.from_estimate


K = ProjectPaper.Kind

CONTROL_POINTS = (
    ControlPoint(K.APPROVAL, "项目已经审批、核准或备案", "《招标投标法》第九条", "V"),
    ControlPoint(K.FUNDS, "资金来源已经落实并列入预算", "《招标投标法》第九条", "V"),
    ControlPoint(K.DECISION, "“三重一大”事项已经集体决策", "项目单位内部控制要求（地方做法，可调整）", "S"),
    ControlPoint(K.AGENCY_CONTRACT, "与代理机构签订了书面委托合同", "《招标投标法实施条例》第十四条", "V", with_agency_only=True),
    # Larger projects: the amounts are this city's own and may be changed.
    ControlPoint(K.FEASIBILITY, "可行性研究已经批复", "政府投资项目管理要求（地方做法，可调整）", "S", Decimal(50_000_000)),
    ControlPoint(K.DEMAND, "招标范围和技术需求已经确定", "项目单位内部控制要求（地方做法，可调整）", "S", Decimal(50_000_000)),
    ControlPoint(K.POLICY, "招标条件已通过公平竞争审查", "公平竞争审查制度（地方做法，可调整）", "S", Decimal(50_000_000)),
)
