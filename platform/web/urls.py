from django.urls import path

from web import upkeep_views, views

app_name = "web"

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("healthz", views.health, name="health"),
    path("clock", views.clock, name="clock"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("administration/alarms/", upkeep_views.alarms, name="alarms"),
    path("administration/alarms/<int:pk>/settlement/", upkeep_views.settle, name="settle_alarm"),
    path("administration/ledger/", upkeep_views.audits, name="audits"),
    path("verify.html", views.verifier, name="verifier"),
    path("ledger/", views.ledger_home, name="ledger"),
    path("ledger/entries/<int:entry>/", views.ledger_entry, name="ledger_entry"),
    path("ledger/entries/<int:entry>/proof.json", views.ledger_proof, name="ledger_proof"),
    path("ledger/streams/<path:stream>/", views.ledger_stream, name="ledger_stream"),
    path("ledger/cosignatures", views.cosignatures, name="cosignatures"),
    path("ledger/<path:path>", views.ledger_file, name="ledger_file"),
]
