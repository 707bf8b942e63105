from django.urls import path

from trading.awards import contract_views, debrief_views, views

urlpatterns = [
    path("work/tenders/<str:number>/lots/<int:no>/award/", views.award, name="award"),
    path("work/contracts/<str:number>/<int:no>/draft/", contract_views.contract_draft, name="contract_draft"),
    path("me/bids/<str:number>/<int:no>/debrief/", debrief_views.debrief, name="debrief"),
]
