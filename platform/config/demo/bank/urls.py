from django.urls import path

from config.demo.bank import views

app_name = "demobank"

urlpatterns = [
    path("demo-bank/", views.bank, name="bank"),
    path("demo-bank/<int:pk>/", views.bank_move, name="move"),
    path("demo-bank/refunds/", views.settle_all, name="settle_all"),
    path("demo-bank/api/<path:path>", views.door, name="door"),
    path("demo-issuer/", views.issuer, name="issuer"),
]
