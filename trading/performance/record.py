"""A contract's performance as plain data: what the archive keeps of it. Certificates appear by their tails only."""

from trading.performance.actions.changes import history_of


def performance_of(contract):
    """Everything that happened from the filing on, with labels that a person can read."""
    bond = getattr(contract, "bond", None)
    return {
        "关键人员": [
            {"岗位": row.get_post_display(), "姓名": row.key_person.name, "证书": f"{row.key_person.get_certificate_display()} {row.key_person.masked}",
             "锁定": row.since, "解除": row.released_at, "原因": row.get_release_display(), "到岗天数": row.check_ins.count()}
            for row in contract.lot.custodies.select_related("key_person")
        ],
        "履约保证金": bond and {
            "金额": bond.amount, "方式": bond.get_form_display(), "编号": bond.reference, "确认": bond.confirmed_at, "退还": bond.released_at,
            "主张": [{"金额": row.amount, "理由": row.reason, "陈述": row.statement, "结果": row.get_state_display(), "决定": row.decision} for row in bond.claims.all()],
        },
        "价款和工期": [{"时间": row["at"], "事项": row["label"], "价款": row["price"], "工期": row["term"]} for row in history_of(contract)],
        "变更": [{"编号": row.no, "事项": row.title, "理由": row.reason, "结果": row.get_state_display()} for row in contract.changes.all()],
        "付款": [
            {"编号": row.no, "申请": row.amount, "核定": row.approved, "扣款": row.withheld, "期限": row.due_on, "支付": row.paid_on, "利息": row.interest}
            for row in contract.payments.all()
        ],
        "检查": [
            {"编号": row.number, "方式": row.get_kind_display(), "时间": row.held_at, "记录": row.record,
             "问题": [{"问题": each.problem, "要求": each.suggestion, "结果": each.get_state_display()} for each in row.findings.all()]}
            for row in contract.inspections.all()
        ],
        "扣款": [
            {"编号": row.number, "金额": row.amount, "明细": row.lines, "陈述": row.reply, "结果": row.get_state_display(), "决定": row.decision}
            for row in contract.deductions.all()
        ],
        "验收": [
            {"次": row.round, "结论": row.get_state_display(), "意见": row.opinion, "完工": row.finished_on, "验收组": row.panel, "结算": row.settlement}
            for row in contract.acceptances.all()
        ],
        "评价": [{"评价": row.get_side_display(), "得分": row.total, "各项": row.marks, "说明": row.remark} for row in contract.ratings.all()],
    }  # fmt: skip
