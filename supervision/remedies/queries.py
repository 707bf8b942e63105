from django.db.models import Q

from supervision.remedies.models import Complaint, Objection


def may_read_evidence(person, organisation, file):
    """Evidence is read by those who must answer or decide: the tender's handlers and its regulator."""
    objection = Objection.objects.filter(Q(evidence=file) | Q(complaints__evidence=file)).select_related("lot__tender").first()
    if objection is not None and person.has_perm("trading.manage_tender", objection.lot.tender):
        return True
    return organisation is not None and Complaint.objects.filter(
        Q(evidence=file) | Q(objection__evidence=file), regulator=organisation
    ).exists()
