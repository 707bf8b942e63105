"""What stands in the ledger, in the words of people."""

from typing import Any

KINDS = {
    "acl.granted": "授予权限", "acl.revoked": "收回权限", "archive.requested": "申请归档", "award.decided": "确定中标人",
    "award.published": "公布中标结果", "bid.replaced": "替换投标文件", "bid.submitted": "递交投标文件", "bid.withdrawn": "撤回投标文件",
    "blind.chaff": "空白密封记录", "blind.lost": "内容遗失的密封记录", "blind.opened": "公开此前密封的记录",
    "candidate.passed_over": "候选人递补", "candidates.shown": "公示中标候选人", "candidates.voided": "撤销候选人公示",
    "clarification.acknowledged": "确认收到澄清", "client.released": "发布浏览器端程序", "clock.alarm": "时钟告警",
    "committee.drawn": "抽取评标委员会", "complaint.corrected": "投诉已补正", "complaint.decided": "作出投诉处理决定",
    "complaint.filed": "收到投诉", "complaint.reviewed": "投诉受理审查", "complaint.withdrawn": "撤回投诉", "contract.filed": "合同备案",
    "award.reported": "提交招标投标书面报告", "contract.confirmed": "一方确认合同文本", "contract.returned": "中标人退回合同草案",
    "contract.bond": "履约保证金办理", "contract.change": "合同变更办理", "contract.payment": "合同付款办理", "contract.acceptance": "验收办理",
    "contract.rated": "履约评价", "custody.taken": "锁定关键人员证书", "custody.released": "解除关键人员证书锁定",
    "custody.conflict": "关键人员冲突", "custody.replacement": "关键人员更换办理", "site.check_in": "关键人员到岗", "site.inspection": "标后检查",
    "site.finding": "检查问题整改", "site.deduction": "缺岗扣款", "setting.changed": "调整标后规则",
    "credit.checked": "信用行为复核", "credit.closed": "信用行为终止", "credit.effective": "信用行为生效", "credit.reported": "登记信用行为",
    "deposit.account_opened": "开立保证金缴款账号", "deposit.received": "收到保证金", "deposit.reversed": "银行冲正保证金款项",
    "deposit.secret_refund_ordered": "安排退付保证金（开标前）", "deposit.secret_refund_paid": "保证金退付到账（开标前）",
    "deposit.disclosed": "公开保证金缴纳情况", "deposit.notice": "开标后收到保证金通知", "deposit.refund_ordered": "安排退付保证金",
    "deposit.refund_paid": "保证金退付到账", "deposit.refund_retried": "重新退付保证金", "deposit.unidentified": "收到未识别款项",
    "deposit.unidentified_returned": "退回未识别款项", "deposit.reconciled": "与银行对账", "deposit.difference_settled": "处理对账差异",
    "deposit.withholding_decided": "决定不予退还保证金", "deposit.withholding_objected": "对不予退还保证金提出异议",
    "deposit.withholding_answered": "答复对不予退还保证金的异议", "deposit.withheld": "执行不予退还保证金", "deposit.withholding_revoked": "撤销不予退还保证金的决定",
    "guarantee.issued": "出具投标保函", "guarantee.ended": "投标保函终止",
    "document.obtained": "获取招标文件", "invitations.sent": "发出投标邀请书", "notices.disclosed": "公开此前不公开的公告", "document.reviewed": "招标文件确认与备案", "document.submitted": "招标文件送审", "document.printed": "印制文书", "document.printed_in_secret": "印制不公开的文书", "document.superseded": "文书被新版取代",
    "document.voided": "文书作废", "seal.introduced": "启用电子印章", "draw.committed": "抽取：各方随机数承诺齐备",
    "draw.bad_share": "抽取：恢复份额不正确", "draw.recovery_requested": "抽取：申请恢复缺席方随机数", "draw.share": "抽取：一名持钥人提交恢复份额",
    "draw.defined": "抽取：确定规则与参与方", "draw.listed": "抽取：锁定名单", "draw.names": "抽取：公布入选名单",
    "draw.replaced": "抽取：依次递补", "draw.result": "抽取：产生结果", "draw.revealed": "抽取：一方公开随机数",
    "draw.seeded": "抽取：合成种子", "draw.void": "抽取作废", "evaluation.combined": "评分汇总", "evaluation.reordered": "责令重新评标",
    "envelope.admitted": "公布第一信封评审结果，确定开启第二信封的投标", "envelope.returned": "第二信封不开启，退回",
    "evaluation.reviewed": "初步评审结束", "evaluation.started": "评标开始", "fallback.approved": "同意应急解密",
    "fallback.bad_share": "应急解密：份额不正确", "fallback.opened": "应急解密成功", "fallback.failed": "应急解密失败", "fallback.refused": "不同意应急解密",
    "fallback.requested": "申请应急解密", "fallback.share": "应急解密：一名持钥人提交份额", "history.imported": "导入历史数据",
    "holder.ready": "持钥人就绪", "key.enrolled": "登记密钥", "key.revoked": "吊销密钥", "ledger.note": "账本说明", "lot.archived": "标段归档",
    "lot.deadline_changed": "变更投标截止时间", "lot.failed": "招标失败", "lot.locked": "投标截止，锁定全部投标",
    "lot.policy_signed": "签署开标密钥方案", "lot.resumed": "恢复招标投标活动", "lot.suspended": "暂停招标投标活动", "lot.terminated": "终止一个标段",
    "notice.published": "发布公告", "objection.answered": "答复异议", "objection.filed": "收到异议", "objection.withdrawn": "撤回异议",
    "opening.closed": "开标结束", "opening.extended": "延长解密时间", "opening.key_failed": "密钥核对不符",
    "opening.key_released": "投标人提交密钥", "opening.revealed": "公布开标结果", "opening.started": "开标开始",
    "organisation.founded": "设立单位", "organisation.reviewed": "主体审核", "organisation.submitted": "主体提交登记",
    "pattern.added": "增加限制竞争词式", "pattern.ended": "停用限制竞争词式", "platform.administrator_appointed": "任命平台管理员", "project.reviewed": "项目受理审查", "project.submitted": "提交项目",
    "question.asked": "提出疑问", "report.signed": "签署评标报告", "score.submitted": "一名评委提交评分", "template.published": "发布招标文件范本", "tender.amended": "发布澄清与修改",
    "step.taken": "办理交易流程步骤", "step.taken_in_secret": "办理不公开的流程步骤", "steps.undone": "退回前面的步骤重新办理",
    "tender.handler_assigned": "指定经办人", "tender.handler_withdrawn": "更换经办人", "tender.next_round": "重新招标",
    "tender.published": "发布招标", "tender.terminated": "终止招标",
    "fact.reported": "登记已办事项",
    "calendar.changed": "调整工作日历",
    "limit.waived": "豁免法定时限",
    "lot.deadline_restored": "因平台故障重新确定投标截止时间",
    "outage.confirmed": "确认平台故障",
    "outage.declared": "报告平台故障",
    "outage.refused": "不认定平台故障",
    "tolerance.broken": "容缺承诺未兑现",
    "tolerance.fulfilled": "容缺材料补齐",
    "tolerance.granted": "容缺受理",
    "alert.handled": "处置预警",
    "alert.raised": "发出预警",
    "opening.placed": "安排开标场地", "venue.booked": "安排场地", "venue.moved": "调整场地", "venue.released": "释放场地",
    "witness.named": "指定见证人员", "witness.signed": "签署见证记录", "witness.corrected": "补充更正见证记录", "witness.concern": "见证或风险核查发现疑点",
    "archive.excepted": "同意缺项归档", "archive.paper": "补交归档材料", "archive.held": "暂停处置档案", "archive.freed": "解除暂停处置",
    "archive.disposed": "到期处置档案",
    "agency.submitted": "代理机构提交登记", "agency.checked": "核对代理机构登记", "agency.left": "代理机构退出名册", "agency.control_declared": "申报内控材料",
    "agency.control_checked": "核查内控材料", "agency.trained": "登记培训成绩", "agency.requested": "发出委托需求", "agency.proposed": "提交代理服务方案",
    "agency.chosen": "选定代理机构", "agency.declined": "选定机构不接受委托", "agency.contract_offered": "委托人签署委托合同", "agency.contract_returned": "退回委托合同",
    "agency.contract_signed": "签订委托合同", "agency.contract_ended": "终止委托合同", "agency.assessment_opened": "开始评价代理机构", "agency.rated": "一方评价代理机构",
    "agency.assessment_closed": "代理机构评价结束", "agency.inspection_begun": "发起代理机构年度检查", "agency.tender_inspected": "登记检查情况", "agency.inspection_concluded": "作出年度检查结果",
    "agency.correction_reported": "报告检查整改", "agency.correction_rechecked": "复查检查整改", "agency.restricted": "暂停代理机构承接新业务", "agency.restriction_lifted": "恢复代理机构承接新业务",
}  # fmt: skip
ROLES = {
    "system": "平台自动", "person": "经办人", "applicant": "申请单位", "bidder": "投标人", "expert": "评标专家", "staff": "交易中心",
    "supervisor": "监督人员", "admin": "平台管理员", "agency": "代理机构", "tenderee": "招标人", "holder": "持钥人",
}  # fmt: skip
NOTES = {
    "alarm": "平台告警",
    "settled": "告警已处理",
    "audit": "账本审计",
    "key": "更换账本密钥",
    "restored": "从公布文件恢复记录",
    "timestamp": "检查点加盖时间戳",
}


def act_in_words(body: dict[str, Any]) -> dict[str, str]:
    """What an open entry says: the act, who did it by their role, and the lot if it is about one."""
    said = body["d"]
    act = NOTES.get(said.get("note"), "") if body["k"] == "ledger.note" else ""
    lot = str(said.get("lot") or "")
    return {
        "act": act or KINDS.get(body["k"], body["k"]),
        "role": ROLES.get(body["by"]["role"], body["by"]["role"]),
        "about": f"{int(lot)} 标段" if lot.isdigit() else "",
    }
