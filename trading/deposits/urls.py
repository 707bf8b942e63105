from django.urls import path

from trading.deposits import views

urlpatterns = [
    path("me/deposits/", views.deposits, name="deposits"),
    path("me/bids/<str:number>/<int:no>/deposit/", views.deposit, name="deposit"),
    path("me/bids/<str:number>/<int:no>/deposit/live/", views.deposit_live, name="deposit_live"),
    path("me/bids/<str:number>/<int:no>/deposit/account/", views.open_account, name="open_account"),
    path("me/bids/<str:number>/<int:no>/deposit/guarantee/", views.apply_for_guarantee, name="apply_for_guarantee"),
    path("integration/bank/notices/", views.bank_notice, name="bank_notice"),
    path("integration/issuer/notices/", views.issuer_notice, name="issuer_notice"),
]
