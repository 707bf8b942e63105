from django.urls import path

from web import views

app_name = "web"

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("healthz", views.health, name="health"),
    path("clock", views.clock, name="clock"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("verify.html", views.verifier, name="verifier"),
    path("ledger/", views.ledger_home, name="ledger"),
    path("ledger/entries/<int:entry>/", views.ledger_entry, name="ledger_entry"),
    path("ledger/<path:path>", views.ledger_file, name="ledger_file"),
]
