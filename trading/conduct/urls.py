from django.urls import path

from trading.conduct import views

urlpatterns = [
    path("work/tenders/<str:number>/lots/<int:no>/steps/", views.desk, name="steps"),
    path("work/tenders/<str:number>/lots/<int:no>/steps/<slug:code>/", views.step, name="step"),
    path("work/tenders/<str:number>/lots/<int:no>/bends/<slug:code>/", views.bend, name="bend"),
    path("work/tenders/<str:number>/lots/<int:no>/suspensions/<int:pk>/resumption/", views.resume, name="resume"),
    path("staff/procedures/", views.procedures, name="procedures"),
    path("staff/procedures/<slug:code>/", views.procedure, name="procedure"),
]
