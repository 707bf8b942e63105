"""The entry rules (入场规则) that organisations sign, by who they enter as: text as data, each version with the day it holds from.

A version that was signed is never edited: a new one is added below, and asks everybody of its kind to sign again.
"""

from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from ledger.canonical import HJ, b64u

CITY = "本市公共资源交易平台入场规则（地方做法，可调整）"
K = Organisation.Kind


@dataclass(frozen=True)
class EntryRules:
    """One version of the rules for one role; `kind` is the kind of organisation that signs them."""

    role: str
    kind: str
    title: str
    version: int
    since: date
    articles: tuple[str, ...]
    source: str = CITY
    confidence: str = "S"

    @property
    def digest(self) -> str:
        """What a signature binds: every word of the version."""
        said = {"v": 1, "role": self.role, "version": self.version, "title": self.title, "articles": list(self.articles)}
        return b64u(HJ("entry-rules", said))


SINCE = date(2018, 1, 1)
VERSIONS = (
    EntryRules(
        "tenderee", K.TENDEREE, "招标人、采购人入场规则", 1, SINCE,
        (
            "依法应当进场交易的项目在平台登记，不化整为零、不以其他方式规避招标。",
            "自主选择代理机构，不接受也不进行指定；不以不合理条件限制、排斥潜在投标人。",
            "按公告的时间、地点和程序组织交易，不向任何人透露已获取文件的单位和标底、底价。",
            "依法确定中标人、订立合同、退还保证金，如实公开合同和履约信息。",
        ),
    ),
    EntryRules(
        "agency", K.AGENCY, "代理机构入场规则", 1, SINCE,
        (
            "依法独立开展代理业务，不与投标人、招标人或者评标专家串通。",
            "在委托范围内办理事项，不超越代理权限，不转让代理业务。",
            "不泄露应当保密的情况和资料，不在所代理的项目中投标或者提供咨询。",
            "按委托合同约定收取费用，不收取约定以外的费用。",
            "如实填报本单位人员、内控制度和业务信息，接受培训、评价和监督检查。",
        ),
    ),
    EntryRules(
        "bidder", K.BIDDER, "工程投标人入场规则", 1, SINCE,
        (
            "以自己的名义投标，不出借、借用资质，不围标串标，不弄虚作假。",
            "自行保管密钥，按时递交和解密投标文件；不以任何方式探听评标情况。",
            "中标后按招标文件和投标文件订立合同，不转包、不违法分包。",
        ),
    ),
    EntryRules(
        "supplier", K.BIDDER, "政府采购供应商入场规则", 1, SINCE,
        (
            "符合法定供应商条件，所报资料真实，不提供虚假材料谋取中标、成交。",
            "不与采购人、其他供应商或者代理机构恶意串通，不行贿或者提供其他不正当利益。",
            "依法提出询问、质疑和投诉，不捏造事实；中标、成交后按合同履行。",
        ),
    ),
    EntryRules(
        "auction", K.BIDDER, "竞买人、受让人入场规则", 1, SINCE,
        (
            "对标的已经查验、自担竞价判断的后果；竞价一经提交不得撤回。",
            "不恶意串通、压低价格，不以虚假出价扰乱竞价秩序。",
            "成交后按时签订成交确认书和合同，按约定支付价款。",
        ),
    ),
)  # fmt: skip


def rules_for(kinds, on):
    """The version in force on a day of every set of rules that these kinds of organisation sign."""
    newest = {}
    for row in sorted(VERSIONS, key=lambda row: row.version):
        if row.kind in kinds and row.since <= on:
            newest[row.role] = row
    return list(newest.values())


def text_of(role, version):
    return next(row for row in VERSIONS if (row.role, row.version) == (role, version))
