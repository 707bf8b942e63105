"""What the law asks of a works tender (工程建设项目招标): T- times, A- amounts and shares, C- and M- counts."""

from datetime import date
from decimal import Decimal

from rulebook.limits import AmountLimit, Ceiling, MaximumCount, MinimumAmount, MinimumCount, MinimumShare, ShareAbove
from rulebook.periods import WORKING, ExactPeriod, MaximumPeriod, MinimumPeriod, ShowingPeriod, StatedPeriod
from rulebook.provisions import Consequence as Then

LAW = date(2000, 1, 1)  # 招标投标法 in force
REGULATION = date(2012, 2, 1)  # 招标投标法实施条例 in force
MEDIA = date(2018, 1, 1)  # 招标公告和公示信息发布管理办法 (发展改革委令第10号) in force
COMPLAINTS = date(2004, 8, 1)  # 工程建设项目招标投标活动投诉处理办法 (11号令) in force

PREQUALIFICATION_SUPPLY = MinimumPeriod(
    code="T-GC-01", says="资格预审文件的发售期不得少于五日", source="《招标投标法实施条例》第十六条", since=REGULATION,
    days=5, start="prequal_doc_sale_start", end="prequal_doc_sale_end",
)  # fmt: skip
DOCUMENT_SUPPLY = MinimumPeriod(
    code="T-GC-02", says="招标文件的发售期不得少于五日", source="《招标投标法实施条例》第十六条", since=REGULATION,
    days=5, start="tender_doc_sale_start", end="tender_doc_sale_end",
)  # fmt: skip
PREQUALIFICATION_APPLICATION = MinimumPeriod(
    code="T-GC-03", says="提交资格预审申请文件的时间，自资格预审文件停止发售之日起不得少于五日",
    source="《招标投标法实施条例》第十七条", since=REGULATION,
    days=5, start="prequal_doc_sale_end", end="prequal_application_deadline",
)  # fmt: skip
BID_PREPARATION = MinimumPeriod(
    code="T-GC-04", says="自招标文件开始发出之日起至投标截止之日止，最短不得少于二十日",
    source="《招标投标法》第二十四条", since=LAW, days=20, start="tender_doc_sale_start", end="bid_deadline",
)  # fmt: skip
PREQUALIFICATION_CLARIFICATION = MinimumPeriod(
    code="T-GC-05", says="澄清或者修改可能影响资格预审申请文件编制的，应当在提交截止时间至少三日前发出；不足三日的，应当顺延",
    source="《招标投标法实施条例》第二十一条", since=REGULATION, consequence=Then.POSTPONE, days=3, counts_back=True,
    start="prequal_clarification_sent", end="prequal_application_deadline",
)  # fmt: skip
CLARIFICATION = MinimumPeriod(
    code="T-GC-06", says="澄清或者修改可能影响投标文件编制的，应当在投标截止时间至少十五日前发出；不足十五日的，应当顺延",
    source="《招标投标法》第二十三条、《招标投标法实施条例》第二十一条", since=LAW, consequence=Then.POSTPONE, days=15,
    counts_back=True, start="tender_clarification_sent", end="bid_deadline",
)  # fmt: skip
PREQUALIFICATION_OBJECTION = MinimumPeriod(
    code="T-GC-07", says="对资格预审文件有异议的，应当在提交资格预审申请文件截止时间二日前提出",
    source="《招标投标法实施条例》第二十二条", since=REGULATION, consequence=Then.REFUSE, days=2, counts_back=True,
    start="prequal_objection_filed", end="prequal_application_deadline",
)  # fmt: skip
DOCUMENT_OBJECTION = MinimumPeriod(
    code="T-GC-08", says="对招标文件有异议的，应当在投标截止时间十日前提出",
    source="《招标投标法实施条例》第二十二条", since=REGULATION, consequence=Then.REFUSE, days=10, counts_back=True,
    start="document_objection_filed", end="bid_deadline",
)  # fmt: skip
DOCUMENT_OBJECTION_REPLY = MaximumPeriod(
    code="T-GC-09", says="招标人应当自收到异议之日起三日内作出答复；作出答复前，应当暂停招标投标活动",
    source="《招标投标法实施条例》第二十二条", since=REGULATION, consequence=Then.SUSPEND, days=3,
    start="document_objection_filed", end="document_objection_replied",
)  # fmt: skip
OPENING_OBJECTION_REPLY = ExactPeriod(
    code="T-GC-10", says="投标人对开标有异议的，应当在开标现场提出，招标人应当当场作出答复，并制作记录",
    source="《招标投标法实施条例》第四十四条", since=REGULATION, days=0,
    start="opening_objection_raised", end="opening_objection_answered",
)  # fmt: skip
CANDIDATES_DUE = MaximumPeriod(
    code="T-GC-11", says="自收到评标报告之日起三日内公示中标候选人", source="《招标投标法实施条例》第五十四条",
    since=REGULATION, waivable=True, consequence=Then.ALERT, days=3, start="evaluation_report_received", end="candidates_published",
)  # fmt: skip
CANDIDATES_SHOWN = ShowingPeriod(
    code="T-GC-12", says="中标候选人公示期不得少于三日", source="《招标投标法实施条例》第五十四条", since=REGULATION,
    days=3, start="candidates_published", end="candidate_publicity_end",
)  # fmt: skip
RESULT_OBJECTION_REPLY = MaximumPeriod(
    code="T-GC-13", says="招标人应当自收到异议之日起三日内作出答复；作出答复前，应当暂停招标投标活动",
    source="《招标投标法实施条例》第五十四条", since=REGULATION, consequence=Then.SUSPEND, days=3,
    start="result_objection_filed", end="result_objection_replied",
)  # fmt: skip
CONTRACT_DUE = MaximumPeriod(
    code="T-GC-14", says="自中标通知书发出之日起三十日内订立书面合同", source="《招标投标法》第四十六条", since=LAW,
    waivable=True, consequence=Then.ALERT, days=30, start="award_notice_sent", end="contract_signed",
)  # fmt: skip
WRITTEN_REPORT = MaximumPeriod(
    code="T-GC-15", says="自确定中标人之日起十五日内向有关行政监督部门提交书面报告", source="《招标投标法》第四十七条",
    since=LAW, waivable=True, consequence=Then.ALERT, days=15, start="winner_decided", end="written_report_submitted",
)  # fmt: skip
DEPOSIT_REFUND = MaximumPeriod(
    code="T-GC-16", says="最迟在书面合同签订后五日内退还投标保证金及银行同期存款利息",
    source="《招标投标法实施条例》第五十七条", since=REGULATION, consequence=Then.ALERT, days=5,
    start="contract_signed", end="bid_deposit_refunded",
)  # fmt: skip
WITHDRAWN_DEPOSIT_REFUND = MaximumPeriod(
    code="T-GC-17", says="投标截止前撤回投标文件的，自收到书面撤回通知之日起五日内退还投标保证金",
    source="《招标投标法实施条例》第三十五条", since=REGULATION, consequence=Then.ALERT, days=5,
    start="bid_withdrawn", end="withdrawn_deposit_refunded",
)  # fmt: skip
COMPLAINT_FILING = MaximumPeriod(
    code="T-GC-18", says="自知道或者应当知道之日起十日内可以投诉；异议答复期间不计算在内",
    source="《招标投标法实施条例》第六十条", since=REGULATION, consequence=Then.REFUSE, days=10,
    start="harm_known", end="complaint_filed",
    pauses=(("document_objection_filed", "document_objection_replied"), ("result_objection_filed", "result_objection_replied")),
)  # fmt: skip
COMPLAINT_ACCEPTANCE = MaximumPeriod(
    code="T-GC-19", says="自收到投诉之日起三个工作日内决定是否受理",
    source="《招标投标法实施条例》第六十一条", since=REGULATION, consequence=Then.ALERT, days=3, unit=WORKING,
    start="complaint_filed", end="complaint_acceptance_decided",
)  # fmt: skip
COMPLAINT_DECISION = MaximumPeriod(
    code="T-GC-20", says="自受理投诉之日起三十个工作日内作出书面处理决定；检验、检测、鉴定、专家评审所需时间不计算在内",
    source="《招标投标法实施条例》第六十一条", since=REGULATION, consequence=Then.ALERT, days=30, unit=WORKING,
    start="complaint_accepted", end="complaint_decided", pauses=(("inspection_started", "inspection_ended"),),
)  # fmt: skip
OPENING = ExactPeriod(
    code="T-GC-21", says="开标应当在招标文件确定的提交投标文件截止时间的同一时间公开进行", source="《招标投标法》第三十四条",
    since=LAW, days=0, start="bid_deadline", end="opening",
)  # fmt: skip
BID_VALIDITY = StatedPeriod(
    code="T-GC-22", says="招标人应当在招标文件中载明投标有效期，从提交投标文件的截止之日起算",
    source="《招标投标法实施条例》第二十五条", since=REGULATION, days=90, confidence="H",
    start="bid_deadline", end="bid_validity_end",
)  # fmt: skip
DEPOSIT_VALIDITY = ExactPeriod(
    code="T-GC-23", says="投标保证金有效期应当与投标有效期一致", source="《招标投标法实施条例》第二十六条", since=REGULATION,
    days=0, start="bid_validity_end", end="bid_deposit_validity_end",
)  # fmt: skip
NOTICE_BY_MEDIA = MaximumPeriod(
    code="T-GC-24", says="发布媒介应当自收到公告文本之时起十二小时内发布",
    source="《招标公告和公示信息发布管理办法》第十二条", since=MEDIA, confidence="M", consequence=Then.ALERT, hours=12,
    start="notice_submitted_to_media", end="notice_published",
)  # fmt: skip
PAPER_NOTICE_BY_MEDIA = MaximumPeriod(
    code="T-GC-25", says="纸质或者电子邮件提交的公告，核验后一个工作日内发布",
    source="《招标公告和公示信息发布管理办法》第十二条", since=MEDIA, confidence="M", consequence=Then.ALERT,
    days=1, unit=WORKING, start="paper_notice_verified", end="notice_published",
)  # fmt: skip
PAPER_NOTICE_VERIFIED = MaximumPeriod(
    code="T-GC-25", says="纸质或者电子邮件提交的公告，三个工作日内核验",
    source="《招标公告和公示信息发布管理办法》第十二条", since=MEDIA, confidence="M", consequence=Then.ALERT,
    days=3, unit=WORKING, start="paper_notice_received", end="paper_notice_verified",
)  # fmt: skip
NOTICE_KEPT = MinimumPeriod(
    code="T-GC-26", says="发布的公告和公示信息应当可查询、可追溯，保存不少于十年",
    source="《招标公告和公示信息发布管理办法》第十四条", since=MEDIA, confidence="M", consequence=Then.KEEP, months=120,
    start="notice_published", end="notice_deleted",
)  # fmt: skip
COMPLAINT_TRANSFER = MaximumPeriod(
    code="T-GC-27", says="不属于本部门管辖的投诉，三个工作日内告知投诉人向其他部门提出",
    source="《工程建设项目招标投标活动投诉处理办法》第十一条", since=COMPLAINTS, confidence="H", consequence=Then.ALERT,
    days=3, unit=WORKING, start="misdirected_complaint_received", end="complainant_redirected",
)  # fmt: skip
VIOLATION_PUBLISHED = MaximumPeriod(
    code="T-GC-28", says="招标投标违法行为记录自行政处理决定作出之日起二十个工作日内公告",
    source="《招标投标违法行为记录公告暂行办法》第六条", since=date(2009, 1, 1), confidence="M", consequence=Then.ALERT,
    days=20, unit=WORKING, start="violation_decided", end="violation_published",
)  # fmt: skip
VIOLATION_SHOWN = ShowingPeriod(
    code="T-GC-28", says="招标投标违法行为记录的公告期限为六个月",
    source="《招标投标违法行为记录公告暂行办法》第六条", since=date(2009, 1, 1), confidence="M", consequence=Then.KEEP,
    months=6, start="violation_published", end="violation_withdrawn",
)  # fmt: skip
UNDISCLOSED_INFORMATION = MaximumPeriod(
    code="T-GC-29", says="对应当公开而未公开信息的投诉，五个工作日内处理",
    source="《招标公告和公示信息发布管理办法》（条款待核）", since=MEDIA, confidence="L", consequence=Then.ALERT,
    days=5, unit=WORKING, start="disclosure_complaint_received", end="disclosure_complaint_handled",
)  # fmt: skip

