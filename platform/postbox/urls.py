from django.urls import path

from postbox import views

app_name = "postbox"

urlpatterns = [
    path("messages/", views.inbox, name="inbox"),
    path("messages/<int:pk>/", views.read_message, name="read"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/key/", views.press_key, name="press_key"),
]
