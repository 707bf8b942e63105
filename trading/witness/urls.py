from django.urls import path

from trading.witness import views

urlpatterns = [
    path("staff/witness/", views.witness_desk, name="witness_desk"),
    path("supervision/concerns/", views.concerns, name="concerns"),
    path("witness/<str:number>/<int:no>/", views.witness_lot, name="witness_lot"),
    path("witness/<str:number>/<int:no>/card/", views.witness_card, name="witness_card"),
    path("witness/<str:number>/<int:no>/<slug:stage>/", views.witness_stage, name="witness_stage"),
]
