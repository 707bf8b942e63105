"""What binds the orders under a framework agreement. Lengths of time that the law leaves open are the platform's own."""

from datetime import date

from rulebook.periods import WORKING, MaximumPeriod, MinimumPeriod
from rulebook.provisions import Consequence as Then
from rulebook.provisions import Rule
from trading.procedures.rules.procurement import ORDER_110

DESIGN = "本平台框架协议订单规则（设计值，可调整）"
SINCE = date(2022, 3, 1)

CEILING_PRICE = Rule(
    code="D-FW-01", says="第二阶段成交单价不得高于供应商在框架协议中的协议价格，协议价格不得高于最高限制单价", source=f"{ORDER_110}第三十三条",
    since=SINCE, confidence="H",
)  # fmt: skip
ANNOUNCED_WAY = Rule(
    code="D-FW-02", says="按征集文件载明的直接选定、二次竞价或者顺序轮候方式确定成交供应商", source=f"{ORDER_110}第三十二条", since=SINCE, confidence="H",
)  # fmt: skip
ROTATION = Rule(
    code="D-FW-03", says="按轮候顺序对所有入围供应商依次授予合同，每个轮候期内只有一次获得合同授予的机会", source=f"{ORDER_110}第三十四条",
    since=SINCE, confidence="H",
)  # fmt: skip
LOWEST_QUOTE = Rule(
    code="D-FW-04", says="二次竞价由报价最低的供应商成交；报价相同的，入围排序在前的成交", source=f"{ORDER_110}第三十三条；同价处理为平台设计值",
    since=SINCE, confidence="D",
)  # fmt: skip
WITHIN_TERM = Rule(code="D-FW-05", says="采购人在框架协议有效期内下单", source=f"{ORDER_110}第十五条", since=SINCE, confidence="H")
NOT_BARRED = Rule(
    code="D-FW-06", says="处于禁止参与期的供应商不得承接订单", source="《中华人民共和国政府采购法》第二十二条、生效的处理决定", since=SINCE, confidence="H",
)  # fmt: skip
ORDER_LIMIT = Rule(
    code="D-FW-07", says="单笔订单金额不得超过协议目录载明的限额，超过的另行组织采购", source=DESIGN, since=SINCE, confidence="D",
)  # fmt: skip
ANSWER = MaximumPeriod(
    code="D-FW-08", says="供应商自收到订单之日起二个工作日内确认、报价，或者说明不能承接的理由", source=DESIGN, since=SINCE, confidence="D",
    consequence=Then.REFUSE, days=2, unit=WORKING,
)  # fmt: skip
COMPETITION_TIME = MinimumPeriod(
    code="D-FW-09", says="二次竞价应当给予供应商必要的响应时间，不少于一个工作日", source=f"{ORDER_110}第三十三条；时长为平台设计值", since=SINCE,
    confidence="D", days=1, unit=WORKING,
)  # fmt: skip
SEALED = Rule(code="D-FW-10", says="报价截止前，任何人不得知悉报价和报价人", source=DESIGN, since=SINCE, confidence="D")
CERTIFICATE = Rule(
    code="D-FW-11", says="医疗器械、药品的注册证（批准文号）应当在有效期内，过期的不得采购、使用",
    source="《医疗器械监督管理条例》第五十五条、《中华人民共和国药品管理法》第九十八条", since=SINCE, confidence="H",
)  # fmt: skip
BATCH = Rule(
    code="D-FW-12", says="交付的医疗器械、药品应当标明批号，并在使用期限内；验收按品目、批号逐项进行",
    source="《医疗器械监督管理条例》第四十五条、第五十五条，《中华人民共和国药品管理法》第七十条", since=SINCE, confidence="H",
)  # fmt: skip
LINE_QUANTITY = Rule(
    code="D-FW-13", says="各品目累计交付数量不得超过订购数量，拒收的可以重新交付", source=DESIGN, since=SINCE, confidence="D"
)


def cite(rule):
    return f"{rule.source}：{rule.says}"
