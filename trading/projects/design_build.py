"""工程总承包 (EPC): what the measures for design-build ask from the registration to the contract, as data.

建市规〔2019〕12号, in force since 2020-03-01; its articles are given from knowledge of the text (H), not read anew.
"""

from datetime import date

from rulebook.periods import MinimumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule
from trading.projects.models import Project, ProjectPaper

MEASURES = "《房屋建筑和市政基础设施项目工程总承包管理办法》（建市规〔2019〕12号）"
SINCE = date(2020, 3, 1)
Stage = Project.DesignBuildStage

STAGE = Rule(
    code="EPC-01", says="企业投资项目在核准或者备案后发包；政府投资项目原则上在初步设计审批完成后发包，按规定简化报批的，在完成相应的投资决策审批后发包",
    source=f"{MEASURES}第七条", since=SINCE, confidence="H",
)  # fmt: skip
QUALIFICATION = Rule(
    code="EPC-02", says="工程总承包单位应当同时具有与工程规模相适应的工程设计资质和施工资质，或者由具有相应资质的设计单位和施工单位组成联合体",
    source=f"{MEASURES}第十条", since=SINCE, confidence="H",
)  # fmt: skip
CONFLICT = Rule(
    code="EPC-03", says="工程总承包单位不得是本项目的代建单位、项目管理单位、监理单位、造价咨询单位、招标代理单位",
    source=f"{MEASURES}第十一条", since=SINCE, confidence="H",
)  # fmt: skip
MATERIAL = Rule(
    code="EPC-04", says="招标文件应当提供发包前完成的勘察资料，以及可行性研究报告、方案设计文件或者初步设计文件", source=f"{MEASURES}第九条", since=SINCE,
    confidence="H",
)  # fmt: skip
RISKS = Rule(
    code="EPC-05", says="建设单位和工程总承包单位应当合理分担风险，建设单位承担价格波动超出约定幅度、法律政策变化、不可预见的地质条件、自身原因和不可抗力的风险",
    source=f"{MEASURES}第十五条", since=SINCE, confidence="H",
)  # fmt: skip
LUMP_SUM = Rule(
    code="EPC-06", says="企业投资项目宜采用总价合同，政府投资项目应当合理确定合同价格形式；采用总价合同的，除合同约定的情形外一般不予调整",
    source=f"{MEASURES}第十六条", since=SINCE, confidence="H", consequence=Then.NOTE,
)  # fmt: skip
# The measures ask for a reasonable time and name no number: thirty days are the city's own.
PREPARATION = MinimumPeriod(
    code="EPC-07", says="工程总承包项目自招标文件开始发出之日起至投标截止之日止不少于三十日", source=f"{MEASURES}第十二条要求合理时间；天数为设计值，可调整",
    since=SINCE, confidence="D", days=30,
)  # fmt: skip

# The paper that proves each stage; a filed project shows its approval like all others.
PAPER_OF = {Stage.FEASIBILITY: ProjectPaper.Kind.FEASIBILITY, Stage.PRELIMINARY: ProjectPaper.Kind.PRELIMINARY}
# Drawing lots chooses nobody for a work that somebody must design first.
NO_WAY = ("GC-LOT",)


def is_design_build(project):
    return project.kind == Project.Kind.EPC


def stage_gaps(project):
    """[(section, field, words)]: what a registration of design-build lacks beside what all lack."""
    if not is_design_build(project):
        return []
    found = []
    if not project.epc_stage:
        found.append(("basics", "epc_stage", "请选择工程总承包的发包阶段"))
    if project.epc_stage == Stage.FEASIBILITY and not project.epc_ground.strip():
        found.append(("basics", "epc_ground", "请写明可以简化报批的规定和批准情况"))
    paper = PAPER_OF.get(project.epc_stage)
    if paper and not project.papers.filter(kind=paper).exists():
        found.append(("papers", f"paper-{paper}", f"请上传{ProjectPaper.Kind(paper).label}，发包阶段的批复不能容缺"))
    return found
