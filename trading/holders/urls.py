from django.urls import path

from trading.holders import views

urlpatterns = [
    path("work/tenders/<str:number>/holders/", views.holders, name="holders"),
    path("work/tenders/<str:number>/lots/<int:no>/policy/", views.sign_policy, name="sign_policy"),
    path("me/holdings/", views.holdings, name="holdings"),
    path("me/holdings/<int:pk>/drill/", views.begin_drill, name="begin_drill"),
    path("me/holdings/<int:pk>/readiness/", views.end_drill, name="end_drill"),
]
