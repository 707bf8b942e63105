"""All models of the supervision rooms, gathered for Django."""

from supervision.alerts.models import SplittingAlert
from supervision.remedies.models import Complaint, InvestigationNote, Objection

__all__ = ["Complaint", "InvestigationNote", "Objection", "SplittingAlert"]
