"""What agencies, experts and offices owe by a day that has passed: an alert for the regulator, settled once it is done."""

from django.db import transaction

from agencies.models import AgencyComplaint, Inspection
from experts.models import CheckedSitting, SpotCheck
from rulebook.clock import city_day
from supervision.alerts.actions import raise_alert
from supervision.alerts.models import Alert
from supervision.feedback.models import CentreFeedback

KINDS = ("agency_correction", "agency_complaint", "expert_check", "feedback")


def owed(at):
    """(kind, about, key, text, facts, rule, link, regulator) of everything that is overdue."""
    late = Inspection.objects.filter(correction=Inspection.Correction.DUE, correct_by__lt=city_day(at)).select_related(
        "agency", "regulator"
    )
    for row in late:
        yield (
            "agency_correction", f"agency/{row.agency.uscc}", f"{row.number}/{row.correct_by:%Y%m%d}", f"{row.agency.name} {row.year} 年度检查整改逾期未报",
            [("检查编号", row.number), ("检查结果", row.get_result_display()), ("整改期限", f"{row.correct_by:%Y-%m-%d}")], "DL-08",
            f"/agency-inspections/{row.number}/", row.regulator,
        )  # fmt: skip
    for row in AgencyComplaint.objects.filter(state__in=AgencyComplaint.OPEN).select_related("agency", "regulator"):
        if row.due_at < at:
            rule = "DL-13" if row.state == AgencyComplaint.State.FILED else "DL-15"
            yield (
                "agency_complaint", f"agency/{row.agency.uscc}", f"{row.number}/{row.state}", f"代理机构投诉 {row.number} 逾期未办",
                [("代理机构", row.agency.name), ("状态", row.get_state_display()), ("期限", f"{city_day(row.due_at):%Y-%m-%d}")], rule,
                f"/supervision/agency-complaints/{row.number}/", row.regulator,
            )  # fmt: skip
    for row in SpotCheck.objects.filter(state=SpotCheck.State.CHECKING, due_at__lt=at).select_related("regulator"):
        left = row.sittings.filter(concluded_at=None).count()
        yield (
            "expert_check", "experts", row.number, f"{row.year} 年度专家抽查逾期未办结", [("抽查编号", row.number), ("没有结论的场次", f"{left} 场")], "E-34",
            f"/supervision/experts/checks/{row.number}/", row.regulator,
        )  # fmt: skip
    for row in CheckedSitting.objects.filter(correction="due", correct_by__lt=city_day(at)).select_related("check_of__regulator"):
        check = row.check_of
        yield (
            "expert_check", "experts", f"{check.number}/{row.place}/{row.correct_by:%Y%m%d}", f"{check.year} 年度专家抽查改正逾期未报",
            [("抽查编号", check.number), ("场次", f"第 {row.place} 场"), ("改正期限", f"{row.correct_by:%Y-%m-%d}")], "E-36",
            f"/supervision/experts/checks/{check.number}/{row.place}/", check.regulator,
        )  # fmt: skip
    for row in CentreFeedback.objects.filter(acknowledged_at=None, due_at__lt=at).select_related("regulator"):
        yield (
            "feedback", "feedback", row.number, f"交易中心评价反馈 {row.number} 逾期未确认",
            [("反馈编号", row.number), ("期限", f"{city_day(row.due_at):%Y-%m-%d}")], "L-10", "/supervision/feedback/", row.regulator,
        )  # fmt: skip


@transaction.atomic
def watch_offices(*, by, at):
    """Raise what is overdue, each once; what was done after all is noted on its alert."""
    standing = set()
    for kind, about, key, text, facts, rule, link, regulator in owed(at):
        standing.add(raise_alert(kind, about, text, facts, key=key, rule=rule, link=link, regulator=regulator, by=by, at=at).pk)
    Alert.objects.filter(kind__in=KINDS, settled_at=None).exclude(pk__in=standing).update(settled_at=at)
