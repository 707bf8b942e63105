"""What the law asks of government procurement (政府采购), method by method."""

from datetime import date
from decimal import Decimal

from rulebook.limits import AmountUpTo, Ceiling, MinimumAmount, MinimumCount, MinimumShare, ShareBelow, ShareRange
from rulebook.periods import WORKING, ExactPeriod, MaximumPeriod, MinimumPeriod
from rulebook.provisions import Consequence as Then

LAW = date(2003, 1, 1)  # 政府采购法 in force
REGULATION = date(2015, 3, 1)  # 政府采购法实施条例 in force
TENDER = date(2017, 10, 1)  # 政府采购货物和服务招标投标管理办法 (87号令) in force
REMEDY = date(2018, 3, 1)  # 政府采购质疑和投诉办法 (94号令) in force
OTHER = date(2014, 2, 1)  # 政府采购非招标采购方式管理办法 (74号令) in force
CONSULTATION = date(2014, 12, 31)  # 竞争性磋商采购方式管理暂行办法 in force
FRAMEWORK = date(2022, 3, 1)  # 政府采购框架协议采购方式管理暂行办法 (110号令) in force
SMALL = date(2021, 1, 1)  # 政府采购促进中小企业发展管理办法 in force
RAISED = date(2022, 7, 1)  # 财库〔2022〕19号 raised reserves and deductions

