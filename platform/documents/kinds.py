"""The kinds of official documents: label, number series, template folder `documents/`, and what a context must have.

| kind | context keys |
|---|---|
| notice | notice_number, kind, facts ([label, value]), body (our own rendered HTML) |
| tender_document | tender, sections ([title, text]), lots, criteria |
| receipt | tender, lot, bidder, rev, received_at, manifest, sha256, size, index, root |
| opening_record | tender, lot, owner, agency, opened_at, bids, objections, confirmations |
| evaluation_report | tender, lot, members, bids, rejections, results, workings, opinion, dissents |
| award_notice | tender, lot, winner, owner, amount, capital, term_days, quality, manager |
| complaint_decision | number, complainant, respondent, tender, facts, findings, basis, decision |
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    label: str
    series: str
    required: frozenset


KINDS = {
    "notice": Kind("公告", "告", frozenset({"notice_number", "kind", "facts", "body"})),
    "tender_document": Kind("招标文件", "招", frozenset({"tender", "sections", "lots", "criteria"})),
    "receipt": Kind("投标回执", "回", frozenset({"tender", "lot", "bidder", "rev", "received_at", "manifest"})),
    "opening_record": Kind("开标记录", "开", frozenset({"tender", "lot", "opened_at", "bids"})),
    "evaluation_report": Kind("评标报告", "评", frozenset({"tender", "lot", "members", "results"})),
    "award_notice": Kind("中标通知书", "中", frozenset({"tender", "lot", "winner", "amount"})),
    "complaint_decision": Kind("投诉处理决定书", "诉", frozenset({"number", "tender", "decision"})),
}
