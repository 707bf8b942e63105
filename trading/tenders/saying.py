"""What the named facts say for one tender: each is entered once, in the registration or in the document's own fields."""

from trading.methods.registry import name_of
from trading.projects.models import Lot
from trading.standards.facts import said
from trading.tenders.notices import shown

OPEN = "（待填写）"


def facts_of(document):
    """{name: text} for every name of trading.standards.facts."""
    tender = document.tender
    project = tender.project
    # What ended before the publication never got a deadline, and the document says nothing of it.
    lots = list(tender.lots.exclude(state=Lot.State.TERMINATED, bids_due_at=None))

    def each(write, sep="；"):
        rows = [(lot, write(lot)) for lot in lots]
        return sep.join(f"{lot.name}：{text}" if len(lots) > 1 else text for lot, text in rows)

    def money(amount):
        return f"{amount:,.2f} 元" if amount is not None else OPEN

    def moment(value):
        return shown(value) if value else OPEN

    return {
        "项目名称": tender.name,
        "项目编号": tender.number or OPEN,
        "招标人": project.owner.name if project.owner else OPEN,
        "代理机构": project.agency.name if project.agency else "无",
        "资金来源": project.fund_source or OPEN,
        "建设地点": project.address or OPEN,
        "建设规模": project.scale or OPEN,
        "招标内容": each(lambda lot: lot.content or OPEN),
        "资格要求": each(lambda lot: lot.qualification or OPEN, "\n"),
        "工期": each(lambda lot: f"{lot.term_days} 日历天" if lot.term_days else OPEN),
        "质量要求": each(lambda lot: lot.quality or OPEN),
        "最高投标限价": each(lambda lot: money(lot.price_limit)),
        "投标保证金": each(lambda lot: money(lot.deposit)),
        "文件获取时间": f"{moment(document.supply_from)} 至 {moment(document.supply_until)}",
        "提问截止时间": moment(document.questions_until),
        "投标截止时间": moment(document.bids_due_at),
        "投标有效期": f"{document.bid_validity_days} 日历天",
        "解密时限": f"{document.decrypt_minutes} 分钟",
        "开标地点": document.opening_place or OPEN,
        "联合体": "接受" if document.consortium_allowed else "不接受",
        "评标办法": name_of(document.method),
    }


def sections_said(document):
    """(title, text) of every block as readers get it; a published document says what it said on its publication."""
    facts = facts_of(document)
    return [(row.title, row.published_text or said(row.text, facts)) for row in document.sections.all()]