INTENTION = MinimumPeriod(
    code="T-ZC-01", says="采购意向公开时间原则上不得晚于采购活动开始前三十日", source="财库〔2020〕10号",
    since=date(2022, 1, 1), confidence="V2", waivable=True, days=30, start="intention_published", end="procurement_start",
)  # fmt: skip
NOTICE_PERIOD = ExactPeriod(
    code="T-ZC-02", says="公告期限为五个工作日", source="《政府采购货物和服务招标投标管理办法》第十六条", since=TENDER,
    days=5, unit=WORKING, start="notice_published", end="notice_period_end",
)  # fmt: skip
DOCUMENT_SUPPLY = MinimumPeriod(
    code="T-ZC-03", says="招标文件提供期限自开始发出之日起不得少于五个工作日",
    source="《政府采购货物和服务招标投标管理办法》第十八条、《政府采购法实施条例》第三十一条", since=REGULATION,
    days=5, unit=WORKING, start="notice_published", end="tender_doc_sale_end",
)  # fmt: skip
BID_PREPARATION = MinimumPeriod(
    code="T-ZC-04", says="自招标文件开始发出之日起至投标截止之日止，不得少于二十日", source="《政府采购法》第三十五条",
    since=LAW, days=20, start="tender_doc_sale_start", end="bid_deadline",
)  # fmt: skip
CLARIFICATION = MinimumPeriod(
    code="T-ZC-05", says="澄清或者修改可能影响投标文件编制的，应当在投标截止时间至少十五日前发出；不足十五日的，应当顺延",
    source="《政府采购法实施条例》第三十一条、《政府采购货物和服务招标投标管理办法》第二十七条", since=REGULATION,
    consequence=Then.POSTPONE, days=15, counts_back=True, start="tender_clarification_sent", end="bid_deadline",
)  # fmt: skip
PREQUALIFICATION_CLARIFICATION = MinimumPeriod(
    code="T-ZC-06", says="澄清或者修改可能影响资格预审申请文件编制的，应当在提交截止时间至少三日前发出；不足三日的，应当顺延",
    source="《政府采购货物和服务招标投标管理办法》第二十七条", since=TENDER, consequence=Then.POSTPONE, days=3,
    counts_back=True, start="prequal_clarification_sent", end="prequal_application_deadline",
)  # fmt: skip
PREQUALIFICATION_APPLICATION = MinimumPeriod(
    code="T-ZC-07", says="提交资格预审申请文件的时间自公告发布之日起不得少于五个工作日",
    source="《政府采购法实施条例》第二十一条", since=REGULATION, days=5, unit=WORKING,
    start="prequal_notice_published", end="prequal_application_deadline",
)  # fmt: skip
REPORT_SENT = MaximumPeriod(
    code="T-ZC-08", says="自评审结束之日起二个工作日内将评审报告送交采购人",
    source="《政府采购法实施条例》第四十三条、《政府采购货物和服务招标投标管理办法》第六十八条", since=REGULATION,
    consequence=Then.ALERT, days=2, unit=WORKING, start="evaluation_end", end="evaluation_report_received",
)  # fmt: skip
WINNER_DUE = MaximumPeriod(
    code="T-ZC-09", says="采购人应当自收到评审报告之日起五个工作日内确定中标或者成交供应商；逾期未说明理由的，视同确定第一候选人",
    source="《政府采购法实施条例》第四十三条、《政府采购货物和服务招标投标管理办法》第六十八条", since=REGULATION,
    consequence=Then.ALERT, days=5, unit=WORKING, start="evaluation_report_received", end="winner_decided",
)  # fmt: skip
RESULT_DUE = MaximumPeriod(
    code="T-ZC-10", says="自中标、成交供应商确定之日起二个工作日内发出通知书并公告结果",
    source="《政府采购法实施条例》第四十三条、《政府采购货物和服务招标投标管理办法》第六十九条", since=REGULATION,
    consequence=Then.ALERT, days=2, unit=WORKING, start="winner_decided", end="result_published",
)  # fmt: skip
AWARD_NOTICE_DUE = MaximumPeriod(
    code="T-ZC-10", says="在公告中标、成交结果的同时发出中标、成交通知书，不迟于确定之日起二个工作日",
    source="《政府采购法实施条例》第四十三条、《政府采购货物和服务招标投标管理办法》第六十九条", since=REGULATION,
    consequence=Then.ALERT, days=2, unit=WORKING, start="winner_decided", end="award_notice_sent",
)  # fmt: skip
RESULT_NOTICE = ExactPeriod(
    code="T-ZC-11", says="中标结果公告期限为一个工作日；质疑期限自公告期限届满之日起算",
    source="《政府采购货物和服务招标投标管理办法》第六十九条、《政府采购法实施条例》第五十三条", since=TENDER,
    days=1, unit=WORKING, start="result_published", end="result_notice_end",
)  # fmt: skip
CONTRACT_DUE = MaximumPeriod(
    code="T-ZC-12", says="自中标、成交通知书发出之日起三十日内签订采购合同",
    source="《政府采购法》第四十六条、《政府采购货物和服务招标投标管理办法》第七十一条", since=LAW,
    consequence=Then.ALERT, waivable=True, days=30, start="award_notice_sent", end="contract_signed",
)  # fmt: skip
CONTRACT_PUBLISHED = MaximumPeriod(
    code="T-ZC-13", says="自采购合同签订之日起二个工作日内公告", source="《政府采购法实施条例》第五十条", since=REGULATION,
    consequence=Then.ALERT, days=2, unit=WORKING, start="contract_signed", end="contract_published",
)  # fmt: skip
CONTRACT_FILED = MaximumPeriod(
    code="T-ZC-14", says="自采购合同签订之日起七个工作日内将合同副本报备案", source="《政府采购法》第四十七条", since=LAW,
    consequence=Then.ALERT, days=7, unit=WORKING, start="contract_signed", end="contract_copy_filed",
)  # fmt: skip
LOSER_REFUND = MaximumPeriod(
    code="T-ZC-15", says="自中标通知书发出之日起五个工作日内退还未中标供应商的投标保证金",
    source="《政府采购法实施条例》第三十三条、《政府采购货物和服务招标投标管理办法》第三十八条", since=REGULATION,
    consequence=Then.ALERT, days=5, unit=WORKING, start="award_notice_sent", end="loser_deposit_refunded",
)  # fmt: skip
WINNER_REFUND = MaximumPeriod(
    code="T-ZC-16", says="自采购合同签订之日起五个工作日内退还中标供应商的投标保证金",
    source="《政府采购法实施条例》第三十三条、《政府采购货物和服务招标投标管理办法》第三十八条", since=REGULATION,
    consequence=Then.ALERT, days=5, unit=WORKING, start="contract_signed", end="bid_deposit_refunded",
)  # fmt: skip
WITHDRAWN_REFUND = MaximumPeriod(
    code="T-ZC-17", says="投标截止前撤回投标的，自收到书面撤回通知之日起五个工作日内退还投标保证金",
    source="《政府采购货物和服务招标投标管理办法》第三十八条", since=TENDER, consequence=Then.ALERT, days=5, unit=WORKING,
    start="bid_withdrawn", end="withdrawn_deposit_refunded",
)  # fmt: skip
TERMINATION_REFUND = MaximumPeriod(
    code="T-ZC-18", says="终止招标的，五个工作日内退还所收取的文件费用和投标保证金及其孳息",
    source="《政府采购货物和服务招标投标管理办法》第二十九条", since=TENDER, consequence=Then.ALERT, days=5, unit=WORKING,
    start="terminated", end="termination_refunded",
)  # fmt: skip
INQUIRY_REPLY = MaximumPeriod(
    code="T-ZC-19", says="三个工作日内对供应商依法提出的询问作出答复", source="《政府采购法实施条例》第五十二条",
    since=REGULATION, consequence=Then.ALERT, days=3, unit=WORKING, start="inquiry_received", end="inquiry_replied",
)  # fmt: skip
CHALLENGE_FILING = MaximumPeriod(
    code="T-ZC-20", says="自知道或者应知其权益受到损害之日起七个工作日内提出质疑",
    source="《政府采购法》第五十二条、《政府采购质疑和投诉办法》第十条", since=LAW, consequence=Then.REFUSE,
    days=7, unit=WORKING, start="harm_known", end="challenge_filed",
)  # fmt: skip
CHALLENGE_REPLY = MaximumPeriod(
    code="T-ZC-21", says="收到质疑函后七个工作日内作出答复", source="《政府采购法》第五十三条、《政府采购质疑和投诉办法》第十三条",
    since=LAW, consequence=Then.ALERT, days=7, unit=WORKING, start="challenge_filed", end="challenge_replied",
)  # fmt: skip
COMPLAINT_FILING = MaximumPeriod(
    code="T-ZC-22", says="对答复不满意或者未按时答复的，答复期满后十五个工作日内投诉",
    source="《政府采购法》第五十五条、《政府采购质疑和投诉办法》第十七条", since=LAW, consequence=Then.REFUSE,
    days=15, unit=WORKING, start="challenge_reply_over", end="complaint_filed",
)  # fmt: skip
COMPLAINT_CHECK = MaximumPeriod(
    code="T-ZC-23", says="收到投诉书后五个工作日内审查；内容不符合规定的，一次性书面通知补正",
    source="《政府采购质疑和投诉办法》第二十一条", since=REMEDY, consequence=Then.ALERT, days=5, unit=WORKING,
    start="complaint_filed", end="complaint_checked",
)  # fmt: skip
NON_ACCEPTANCE = MaximumPeriod(
    code="T-ZC-24", says="不符合受理条件的，三个工作日内书面告知不予受理及理由", source="《政府采购质疑和投诉办法》第二十一条",
    since=REMEDY, consequence=Then.ALERT, days=3, unit=WORKING, start="complaint_found_unfit", end="non_acceptance_told",
)  # fmt: skip
COMPLAINT_COPIES = MaximumPeriod(
    code="T-ZC-25", says="自收到投诉之日起八个工作日内向被投诉人和有关当事人发出答复通知和投诉书副本",
    source="《政府采购质疑和投诉办法》第二十一条", since=REMEDY, consequence=Then.ALERT, days=8, unit=WORKING,
    start="complaint_filed", end="complaint_copies_sent",
)  # fmt: skip
RESPONDENT_STATEMENT = MaximumPeriod(
    code="T-ZC-26", says="收到投诉书副本之日起五个工作日内书面说明并提交证据；逾期视同放弃",
    source="《政府采购质疑和投诉办法》第二十二条、第二十五条", since=REMEDY, consequence=Then.REFUSE, days=5, unit=WORKING,
    start="complaint_copies_sent", end="respondent_stated",
)  # fmt: skip
COMPLAINT_DECISION = MaximumPeriod(
    code="T-ZC-27", says="自收到投诉之日起三十个工作日内作出处理决定；检验、检测、鉴定、专家评审和补正时间不计算在内",
    source="《政府采购质疑和投诉办法》第二十六条、第二十七条", since=REMEDY, consequence=Then.ALERT, days=30, unit=WORKING,
    start="complaint_filed", end="complaint_decided",
    pauses=(("inspection_started", "inspection_ended"), ("correction_asked", "complaint_corrected")),
)  # fmt: skip
SUSPENSION = MaximumPeriod(
    code="T-ZC-28", says="处理投诉期间书面通知暂停采购活动的，暂停时间最长不得超过三十日",
    source="《政府采购法》第五十七条、《政府采购质疑和投诉办法》第二十八条", since=LAW, consequence=Then.ALERT, days=30,
    start="suspended", end="resumed",
)  # fmt: skip
UNPROVEN_COMPLAINTS = MinimumCount(
    code="T-ZC-29", says="十二个月内三次以上投诉查无实据的，列入不良行为记录名单",
    source="《政府采购质疑和投诉办法》第三十七条", since=REMEDY, consequence=Then.ALERT, minimum=3,
)  # fmt: skip
NEGOTIATION_RESPONSE = MinimumPeriod(
    code="T-ZC-30", says="自谈判文件发出之日起至首次响应文件提交截止之日止不得少于三个工作日",
    source="《政府采购非招标采购方式管理办法》第二十九条", since=OTHER, days=3, unit=WORKING,
    start="negotiation_doc_sent", end="response_deadline",
)  # fmt: skip
NEGOTIATION_CLARIFICATION = MinimumPeriod(
    code="T-ZC-31", says="谈判文件的澄清或者修改应当在首次响应截止三个工作日前发出；不足的，应当顺延",
    source="《政府采购非招标采购方式管理办法》第二十九条", since=OTHER, consequence=Then.POSTPONE, days=3, unit=WORKING,
    counts_back=True, start="negotiation_clarification_sent", end="response_deadline",
)  # fmt: skip
INQUIRY_RESPONSE = MinimumPeriod(
    code="T-ZC-32", says="自询价通知书发出之日起至响应文件提交截止之日止不得少于三个工作日",
    source="《政府采购非招标采购方式管理办法》第四十五条", since=OTHER, days=3, unit=WORKING,
    start="inquiry_notice_sent", end="response_deadline",
)  # fmt: skip
INQUIRY_CLARIFICATION = MinimumPeriod(
    code="T-ZC-33", says="询价通知书的澄清或者修改应当在响应截止三个工作日前发出；不足的，应当顺延",
    source="《政府采购非招标采购方式管理办法》第四十五条", since=OTHER, consequence=Then.POSTPONE, days=3, unit=WORKING,
    counts_back=True, start="inquiry_clarification_sent", end="response_deadline",
)  # fmt: skip
SINGLE_SOURCE_PUBLICITY = MinimumPeriod(
    code="T-ZC-34", says="单一来源采购公示期不得少于五个工作日",
    source="《政府采购法实施条例》第三十八条、《政府采购非招标采购方式管理办法》第三十八条", since=OTHER, days=5, unit=WORKING,
    start="single_source_publicity_start", end="single_source_publicity_end",
)  # fmt: skip
SUPPLEMENTARY_REASONING = MaximumPeriod(
    code="T-ZC-35", says="对公示有异议的，公示期满后五个工作日内组织补充论证",
    source="《政府采购非招标采购方式管理办法》第四十条", since=OTHER, consequence=Then.ALERT, days=5, unit=WORKING,
    start="single_source_publicity_end", end="supplementary_reasoning_done",
)  # fmt: skip
CONSULTATION_SUPPLY = MinimumPeriod(
    code="T-ZC-36", says="磋商文件的发售期限自开始之日起不得少于五个工作日", source="财库〔2014〕214号第十条",
    since=CONSULTATION, confidence="V2", days=5, unit=WORKING, start="consultation_doc_sale_start", end="consultation_doc_sale_end",
)  # fmt: skip
CONSULTATION_RESPONSE = MinimumPeriod(
    code="T-ZC-37", says="自磋商文件发出之日起至首次响应文件提交截止之日止不得少于十日", source="财库〔2014〕214号第十条",
    since=CONSULTATION, confidence="V2", days=10, start="consultation_doc_sale_start", end="response_deadline",
)  # fmt: skip
CONSULTATION_CLARIFICATION = MinimumPeriod(
    code="T-ZC-38", says="磋商文件的澄清或者修改应当在首次响应截止至少五日前发出；不足五日的，应当顺延",
    source="财库〔2014〕214号第十条", since=CONSULTATION, confidence="H", consequence=Then.POSTPONE, days=5,
    counts_back=True, start="consultation_clarification_sent", end="response_deadline",
)  # fmt: skip
DEAL_PUBLISHED = MaximumPeriod(
    code="T-ZC-39", says="成交供应商确定后二个工作日内公告成交结果",
    source="《政府采购非招标采购方式管理办法》第十八条、财库〔2014〕214号第二十九条", since=OTHER, consequence=Then.ALERT,
    days=2, unit=WORKING, start="winner_decided", end="result_published",
)  # fmt: skip
DEAL_LOSER_REFUND = MaximumPeriod(
    code="T-ZC-40", says="成交通知书发出后五个工作日内退还未成交供应商的保证金",
    source="《政府采购非招标采购方式管理办法》第二十条、财库〔2014〕214号第三十一条", since=OTHER, consequence=Then.ALERT,
    days=5, unit=WORKING, start="award_notice_sent", end="loser_deposit_refunded",
)  # fmt: skip
ORDER_110 = "《政府采购框架协议采购方式管理暂行办法》"
FRAMEWORK_SIGNED = MaximumPeriod(
    code="T-ZC-41", says="入围通知书发出之日起三十日内签订框架协议", source=f"{ORDER_110}第二十九条", since=FRAMEWORK,
    consequence=Then.ALERT, days=30, start="entry_notice_sent", end="framework_signed",
)  # fmt: skip
FRAMEWORK_FILED = MaximumPeriod(
    code="T-ZC-42", says="框架协议签订后七个工作日内将副本报备案", source=f"{ORDER_110}第二十九条", since=FRAMEWORK,
    consequence=Then.ALERT, days=7, unit=WORKING, start="framework_signed", end="framework_copy_filed",
)  # fmt: skip
ENTRY_INFORMATION = MaximumPeriod(
    code="T-ZC-43", says="框架协议签订后三个工作日内将入围信息告知适用的采购人或者服务对象", source=f"{ORDER_110}第三十条",
    since=FRAMEWORK, consequence=Then.ALERT, days=3, unit=WORKING, start="framework_signed", end="entry_information_given",
)  # fmt: skip
SECOND_STAGE_NOTICE = MaximumPeriod(
    code="T-ZC-44", says="二次竞价或者顺序轮候确定成交供应商的，二个工作日内逐笔公告", source=f"{ORDER_110}第三十五条",
    since=FRAMEWORK, consequence=Then.ALERT, days=2, unit=WORKING, start="second_stage_decided", end="second_stage_published",
)  # fmt: skip
FRAMEWORK_SUMMARY = MaximumPeriod(
    code="T-ZC-45", says="框架协议有效期满后十个工作日内发布成交结果汇总公告", source=f"{ORDER_110}第三十五条",
    since=FRAMEWORK, consequence=Then.ALERT, days=10, unit=WORKING, start="framework_end", end="summary_published",
)  # fmt: skip
OUTSIDER_COPY = MaximumPeriod(
    code="T-ZC-46", says="与非入围供应商成交的，确定后一个工作日内将成交文件副本抄送征集人", source=f"{ORDER_110}第三十七条",
    since=FRAMEWORK, consequence=Then.ALERT, days=1, unit=WORKING, start="outsider_deal_decided", end="outsider_deal_copied",
)  # fmt: skip
OPEN_APPLICATION = MaximumPeriod(
    code="T-ZC-47", says="开放式框架协议，收到加入申请后七个工作日内完成审核", source=f"{ORDER_110}第三十九条",
    since=FRAMEWORK, consequence=Then.ALERT, days=7, unit=WORKING, start="entry_application_received", end="entry_application_decided",
)  # fmt: skip
OPEN_ENTRY_NOTICE = MaximumPeriod(
    code="T-ZC-48", says="审核通过后二个工作日内发布入围结果公告", source=f"{ORDER_110}第四十条", since=FRAMEWORK,
    consequence=Then.ALERT, days=2, unit=WORKING, start="entry_application_decided", end="entry_notice_sent",
)  # fmt: skip
OPEN_EXIT_NOTICE = MaximumPeriod(
    code="T-ZC-49", says="入围供应商申请退出的，二个工作日内发布退出公告", source=f"{ORDER_110}第二十条", since=FRAMEWORK,
    consequence=Then.ALERT, days=2, unit=WORKING, start="exit_requested", end="exit_published",
)  # fmt: skip
FRAMEWORK_TERM_GOODS = MaximumPeriod(
    code="T-ZC-50", says="货物项目框架协议有效期一般不超过一年", source=f"{ORDER_110}第十五条", since=FRAMEWORK, months=12,
    start="framework_start", end="framework_end",
)  # fmt: skip
FRAMEWORK_TERM_SERVICES = MaximumPeriod(
    code="T-ZC-51", says="服务项目框架协议有效期一般不超过两年", source=f"{ORDER_110}第十五条", since=FRAMEWORK, months=24,
    start="framework_start", end="framework_end",
)  # fmt: skip
ARCHIVE_KEPT = MinimumPeriod(
    code="T-ZC-52", says="采购文件的保存期限为从采购结束之日起至少保存十五年", source="《政府采购法》第四十二条", since=LAW,
    consequence=Then.KEEP, months=180, start="procurement_end", end="archive_deleted",
)  # fmt: skip
MEDIA_PUBLICATION = MaximumPeriod(
    code="T-ZC-53", says="发布媒体应当自收到信息起一个工作日内发布", source="《政府采购信息发布管理办法》第十三条",
    since=date(2020, 3, 1), consequence=Then.ALERT, days=1, unit=WORKING,
    start="notice_submitted_to_media", end="notice_published",
)  # fmt: skip
EXPERT_DRAW = MaximumPeriod(
    code="T-ZC-54", says="评审专家抽取时间原则上不得早于评审活动开始前两个工作日", source="财库〔2016〕198号",
    since=date(2017, 1, 1), confidence="V2", waivable=True, days=2, unit=WORKING, start="expert_draw", end="evaluation_start",
)  # fmt: skip
SMALL_FIRM_PAYMENT = MaximumPeriod(
    code="T-ZC-55", says="自货物、工程、服务交付之日起三十日内支付款项；合同另有约定的，最长不得超过六十日",
    source="《保障中小企业款项支付条例》第九条、第十七条", since=date(2020, 9, 1), consequence=Then.ALERT, days=30,
    start="delivered", end="paid",
)  # fmt: skip
AGENCY_REGISTER = MaximumPeriod(
    code="T-ZC-56", says="代理机构名录登记信息变更的，十个工作日内更新", source="财库〔2018〕2号", since=date(2018, 1, 4),
    confidence="V2", consequence=Then.ALERT, days=10, unit=WORKING, start="agency_changed", end="agency_register_updated",
)  # fmt: skip
AGENCY_RATING = MaximumPeriod(
    code="T-ZC-57", says="采购人、评审专家、供应商在采购或者评审活动结束后五个工作日内对代理机构评价", source="财库〔2018〕2号",
    since=date(2018, 1, 4), confidence="V2", consequence=Then.REFUSE, days=5, unit=WORKING,
    start="procurement_end", end="agency_rated",
)  # fmt: skip

