from django.urls import path

from trading.remote import views

urlpatterns = [
    path("remote-evaluation/", views.remote_evaluation, name="remote_evaluation"),
    path("host/", views.host_desk, name="host_desk"),
    path("host/desks/", views.host_desks, name="host_desks"),
    path("host/sessions/<int:pk>/", views.host_session, name="host_session"),
]
