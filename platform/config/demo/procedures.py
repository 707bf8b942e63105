"""Other ways to trade in the demo city: one story each, as a table of the steps taken with what their forms said."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from config.demo.days import at, workday
from config.demo.frameworks import medical_stage, second_stage
from rulebook.clock import city_day, database_now
from trading.catalogue.models import OrganisationForm
from trading.conduct.actions import complete_step
from trading.procedures.versions import procedure_of
from trading.projects import actions as projects
from trading.projects.models import Lot, ProjectReview
from trading.projects.queries import required_papers


class Act(NamedTuple):
    """A step taken so many working days from today (before it: negative), with what its form says; `firm` took it where a bidder does.

    A sum is a number of yuan, a moment (working day, hour, minute), a day that many days after the act's, parties are
    places among the story's firms. Words may name a firm as {0}, and {year} and {month}. Files that the form asks for are made.
    """

    day: int
    hour: int
    minute: int
    step: str
    said: dict[str, Any] = {}  # noqa: RUF012 - never changed
    firm: int | None = None


@dataclass(frozen=True)
class Story:
    """A project under one procedure. `firms` are numbers among the city's bidders, 0 is the demo's own; of drugs, among its pharmacies."""

    procedure: str
    kind: str
    owner: str
    name: str
    lot: str
    address: str
    scale: str
    estimate: int
    fund: str
    approval: tuple[str, str, str]
    qualification: str
    firms: tuple[int, ...]
    acts: tuple[Act, ...]


CONSULTATION = Story(
    "ZC-CS", "services", "清江市城市管理执法局", "清江市老城区市政道路设施日常养护服务", "养护服务包", "清江市老城区",
    "老城区 46 条市政道路共 38.6 公里的路面、人行道、雨水口和检查井日常巡查、养护与应急抢险，服务期一年。", 1_860_000, "市财政资金 100%",
    ("关于下达 {year} 年市政设施维护专项预算的通知", "清财城建〔{year}〕38 号", "清江市财政局"),
    "符合《政府采购法》第二十二条规定；具有市政公用工程施工总承包三级及以上资质和有效的安全生产许可证；本项目专门面向中小企业。",
    (0, 23, 62, 41),
    (
        Act(-36, 9, 20, "intention", {
            "needs": "老城区市政道路设施一年期日常养护，含路面坑槽修补、人行道板更换、雨水口清掏和汛期应急抢险，预算 186 万元。", "expected": "{month}",
        }),
        Act(-20, 10, 5, "plan", {"number": "清财采计〔{year}〕0417 号", "budget": 1_860_000, "ground": "政府购买服务项目"}),
        Act(-19, 15, 10, "demand", {
            "demand": "坑槽修补接报后 24 小时内完成，检查井盖缺失 2 小时内处置；常驻养护班组不少于 2 个、抢险车辆不少于 3 台；按月考核、按季付款。",
        }),
        Act(-13, 14, 30, "group", {
            "size": "3", "experts": 2, "members": "苏启明（评审专家，市政工程）\n梁若谷（评审专家，工程造价）\n傅长青（采购人代表）",
        }),
        Act(-12, 10, 0, "consultation_notice", {
            "source": "发布公告征集", "deposit": 30_000, "supply_until": (-6, 17, 30), "deadline": (-2, 9, 30),
            "requirements": "供应商须具有市政公用工程施工总承包三级及以上资质；项目负责人具有市政公用工程二级及以上建造师注册证书。磋商文件在本平台免费获取。",
        }),
        Act(-4, 10, 12, "responses", firm=0), Act(-4, 16, 40, "responses", firm=1), Act(-3, 9, 55, "responses", firm=2),
        Act(-3, 17, 5, "responses", firm=3),
        Act(-2, 10, 20, "response_check", {"qualified": (0, 1, 2)}),
        Act(-1, 9, 10, "talks", {"supplier": (0,), "matters": "就抢险队伍驻点和夜间响应时间磋商，供应商同意在文昌街道增设一处驻点，夜间 40 分钟内到场。"}),
        Act(-1, 9, 50, "talks", {"supplier": (1,), "matters": "就坑槽热补设备和材料来源磋商，供应商承诺自有热再生修补车一台，全年可用。"}),
        Act(-1, 10, 30, "talks", {"supplier": (2,), "matters": "就养护人员社会保险和考核扣款条款磋商，供应商接受磋商文件全部条款。"}),
        Act(-1, 11, 20, "document_change", {
            "change": "应急抢险到场时间由“60 分钟内”调整为“40 分钟内”，其余要求不变。", "representative": "傅长青",
        }),
        Act(-1, 14, 30, "quote_call", {"due": (2, 17, 0)}),
        Act(-1, 16, 15, "final_quote", {"price": 1_793_600, "promise": "接受变动后的应急抢险到场时间。"}, firm=1),
    ),
)  # fmt: skip

SINGLE_SOURCE = Story(
    "ZC-DY", "services", "清江市水务局", "清江市污水提升泵站自控系统原厂维护升级服务", "维护升级服务包", "清江市滨江新区",
    "12 座污水提升泵站自控系统的原厂维护、备件更换和控制程序升级，服务期两年。", 1_280_000, "市财政资金 100%",
    ("关于污水泵站自控系统维护升级项目的批复", "清发改审〔{year}〕219 号", "清江市发展和改革委员会"),
    "符合《政府采购法》第二十二条规定，持有现有自控系统的原厂授权和控制程序源代码。",
    (104,),
    (
        Act(-9, 9, 40, "plan", {"number": "清财采计〔{year}〕0466 号", "budget": 1_280_000}),
        Act(-8, 10, 25, "demand", {"demand": "控制程序升级后与现有 12 座泵站的控制器、上位机和调度中心兼容，升级期间单站停机不超过 4 小时。"}),
        Act(-6, 15, 0, "uniqueness", {
            "case": "只能从唯一供应商处采购", "supplier": (0,),
            "opinions": "高静远（清江市水务设计院，高级工程师）：控制程序为原厂专有，未公开通信协议，其他单位无法升级。\n"
                        "柏舟（清江市信息中心，高级工程师）：更换系统须同时更换 12 座泵站的控制器，费用约为维护升级的五倍。\n"
                        "钟毓（清江大学，教授）：同意采用单一来源方式采购。",
        }),
        Act(-3, 10, 0, "publicity", {
            "supplier": "{0}，地址：{address}", "until": (5, 17, 30),
            "reason": "现有泵站自控系统由该公司开发建设，控制程序为其专有技术，维护升级须与原系统兼容，只能从该公司处采购，符合《政府采购法》第三十一条第（一）项。",
        }),
    ),
)  # fmt: skip

FRAMEWORK = Story(
    "ZC-KJ", "services", "清江市机关事务服务中心", "清江市市直机关办公用房零星维修服务框架协议采购", "零星维修服务包", "清江市市直机关各办公区",
    "市直机关 63 家单位办公用房的防水、涂料、门窗、水电和地面零星维修，按每工日综合单价结算，有效期一年。", 3_200_000, "各采购人部门预算",
    ("关于市直机关办公用房零星维修实行框架协议采购的批复", "清财采〔{year}〕52 号", "清江市财政局"),
    "符合《政府采购法》第二十二条规定；具有建筑装修装饰工程专业承包二级或者建筑工程施工总承包三级及以上资质。",
    (0, 121, 8, 126, 107),
    (
        Act(-55, 9, 30, "intention", {"needs": "征集市直机关办公用房零星维修服务入围供应商，预计全年采购额 320 万元。", "expected": "{month}"}),
        Act(-37, 10, 0, "plan", {"number": "清财采计〔{year}〕0388 号", "budget": 3_200_000}),
        Act(-36, 11, 15, "demand", {"demand": "接单后 4 小时内到场查勘，单项维修不超过 5 个工日；材料环保等级不低于国家标准，保修期两年。"}),
        Act(-34, 15, 20, "group", {
            "size": "5", "experts": 4,
            "members": "许修远（评审专家）\n沈嘉树（评审专家）\n尤明远（评审专家）\n魏清和（评审专家）\n江晚舟（征集人代表）",
        }),
        Act(-31, 10, 0, "collection", {
            "subject": "服务", "method": "价格优先法", "second": "顺序轮候", "ceiling": 480, "supply_from": (-31, 11, 0), "supply_until": (-24, 17, 30),
            "deadline": (-12, 9, 30),
            "terms": "按响应单价（每工日综合单价，含人工、辅材、机具和税费）由低到高排序，淘汰一家；第二阶段按入围顺序轮候。",
        }),
        *(
            Act(-14, 9 + place, 20, "responses", {"price": price}, firm=place)
            for place, price in enumerate((442, 428, 455, 463, 479))
        ),
        Act(-12, 10, 30, "response_check", {"qualified": (0, 1, 2, 3, 4)}),
        Act(-12, 15, 40, "entrants", {"ranked": (1, 0, 2, 3, 4), "entrants": (1, 0, 2, 3)}),
        Act(-11, 9, 15, "deal_report", {"ended": (-12, 16, 30)}),
        Act(-10, 10, 30, "entry_notice", {"explanation": "本次征集共收到 5 家供应商响应，均通过审查，按价格优先法淘汰 1 家，入围 4 家。"}),
        Act(-8, 14, 0, "agreement", {"number": "QJKJ-{year}-07", "starts": 1, "ends": 365}),
        Act(-7, 9, 30, "agreement_copy", {"number": "清财采备〔{year}〕0091 号"}),
        Act(-7, 10, 10, "entry_information", {"information": "入围供应商、轮候顺序、单价和联系方式已发送市直机关各采购人，采购人凭单位账号在平台下单。"}),
        Act(-6, 9, 0, "call_off_start", {"rules": "采购人提交维修需求，平台按入围顺序确定成交供应商，双方按入围单价签订合同。"}),
        Act(-4, 15, 30, "call_off", {
            "purchaser": "清江市民政局", "way": "顺序轮候", "subject": "办公楼三层会议室屋面渗漏维修，62 工日", "winner": (1,), "unit_price": 428,
            "amount": 26_536, "decided": 0,
        }),
        Act(-2, 11, 0, "call_off", {
            "purchaser": "清江市体育局", "way": "顺序轮候", "subject": "训练馆更衣室地砖、门窗维修，85 工日", "winner": (0,), "unit_price": 442,
            "amount": 37_570, "decided": 0,
        }),
    ),
)  # fmt: skip

PROPERTY = Story(
    "CQ-NB", "assets", "清江市城市资产经营集团有限公司", "原清江市水泵厂旧厂区钢结构厂房及起重设备整体转让", "整体标的", "清江市老城区水厂路 18 号",
    "钢结构厂房 3 座（可拆除再利用，共 5240 平方米）、桥式起重机 6 台及附属设施，不含土地使用权。", 3_860_000, "不涉及",
    ("关于同意转让原水泵厂旧厂区资产的批复", "清国资产权〔{year}〕27 号", "清江市人民政府国有资产监督管理委员会"),
    "依法设立并有效存续的企业法人或者其他组织，具有良好的财务状况和支付能力。",
    (0, 7, 68),
    (
        Act(-14, 9, 30, "decision", {"nature": "国有企业", "approver": "清江市人民政府国有资产监督管理委员会", "number": "清国资产权〔{year}〕27 号", "approved": -21}),
        Act(-13, 10, 40, "appraisal", {"value": 3_862_400, "number": "清国资评备〔{year}〕14 号"}),
        Act(-9, 10, 0, "disclosure", {
            "subject": "标的按现状整体转让，受让方自行拆除和运输，须在合同生效后 60 日内清场；起重机均在检验有效期内。", "price": 3_860_000,
            "deposit": 800_000, "conditions": "依法设立的法人或者其他组织；不接受联合受让；拆除作业须委托有相应资质的单位实施。", "until": (3, 17, 0),
        }),
        Act(-5, 10, 30, "buyers", {"statement": "我单位拟将厂房构件用于自有仓储基地建设，资金自筹，承诺按期清场。"}, firm=0),
        Act(-3, 15, 45, "buyers", {"statement": "我单位具备钢结构拆装资质，接受披露的全部条件。"}, firm=1),
        Act(-1, 16, 20, "buyers", {"statement": "起重设备拟用于路桥预制场，承诺按约定付款和清场。"}, firm=2),
    ),
)  # fmt: skip

LAND = Story(
    "TD-L", "land", "清江市土地储备交易中心", "清江市滨江新区 G07 号地块国有建设用地使用权挂牌出让", "QJ-G07 号地块", "清江市滨江新区学府路以东、云溪河以北",
    "出让面积 28640 平方米，城镇住宅用地，容积率 1.0 至 2.0，建筑密度不大于 25%，绿地率不小于 35%。", 92_000_000, "不涉及",
    ("关于滨江新区 G07 号地块出让方案的批复", "清政土〔{year}〕61 号", "清江市人民政府"),
    "中华人民共和国境内外的自然人、法人和其他组织均可申请竞买，失信被执行人除外。",
    (),
    (
        Act(-17, 9, 30, "plot_plan", {
            "plot": "QJ-G07 号，滨江新区学府路以东、云溪河以北", "area": "28640 平方米；城镇住宅用地；出让年限 70 年。",
        }),
        Act(-14, 15, 0, "conditions", {"number": "清自然资交备〔{year}〕19 号", "opinion": "出让方案已经市政府批准，宗地权属清楚、安置补偿到位，同意备案。"}),
        Act(-12, 10, 0, "valuation", {"value": 88_400_000, "number": "清估〔{year}〕字第 133 号"}),
        Act(-10, 16, 0, "joint_decision", {"start": 92_000_000, "deposit": 20_000_000, "step": 1_000_000}),
        Act(-4, 10, 0, "transfer_notice", {
            "conditions": "申请人可单独申请，也可联合申请；竞买保证金须在申请截止前到账；不得使用银行贷款、股东借款等融资资金竞买。",
            "view": "公告期内工作日可自行踏勘，也可预约统一踏勘。", "applications_until": (13, 16, 0), "starts": (15, 10, 0),
        }),
    ),
)  # fmt: skip

VILLAGE = Story(
    "CJ-A", "assets", "清平镇柳溪村股份经济合作社", "清平镇柳溪村集体仓储场地五年租赁", "仓储场地", "清江市清平镇柳溪村",
    "村集体硬化场地 11.5 亩及砖混库房 2 座（860 平方米），原为砂石料堆场，租期五年。", 168_000, "不涉及",
    ("柳溪村成员代表会议关于出租集体仓储场地的决议", "柳溪村决〔{year}〕6 号", "清平镇柳溪村成员代表会议"),
    "具有履约能力的法人、其他组织或者自然人，租赁用途符合环保要求。",
    (0, 64, 85),
    (
        Act(-22, 9, 30, "proposal", {"matter": "村集体仓储场地五年租赁，挂牌竞价，租金按年支付，每年递增百分之三。", "reserve": 168_000}),
        Act(-20, 16, 0, "vote", {"attended": 46, "agreed": 44}),
        Act(-18, 10, 0, "township_review", {"opinion": "程序符合“四议两公开”要求，权属清楚，同意进场交易。"}),
        Act(-16, 10, 0, "village_notice", {
            "conditions": "报名人须承诺场地只作建材、农资仓储，不得堆放危险化学品；实地查看请联系村委会。", "deposit": 10_000, "until": (-9, 17, 0),
        }),
        Act(-14, 10, 10, "sign_up", {"pledge": "接受公告全部条件，用于建材周转仓储。"}, firm=0),
        Act(-12, 11, 30, "sign_up", {"pledge": "接受公告全部条件，用于路面材料仓储。"}, firm=1),
        Act(-10, 15, 20, "sign_up", {"pledge": "接受公告全部条件，用于苗木农资仓储。"}, firm=2),
        Act(-8, 9, 30, "sign_up_check", {"qualified": (0, 1, 2), "reasons": "三家报名人资料齐全，保证金均已到账，资格合格。"}),
        Act(-8, 10, 30, "review_group", {"members": "柳传福（村务监督委员会主任）\n何长庚（村民代表）\n韩秋实（镇农经站）"}),
        Act(-7, 10, 0, "choice", {"way": "挂牌竞价", "winner": (0,), "price": 196_000}),
        Act(-6, 9, 30, "village_result", {
            "explanation": "经 9 轮竞价，年租金由 168000 元升至 196000 元，溢价百分之十六点七。公示期内可向镇交易中心反映问题。", "until": (-2, 17, 0),
        }),
        Act(-1, 10, 0, "village_contract", {"number": "LXZL-{year}-03"}),
        Act(-1, 15, 30, "account", {"entry": "柳溪村记字第 {year}-118 号"}),
    ),
)  # fmt: skip

# The first stage of the framework for drugs and devices, a few minutes after the other's, where it says something else.
MEDICAL_SAYS: dict[str, dict[str, Any]] = {
    "intention": {"needs": "征集市属公立医院常用药品和医用耗材入围供应商，预计全年采购额 360 万元。", "expected": "{month}"},
    "plan": {"number": "清财采计〔{year}〕0391 号", "budget": 3_600_000},
    "demand": {"demand": "下单后两日内配送到药库，附批号和检验报告；使用期限不少于标示期限的三分之二，破损、近效期的无条件退换。"},
    "collection": {
        "subject": "货物", "method": "价格优先法", "second": "直接选定", "ceiling": 480, "supply_from": (-31, 11, 0), "supply_until": (-24, 17, 30),
        "deadline": (-12, 9, 30), "terms": "按响应单价由低到高排序，淘汰一家；第二阶段由医院从入围供应商中直接选定，协议价格不高于各品目最高限价。",
    },
    "entry_notice": {"explanation": "本次征集共收到 5 家供应商响应，均通过审查，按价格优先法淘汰 1 家，入围 4 家。"},
    "agreement": {"number": "QJKJ-{year}-08", "starts": 1, "ends": 365},
    "agreement_copy": {"number": "清财采备〔{year}〕0092 号"},
    "entry_information": {"information": "入围供应商、协议价格和联系方式已发送市属公立医院，医院凭单位账号在平台下单。"},
    "call_off_start": {"rules": "医院在目录中按品目下单，选定供应商确认后成交，按品目、批号逐项配送和验收。"},
}  # fmt: skip
MEDICAL = replace(
    FRAMEWORK, kind="goods", owner="清江市人民医院", name="清江市市属公立医院常用药品和医用耗材框架协议采购", lot="常用药品和耗材包",
    address="清江市各市属公立医院", scale="市属公立医院常用药品和医用耗材，按品目协议价格供货，有效期一年。", estimate=3_600_000, fund="各医院事业收入",
    approval=("关于市属公立医院常用药品和医用耗材实行框架协议采购的批复", "清财采〔{year}〕55 号", "清江市财政局"),
    qualification="符合《政府采购法》第二十二条规定；具有药品经营许可证和医疗器械经营许可证（备案凭证）。", firms=(0, 1, 2, 3, 4),
    acts=tuple(
        act._replace(minute=act.minute + 4, said=MEDICAL_SAYS.get(act.step, act.said)) for act in FRAMEWORK.acts if act.step != "call_off"
    ),
)  # fmt: skip

STORIES = (CONSULTATION, SINGLE_SOURCE, FRAMEWORK, MEDICAL, PROPERTY, LAND, VILLAGE)
# Working days between the registration, its intake and the first step.
INTAKE, LEAD = 1, 2


def stories(city):
    """Every other way to trade, each as a story for the schedule."""
    return [tell(city, story) for story in STORIES]


def tell(city, story):
    """A project is registered by the demo's agency and taken in; its steps are taken on their days."""
    yield city.settled_at
    first = workday(city.today, story.acts[0].day - LEAD)
    agency = city.agencies[0]
    yield at(first, 9, 5)
    project = register(city, story, first)
    yield at(workday(first, INTAKE), 9, 45)
    centre = city.township if project.category == "CJ" else city.centre
    projects.review_project(project, ProjectReview.Outcome.ACCEPTED, "", by=centre.handler, at=database_now())
    lot = Lot.objects.select_related("tender__project").get(tender__project=project)
    known = city.pharmacies if story is MEDICAL else city.bidders
    firms = [known[number] for number in story.firms]
    people = {"staff": centre.handler, "supervisor": city.watchers[project.category].handler}
    for act in story.acts:
        yield at(workday(city.today, act.day), act.hour, act.minute)
        firm = firms[act.firm] if act.firm is not None else None
        step = procedure_of(lot.tender).step(act.step)
        organisation = firm or agency
        by = firm.handler if firm else people.get(step.actors[0], agency.handler)
        data = {field.name: value_of(city, story, act, field, firms) for field in step.fields if field.name in act.said}
        for field in step.fields:
            if field.kind == "file" and field.required:
                lines = ["本件为演示数据，内容均为虚构。", f"项目：{story.name}", f"步骤：{step.label}"]
                data[field.name] = city.file(field.label, by=by, organisation=organisation, purpose="step", lines=lines)
        complete_step(lot, act.step, data, by=by, at=database_now(), organisation=firm)
    if story is FRAMEWORK:
        yield from second_stage(city, lot, firms)
    elif story is MEDICAL:
        yield from medical_stage(city, lot, firms)