BID_DEPOSIT = Ceiling(
    code="A-03", says="投标保证金不得超过采购项目预算金额的百分之二",
    source="《政府采购法实施条例》第三十三条、《政府采购非招标采购方式管理办法》第十四条", since=OTHER, share=Decimal("0.02"),
)  # fmt: skip
PERFORMANCE_DEPOSIT = Ceiling(
    code="A-04", says="履约保证金的数额不得超过采购合同金额的百分之十", source="《政府采购法实施条例》第四十八条",
    since=REGULATION, share=Decimal("0.10"),
)  # fmt: skip
SUPPLEMENTARY_CONTRACTS = Ceiling(
    code="A-05", says="所有补充合同的采购金额不得超过原合同采购金额的百分之十", source="《政府采购法》第四十九条", since=LAW,
    share=Decimal("0.10"),
)  # fmt: skip
PRICE_SHARE_GOODS = MinimumShare(
    code="A-07", says="货物项目的价格分值占总分值的比重不得低于百分之三十",
    source="《政府采购货物和服务招标投标管理办法》第五十五条", since=TENDER, numerator=30, denominator=100,
)  # fmt: skip
PRICE_SHARE_SERVICES = MinimumShare(
    code="A-08", says="服务项目的价格分值占总分值的比重不得低于百分之十",
    source="《政府采购货物和服务招标投标管理办法》第五十五条", since=TENDER, numerator=10, denominator=100,
)  # fmt: skip
CONSULTATION_PRICE_GOODS = ShareRange(
    code="A-09", says="磋商采购货物项目的价格分值占总分值的比重为百分之三十至百分之六十", source="财库〔2014〕214号第二十四条",
    since=CONSULTATION, confidence="V2", least=Decimal(30), most=Decimal(60),
)  # fmt: skip
CONSULTATION_PRICE_SERVICES = ShareRange(
    code="A-10", says="磋商采购服务项目的价格分值占总分值的比重为百分之十至百分之三十", source="财库〔2014〕214号第二十四条",
    since=CONSULTATION, confidence="V2", least=Decimal(10), most=Decimal(30),
)  # fmt: skip
ORDER_46, ORDER_19 = "财库〔2020〕46号第九条", "财库〔2022〕19号"
LAST_BEFORE = date(2022, 6, 30)
DEDUCTION = (
    ShareRange(
        code="A-11", says="货物、服务项目给予小微企业百分之六至百分之十的价格扣除", source=ORDER_46, since=SMALL,
        until=LAST_BEFORE, least=Decimal(6), most=Decimal(10),
    ),
    ShareRange(
        code="A-11", says="货物、服务项目给予小微企业百分之十至百分之二十的价格扣除", source=ORDER_19, since=RAISED,
        confidence="H", least=Decimal(10), most=Decimal(20),
    ),
)  # fmt: skip
DEDUCTION_WORKS = ShareRange(
    code="A-12", says="工程项目给予小微企业百分之三至百分之五的价格扣除", source=ORDER_46, since=SMALL, least=Decimal(3), most=Decimal(5),
)  # fmt: skip
CONSORTIUM_DEDUCTION = (
    ShareRange(
        code="A-13", says="小微企业合同份额占百分之三十以上的联合体或者分包，货物、服务项目给予百分之二至百分之三的价格扣除",
        source=ORDER_46, since=SMALL, until=LAST_BEFORE, least=Decimal(2), most=Decimal(3),
    ),
    ShareRange(
        code="A-13", says="小微企业合同份额占百分之三十以上的联合体或者分包，货物、服务项目给予百分之四至百分之六的价格扣除",
        source=ORDER_19, since=RAISED, confidence="H", least=Decimal(4), most=Decimal(6),
    ),
)  # fmt: skip
CONSORTIUM_DEDUCTION_WORKS = ShareRange(
    code="A-14", says="小微企业合同份额占百分之三十以上的联合体或者分包，工程项目给予百分之一至百分之二的价格扣除",
    source=ORDER_46, since=SMALL, least=Decimal(1), most=Decimal(2),
)  # fmt: skip
PRICE_POINTS_ADDED = ShareRange(
    code="A-15", says="适用招标投标法的工程项目采用综合评估法的，小微企业价格得分增加百分之三至百分之五",
    source=ORDER_46, since=SMALL, least=Decimal(3), most=Decimal(5),
)  # fmt: skip
CONSORTIUM_POINTS_ADDED = ShareRange(
    code="A-15", says="适用招标投标法的工程项目采用综合评估法的，联合体或者分包价格得分增加百分之一至百分之二",
    source=ORDER_46, since=SMALL, least=Decimal(1), most=Decimal(2),
)  # fmt: skip
FULL_RESERVE = AmountUpTo(
    code="A-16", says="预算二百万元以下的货物和服务项目，适宜由中小企业提供的，专门面向中小企业采购",
    source="财库〔2020〕46号第七条", since=SMALL, most=Decimal(2_000_000),
)  # fmt: skip
FULL_RESERVE_WORKS = AmountUpTo(
    code="A-16", says="预算四百万元以下的工程项目，适宜由中小企业提供的，专门面向中小企业采购",
    source="财库〔2020〕46号第七条", since=SMALL, most=Decimal(4_000_000),
)  # fmt: skip
RESERVE = MinimumShare(
    code="A-17", says="超过前款限额的项目，预留预算总额的百分之三十以上专门面向中小企业采购", source="财库〔2020〕46号第八条",
    since=SMALL, numerator=30, denominator=100,
)  # fmt: skip
RESERVE_WORKS = (
    MinimumShare(
        code="A-17", says="超过四百万元的工程项目，预留预算总额的百分之三十以上专门面向中小企业采购",
        source="财库〔2020〕46号第八条", since=SMALL, until=LAST_BEFORE, numerator=30, denominator=100,
    ),
    MinimumShare(
        code="A-17", says="超过四百万元的工程项目，预留预算总额的百分之四十以上专门面向中小企业采购",
        source=ORDER_19, since=RAISED, confidence="H", numerator=40, denominator=100,
    ),
)  # fmt: skip
RESERVE_FOR_SMALL = MinimumShare(
    code="A-17", says="预留份额中面向小微企业的比例不低于百分之六十", source="财库〔2020〕46号第八条", since=SMALL,
    numerator=60, denominator=100,
)  # fmt: skip
FRAMEWORK_ELIMINATION = MinimumShare(
    code="A-18", says="框架协议第一阶段淘汰比例一般不得低于百分之二十，且至少淘汰一家", source=f"{ORDER_110}第二十七条",
    since=FRAMEWORK, numerator=20, denominator=100,
)  # fmt: skip
FRAMEWORK_ELIMINATION_INSTRUMENTS = MinimumShare(
    code="A-18", says="采用质量优先法的仪器设备采购，淘汰比例不得低于百分之四十，且至少淘汰一家", source=f"{ORDER_110}第二十七条",
    since=FRAMEWORK, numerator=40, denominator=100,
)  # fmt: skip
FRAMEWORK_ELIMINATED = MinimumCount(
    code="A-18", says="框架协议第一阶段至少淘汰一家供应商", source=f"{ORDER_110}第二十七条", since=FRAMEWORK, minimum=1,
)  # fmt: skip
FRAMEWORK_SUPPLEMENT = ShareBelow(
    code="A-19", says="剩余入围供应商不足入围供应商总数百分之七十且影响框架协议执行的，可以补充征集",
    source=f"{ORDER_110}第三十一条", since=FRAMEWORK, consequence=Then.NOTE, numerator=70, denominator=100,
)  # fmt: skip
NEGOTIATION_CANDIDATES = MinimumCount(
    code="A-21", says="谈判、询价小组推荐三名以上成交候选人",
    source="《政府采购非招标采购方式管理办法》第三十五条、第四十八条", since=OTHER, minimum=3,
)  # fmt: skip

