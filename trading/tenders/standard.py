"""The standard text that works tender documents are written from.

Fixed sections stay as they are, word for word; editable ones are the agency's to write. The structure follows the
standard construction document (招标公告、投标人须知、评标办法、合同、清单、图纸、技术标准、格式); the words are ours.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A block of the document; in an editable one {names} are filled from the project when the draft begins."""

    title: str
    fixed: bool
    text: str


WORKS_CONSTRUCTION = (
    Section(
        "投标人须知",
        True,
        "1. 投标人应当具备承担本标段施工的能力和本文件规定的资格条件；平台主体登记一次，各类交易通用。\n"
        "2. 招标文件免费获取，除平台主体登记外不设任何报名条件；获取人的名称和数量在开标前保密。\n"
        "3. 投标人对招标文件有疑问的，应当在提问截止时间前通过平台提出；答复和修改对所有获取人同时公布，不说明问题来源。\n"
        "4. 澄清或者修改可能影响投标文件编制的，在投标截止时间至少十五日前发出；不足十五日的，顺延投标截止时间。\n"
        "5. 投标文件由投标人在平台用自己登记的密钥封存后递交，截止前可以补充、替换或者撤回；是否按时以平台数据库时间为准。\n"
        "6. 未按要求封存的投标文件、投标截止时间后送达的投标文件，平台不予接收。\n"
        "7. 投标人应当在开标时规定的时限内自行解密；因投标人原因未能解密的，视为撤销其投标文件；因平台原因未能解密的，"
        "视为撤回，投标人有权要求责任方赔偿因此遭受的直接损失。\n"
        "8. 投标有效期从投标截止之日起算，投标保证金有效期与投标有效期一致。",
    ),
    Section(
        "投标保证金",
        True,
        "1. 投标保证金可以采用银行转账、银行保函、保证保险或者担保公司保函，投标人自主选择。\n"
        "2. 以转账方式提交的，应当从投标人基本账户转出。\n"
        "3. 中标合同签订后五日内，向中标人和未中标的投标人退还投标保证金及银行同期存款利息。\n"
        "4. 投标截止后撤销投标文件，或者中标后无正当理由不签订合同、不提交履约保证金的，投标保证金不予退还。",
    ),
    Section(
        "开标与评标",
        True,
        "1. 开标在投标截止时间的同一时间公开进行；投标人少于三个的，不得开标，依法重新招标。\n"
        "2. 评标由依法组建的评标委员会负责，成员为五人以上单数，其中技术、经济等方面的专家不少于三分之二，名单在中标结果确定前保密。\n"
        "3. 评标委员会按照本文件载明的评审标准和方法评审；没有载明的标准和方法不得作为评标依据。\n"
        "4. 评审分为初步评审和详细评审。初步评审不合格的，由评标委员会按多数意见否决并说明理由；"
        "投标文件中含义不明确的内容，先要求投标人书面澄清。\n"
        "5. 总分相同的，报价低的优先；报价也相同的，技术得分高的优先。\n"
        "6. 评标委员会推荐不超过三名中标候选人并标明排序，公示期不少于三日。",
    ),
    Section(
        "异议与投诉",
        True,
        "1. 潜在投标人或者其他利害关系人对招标文件有异议的，应当在投标截止时间十日前向招标人提出；"
        "招标人自收到之日起三日内答复，答复前暂停招标投标活动。\n"
        "2. 投标人对开标有异议的，应当在开标现场提出，招标人当场答复并记录。\n"
        "3. 对评标结果有异议的，应当在中标候选人公示期间提出，招标人自收到之日起三日内答复，答复前暂停招标投标活动。\n"
        "4. 对答复不满意，或者认为招标投标活动不符合法律规定的，可以自知道或者应当知道之日起十日内向行政监督部门投诉；"
        "异议答复期间不计算在内。",
    ),
    Section(
        "合同通用条款",
        True,
        "1. 招标人和中标人应当自中标通知书发出之日起三十日内，按照招标文件和中标人的投标文件订立书面合同，"
        "不得再行订立背离合同实质性内容的其他协议。\n"
        "2. 中标人不得转让中标项目，不得将中标项目肢解后分别转让；分包应当符合法律规定和合同约定。\n"
        "3. 履约保证金不超过中标合同金额的百分之十。\n"
        "4. 变更、索赔、计量与支付按专用条款执行，专用条款不得与法律的强制性规定相抵触。",
    ),
    Section("项目概况与招标范围", False, "建设地点：{address}。\n建设规模及内容：{scale}\n招标范围：{content}"),
    Section("投标人资格要求", False, "{qualification}"),
    Section(
        "合同专用条款",
        False,
        "1. 工程款按月计量支付，每期支付至应付款的百分之八十；竣工结算后支付至百分之九十七。\n"
        "2. 质量保证金不超过结算价的百分之三，缺陷责任期二十四个月。\n"
        "3. 工期：{term} 日历天；质量：{quality}。\n"
        "4. 争议由双方协商解决，协商不成的向工程所在地人民法院起诉。",
    ),
    Section("工程量清单与图纸", False, "工程量清单和施工图纸见附件；清单与图纸不一致的，以澄清文件为准。"),
    Section("技术标准和要求", False, "执行国家和行业现行的施工及验收规范；材料、设备的技术参数只写性能要求。"),
    Section(
        "投标文件格式",
        False,
        "投标文件由投标函、报价清单、施工组织设计、资格证明材料和投标保证金凭证组成，按平台的任务清单逐项编制。",
    ),
)

TEMPLATES = {"works-construction": WORKS_CONSTRUCTION}

# (part, title, standard, points, objective)
CRITERIA = (
    ("form", "投标文件签署", "投标函由投标人签署，内容完整，与登记名称一致", 0, False),
    ("form", "报价唯一", "只提交一个有效报价", 0, False),
    ("qualification", "企业资质", "符合投标人资格要求，证书在有效期内", 0, False),
    ("qualification", "项目负责人", "符合资格要求，未担任其他在建工程的项目负责人", 0, False),
    ("response", "工期与质量", "工期不长于计划工期，质量承诺不低于要求", 0, False),
    ("response", "报价不超过限价", "投标报价不高于最高投标限价", 0, False),
    (
        "technical",
        "施工组织设计",
        "针对性强、措施具体得 16 至 20 分，基本可行得 10 至 15 分，其余 0 至 9 分",
        20,
        False,
    ),
    ("business", "类似业绩", "近三年完成的类似工程每个得 5 分，最多 10 分", 10, True),
    ("credit", "信用评价", "按投标截止时的平台信用分折算", 10, False),
    ("price", "投标报价", "以评标基准价为准，按偏差率扣分", 60, False),
)

METHOD_SETTINGS = {"formula": "BENCHMARK", "above": "1", "below": "0.5", "coefficient": "1", "trim_from": 5}


def digest(text: str) -> str:
    """SHA-256 of a section's words, by which a fixed block is known to be untouched."""
    return hashlib.sha256(text.encode()).hexdigest()


def altered(document) -> list:
    """Fixed sections of a document whose words are not those of its template."""
    template = TEMPLATES[document.template]
    found = []
    for row in document.sections.filter(fixed=True):
        original = template[row.no - 1] if row.no <= len(template) else None
        if original is None or not original.fixed or digest(original.text) != digest(row.text):
            found.append(row)
    return found
