from django.urls import path

from experts.views import applicant, centre, checks, own, public, raters, regulator

app_name = "experts"

urlpatterns = [
    path("experts/", public.board, name="board"),
    path("me/expert-application/", applicant.application, name="application"),
    path("me/expert-proofs/<int:pk>/", applicant.proof, name="proof"),
    path("me/expert-training/", applicant.own_training, name="training"),
    path("me/expert-exams/<int:pk>/", applicant.exam, name="exam"),
    path("me/expert-exams/<int:pk>/sitting/", applicant.sit_exam, name="sit_exam"),
    path("expert/archive/", own.archive, name="archive"),
    path("expert/changes/new/", own.new_change, name="new_change"),
    path("expert/fees/", own.fees, name="fees"),
    path("expert/checks/<int:pk>/", checks.own_checked, name="own_checked"),
    path("supervision/experts/checks/", checks.checks, name="checks"),
    path("supervision/experts/checks/<str:number>/", checks.check, name="check"),
    path("supervision/experts/checks/<str:number>/publication/", checks.publish, name="publish_check"),
    path("supervision/experts/checks/<str:number>/<int:place>/", checks.checked_sitting, name="checked_sitting"),
    path("supervision/experts/", regulator.desk, name="regulator_desk"),
    path("supervision/experts/applications/<int:pk>/", regulator.review, name="review"),
    path("supervision/experts/changes/<int:pk>/", regulator.decide_change, name="decide_change"),
    path("supervision/experts/assessment/", regulator.assess_year, name="assess_year"),
    path("supervision/experts/adjustment/", regulator.batch, name="batch"),
    path("expert-pool/", regulator.experts, name="experts"),
    path("expert-pool/applicants/<int:pk>/data/", regulator.look, name="look"),
    path("expert-pool/<str:number>/", regulator.expert, name="expert"),
    path("expert-pool/<str:number>/data/", regulator.look_at_expert, name="look_at_expert"),
    path("staff/experts/", centre.desk, name="centre_desk"),
    path("staff/experts/gaps/", centre.gap_report, name="gaps"),
    path("staff/experts/courses/new/", centre.new_course, name="new_course"),
    path("staff/experts/courses/<int:pk>/", centre.course, name="course"),
    path("staff/experts/questions/", centre.questions, name="questions"),
    path("staff/experts/exams/new/", centre.new_exam, name="new_exam"),
    path("staff/experts/exams/<int:pk>/", centre.exam_results, name="exam_results"),
    path("staff/experts/batches/", centre.exchanges, name="exchanges"),
    path("staff/experts/batches/template/", centre.import_template, name="import_template"),
    path("staff/experts/batches/share/", centre.share, name="share"),
    path("staff/experts/batches/<int:pk>/", centre.exchange, name="exchange"),
    path("expert-ratings/", raters.ratings, name="ratings"),
    path("expert-ratings/<int:pk>/", raters.rating, name="rating"),
]
