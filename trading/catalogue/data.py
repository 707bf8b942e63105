"""The catalogue this city starts with, with the version before it; staff keep it afterwards. Amounts in yuan."""

from datetime import date
from decimal import Decimal

from trading.catalogue.models import CatalogueItem, CentralItem
from trading.catalogue.rules import OFF_THE_LIST_FORMS

CITY, COUNTY, TOWN = CatalogueItem.Level
MUST, MAY, TOWNSHIP, OUTSIDE = CatalogueItem.Venue
OPEN = ["GC-OT"]

WORKS = ["GC-OT", "GC-PQ", "GC-2E", "GC-IT"]
WORKS_GOODS = ["GC-OT", "GC-MATERIALS", "GC-IT"]
WORKS_SERVICES = ["GC-OT", "GC-DESIGN", "GC-SUPERVISION", "GC-IT"]
DRAWN = ["GC-OT", "GC-LOT"]
TENDERED = ["ZC-OT", "ZC-IT", "ZC-TP", "ZC-DY", "ZC-KJ"]
GOODS = ["ZC-TP", "ZC-XJ", "ZC-DY", "ZC-KJ", "ZC-OT"]
SERVICES = ["ZC-CS", "ZC-TP", "ZC-DY", "ZC-KJ", "ZC-OT"]
PROPERTY = ["CQ-L", "CQ-NB"]

COMPULSORY = ("《必须招标的工程项目规定》第五条", "V")
FORMER = ("《工程建设项目招标范围和规模标准规定》第七条（2018 年废止）", "H")
SMALL = ("本市小额工程办法", "S")
VILLAGE = ("本市村级集体资源交易办法", "S")
STANDARD = ("《地方预算单位政府采购集中采购目录及标准指引》（财库〔2019〕69号，本市执行标准）", "H")
BELOW = ("《政府采购法》第二条：限额标准以下不属于政府采购；本市做法", "S")
LAND = ("《招标拍卖挂牌出让国有建设用地使用权规定》第四条", "H")
MINING = ("《矿业权出让交易规则》", "M")
STATE = ("《企业国有资产交易监督管理办法》第十三条", "V2")
ADMINISTRATIVE = ("《行政事业性国有资产管理条例》；进场为本市做法", "S")
PUBLIC = ("《行政事业性国有资产管理条例》、《企业国有资产交易监督管理办法》第四十八条；行政事业单位全部进场为本市做法", "S")
FRANCHISE = ("《基础设施和公用事业特许经营管理办法》；进场为本市做法", "S")

