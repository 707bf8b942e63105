"""Who organises a government purchase: on the central list, or off it and above the purchase limit."""

from datetime import date

from rulebook.provisions import Rule
from trading.catalogue.models import OrganisationForm

SINCE = date(2003, 1, 1)

CENTRAL_LIST = Rule(
    code="D-OF-01", says="列入集中采购目录的项目实行集中采购，由采购人委托集中采购机构代理", source="《政府采购法》第二条、第七条、第十八条", since=SINCE, confidence="H",
)  # fmt: skip
OFF_THE_LIST = Rule(
    code="D-OF-02", says="未列入集中采购目录、达到采购限额标准的项目实行分散采购，可以自行组织，也可以委托采购代理机构或者集中采购机构",
    source="《政府采购法》第十八条、第十九条，《政府采购法实施条例》第四条", since=SINCE, confidence="H",
)  # fmt: skip
AGREEMENT = Rule(
    code="D-OF-03", says="委托采购应当约定代理范围、权限和期限，受托机构不得超越权限", source="《政府采购法》第二十条、《政府采购法实施条例》第十六条",
    since=SINCE, confidence="H",
)  # fmt: skip
# Who handles it: these two go to the central procurement body, by an entrustment that it accepts.
ENTRUSTED = (OrganisationForm.CENTRAL, OrganisationForm.ENTRUSTED)
OFF_THE_LIST_FORMS = (OrganisationForm.OWN, OrganisationForm.AGENCY, OrganisationForm.ENTRUSTED)


def cite(rule):
    return f"{rule.source}：{rule.says}"
