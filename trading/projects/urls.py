from django.urls import path

from trading.projects import views

urlpatterns = [
    path("work/projects/", views.project_list, name="projects"),
    path("work/projects/new/", views.create_project, name="create_project"),
    path("work/projects/<int:pk>/", views.project, name="project"),
    path("work/projects/<int:pk>/lots/new/", views.lot, name="add_lot"),
    path("work/projects/<int:pk>/lots/<int:no>/", views.lot, name="lot"),
    path("work/projects/<int:pk>/lots/<int:no>/removal/", views.remove_lot, name="remove_lot"),
    path("work/projects/<int:pk>/papers/<int:paper>/removal/", views.remove_paper, name="remove_project_paper"),
    path("work/tenders/<str:number>/handlers/", views.handlers, name="handlers"),
    path("work/tenders/<str:number>/handlers/<int:person>/removal/", views.withdraw_handler, name="withdraw_handler"),
    path("work/projects/<int:pk>/papers/", views.add_paper, name="add_project_paper"),
    path("work/projects/<int:pk>/promises/new/", views.promise_paper, name="promise_paper"),
    path("work/projects/<int:pk>/promises/<int:paper>/removal/", views.withdraw_promise, name="withdraw_promise"),
    path("work/projects/<int:pk>/submission/", views.submit, name="submit_project"),
    path("work/projects/<int:pk>/entrustment/", views.entrust, name="entrust"),
    path("work/entrustments/<int:pk>/", views.entrustment, name="entrustment"),
    path("staff/intake/", views.intake, name="intake"),
    path("staff/intake/<int:pk>/", views.review, name="review_project"),
    path("staff/intake/<int:pk>/ruling/", views.ask_ruling, name="ask_ruling"),
    path("staff/green/", views.green_channel, name="green_channel"),
    path("staff/green/<int:pk>/officer/", views.change_officer, name="change_officer"),
    path("supervision/rulings/", views.rulings, name="rulings"),
    path("supervision/rulings/<int:pk>/", views.ruling, name="ruling"),
]
