"""The kinds of official documents: label, number series, template folder `documents/`, and what a context must have.

| kind | context keys |
|---|---|
| notice | notice_number, kind, facts ([label, value]), body (our own rendered HTML) |
| tender_document | tender, sections ([title, text]), lots, criteria |
| receipt | tender, lot, bidder, rev, received_at, manifest, sha256, size, index, root |
| opening_record | tender, lot, owner, agency, opened_at, bids, objections, confirmations |
| evaluation_report | tender, lot, members, bids, rejections, results, workings, opinion, dissents |
| award_notice | tender, lot, winner, owner, amount, capital, term_days, quality, manager |
| debrief | tender, lot, bidder, sentence, facts, rows, fallen, withheld, remedies |
| outage_certificate | number, component, source, began_at, ended_at, minutes, reason, tender, lots |
| procedure_document | tender, lot, owner, rows ([label, value]), basis |
| contract | number, tender, lot, owner, winner, amount, clauses ([title, text]), payment, additions, digest |
| agency_contract | number, owner, agency, project, service, scope, powers, fee, capital, basis, payer, digest |
| deduction_notice | number, tender, lot, contractor, lines, amount, capital, reply_until |
| acceptance_report | tender, lot, contract, contractor, panel, result, held_on |
| complaint_decision | number, complainant, respondent, tender, facts, findings, basis, decision |
| expert_certificate | name, number, employer, title, specialties, term, issuer |
| expert_decision | expert, number, conduct, facts, basis, decision, decision_number, issuer |
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`act`, filled from the context, is the reason given in the seal; `secret`: that such a document exists is nobody's business but its readers'."""

    label: str
    series: str
    act: str
    required: frozenset
    secret: bool = False


KINDS = {
    "notice": Kind("公告", "告", "发布{kind}", frozenset({"notice_number", "kind", "facts", "body"})),
    "tender_document": Kind("招标文件", "招", "发出招标文件", frozenset({"tender", "sections", "lots", "criteria"})),
    "receipt": Kind(
        "投标回执", "回", "出具投标回执", frozenset({"tender", "lot", "bidder", "rev", "received_at", "manifest"}), secret=True
    ),
    "opening_record": Kind("开标记录", "开", "公布开标记录", frozenset({"tender", "lot", "opened_at", "bids"})),
    "evaluation_report": Kind("评标报告", "评", "形成评标报告", frozenset({"tender", "lot", "members", "results"})),
    "award_notice": Kind("中标通知书", "中", "发出中标通知书", frozenset({"tender", "lot", "winner", "amount"})),
    "debrief": Kind("评审结果告知书", "告知", "告知评审结果", frozenset({"tender", "lot", "bidder", "sentence", "remedies"})),
    "outage_certificate": Kind("平台故障证明", "障", "出具平台故障证明", frozenset({"number", "began_at", "ended_at", "tender", "lots"})),
    "procedure_document": Kind("交易文书", "文", "出具交易文书", frozenset({"tender", "lot", "owner", "rows"})),
    "contract": Kind("合同", "合", "订立合同", frozenset({"number", "tender", "lot", "owner", "winner", "amount", "clauses", "digest"})),
    "agency_contract": Kind(
        "委托代理协议", "委", "订立委托代理协议", frozenset({"number", "owner", "agency", "project", "scope", "powers", "fee", "digest"})
    ),
    "deduction_notice": Kind(
        "缺岗扣款通知书", "扣", "发出缺岗扣款通知书", frozenset({"number", "tender", "contractor", "lines", "amount"})
    ),
    "acceptance_report": Kind("验收书", "验", "出具验收书", frozenset({"tender", "lot", "contractor", "panel", "result"})),
    "expert_certificate": Kind("评标专家聘书", "聘", "颁发评标专家聘书", frozenset({"name", "number", "specialties", "term", "issuer"})),
    "expert_decision": Kind(
        "专家处理决定", "专", "公开专家处理决定", frozenset({"expert", "conduct", "facts", "basis", "decision", "issuer"})
    ),
    "complaint_decision": Kind("投诉处理决定书", "诉", "作出投诉处理决定", frozenset({"number", "tender", "decision"})),
}
