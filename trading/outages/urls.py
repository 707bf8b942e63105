from django.urls import path

from trading.outages import views

urlpatterns = [
    path("availability/", views.availability, name="availability"),
    path("staff/outages/", views.outages, name="outages"),
    path("staff/outages/<str:number>/", views.settle_outage, name="settle_outage"),
]
