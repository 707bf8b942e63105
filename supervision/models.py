"""All models of the supervision rooms, gathered for Django."""

from supervision.alerts.models import Alert
from supervision.feedback.models import CentreFeedback
from supervision.inquiries.models import Inquiry
from supervision.remedies.models import Complaint, InvestigationNote, Objection
from supervision.reports.models import OffPlatformReport

__all__ = ["Alert", "CentreFeedback", "Complaint", "Inquiry", "InvestigationNote", "Objection", "OffPlatformReport"]
