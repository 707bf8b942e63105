"""Taking back the deal of a procedure whose desk carries the trade."""

from accounts.models import Organisation
from documents.actions import void_document
from postbox.actions import tell_members
from trading.awards.desk_debrief import named
from trading.procedures.records import records_of
from trading.tenders.notices import notice_of, shown

DEAL_STEPS = ("deal_decision", "deal_result")


def revoke_deal(lot, *, reason, by, at):
    """A deal counts no more: its documents are void, who won is told and, where the result was public, everybody.

    Before the lot bends or fails, while the steps of the deal still stand. The caller answers for the right to.
    """
    tender, rows = lot.tender, list(records_of(lot).filter(step__in=DEAL_STEPS).select_related("document", "notice"))
    winners = list(Organisation.objects.filter(uscc__in=named(lot, "deal_decision", "winner")))
    for row in rows:
        if row.document is not None:
            void_document(row.document, reason=reason, by=by, at=at)
    for winner in winners:
        tell_members(
            winner,
            f"成交资格已取消：{tender.name}",
            reason[:500],
            link=f"/tenders/{tender.number}/",
            key=f"deal-void/{lot.pk}/{at.timestamp()}",
        )
    if public := next((row.notice for row in reversed(rows) if row.notice is not None), None):
        notice_of(
            tender, public.kind, title=f"{tender.name}{lot.name}成交结果撤销公告", lot=lot, by=by, at=at, template="DEAL_VOID",
            context={"lot": lot, "winners": winners, "reason": reason},
            facts=[("标段", lot.name), ("原成交供应商", "、".join(each.name for each in winners)), ("撤销时间", shown(at))],
        )  # fmt: skip
