from accounts.models import Person
from ledger.delivery import listens
from postbox.actions import tell_members
from rulebook.clock import database_now
from supervision.alerts.actions import raise_alert
from supervision.alerts.splitting import facts_of, split_with
from trading.outages.events import OutageConfirmed
from trading.outages.models import Outage
from trading.projects.events import ProjectSubmitted, ToleranceBroken
from trading.projects.models import Project, ToleratedPaper
from trading.projects.queries import centres_for, regulators_of


@listens(OutageConfirmed)
def report_outage(event):
    """Every regulator learns of an outage, and of the deadlines that it moved."""
    outage = Outage.objects.prefetch_related("extensions__lot__tender").get(number=event.outage)
    moved = sorted({row.lot.tender.number for row in outage.extensions.all() if row.moved})
    raise_alert(
        "outage", event.stream, f"平台故障 {outage.minutes} 分钟：{outage.get_component_display()}",
        [("故障编号", outage.number), ("顺延的项目", "、".join(moved) or "无")], rule="L-02", link="/availability/",
        by=Person.objects.platform(), at=database_now(),
    )  # fmt: skip


@listens(ToleranceBroken)
def report_broken_promise(event):
    """The regulator learns of a promise that was not kept: it decides whether this goes into the record of conduct."""
    row = ToleratedPaper.objects.select_related("project__owner", "project__agency", "project__regulator").get(
        project=event.project, kind=event.paper
    )
    project = row.project
    applicant = project.agency or project.owner
    raise_alert(
        "tolerance", event.stream, f"容缺材料逾期未补：{row.get_kind_display()}（{project.name}）",
        [("承诺单位", applicant.name), ("承诺", row.promise), ("补齐期限", f"{row.due_on:%Y-%m-%d}"), ("已采取措施", "暂停交易，补交后恢复")],
        key=event.paper, rule="L-07", regulator=project.regulator, by=Person.objects.platform(), at=database_now(),
    )  # fmt: skip


@listens(ProjectSubmitted)
def look_for_splitting(event):
    """A project was handed in: hold it against the owner's others of the same kind, and raise an alert where they add up."""
    project = Project.objects.select_related("owner").get(pk=event.project)
    found = split_with(project)
    if found is None:
        return
    others, total, together = found
    text = f"{project.owner.name}：{len(others) + 1} 个同类项目合计 {total:,.2f} 元"
    raise_alert(
        "splitting", event.stream, text, facts_of([project, *others], total, together), regulator=regulators_of(project).first(),
        by=Person.objects.platform(), at=database_now(),
    )  # fmt: skip
    # The centre decides on the intake, and should know before it does.
    for centre in centres_for(project.category, project.decision.get("venue")):
        tell_members(
            centre, f"疑似拆分项目：{project.owner.name}", f"{text}，{together.reason}。", link=f"/staff/intake/{project.pk}/",
            key=f"splitting/{project.pk}",
        )  # fmt: skip