BID_DEPOSIT_CAP = AmountLimit(
    code="A-06", says="施工招标的投标保证金最高不得超过八十万元", source="《工程建设项目施工招标投标办法》第三十七条",
    since=date(2003, 5, 1), confidence="H", most=Decimal(800_000),
)  # fmt: skip
BID_DEPOSIT = Ceiling(
    code="A-01", says="投标保证金不得超过招标项目估算价的百分之二，施工项目最高不得超过八十万元",
    source="《招标投标法实施条例》第二十六条、《工程建设项目施工招标投标办法》第三十七条", since=REGULATION,
    share=Decimal("0.02"), most=BID_DEPOSIT_CAP.most, confidence="H",
)  # fmt: skip
# Goods and services: the fixed sum is named for construction only.
BID_DEPOSIT_SHARE = Ceiling(
    code="A-01", says="投标保证金不得超过招标项目估算价的百分之二", source="《招标投标法实施条例》第二十六条", since=REGULATION,
    share=Decimal("0.02"),
)  # fmt: skip
PERFORMANCE_DEPOSIT = Ceiling(
    code="A-02", says="履约保证金不得超过中标合同金额的百分之十", source="《招标投标法实施条例》第五十八条",
    since=REGULATION, share=Decimal("0.10"),
)  # fmt: skip
CANDIDATE_COUNT = MaximumCount(
    code="A-20", says="推荐的中标候选人不超过三个，并标明排序", source="《招标投标法实施条例》第五十三条", since=REGULATION,
    maximum=3,
)  # fmt: skip
MORE_TIME = ShareAbove(
    code="A-22", says="超过三分之一的评标委员会成员认为评标时间不够的，招标人应当适当延长",
    source="《招标投标法实施条例》第四十八条", since=REGULATION, numerator=1, denominator=3,
)  # fmt: skip

