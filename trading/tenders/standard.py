"""The standard texts that tender documents are written from: fixed sections stay as they are, editable ones are filled."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    title: str
    fixed: bool
    text: str


WORKS_CONSTRUCTION = (
    Section(
        "投标人须知",
        True,
        "1. 投标人应当具备承担本标段施工的能力和本文件规定的资格条件。\n"
        "2. 招标文件免费获取，除本平台主体登记外不设任何报名条件；获取人名单在开标前保密。\n"
        "3. 投标文件由投标人在本平台用自己登记的密钥封存后递交，截止前可以替换或撤回；平台以数据库时间判定是否按时。\n"
        "4. 未按要求加密的投标文件、截止时间后送达的投标文件，平台不予接收。\n"
        "5. 投标人应当在开标时规定的时限内自行解密；因投标人原因未解密的，视为撤销投标文件。",
    ),
    Section(
        "异议与投诉",
        True,
        "1. 潜在投标人对招标文件有异议的，应当在投标截止时间十日前向招标人提出；招标人自收到之日起三日内答复，答复前暂停招标活动。\n"
        "2. 投标人对开标有异议的，应当在开标现场提出，招标人当场答复并记录。\n"
        "3. 对评标结果有异议的，应当在中标候选人公示期间提出。\n"
        "4. 对答复不满意的，可以自知道或者应当知道之日起十日内向有关行政监督部门投诉。",
    ),
    Section("项目概况与招标范围", False, ""),
    Section("投标人资格要求", False, ""),
    Section("合同主要条款", False, "工程款按月计量支付；质量保证金不超过结算价的百分之三；争议由项目所在地人民法院管辖。"),
    Section("技术标准和要求", False, "执行国家和行业现行施工及验收规范。"),
)

# (part, title, standard, points, objective)
CRITERIA = (
    ("form", "投标文件签署", "投标函由投标人单位签署，内容完整", 0, False),
    ("qualification", "企业资质", "符合投标人资格要求", 0, False),
    ("response", "工期与质量", "不长于计划工期，质量承诺不低于要求", 0, False),
    ("technical", "施工组织设计", "内容完整、针对性强得 16 至 20 分，基本可行得 10 至 15 分，其余 0 至 9 分", 20, False),
    ("business", "类似业绩", "近三年类似项目每个得 5 分，最多 10 分", 10, True),
    ("credit", "信用评价", "按投标截止日零时的平台信用分折算", 10, False),
    ("price", "投标报价", "以有效报价的平均值为基准价，按偏差扣分", 60, False),
)

METHOD_SETTINGS = {"formula": "BENCHMARK", "above": "1", "below": "0.5", "coefficient": "1", "trim_from": 5}

# Words that shut out bidders by region, ownership or brand, with the basis that bans them.
RESTRICTIVE = (
    ("本地企业", "不得以所在地限制投标人"),
    ("本市注册", "不得以所在地限制投标人"),
    ("本省企业", "不得以所在地限制投标人"),
    ("国有企业", "不得以所有制形式限制投标人"),
    ("指定品牌", "不得限定特定的品牌、专利、商标或者供应商"),
    ("原厂授权", "不得限定特定的品牌、专利、商标或者供应商"),
    ("注册资本不低于", "不得以企业规模设置不合理条件"),
    ("本地业绩", "不得以特定行政区域的业绩作为条件"),
)
RESTRICTIVE_SOURCE = "《招标投标法实施条例》第三十二条"


def restrictive_hits(texts):
    """(phrase, why) of every restrictive phrase that stands in the texts."""
    whole = "\n".join(texts)
    return [(phrase, why) for phrase, why in RESTRICTIVE if phrase in whole]
