from ledger.acts import record
from ledger.canonical import money
from ledger.delivery import listens
from postbox.actions import tell_members
from rulebook.clock import database_now
from supervision.alerts.events import SplittingFound
from supervision.alerts.models import SplittingAlert
from supervision.alerts.queries import split_with
from trading.projects.events import ProjectSubmitted
from trading.projects.models import Project
from trading.projects.queries import centres_for, regulators_of


@listens(ProjectSubmitted)
def look_for_splitting(event):
    """A project was handed in: hold it against the owner's others of the same kind, and raise an alert where they add up."""
    project = Project.objects.select_related("owner").get(pk=event.project)
    found = split_with(project)
    if found is None or SplittingAlert.objects.filter(project=project).exists():
        return
    others, total, together = found
    alert = SplittingAlert.objects.create(project=project, total=total, decision=together.as_json(), found_at=database_now())
    alert.others.set(others)
    for organisation in {*regulators_of(project.category), *centres_for(project.category, project.decision.get("venue"))}:
        tell_members(
            organisation, f"疑似拆分项目：{project.owner.name}", f"{len(others) + 1} 个同类项目合计 {total:,.2f} 元，{together.reason}。",
            link=f"/supervision/splitting/{alert.pk}/", key=f"splitting/{alert.pk}",
        )  # fmt: skip
    record(SplittingFound(project=project.pk, others=[row.pk for row in others], total=money(total)), by=None)
