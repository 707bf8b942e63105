"""The city's eight method rules for works and ten for procurement: a method, its parameters and a first set of factors.

Classified by what is bought and graded by its size or difficulty; whoever writes a document begins from one and adapts it.
"""

from dataclasses import dataclass, field

from trading.methods.registry import METHODS, Method


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One rule of the library. `factors` are the scored criteria: part, title, standard, points, objective."""

    code: str
    no: int
    name: str
    category: str
    kinds: tuple[str, ...]
    grade: str
    method_code: str
    settings: dict = field(default_factory=dict)
    factors: tuple[tuple[str, str, str, int, bool], ...] = ()

    @property
    def method(self) -> Method:
        return METHODS[self.method_code].for_kind(self.kinds[0])

    def full_settings(self) -> dict:
        return {**self.method.defaults(), **self.settings}

    def criteria(self) -> list[dict]:
        return [dict(zip(("part", "title", "standard", "points", "objective"), row, strict=True)) for row in self.factors]


CREDIT = ("credit", "信用评价", "按投标截止日的平台信用评分折算")
PRICE = "按招标文件载明的价格分公式计算"
LEVELS = "针对性强、措施具体得满分的八成至满分，基本可行得五成至八成，其余不超过五成"

WORKS = (
    Preset(
        code="W1", no=1, name="勘察设计", category="GC", kinds=("services",), grade="服务类", method_code="COMPREHENSIVE_ASSESSMENT",
        settings={"formula": "BENCHMARK", "above": "0.6", "below": "0.3"},
        factors=(
            ("technical", "设计方案", LEVELS, 50, False), ("business", "项目团队", "注册人员每名 2 分，最多 10 分", 10, True),
            ("business", "类似业绩", "近三年同类设计每个 2 分，最多 10 分", 10, True), (*CREDIT, 10, False), ("price", "投标报价", PRICE, 20, False),
        ),
    ),
    Preset(
        code="W2", no=2, name="工程监理", category="GC", kinds=("services",), grade="服务类", method_code="COMPREHENSIVE_ASSESSMENT",
        settings={"formula": "BENCHMARK", "above": "0.8", "below": "0.4"},
        factors=(
            ("technical", "监理大纲", LEVELS, 40, False), ("business", "总监理工程师", "业绩每个 5 分，最多 15 分", 15, True),
            ("business", "监理机构人员", "专业齐全得 10 分，每缺一个专业扣 2 分", 10, True), (*CREDIT, 10, False), ("price", "投标报价", PRICE, 25, False),
        ),
    ),
    Preset(
        code="W3", no=3, name="小型工程施工", category="GC", kinds=("works",), grade="小型、技术通用", method_code="LOWEST_EVALUATED_PRICE",
        settings={"day_value": "0"},
    ),
    Preset(
        code="W4", no=4, name="一般工程施工", category="GC", kinds=("works",), grade="一般", method_code="COMPREHENSIVE_ASSESSMENT",
        settings={"formula": "BENCHMARK", "above": "0.9", "below": "0.6", "trimming": "TIERED", "k": "DRAWN"},
        factors=(
            ("technical", "施工组织设计", LEVELS, 20, False), ("business", "类似业绩", "近三年同类工程每个 5 分，最多 10 分", 10, True),
            (*CREDIT, 10, False), ("price", "投标报价", PRICE, 60, False),
        ),
    ),
    Preset(
        code="W5", no=5, name="大型、复杂工程施工", category="GC", kinds=("works",), grade="大型、复杂", method_code="COMPREHENSIVE_ASSESSMENT",
        settings={"formula": "COMBINED", "above": "0.8", "below": "0.5", "trimming": "TIERED", "credit": "RELATIVE", "ties": "price,technical,credit,draw"},
        factors=(
            ("technical", "施工组织设计", LEVELS, 25, False), ("business", "项目管理机构", "人员资格和业绩齐全得 5 分，每缺一项扣 1 分", 5, True),
            ("business", "类似业绩", "近五年同等规模工程每个 5 分，最多 5 分", 5, True), (*CREDIT, 15, False), ("price", "投标报价", PRICE, 50, False),
        ),
    ),
    Preset(
        code="W6", no=6, name="公路工程施工", category="GC", kinds=("works",), grade="技术成熟", method_code="REASONABLE_LOW_PRICE",
        settings={"above": "2", "below": "1", "k": "DRAWN", "candidates": "0.97 0.975 0.98 0.985 0.99"},
        factors=(("price", "投标报价", PRICE, 100, False),),
    ),
    Preset(
        code="W7", no=7, name="工程总承包（EPC）", category="GC", kinds=("epc",), grade="设计施工一体", method_code="DOUBLE_ENVELOPE",
        settings={"pass_mark": "60", "formula": "COMBINED", "above": "0.8", "below": "0.5"},
        factors=(
            ("technical", "设计方案", LEVELS, 20, False), ("technical", "总承包实施方案", LEVELS, 15, False),
            ("business", "项目团队", "设计、施工负责人业绩每个 2 分，最多 10 分", 10, True), ("business", "类似业绩", "近五年工程总承包业绩每个 5 分，最多 5 分", 5, True),
            (*CREDIT, 10, False), ("price", "投标报价", PRICE, 40, False),
        ),
    ),
    Preset(
        code="W8", no=8, name="工程设备、材料", category="GC", kinds=("goods",), grade="货物类", method_code="COMPREHENSIVE_ASSESSMENT",
        settings={"formula": "LOWEST"},
        factors=(
            ("technical", "技术指标响应", "一般指标全部满足得满分，每有一项负偏离扣 2 分", 30, True),
            ("business", "售后服务", LEVELS, 10, False), ("price", "投标报价", PRICE, 60, False),
        ),
    ),
)  # fmt: skip

PROCUREMENT = (
    Preset(code="P1", no=1, name="通用货物（最低价）", category="ZC", kinds=("goods",), grade="标准统一", method_code="LOWEST_PRICE"),
    Preset(
        code="P2", no=2, name="通用货物（评分）", category="ZC", kinds=("goods",), grade="一般", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "技术指标响应", "一般指标全部满足得满分，每有一项负偏离扣 2 分", 40, True), ("business", "售后服务", LEVELS, 15, False),
            ("business", "质量保证期", "超过要求每年 5 分，最多 5 分", 5, True), ("price", "投标报价", PRICE, 40, False),
        ),
    ),
    Preset(
        code="P3", no=3, name="信息化系统集成", category="ZC", kinds=("goods", "services"), grade="技术复杂", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "系统方案", LEVELS, 35, False), ("technical", "演示", "要求的功能全部演示得 15 分，每缺一项扣 3 分", 15, True),
            ("business", "项目团队", LEVELS, 10, False), ("business", "运行维护", LEVELS, 10, False), ("price", "投标报价", PRICE, 30, False),
        ),
    ),
    Preset(
        code="P4", no=4, name="医疗设备", category="ZC", kinds=("goods",), grade="技术复杂", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "技术参数响应", "一般指标全部满足得满分，每有一项负偏离扣 2 分", 40, True), ("technical", "临床适用性", LEVELS, 10, False),
            ("business", "培训与维修", LEVELS, 15, False), ("price", "投标报价", PRICE, 35, False),
        ),
    ),
    Preset(
        code="P5", no=5, name="物业管理", category="ZC", kinds=("services",), grade="劳务与管理", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "管理方案", LEVELS, 40, False), ("technical", "应急预案", LEVELS, 15, False), ("business", "项目负责人", LEVELS, 15, False),
            ("business", "人员配备", "达到要求得 10 分，每缺一人扣 1 分", 10, True), ("price", "投标报价", PRICE, 20, False),
        ),
    ),
    Preset(
        code="P6", no=6, name="专业服务（设计、审计、法律）", category="ZC", kinds=("services",), grade="专业服务", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "服务方案", LEVELS, 50, False), ("business", "服务团队", LEVELS, 25, False),
            ("business", "类似业绩", "近三年同类服务每个 3 分，最多 15 分", 15, True), ("price", "投标报价", PRICE, 10, False),
        ),
    ),
    Preset(
        code="P7", no=7, name="保安、保洁等劳务服务", category="ZC", kinds=("services",), grade="劳务", method_code="COMPREHENSIVE_SCORING",
        factors=(
            ("technical", "服务方案", LEVELS, 30, False), ("technical", "人员培训与轮换", LEVELS, 15, False),
            ("business", "工资和社会保险保障", "措施完整得 15 分，每缺一项扣 5 分", 15, True), ("business", "类似业绩", "近三年同类服务每个 5 分，最多 10 分", 10, True),
            ("price", "投标报价", PRICE, 30, False),
        ),
    ),
    Preset(
        code="P8", no=8, name="政府采购工程（磋商）", category="ZC", kinds=("works",), grade="限额以下工程", method_code="CONSULTATION_SCORING",
        factors=(
            ("technical", "施工方案", LEVELS, 40, False), ("business", "项目团队", LEVELS, 20, False), ("business", "类似业绩", "近三年同类工程每个 5 分，最多 10 分", 10, True),
            ("price", "最后报价", PRICE, 30, False),
        ),
    ),
    Preset(code="P9", no=9, name="框架协议（价格优先）", category="ZC", kinds=("goods", "services"), grade="框架协议第一阶段", method_code="PRICE_FIRST"),
    Preset(
        code="P10", no=10, name="框架协议（质量优先）", category="ZC", kinds=("goods", "services"), grade="框架协议第一阶段", method_code="QUALITY_FIRST",
        factors=(("technical", "质量与服务", LEVELS, 70, False), ("business", "履约能力", LEVELS, 30, False)),
    ),
)  # fmt: skip

PRESETS = {row.code: row for row in (*WORKS, *PROCUREMENT)}


def presets_in(procedure: str, kind: str) -> list[Preset]:
    """The rules of the library that a document of a procedure may begin from."""
    return [row for row in PRESETS.values() if procedure in row.method.procedures and kind in row.kinds and kind in row.method.kinds]


# What a document begins with where its kind has a rule of its own.
DEFAULTS = {"epc": "W7"}


def default_preset(procedure: str, kind: str) -> Preset | None:
    """The rule of the library that a document of this kind begins from; None where it begins from its standard text alone."""
    return next((row for row in presets_in(procedure, kind) if row.code == DEFAULTS.get(kind)), None)