# level, category, kind, label, from, to below, venue, procedures, (source, confidence)
ROWS_2018 = (
    (CITY, "GC", "works", "施工单项合同估算价 400 万元以上", 4_000_000, None, MUST, WORKS, COMPULSORY),
    (CITY, "GC", "goods", "与工程有关的货物 200 万元以上", 2_000_000, None, MUST, WORKS_GOODS, COMPULSORY),
    (CITY, "GC", "services", "勘察、设计、监理等服务 100 万元以上", 1_000_000, None, MUST, WORKS_SERVICES, COMPULSORY),
    (CITY, "GC", "works", "施工 200 万元以上、不足 400 万元", 2_000_000, 4_000_000, MAY, WORKS, SMALL),
    (CITY, "GC", "goods", "与工程有关的货物 100 万元以上、不足 200 万元", 1_000_000, 2_000_000, MAY, WORKS_GOODS, SMALL),
    (CITY, "GC", "services", "与工程有关的服务 50 万元以上、不足 100 万元", 500_000, 1_000_000, MAY, WORKS_SERVICES, SMALL),
    (CITY, "GC", "works", "小额工程：施工不足 200 万元", 0, 2_000_000, MAY, DRAWN, SMALL),
    (CITY, "GC", "goods", "小额工程：货物不足 100 万元", 0, 1_000_000, MAY, DRAWN, SMALL),
    (CITY, "GC", "services", "小额工程：服务不足 50 万元", 0, 500_000, MAY, DRAWN, SMALL),
    (CITY, "ZC", "goods", "货物 200 万元以上，公开招标；其他方式须经批准", 2_000_000, None, MUST, TENDERED, STANDARD),
    (CITY, "ZC", "services", "服务 200 万元以上，公开招标；其他方式须经批准", 2_000_000, None, MUST, [*TENDERED, "ZC-CS"], STANDARD),
    (CITY, "ZC", "works", "工程 60 万元以上、不足 400 万元", 600_000, 4_000_000, MUST, ["ZC-CS", "ZC-TP", "ZC-DY"], STANDARD),
    (CITY, "ZC", "goods", "货物 50 万元以上、不足 200 万元", 500_000, 2_000_000, MUST, GOODS, STANDARD),
    (CITY, "ZC", "services", "服务 50 万元以上、不足 200 万元", 500_000, 2_000_000, MUST, SERVICES, STANDARD),
    (CITY, "ZC", "works", "工程不足 60 万元", 0, 600_000, MAY, ["ZC-CS", "ZC-TP"], BELOW),
    (CITY, "ZC", "goods", "货物不足 50 万元", 0, 500_000, MAY, ["ZC-XJ", "ZC-KJ"], BELOW),
    (CITY, "ZC", "services", "服务不足 50 万元", 0, 500_000, MAY, ["ZC-CS", "ZC-KJ"], BELOW),
    (CITY, "TD", "land", "国有建设用地使用权出让", 0, None, MUST, ["TD-L", "TD-A", "TD-T"], LAND),
    (CITY, "KY", "mining", "矿业权出让", 0, None, MUST, ["KY-L", "KY-A", "KY-T"], MINING),
    (CITY, "CQ", "equity", "企业国有产权转让", 0, None, MUST, PROPERTY, STATE),
    (CITY, "CQ", "assets", "行政事业单位、国有企业国有资产转让和处置，不论金额", 0, None, MUST, PROPERTY, PUBLIC),
    (CITY, "CQ", "lease", "行政事业单位、国有企业资产出租，不论金额", 0, None, MUST, ["CQ-ZL"], ADMINISTRATIVE),
    (CITY, "CQ", "franchise", "公共资源经营权、特许经营权出让", 0, None, MUST, ["CQ-JY"], FRANCHISE),
    (COUNTY, "CJ", "works", "村级工程 200 万元以上，进入县级以上平台", 2_000_000, None, MUST, ["CJ-W"], VILLAGE),
    (COUNTY, "CJ", "goods", "村级工程设备、材料 100 万元以上，进入县级以上平台", 1_000_000, None, MUST, ["CJ-P"], VILLAGE),
    (COUNTY, "CJ", "services", "村级勘察、设计、监理、评估 50 万元以上，进入县级以上平台", 500_000, None, MUST, ["CJ-P"], VILLAGE),
    (TOWN, "CJ", "works", "村级工程 5 万元以上、不足 200 万元", 50_000, 2_000_000, TOWNSHIP, ["CJ-W"], VILLAGE),
    (TOWN, "CJ", "goods", "村级工程设备、材料 2 万元以上、不足 100 万元", 20_000, 1_000_000, TOWNSHIP, ["CJ-P"], VILLAGE),
    (TOWN, "CJ", "services", "村级勘察、设计、监理、评估 1 万元以上、不足 50 万元", 10_000, 500_000, TOWNSHIP, ["CJ-P"], VILLAGE),
    (TOWN, "CJ", "supplies", "村级物资采购 1 万元以上", 10_000, None, TOWNSHIP, ["CJ-P"], VILLAGE),
    (TOWN, "CJ", "assets", "村级资产、资源底价 1 万元以上", 10_000, None, TOWNSHIP, ["CJ-A"], VILLAGE),
    (TOWN, "CJ", "works", "村级工程不足 5 万元，村集体自行组织", 0, 50_000, OUTSIDE, [], VILLAGE),
    (TOWN, "CJ", "goods", "村级工程设备、材料不足 2 万元，村集体自行组织", 0, 20_000, OUTSIDE, [], VILLAGE),
    (TOWN, "CJ", "services", "村级服务不足 1 万元，村集体自行组织", 0, 10_000, OUTSIDE, [], VILLAGE),
    (TOWN, "CJ", "supplies", "村级物资采购不足 1 万元，村集体自行组织", 0, 10_000, OUTSIDE, [], VILLAGE),
    (TOWN, "CJ", "assets", "村级资产、资源底价不足 1 万元，村集体自行组织", 0, 10_000, OUTSIDE, [], VILLAGE),
)
ROWS_2000 = (
    (CITY, "GC", "works", "施工单项合同估算价 200 万元以上", 2_000_000, None, MUST, OPEN, FORMER),
    (CITY, "GC", "goods", "重要设备、材料等货物 100 万元以上", 1_000_000, None, MUST, OPEN, FORMER),
    (CITY, "GC", "services", "勘察、设计、监理等服务 50 万元以上", 500_000, None, MUST, OPEN, FORMER),
)
# The central list: code, name, kind, note. Codes are those of 政府采购品目分类目录 (2013).
GUIDE = ("《地方预算单位政府采购集中采购目录及标准指引（2020 年版）》（财库〔2019〕69号）", "M")
CENTRAL_SINCE = date(2020, 1, 1)
CENTRAL = (
    ("A02010103", "服务器", "goods", ""),
    ("A02010104", "台式计算机", "goods", ""),
    ("A02010105", "便携式计算机", "goods", ""),
    ("A02010601", "打印设备", "goods", "喷墨、激光、针式打印机"),
    ("A0201060401", "液晶显示器", "goods", ""),
    ("A0201060901", "扫描仪", "goods", ""),
    ("A02010801", "基础软件", "goods", ""),
    ("A02010805", "信息安全软件", "goods", ""),
    ("A020201", "复印机", "goods", ""),
    ("A020202", "投影仪", "goods", ""),
    ("A020204", "多功能一体机", "goods", ""),
    ("A020207", "LED 显示屏", "goods", ""),
    ("A020305", "乘用车", "goods", ""),
    ("A020306", "客车", "goods", ""),
    ("A02051228", "电梯", "goods", ""),
    ("A0206180203", "空调机", "goods", ""),
    ("A06", "家具用具", "goods", ""),
    ("A090101", "复印纸", "goods", ""),
    ("C030102", "互联网接入服务", "services", ""),
    ("C050301", "车辆维修和保养服务", "services", ""),
    ("C050302", "车辆加油服务", "services", ""),
    ("C081401", "印刷服务", "services", ""),
    ("C1204", "物业管理服务", "services", "机关办公场所水电供应、设备运行、保洁、保安等"),
    ("C15040201", "机动车保险服务", "services", ""),
)
VERSIONS = (
    ("2018-1", date(2018, 6, 1), None, ROWS_2018),
    ("2000-1", date(2000, 5, 1), date(2018, 5, 31), ROWS_2000),
)


def load_catalogue():
    """Put the versions and the central list in place, each where there is none yet."""
    if not CentralItem.objects.exists():
        source, confidence = GUIDE
        CentralItem.objects.bulk_create(
            CentralItem(code=code, name=name, kind=kind, note=note, source=source, confidence=confidence, since=CENTRAL_SINCE)
            for code, name, kind, note in CENTRAL
        )
    if CatalogueItem.objects.exists():
        return
    CatalogueItem.objects.bulk_create(
        CatalogueItem(
            level=level, category=category, kind=kind, label=label, minimum=Decimal(least),
            maximum=None if most is None else Decimal(most), venue=venue, procedures=procedures,
            # Government procurement begins at the purchase limit, where its lines begin to be compulsory.
            forms=list(OFF_THE_LIST_FORMS) if category == "ZC" and venue == MUST else [], source=source, confidence=confidence, version=version, since=since, until=until,
        )
        for version, since, until, rows in VERSIONS
        for level, category, kind, label, least, most, venue, procedures, (source, confidence) in rows
    )  # fmt: skip
