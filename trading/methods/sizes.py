"""划型: the size of a firm by its industry's figures, to compare a declaration with; it decides nothing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.provisions import Consequence, Rule

LARGE, MEDIUM, SMALL, MICRO = "large", "medium", "small", "micro"
SIZES = {LARGE: "大型企业", MEDIUM: "中型企业", SMALL: "小型企业", MICRO: "微型企业"}
# In whole persons and in 万元 of the year before.
MEASURES = {"employees": "从业人员", "revenue": "营业收入", "assets": "资产总额"}


@dataclass(frozen=True, kw_only=True)
class SizeClass(Rule):
    """An industry's lower bounds, each measure's as (large, medium, small); what reaches not even the last is micro."""

    industry: str
    name: str
    bounds: dict[str, tuple[int, int, int]]

    def size(self, figures: dict[str, Decimal | None]) -> str:
        """The class by the figures; "" while one that counts is missing. All bounds of a class must be reached."""
        if any(figures.get(measure) is None for measure in self.bounds):
            return ""
        for place, size in enumerate((LARGE, MEDIUM, SMALL)):
            if all(figures[measure] >= bounds[place] for measure, bounds in self.bounds.items()):
                return size
        return MICRO


SOURCE = "工信部联企业〔2011〕300号第四条"


def industry(no: int, code: str, name: str, **bounds: tuple[int, int, int]) -> SizeClass:
    said = "；".join(
        f"{MEASURES[measure]}达到 {'、'.join(f'{each:,}' for each in each_bounds)}（{'人' if measure == 'employees' else '万元'}）的依次为大型、中型、小型的下限"
        for measure, each_bounds in bounds.items()
    )
    return SizeClass(
        code=f"SZ-{no:02d}", says=f"{name}：{said}；须同时达到，否则下划一档", source=SOURCE, since=date(2011, 6, 18), confidence="H",
        consequence=Consequence.WARN, industry=code, name=name, bounds=bounds,
    )  # fmt: skip


INDUSTRIES = {
    row.industry: row
    for row in (
        industry(1, "farming", "农、林、牧、渔业", revenue=(20_000, 500, 50)),
        industry(2, "manufacturing", "工业", employees=(1000, 300, 20), revenue=(40_000, 2000, 300)),
        industry(3, "construction", "建筑业", revenue=(80_000, 6000, 300), assets=(80_000, 5000, 300)),
        industry(4, "wholesale", "批发业", employees=(200, 20, 5), revenue=(40_000, 5000, 1000)),
        industry(5, "retail", "零售业", employees=(300, 50, 10), revenue=(20_000, 500, 100)),
        industry(6, "transport", "交通运输业", employees=(1000, 300, 20), revenue=(30_000, 3000, 200)),
        industry(7, "storage", "仓储业", employees=(200, 100, 20), revenue=(30_000, 1000, 100)),
        industry(8, "post", "邮政业", employees=(1000, 300, 20), revenue=(30_000, 2000, 100)),
        industry(9, "lodging", "住宿业", employees=(300, 100, 10), revenue=(10_000, 2000, 100)),
        industry(10, "catering", "餐饮业", employees=(300, 100, 10), revenue=(10_000, 2000, 100)),
        industry(11, "telecom", "信息传输业", employees=(2000, 100, 10), revenue=(100_000, 1000, 100)),
        industry(12, "software", "软件和信息技术服务业", employees=(300, 100, 10), revenue=(10_000, 1000, 50)),
        industry(13, "estate", "房地产开发经营", revenue=(200_000, 1000, 100), assets=(10_000, 5000, 2000)),
        industry(14, "property", "物业管理", employees=(1000, 300, 100), revenue=(5000, 1000, 500)),
        industry(15, "leasing", "租赁和商务服务业", employees=(300, 100, 10), assets=(120_000, 8000, 100)),
        industry(16, "other", "其他未列明行业", employees=(300, 100, 10)),
    )
}
