"""What a lot's archive keeps of its objections, challenges and complaints."""

from supervision.remedies.models import Complaint, Objection
from trading.archive.contents import contributes, stored, text
from trading.archive.holds import holds_disposal
from trading.archive.required import found_by


@contributes
def remedies(lot):
    for row in lot.objections.select_related("organisation", "evidence").order_by("filed_at"):
        yield text(
            f"10-remedies/{row.number}.json", f"{row.regime.protest} {row.number}",
            {f"{row.regime.protest}人": row.organisation.name, "对象": row.about, "事实": row.facts, "请求": row.claim, "提出": row.filed_at,
             "结果": row.get_state_display(), "答复": row.answer, "答复时间": row.answered_at},
        )  # fmt: skip
        if row.evidence:
            yield stored(f"10-remedies/{row.number}", f"{row.regime.protest} {row.number} 的证明材料", row.evidence)
    for row in lot.complaints.select_related("organisation", "regulator", "evidence").order_by("filed_at"):
        yield text(
            f"10-remedies/{row.number}.json", f"投诉 {row.number}",
            {"投诉人": row.organisation.name, "受理部门": row.regulator.name, "事实": row.facts, "请求": row.claim, "提出": row.filed_at,
             "结果": row.get_state_display(), "查明事实": row.findings, "处理依据": row.basis, "处理意见": row.decision, "处理措施": row.remedy_said,
             "决定时间": row.decided_at,
             "调查": [{"人员": note.by.name, "时间": note.at, "记录": note.text} for note in row.notes.select_related("by")]},
        )  # fmt: skip
        if row.evidence:
            yield stored(f"10-remedies/{row.number}", f"投诉 {row.number} 的证明材料", row.evidence)


@found_by("remedies")
def answered(lot):
    """None where nobody objected or complained; else whether each was answered and decided."""
    if not lot.objections.exists() and not lot.complaints.exists():
        return None
    return not any(open_remedies(lot))


@holds_disposal
def open_remedies(lot):
    """An objection that waits for its answer, or a complaint under way, still needs the archive."""
    for row in lot.objections.filter(state=Objection.State.FILED):
        yield f"{row.regime.protest} {row.number} 尚未答复"
    for row in lot.complaints.filter(state__in=[Complaint.State.FILED, Complaint.State.CORRECTION, Complaint.State.ACCEPTED]):
        yield f"投诉 {row.number} 尚未办结"
