"""The standard texts this city starts with; regulators publish later versions. Dates: the day the platform's own texts begin."""

from datetime import date

from trading.standards.design_build import DESIGN_BUILD, DESIGN_BUILD_CRITERIA, MEASURES
from trading.standards.goods import GOODS, GOODS_CRITERIA, GOODS_SETTINGS, PROCUREMENT, SERVICE_CRITERIA, SERVICES
from trading.standards.models import DocumentTemplate, TemplateSection
from trading.standards.queries import template_digest
from trading.standards.works import CRITERIA, METHOD_SETTINGS, WORKS_CONSTRUCTION

SINCE = date(2018, 1, 1)
CRITERION = ("part", "title", "standard", "points", "objective")
WORKS_LAW = "《招标投标法实施条例》第十五条：应当使用标准文本；平台预置文本"
PROCUREMENT_LAW = "《政府采购货物和服务招标投标管理办法》第二十条；平台预置文本"

# code, name, category, kind, source, sections, criteria, price formula
TEMPLATES = (
    ("works-construction", "工程施工招标文件范本", "GC", "works", WORKS_LAW, WORKS_CONSTRUCTION, CRITERIA, METHOD_SETTINGS),
    ("works-epc", "工程总承包招标文件范本", "GC", "epc", MEASURES, DESIGN_BUILD, DESIGN_BUILD_CRITERIA, METHOD_SETTINGS),
    ("works-goods", "与工程有关的货物招标文件范本", "GC", "goods", WORKS_LAW, GOODS, GOODS_CRITERIA, GOODS_SETTINGS),
    ("works-services", "与工程有关的服务招标文件范本", "GC", "services", WORKS_LAW, SERVICES, SERVICE_CRITERIA, METHOD_SETTINGS),
    ("procurement-goods", "政府采购货物公开招标文件范本", "ZC", "goods", PROCUREMENT_LAW, PROCUREMENT, GOODS_CRITERIA, GOODS_SETTINGS),
)


def load_templates():
    """Put version 1 of each standard text in place where there is none."""
    for code, name, category, kind, source, sections, criteria, settings in TEMPLATES:
        template, made = DocumentTemplate.objects.get_or_create(
            code=code,
            version=1,
            defaults={
                "name": name, "category": category, "kind": kind, "source": source, "method_settings": settings, "since": SINCE,
                "state": DocumentTemplate.State.PUBLISHED, "criteria": [dict(zip(CRITERION, row, strict=True)) for row in criteria],
            },
        )  # fmt: skip
        if made:
            TemplateSection.objects.bulk_create(
                TemplateSection(template=template, no=no, title=row.title, fixed=row.fixed, text=row.text, note=row.note)
                for no, row in enumerate(sections, start=1)
            )
            template.digest = template_digest(template)
            template.save(update_fields=["digest"])
