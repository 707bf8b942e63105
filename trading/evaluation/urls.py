from django.urls import path

from trading.evaluation import attendance_views, monitor_views, offsite_views, question_views, reading_views, trial_views, views

urlpatterns = [
    path("methods/", trial_views.methods, name="methods"),
    path("calculator/", trial_views.calculator, name="calculator"),
    path("staff/committees/<str:number>/<int:no>/", views.form_committee, name="committee"),
    path("staff/committees/<str:number>/<int:no>/move/", views.committee_move, name="committee_move"),
    path("staff/committees/<str:number>/<int:no>/attendance/", attendance_views.sign_in, name="attendance"),
    path("staff/committees/<str:number>/<int:no>/remote/", offsite_views.remote_desk, name="remote"),
    path("host/sessions/<int:pk>/arrivals/", offsite_views.host_arrivals, name="host_arrivals"),
    path("expert/evaluations/<int:pk>/discussion/", offsite_views.discussion, name="discussion"),
    path("expert/evaluations/<int:pk>/meeting/", offsite_views.meeting, name="meeting"),
    path("expert/", views.expert_desk, name="expert_desk"),
    path("expert/invitations/<int:pk>/", views.answer, name="answer_invitation"),
    path("expert/evaluations/<int:pk>/", views.desk, name="evaluation_desk"),
    path("expert/evaluations/<int:pk>/draft/", reading_views.draft, name="evaluation_draft"),
    path("expert/evaluations/<int:pk>/files/<int:attachment>/", reading_views.bid_file, name="evaluation_file"),
    path("expert/evaluations/<int:pk>/blind/<int:no>/<int:attachment>/", reading_views.blind_file, name="blind_file"),
    path("expert/evaluations/<int:pk>/papers/<int:no>/", reading_views.tender_paper, name="evaluation_paper"),
    path("expert/evaluations/<int:pk>/questions/", question_views.committee, name="committee_questions"),
    path("expert/evaluations/<int:pk>/monitor/", monitor_views.desk, name="monitor_desk"),
    path("me/questions/", question_views.own_questions, name="own_questions"),
    path("me/questions/<int:pk>/", question_views.question, name="bid_question"),
]
