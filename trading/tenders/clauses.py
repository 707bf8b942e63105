"""Phrases that may shut bidders out (条例第三十二条), as data; each hit is mended or answered for by name."""

import re
from dataclasses import dataclass

from ledger.canonical import HJ, b64u
from trading.tenders.models import Criterion

ARTICLE = "《招标投标法实施条例》第三十二条"
CONTEXT = 18


@dataclass(frozen=True)
class Clause:
    """A pattern of words, what it may do to competition, and the provision that forbids that."""

    pattern: str
    why: str
    source: str


REGION = "不得以所在地、注册地限制或者排斥投标人"
OWNERSHIP = "不得以所有制形式或者组织形式限制投标人"
BRAND = "不得限定或者指定特定的专利、商标、品牌、原产地或者供应商"
RECORD = "不得以特定行政区域或者特定行业的业绩、奖项作为条件或者加分"
SCALE = "不得设定与招标项目具体特点和实际需要不相适应的资格条件"
SIGN_UP = "不得在获取招标文件前设置报名、审查等前置条件"

CLAUSES = (
    Clause(r"本[地市省县区](?:的)?(?:注册|企业|单位|投标人|施工队伍)", REGION, f"{ARTICLE}第（五）项、第（七）项"),
    Clause(r"(?:注册地|住所地|所在地)(?:须|应当?|必须)?(?:在|为)本[地市省县区]", REGION, f"{ARTICLE}第（七）项"),
    Clause(
        r"(?:在本[地市省县区]|当地)(?:设立|设有|具有)(?:分公司|分支机构|办事处|常驻机构)",
        REGION,
        f"{ARTICLE}第（七）项",
    ),
    Clause(r"(?:国有|国有控股|民营|私营|外资)企业", OWNERSHIP, f"{ARTICLE}第（六）项"),
    Clause(r"(?:指定|限定|唯一)(?:的)?(?:品牌|商标|专利|型号|产地|供应商)", BRAND, f"{ARTICLE}第（五）项"),
    Clause(r"原厂(?:商)?(?:的)?(?:授权|承诺|证明)", BRAND, f"{ARTICLE}第（五）项"),
    Clause(r"本[地市省县区](?:的)?(?:业绩|奖项|荣誉)", RECORD, f"{ARTICLE}第（三）项"),
    Clause(r"(?:本行业|本系统)(?:内)?(?:的)?(?:业绩|奖项)", RECORD, f"{ARTICLE}第（三）项"),
    Clause(r"注册(?:资本|资金)(?:金)?(?:须|应)?(?:不低于|不少于|不得低于|达到)", SCALE, f"{ARTICLE}第（二）项"),
    Clause(
        r"(?:成立|经营)(?:时间|年限)?(?:须|应)?(?:满|不少于|不低于)[一二三四五六七八九十\d]+年",
        SCALE,
        f"{ARTICLE}第（二）项",
    ),
    Clause(r"(?:到|至)?现场(?:报名|购买招标文件|领取招标文件)", SIGN_UP, "《电子招标投标办法》第二十条"),
    Clause(r"入围(?:名单|企业库|供应商库)|备选库|名录库", SIGN_UP, "《优化营商环境条例》第十三条"),
)


@dataclass(frozen=True)
class Hit:
    """A phrase found in the text: where, in what words, and by which provision it is doubtful."""

    key: str
    place: str
    phrase: str
    excerpt: str
    why: str
    source: str
    confirmation: object = None


def texts_of(document):
    """(place, text) of everything the agency itself wrote."""
    rows = [(row.title, row.text) for row in document.sections.filter(fixed=False)]
    rows += [(f"{lot.name}的投标人资格要求", lot.qualification) for lot in document.tender.lots.all()]
    for row in document.criteria.all():
        rows.append((f"{Criterion.Part(row.part).label}：{row.title}", f"{row.title}。{row.standard}"))
    return rows


def hits_in(document):
    """Every doubtful phrase of the document, with the confirmation it got, in the order of the text."""
    confirmed = {row.key: row for row in document.confirmations.select_related("by")}
    found = {}
    for place, text in texts_of(document):
        for clause in CLAUSES:
            for match in re.finditer(clause.pattern, text):
                excerpt = " ".join(text[max(match.start() - CONTEXT, 0) : match.end() + CONTEXT].split())
                key = b64u(HJ("clause", {"v": 1, "place": place, "phrase": match.group(), "excerpt": excerpt}))
                found[key] = Hit(key, place, match.group(), excerpt, clause.why, clause.source, confirmed.get(key))
    return list(found.values())
