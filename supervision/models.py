"""All models of the supervision rooms, gathered for Django."""

from supervision.alerts.models import Alert
from supervision.remedies.models import Complaint, InvestigationNote, Objection

__all__ = ["Alert", "Complaint", "InvestigationNote", "Objection"]
