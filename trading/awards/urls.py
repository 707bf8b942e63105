from django.urls import path

from trading.awards import views

urlpatterns = [path("work/tenders/<str:number>/lots/<int:no>/award/", views.award, name="award")]
