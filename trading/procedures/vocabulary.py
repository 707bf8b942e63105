"""The words a procedure's file may use: who acts, by what way a step is done, what a form asks, where a bend leads."""

# Who acts. A procedure may name its parties otherwise (采购人, 转让方 …) under `[parties]`.
ACTORS = {
    "tenderee": "招标人",
    "agency": "代理机构",
    "bidder": "投标人",
    "winner": "中标人",
    "committee": "评标委员会",
    "staff": "交易中心",
    "supervisor": "行政监督部门",
    "authority": "项目审批部门",
    "platform": "平台",
}

# By what a step is done: "desk" is the form that the procedure itself describes; the others are rooms of their own.
WAYS = {
    "desk": "按流程表单办理",
    "registration": "项目登记与受理",
    "drafting": "招标文件编制",
    "publication": "公告与招标文件发布",
    "supply": "招标文件获取",
    "clarification": "澄清与修改",
    "objection": "异议、质疑与投诉",
    "deposit": "保证金",
    "bids": "封存投标",
    "committee": "专家抽取",
    "opening": "开标大厅",
    "evaluation": "评审席",
    "candidates": "候选人公示",
    "award": "定标",
    "result": "结果公告",
    "report": "定标页面提交书面报告",
    "contract": "合同备案",
    "archive": "归档",
}

# What a step's form is held against beyond its limits (trading.conduct.special).
CHECKS = {
    "talks_with_all": "与每家供应商都有记录",
    "enough_quotes": "报价家数不少于法定家数",
    "lowest_first": "候选人按报价由低到高排列",
    "own_quote": "成交金额等于成交供应商的报价",
    "entrants": "按排序淘汰，淘汰比例和家数合法",
    "call_off": "按征集文件载明的方式确定，轮候依次进行",
    "nobody": "没有征集到意向受让方",
    "deal_price": "合同价款等于成交价",
    "group": "小组为单数，人数和专家比例合法",
    "reasoned_exception": "两家即可继续的，情形属实并写明理由",
    "enough_qualified": "参加的供应商不少于法定家数",
    "may_be_invited": "受邀供应商没有被禁止参加，也不是采购人一方",
}

FIELD_KINDS = {
    "text": "文字",
    "longtext": "长文字",
    "amount": "金额（元）",
    "number": "数量",
    "date": "日期",
    "moment": "时间",
    "file": "文件",
    "choice": "选项",
    "parties": "单位",
}

# Where a bend leads.
LEADS = {
    "failed": "本次交易失败，发布公告",
    "next_round": "重新组织交易",
    "terminated": "终止，发布公告",
    "suspended": "暂停，恢复后继续",
    "back": "退回前面的步骤重新办理",
    "judged": "由评标委员会判断是否继续",
}
