"""What the law asks of a works tender (工程建设项目招标). Codes are those of docs/procedures.md."""

from datetime import date
from decimal import Decimal

from rulebook.periods import (
    WORKING,
    Ceiling,
    MaximumPeriod,
    MinimumCount,
    MinimumPeriod,
    MinimumShare,
    ShowingPeriod,
)

REGULATION = date(2012, 2, 1)  # 招标投标法实施条例 in force
LAW = date(2000, 1, 1)  # 招标投标法 in force

DOCUMENT_SUPPLY = MinimumPeriod(
    code="T-GC-02", says="招标文件的发售期不得少于五日", source="《招标投标法实施条例》第十六条", since=REGULATION, days=5,
)  # fmt: skip
BID_PREPARATION = MinimumPeriod(
    code="T-GC-04", says="自招标文件开始发出之日起至投标截止之日止，最短不得少于二十日",
    source="《招标投标法》第二十四条", since=LAW, days=20,
)  # fmt: skip
CLARIFICATION = MinimumPeriod(
    code="T-GC-06", says="澄清或者修改可能影响投标文件编制的，应当在投标截止时间至少十五日前发出；不足十五日的，应当顺延",
    source="《招标投标法》第二十三条、《招标投标法实施条例》第二十一条", since=LAW, days=15,
)  # fmt: skip
DOCUMENT_OBJECTION = MinimumPeriod(
    code="T-GC-08", says="对招标文件有异议的，应当在投标截止时间十日前提出",
    source="《招标投标法实施条例》第二十二条", since=REGULATION, days=10,
)  # fmt: skip
DOCUMENT_OBJECTION_REPLY = MaximumPeriod(
    code="T-GC-09", says="招标人应当自收到异议之日起三日内作出答复；作出答复前，应当暂停招标投标活动",
    source="《招标投标法实施条例》第二十二条", since=REGULATION, days=3,
)  # fmt: skip
CANDIDATES_DUE = MaximumPeriod(
    code="T-GC-11", says="自收到评标报告之日起三日内公示中标候选人", source="《招标投标法实施条例》第五十四条",
    since=REGULATION, days=3,
)  # fmt: skip
CANDIDATES_SHOWN = ShowingPeriod(
    code="T-GC-12", says="中标候选人公示期不得少于三日", source="《招标投标法实施条例》第五十四条", since=REGULATION, days=3,
)  # fmt: skip
RESULT_OBJECTION_REPLY = MaximumPeriod(
    code="T-GC-13", says="招标人应当自收到异议之日起三日内作出答复；作出答复前，应当暂停招标投标活动",
    source="《招标投标法实施条例》第五十四条", since=REGULATION, days=3,
)  # fmt: skip
CONTRACT_DUE = MaximumPeriod(
    code="T-GC-14", says="自中标通知书发出之日起三十日内订立书面合同", source="《招标投标法》第四十六条", since=LAW, days=30,
)  # fmt: skip
WRITTEN_REPORT = MaximumPeriod(
    code="T-GC-15", says="自确定中标人之日起十五日内向有关行政监督部门提交书面报告",
    source="《招标投标法》第四十七条", since=LAW, days=15,
)  # fmt: skip
DEPOSIT_REFUND = MaximumPeriod(
    code="T-GC-16", says="最迟在书面合同签订后五日内退还投标保证金及银行同期存款利息",
    source="《招标投标法实施条例》第五十七条", since=REGULATION, days=5,
)  # fmt: skip
COMPLAINT_FILING = MaximumPeriod(
    code="T-GC-18", says="自知道或者应当知道之日起十日内可以投诉；异议答复期间不计算在内",
    source="《招标投标法实施条例》第六十条", since=REGULATION, days=10,
)  # fmt: skip
COMPLAINT_ACCEPTANCE = MaximumPeriod(
    code="T-GC-19", says="自收到投诉之日起三个工作日内决定是否受理",
    source="《招标投标法实施条例》第六十一条", since=REGULATION, days=3, unit=WORKING,
)  # fmt: skip
COMPLAINT_DECISION = MaximumPeriod(
    code="T-GC-20", says="自受理投诉之日起三十个工作日内作出书面处理决定",
    source="《招标投标法实施条例》第六十一条", since=REGULATION, days=30, unit=WORKING,
)  # fmt: skip
BID_DEPOSIT = Ceiling(
    code="A-01", says="投标保证金不得超过招标项目估算价的百分之二，施工项目最高不得超过八十万元",
    source="《招标投标法实施条例》第二十六条、《工程建设项目施工招标投标办法》第三十七条", since=REGULATION,
    share=Decimal("0.02"), most=Decimal(800_000), confidence="H",
)  # fmt: skip
MINIMUM_BIDS = MinimumCount(
    code="C-03", says="投标人少于三个的，不得开标，招标人应当重新招标",
    source="《招标投标法》第二十八条、《招标投标法实施条例》第四十四条", since=LAW, minimum=3,
)  # fmt: skip
COMPETITION = MinimumCount(
    code="C-04", says="有效投标不足三个使得投标明显缺乏竞争的，评标委员会可以否决全部投标",
    source="《评标委员会和评标方法暂行规定》第二十七条", since=date(2001, 7, 5), minimum=3,
)  # fmt: skip
COMMITTEE_SIZE = MinimumCount(
    code="M-01", says="评标委员会成员人数为五人以上单数", source="《招标投标法》第三十七条", since=LAW, minimum=5,
)  # fmt: skip
COMMITTEE_EXPERT_SHARE = MinimumShare(
    code="M-02", says="评标委员会中技术、经济等方面的专家不得少于成员总数的三分之二",
    source="《招标投标法》第三十七条", since=LAW, numerator=2, denominator=3,
)  # fmt: skip
CANDIDATE_COUNT = 3  # A-20 《招标投标法实施条例》第五十三条: at most three, ranked

ALL = tuple(value for value in list(globals().values()) if hasattr(value, "code") and hasattr(value, "source"))