def register(city, story, day):
    """The agency hands the registration in."""
    agency = city.agencies[0]
    project = projects.start_project(agency, by=agency.handler)
    approval, number, authority = story.approval
    estimate = Decimal(story.estimate)
    projects.save_project(
        project,
        {
            "name": story.name, "owner": city.sellers[story.owner], "category": story.procedure[:2], "kind": story.kind, "procedure": story.procedure,
            "classification": "Z99", "address": story.address, "scale": story.scale, "fund_source": story.fund, "estimate": estimate,
            "approval_name": approval.format(year=day.year), "approval_number": number.format(year=day.year), "approval_authority": authority,
            "contact_name": "何经办", "contact_phone": "0999-555-0111",
            "organisation_form": OrganisationForm.AGENCY if story.procedure.startswith("ZC") else "",
        },
        by=agency.handler,
    )  # fmt: skip
    projects.save_lot(
        project, {"name": story.lot, "content": story.scale, "estimate": estimate, "qualification": story.qualification}, by=agency.handler,
        lot=project.tenders.get().lots.get(),
    )  # fmt: skip
    project.refresh_from_db()
    for kind in required_papers(project):
        paper = city.file("项目材料", by=agency.handler, organisation=agency, purpose="project")
        projects.attach_paper(project, kind, paper, by=agency.handler)
    projects.submit_project(project, by=agency.handler, at=database_now())
    return project


def value_of(city, story, act, field, firms):
    """What the table says for a field, as the form would have it."""
    said = act.said[field.name]
    if field.kind == "amount":
        return Decimal(said).quantize(Decimal("0.01"))
    if field.kind == "moment":
        day, hour, minute = said
        return at(workday(city.today, day), hour, minute)
    if field.kind == "date":
        return city_day(database_now()) + timedelta(days=said)
    if field.kind == "parties":
        return [firms[place] for place in said]
    if field.kind == "number":
        return said
    first = workday(city.today, story.acts[0].day)
    # What is announced as an intention is bought some five weeks later.
    month = (first + timedelta(days=34)).strftime("%Y 年 %m 月")
    address = firms[0].address if firms else ""
    return said.format(*(firm.name for firm in firms), year=first.year, month=month, address=address)
