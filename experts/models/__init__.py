"""All models of the pool."""

from experts.models.applications import ApplicationCall, ApplicationReview, ExpertApplication, Proof
from experts.models.changes import AdjustmentBatch, AdjustmentLine, ChangeRequest, PoolExchange
from experts.models.pool import (
    Absence,
    AvoidedOrganisation,
    Departure,
    Employment,
    Expert,
    PersonalDataLook,
    PersonalRecord,
    ProfessionalCertificate,
    Sector,
    Suspension,
)
from experts.models.sessions import ConductRecord, DrawRequest, SessionAssessment, SessionRating, Sitting, YearlyAssessment
from experts.models.spotchecks import CheckedSitting, SpotCheck
from experts.models.training import Course, Enrolment, Exam, ExamAttempt, Question, Stage, Topic

__all__ = [
    "Absence",
    "AdjustmentBatch",
    "AdjustmentLine",
    "ApplicationCall",
    "ApplicationReview",
    "AvoidedOrganisation",
    "ChangeRequest",
    "CheckedSitting",
    "ConductRecord",
    "Course",
    "Departure",
    "DrawRequest",
    "Employment",
    "Enrolment",
    "Exam",
    "ExamAttempt",
    "Expert",
    "ExpertApplication",
    "PersonalDataLook",
    "PersonalRecord",
    "PoolExchange",
    "ProfessionalCertificate",
    "Proof",
    "Question",
    "Sector",
    "SessionAssessment",
    "SessionRating",
    "Sitting",
    "SpotCheck",
    "Stage",
    "Suspension",
    "Topic",
    "YearlyAssessment",
]
