from django.urls import path

from credit import views

app_name = "credit"

urlpatterns = [
    path("credit/", views.subjects, name="subjects"),
    path("credit/<str:uscc>/", views.organisation, name="organisation"),
    path("supervision/credit/", views.entries, name="entries"),
    path("supervision/credit/new/", views.report, name="report"),
    path("supervision/credit/<int:pk>/", views.move_entry, name="move_entry"),
    path("me/credit/", views.own_credit, name="own"),
]
