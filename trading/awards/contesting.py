"""What a loser may contest, with whom and until when: computed once, from the day on which the result became known."""

from datetime import date, datetime

from ledger.canonical import instant
from rulebook.clock import city_day
from rulebook.periods import WORKING, MaximumPeriod, day_end
from rulebook.provisions import CONFIDENCE, Rule
from trading.awards.debrief_rules import OBJECTION_FIRST, RESULT_OBJECTION
from trading.procedures.rules import procurement, works
from trading.tenders.notices import shown


def chance(
    name: str, about: str, whom: str, rules: list[Rule], until: datetime | None, *, counted: str, way: str = "", note: str = ""
) -> dict:
    """One remedy as page and document show it; `way` says where on the platform it is used, "" where in writing."""
    return {
        "name": name, "about": about, "whom": whom, "until": instant(until) if until else "", "until_said": shown(until) if until else "不限时间",
        "counted": counted, "way": way, "note": note, "basis": "；".join(dict.fromkeys(each.source for each in rules)),
        "rules": [{"says": each.says, "source": each.source, "sure": CONFIDENCE[each.confidence]} for each in rules],
    }  # fmt: skip


def length(rule: MaximumPeriod) -> str:
    """How long, with the kind of days named."""
    return rule.words() if rule.unit == WORKING else f"{rule.days} 个日历天（末日遇休息日顺延）"


def tenderer(lot) -> str:
    """Who answers for the tender, and how to reach them."""
    project = lot.tender.project
    sides = [project.owner.name, *([project.agency.name] if project.agency else [])]
    reach = " ".join(filter(None, (project.contact_name, project.contact_phone)))
    return "、".join(sides) + (f"（联系人 {reach}）" if reach else "")


def regulator(lot) -> str:
    project = lot.tender.project
    return project.regulator.name if project.regulator else "有关行政监督部门"


def after_candidates(lot, publicity) -> list[dict]:
    """Works: an objection while the candidates hang out, and then a complaint (条例第五十四条、第六十条)."""
    return [
        chance(
            "异议", "评标结果：评分、排名、否决投标", tenderer(lot), [RESULT_OBJECTION, works.RESULT_OBJECTION_REPLY], publicity.until,
            counted=f"中标候选人公示期，自 {shown(publicity.since)} 起", way="objection",
        ),
        chance(
            "投诉", "对异议答复不满意，或者招标人逾期没有答复", regulator(lot), [works.COMPLAINT_FILING, OBJECTION_FIRST],
            works.COMPLAINT_FILING.due_at(publicity.since), counted=f"自公示之日起 {length(works.COMPLAINT_FILING)}，异议答复期间不计算在内",
            way="complaint", note="须先提出异议。异议答复期间从期限中扣除，提出异议后实际截止日相应顺延。",
        ),
    ]  # fmt: skip


def after_works_end(lot, known_at: datetime, about: str) -> list[dict]:
    """Works, where no candidates hang out (any more): what is unlawful is complained of at once (条例第六十条)."""
    return [
        chance(
            "投诉", about, regulator(lot), [works.COMPLAINT_FILING], works.COMPLAINT_FILING.due_at(known_at),
            counted=f"自公告之日起 {length(works.COMPLAINT_FILING)}", note="以书面形式提出，写明投诉事项、请求和证明材料。",
        )
    ]  # fmt: skip


def challenged_from(known_at: datetime, *, result: bool = True) -> date:
    """The day from which the time for a challenge counts: that of the announcement, of a result the end of its notice (条例第五十三条)."""
    return procurement.RESULT_NOTICE.falls_on(city_day(known_at)) if result else city_day(known_at)


def after_procurement(lot, known_at: datetime, about: str, *, result: bool = True) -> list[dict]:
    """Government procurement: inquiry at any time, challenge, complaint. After a result the challenge's time runs from the notice's end."""
    begins = challenged_from(known_at, result=result)
    last = procurement.CHALLENGE_FILING.due_on(begins)
    replied = procurement.CHALLENGE_REPLY.due_on(last)
    start = f"结果公告期（{procurement.RESULT_NOTICE.words()}）届满之日 {begins}" if result else f"公告之日 {begins}"
    return [
        chance("询问", "采购活动中的任何疑问", tenderer(lot), [procurement.INQUIRY_REPLY], None, counted="", way="inquiry"),
        chance(
            "质疑", about, tenderer(lot), [procurement.CHALLENGE_FILING, *([procurement.RESULT_NOTICE] if result else [])], day_end(last),
            counted=f"自{start} 起 {length(procurement.CHALLENGE_FILING)}",
            way="objection", note="写明质疑事项、事实依据、法律依据和请求，并附证明材料。",
        ),
        chance(
            "投诉", "对质疑答复不满意，或者采购人、代理机构没有按时答复", regulator(lot), [procurement.COMPLAINT_FILING, procurement.CHALLENGE_REPLY],
            day_end(procurement.COMPLAINT_FILING.due_on(replied)), counted=f"自质疑答复期满起 {length(procurement.COMPLAINT_FILING)}", way="complaint",
            note=f"须先质疑。所示截止日按最后一日（{last}）质疑、答复期满日 {replied} 推算；提前质疑的，答复期满日相应提前；提前答复的，仍从答复期满日起算。",
        ),
    ]  # fmt: skip