BIDDERS = MinimumCount(
    code="C-05", says="投标人不足三家的，不得开标", source="《政府采购货物和服务招标投标管理办法》第四十一条", since=TENDER,
    consequence=Then.FAIL, minimum=3,
)  # fmt: skip
QUALIFIED = MinimumCount(
    code="C-06", says="合格投标人不足三家的，不得评标", source="《政府采购货物和服务招标投标管理办法》第四十四条", since=TENDER,
    consequence=Then.FAIL, minimum=3,
)  # fmt: skip
COMPLIANT = MinimumCount(
    code="C-07", says="通过符合性审查的投标人不足三家的，应予废标；只有两家时，经批准可以与两家谈判",
    source="《政府采购货物和服务招标投标管理办法》第四十三条、《政府采购非招标采购方式管理办法》第二十七条", since=TENDER,
    consequence=Then.FAIL, minimum=3,
)  # fmt: skip
WITHIN_BUDGET = MinimumCount(
    code="C-08", says="投标人的报价均超过采购预算，采购人不能支付的，应予废标", source="《政府采购法》第三十六条", since=LAW,
    consequence=Then.FAIL, minimum=1,
)  # fmt: skip
NEGOTIATING = MinimumCount(
    code="C-09", says="竞争者或者报价未超过预算的供应商不足三家的，终止采购活动，重新开展",
    source="《政府采购非招标采购方式管理办法》第三十七条、第五十条", since=OTHER, consequence=Then.FAIL, minimum=3,
)  # fmt: skip
CONSULTED = MinimumCount(
    code="C-10", says="参加磋商的供应商不足三家的，终止采购活动", source="财库〔2014〕214号第三十四条",
    since=CONSULTATION, confidence="V2", consequence=Then.FAIL, minimum=3,
)  # fmt: skip
CONSULTED_EXCEPTION = MinimumCount(
    code="C-10", says="市场竞争不充分的科研项目、政府购买服务项目，可以有两家供应商参加磋商",
    source="财库〔2014〕214号第二十一条、财库〔2015〕124号", since=date(2015, 6, 30), confidence="V2", consequence=Then.FAIL, minimum=2,
)  # fmt: skip
GROUP_74, GROUP_214 = "《政府采购非招标采购方式管理办法》第七条", "财库〔2014〕214号第十四条"
GROUP_SIZE = MinimumCount(
    code="M-06", says="谈判小组、询价小组由采购人代表和评审专家共三人以上单数组成", source=GROUP_74, since=OTHER, minimum=3,
)  # fmt: skip
LARGE_GROUP_SIZE = MinimumCount(
    code="M-06", says="达到公开招标数额标准的货物或者服务项目，或者达到招标规模标准的政府采购工程，谈判小组、询价小组由五人以上单数组成",
    source=GROUP_74, since=OTHER, minimum=5,
)  # fmt: skip
GROUP_EXPERT_SHARE = MinimumShare(
    code="M-06", says="评审专家人数不得少于谈判小组、询价小组成员总数的三分之二", source=GROUP_74, since=OTHER, numerator=2, denominator=3,
)  # fmt: skip
# The order on consultation knows no larger group for larger projects.
CONSULTATION_GROUP_SIZE = MinimumCount(
    code="M-16", says="磋商小组由采购人代表和评审专家共三人以上单数组成", source=GROUP_214, since=CONSULTATION, confidence="V2", minimum=3,
)  # fmt: skip
CONSULTATION_EXPERT_SHARE = MinimumShare(
    code="M-16", says="评审专家人数不得少于磋商小组成员总数的三分之二", source=GROUP_214, since=CONSULTATION, confidence="V2",
    numerator=2, denominator=3,
)  # fmt: skip
# For goods and services; works have the compulsory scale (S-01).
OPEN_TENDER = MinimumAmount(
    code="S-04", says="货物、服务项目的公开招标数额标准为二百万元", source="《地方预算单位政府采购集中采购目录及标准指引》（财库〔2019〕69号）",
    since=date(2020, 1, 1), confidence="H", least=Decimal(2_000_000),
)  # fmt: skip
FRAMEWORK_RESPONSES = MinimumCount(
    code="C-11", says="提交响应文件和符合资格、实质性要求的供应商均不少于两家，方可继续", source=f"{ORDER_110}第二十七条",
    since=FRAMEWORK, consequence=Then.FAIL, minimum=2,
)  # fmt: skip
