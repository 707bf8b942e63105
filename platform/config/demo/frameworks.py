"""The second stage of the demo city's frameworks: repairs that purchasers have ordered, and drugs and devices for its hospitals."""

from datetime import timedelta
from decimal import Decimal

from config.demo.days import at, workday
from rulebook.clock import city_day, database_now
from trading.frameworks import actions
from trading.frameworks.models import FrameworkCatalogue, OrderDelivery

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

# Line, name, specification, unit, ceiling, agreed prices in the order of entry, and code, registration, form, maker, days it still holds.
ARTICLES = (
    ("drug", "注射用头孢曲松钠", "1.0 g", "瓶", "15", ("11.80", "12.20", None, None),
     ("XJ01DDT083A010010100001", "国药准字H20260001", "注射用粉针剂", "清江子虚制药有限公司", 900)),
    ("drug", "盐酸二甲双胍片", "0.5 g × 30 片", "盒", "22", ("16.50", None, "17.20", None),
     ("XA10BAE046A001010100002", "国药准字H20260002", "片剂", "清江乌有制药有限公司", 500)),
    ("device", "一次性使用无菌注射器", "5 mL", "支", "0.60", ("0.45", "0.44", "0.48", "0.50"),
     ("C14020100000001000000000001", "鄂械注准20263140001", "带针", "清江南柯医疗器械有限公司", 700)),
    ("device", "医用外科口罩", "17.5 cm × 9.5 cm", "只", "0.80", ("0.52", "0.55", None, "0.58"),
     ("C14010100000002000000000002", "鄂械注准20262140002", "挂耳式", "清江蜃楼医疗器械有限公司", -1)),
)  # fmt: skip


def medical_stage(city, lot, firms):
    """Opened the day before yesterday; one order of two lines, delivered in part and judged batch by batch, and one that waits."""
    yield at(workday(city.today, -2), 14, 22)
    agent, entered = city.agencies[0].handler, (firms[1], firms[0], firms[2], firms[3])
    catalogue = actions.open_catalogue(
        lot, kind=FrameworkCatalogue.Kind.MEDICAL, guidance="下单后两日内配送，按品目、批号逐项验收。", by=agent, at=database_now()
    )
    for line, name, spec, unit, ceiling, prices, (code, registration, form, maker, days) in ARTICLES:
        agreed = {firm.pk: Decimal(price) for firm, price in zip(entered, prices, strict=False) if price}
        # One of them runs out today: it was in force when it was entered.
        until = city_day(database_now()) + timedelta(days=days) if days > 0 else workday(city.today, -1)
        actions.add_item(
            catalogue, line=line, name=name, spec=spec, unit=unit, ceiling=Decimal(ceiling), prices=agreed, by=agent, at=database_now(),
            article={"code": code, "registration": registration, "registered_until": until, "form": form, "manufacturer": maker},
        )  # fmt: skip
    yield at(workday(city.today, -2), 15, 42)
    drug, syringe = (catalogue.items.get(name=name) for name in ("注射用头孢曲松钠", "一次性使用无菌注射器"))
    made = medical_order(city, catalogue, "清江市人民医院", {drug: 600, syringe: 5000}, entered[0])
    yield at(workday(city.today, -1), 9, 12)
    actions.confirm_order(made, by=entered[0].handler, at=database_now())
    lines = {line.item_id: line.pk for line in made.lines.all()}
    use = city.today + timedelta(days=500)
    yield at(workday(city.today, -1), 15, 8)
    actions.deliver_lines(
        made, batches={lines[drug.pk]: (Decimal(400), "20261018", use), lines[syringe.pk]: (Decimal(5000), "B261102", use)},
        by=entered[0].handler, at=database_now(),
    )  # fmt: skip
    yield at(workday(city.today, -1), 16, 22)
    first, second = OrderDelivery.objects.filter(line__order=made)
    verdicts = {first.pk: (True, ""), second.pk: (False, "三箱外包装破损，整批退换")}
    actions.judge_lines(made, verdicts=verdicts, by=made.placed_by, at=database_now())
    medical_order(city, catalogue, "清江市妇幼保健院", {syringe: 2000}, entered[1])


def medical_order(city, catalogue, name, quantities, firm):
    purchaser = city.sellers[name]
    return actions.place_order(
        catalogue, purchaser=purchaser, subject="常用药品和耗材", need="送院内药库，随货附批号和检验报告。", contact="药剂科 0999-555-0177",
        quantities={item: Decimal(quantity) for item, quantity in quantities.items()}, supplier=firm, by=purchaser.handler, at=database_now(),
    )  # fmt: skip


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
