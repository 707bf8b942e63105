from accounts.models import Organisation
from supervision.alerts.queries import alerts_for
from supervision.reports.models import OffPlatformReport


def may_read_report(person, organisation, file):
    """The proofs of a report are for its reporter, and for those whose desk its alert lies on."""
    if OffPlatformReport.objects.filter(evidence=file, reporter=person).exists():
        return True
    if organisation is None or not organisation.is_active or Organisation.Kind.REGULATOR not in organisation.kinds:
        return False
    return alerts_for(organisation).filter(report__evidence=file).exists()
