"""The second stage of the demo city's framework: its catalogue, and repairs that purchasers have ordered under it."""

from decimal import Decimal

from config.demo.days import at, workday
from rulebook.clock import database_now
from trading.frameworks import actions
from trading.frameworks.models import FrameworkCatalogue

GUIDANCE = "采购人提交维修需求，平台按入围顺序交给下一家供应商；供应商到场查勘后报价，采购人确认后施工。工期、保修按框架协议执行。"
# Line, name, what is asked, unit, ceiling, and the agreed prices in the order of entry; none: as in the responses.
ITEMS = (
    ("labour", "维修综合工日", "含人工、辅材、机具和税费", "工日", 480, None),
    ("part", "聚合物防水涂料", "执行国家环保限量标准，两遍成活", "平方米", 68, (58, 62, 60, 65)),
    ("part", "防滑地砖", "600 mm × 600 mm，含铺贴砂浆", "平方米", 140, (118, 112, 125, 130)),
    ("part", "断桥铝窗五金", "传动器、合页、执手成套更换", "套", 260, (215, 230, 228, 240)),
)
# Purchaser, what is to be repaired, and what is wrong with it.
REPAIRS = (
    ("清江市城市管理执法局", "三楼卫生间墙地面", "地面渗漏至二楼走廊，需重做防水并更换破损地砖，约 24 平方米。"),
    ("清江市土地储备交易中心", "档案库房外窗", "六樘外窗关闭不严，雨天进水，需更换五金。"),
    ("清江市城市管理执法局", "车库卷帘门洞口", "门洞两侧墙面开裂脱落，请到场查勘。"),
    ("清江市机关事务服务中心", "二号楼屋面天沟", "天沟接缝渗水，请在雨季前处理。"),
)


def second_stage(city, lot, firms):
    """Opened the day before yesterday; one repair done and rated, one quoted, two that wait for their suppliers, the demo's own among them."""
    yield at(workday(city.today, -2), 14, 10)
    agent, entered = city.agencies[0].handler, (firms[1], firms[0], firms[2], firms[3])
    catalogue = actions.open_catalogue(
        lot, kind=FrameworkCatalogue.Kind.REPAIR, order_limit=Decimal(200_000), guidance=GUIDANCE, by=agent, at=database_now()
    )
    for line, name, spec, unit, ceiling, prices in ITEMS:
        agreed = {firm.pk: Decimal(price) for firm, price in zip(entered, prices or (), strict=False)}
        actions.add_item(
            catalogue, line=line, name=name, spec=spec, unit=unit, ceiling=Decimal(ceiling), prices=agreed, as_responded=prices is None,
            by=agent, at=database_now(),
        )  # fmt: skip
    yield at(workday(city.today, -2), 15, 30)
    day, tiles, window = (catalogue.items.get(name=name) for name in ("维修综合工日", "防滑地砖", "断桥铝窗五金"))
    done, quoted = order(city, catalogue, REPAIRS[0]), order(city, catalogue, REPAIRS[1])
    yield at(workday(city.today, -1), 9, 40)
    quote(done, firms[2], {day: (6, 450), tiles: (24, 120)}, "原防水层老化开裂，拆除后重做两遍防水，更换地砖 24 平方米。")
    quote(quoted, firms[3], {day: (3, 463), window: (6, 238)}, "传动器锈蚀，六樘窗五金成套更换，密封胶条一并更换。")
    yield at(workday(city.today, -1), 10, 20)
    actions.confirm_quote(done, by=done.placed_by, at=database_now())
    order(city, catalogue, REPAIRS[2])
    order(city, catalogue, REPAIRS[3])
    yield at(workday(city.today, -1), 16, 10)
    actions.report_delivery(done, delivery="防水和地砖已完工，闭水试验 24 小时无渗漏。", by=firms[2].handler, at=database_now())
    yield at(workday(city.today, -1), 16, 50)
    actions.accept_delivery(done, opinion="现场查看，做法与报价一致，同意验收。", by=done.placed_by, at=database_now())
    actions.rate_order(done, rating=5, words="到场及时，施工整洁，没有影响办公。", by=done.placed_by, at=database_now())


def order(city, catalogue, repair):
    name, subject, need = repair
    purchaser = city.sellers[name]
    return actions.place_order(
        catalogue, purchaser=purchaser, subject=subject, need=need, contact="办公室 0999-555-0166", by=purchaser.handler, at=database_now()
    )


def quote(made, firm, lines, findings):
    said = {item: (Decimal(quantity), Decimal(price)) for item, (quantity, price) in lines.items()}
    actions.quote_repair(made, lines=said, findings=findings, by=firm.handler, at=database_now())
