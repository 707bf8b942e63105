"""What is kept about agencies: the register, mandates, assessments, yearly inspections."""

from agencies.models.assessments import Assessment, Rating
from agencies.models.complaints import AgencyComplaint
from agencies.models.inspections import InspectedTender, Inspection, Restriction
from agencies.models.lists import SelectionEntry, SelectionEvent
from agencies.models.mandates import AgencyContract, AgencyRequest, MandateUse, Proposal
from agencies.models.register import AgencyProfile, AgencyStaff, ControlPaper, Course, CourseAttendance, Service

__all__ = [
    "AgencyComplaint",
    "AgencyContract",
    "AgencyProfile",
    "AgencyRequest",
    "AgencyStaff",
    "Assessment",
    "ControlPaper",
    "Course",
    "CourseAttendance",
    "InspectedTender",
    "Inspection",
    "MandateUse",
    "Proposal",
    "Rating",
    "Restriction",
    "SelectionEntry",
    "SelectionEvent",
    "Service",
]
