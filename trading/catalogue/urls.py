from django.urls import path

from trading.catalogue import views

urlpatterns = [path("catalogue/", views.catalogue, name="catalogue")]
