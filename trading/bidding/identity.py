"""By which words a bidder is known in a text."""

import re

from accounts.models import Organisation
from reception.register import entries_of
from rulebook.clock import city_day, database_now

# What stands before and after the name proper: 清江市|子虚|建设|有限公司.
REGION = re.compile(r"^(?:[^省市区县]{2,4}[省市区县])+|^清江")
FORM = re.compile(r"(?:[（(].*?[)）])?(?:股份)?(?:有限)?(?:责任)?(?:集团)?公司(?:.{1,8}分公司)?$|集团$")
TRADE = re.compile(
    r"(?:建设|建筑|建工|工程|安装|装饰|装修|机电|园林|绿化|市政|路桥|水利|电力|设计|勘察|监理|咨询|检测|科技|技术|信息|实业|贸易|商贸|发展|投资|管理|服务|物业|劳务)+$"
)
# One letter alone is nobody's name.
SHORTEST = 2


def names_of(bidder: Organisation) -> set[str]:
    """The name, its short forms, the code, who acts for it by law, and the people it has registered."""
    plain = FORM.sub("", bidder.name)
    short = TRADE.sub("", REGION.sub("", plain))
    people = [row["name"] for row in entries_of(bidder, city_day(database_now()))["team"]]
    found = {bidder.name, plain, short, bidder.uscc, bidder.legal_representative, *people}
    return {name for name in found if len(name) >= SHORTEST}


def names_in(bidder: Organisation, form: dict, manager: str) -> set[str]:
    """What would tell whose bid it is: the bidder's names, and those of the people whom the bid itself names."""
    named = {manager, *(row["name"] for row in form.get("team", []))}
    return names_of(bidder) | {name for name in named if len(name) >= SHORTEST}