INVITEES = MinimumCount(
    code="C-01", says="邀请招标应当向三个以上特定的法人或者其他组织发出投标邀请书", source="《招标投标法》第十七条",
    since=LAW, minimum=3,
)  # fmt: skip
PREQUALIFIED = MinimumCount(
    code="C-02", says="通过资格预审的申请人少于三个的，应当重新招标", source="《招标投标法实施条例》第十九条",
    since=REGULATION, consequence=Then.FAIL, minimum=3,
)  # fmt: skip
MINIMUM_BIDS = MinimumCount(
    code="C-03", says="投标人少于三个的，不得开标，招标人应当重新招标",
    source="《招标投标法》第二十八条、《招标投标法实施条例》第四十四条", since=LAW, consequence=Then.FAIL, minimum=3,
)  # fmt: skip
COMPETITION = MinimumCount(
    code="C-04", says="有效投标不足三个使得投标明显缺乏竞争的，评标委员会可以否决全部投标",
    source="《评标委员会和评标方法暂行规定》第二十七条", since=date(2001, 7, 5), confidence="H", consequence=Then.FAIL,
    minimum=3,
)  # fmt: skip
SECOND_FAILURE = MinimumCount(
    code="C-14", says="再次招标后投标人仍少于三个的，属于审批、核准的项目报经原部门批准后可以不再招标，其他项目可自行决定",
    source="《工程建设项目施工招标投标办法》第三十八条、《工程建设项目货物招标投标办法》第三十四条",
    since=date(2005, 3, 1), confidence="H", consequence=Then.NOTE, minimum=2,
)  # fmt: skip
COMMITTEE_SIZE = MinimumCount(
    code="M-01", says="评标委员会成员人数为五人以上单数", source="《招标投标法》第三十七条", since=LAW, minimum=5,
)  # fmt: skip
COMMITTEE_EXPERT_SHARE = MinimumShare(
    code="M-02", says="评标委员会中技术、经济等方面的专家不得少于成员总数的三分之二",
    source="《招标投标法》第三十七条", since=LAW, numerator=2, denominator=3,
)  # fmt: skip
COMPLAINT_INVESTIGATORS = MinimumCount(
    code="M-03", says="调查取证应当由两名以上行政执法人员进行", source="《工程建设项目招标投标活动投诉处理办法》第十四条",
    since=COMPLAINTS, confidence="H", minimum=2,
)  # fmt: skip

SCALE, SCALE_SINCE = "《必须招标的工程项目规定》第五条", date(2018, 6, 1)
COMPULSORY_WORKS = MinimumAmount(
    code="S-01", says="施工单项合同估算价在四百万元人民币以上的必须招标", least=Decimal(4_000_000),
    source=SCALE, since=SCALE_SINCE,
)  # fmt: skip
COMPULSORY_GOODS = MinimumAmount(
    code="S-02", says="重要设备、材料等货物单项合同估算价在二百万元人民币以上的必须招标", least=Decimal(2_000_000),
    source=SCALE, since=SCALE_SINCE,
)  # fmt: skip
COMPULSORY_SERVICES = MinimumAmount(
    code="S-03", says="勘察、设计、监理等服务单项合同估算价在一百万元人民币以上的必须招标", least=Decimal(1_000_000),
    source=SCALE, since=SCALE_SINCE,
)  # fmt: skip
