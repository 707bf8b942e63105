from django.urls import path

from supervision.alerts import views as alerts
from supervision.clocks import views as clocks
from supervision.clocks import waiving
from supervision.feedback import views as feedback
from supervision.inquiries import views as inquiries
from supervision.remedies import views
from supervision.reports import views as reports

app_name = "supervision"

urlpatterns = [
    path("me/remedies/", views.own_remedies, name="own"),
    path("tenders/<str:number>/lots/<int:no>/objections/new/", views.new_objection, name="new_objection"),
    path("me/objections/<str:objection>/withdrawal/", views.withdraw_objection, name="withdraw_objection"),
    path("me/objections/<str:objection>/complaint/", views.new_complaint, name="new_complaint"),
    path("me/complaints/<str:number>/", views.own_complaint, name="own_complaint"),
    path("work/objections/", views.objections, name="objections"),
    path("work/objections/<str:number>/", views.objection, name="objection"),
    path("tenders/<str:number>/replies/", inquiries.replies, name="replies"),
    path("tenders/<str:number>/inquiries/new/", inquiries.new_inquiry, name="new_inquiry"),
    path("me/inquiries/", inquiries.own_inquiries, name="own_inquiries"),
    path("work/inquiries/", inquiries.inquiries, name="inquiries"),
    path("work/inquiries/<str:number>/", inquiries.inquiry, name="inquiry"),
    path("staff/inquiries/", inquiries.intake, name="inquiry_intake"),
    path("me/reports/", reports.own_reports, name="own_reports"),
    path("me/reports/new/", reports.report, name="report"),
    path("supervision/feedback/", feedback.feedback, name="feedback"),
    path("supervision/feedback/<str:number>/", feedback.acknowledge, name="acknowledge"),
    path("supervision/", views.desk, name="desk"),
    path("supervision/clocks/", clocks.clocks, name="clocks"),
    path("supervision/clocks/<str:number>/", clocks.clock, name="clock"),
    path("supervision/clocks/<str:number>/waiver/", waiving.waive, name="waive"),
    path("supervision/alerts/", alerts.alerts, name="alerts"),
    path("supervision/alerts/<str:number>/", alerts.alert, name="alert"),
    path("supervision/complaints/<str:number>/", views.complaint, name="complaint"),
]
