from django.urls import path

from trading.bidding import views

urlpatterns = [
    path("tenders/<str:number>/lots/<str:key>/policy.json", views.offline_policy, name="offline_policy"),
    path("me/desk/", views.bidder_desk, name="bidder_desk"),
    path("me/bids/<str:number>/<int:no>/", views.bid, name="bid"),
    path("me/bids/<str:number>/<int:no>/preflight/", views.preflight, name="preflight"),
    path("me/bids/<str:number>/<int:no>/head/", views.head, name="bid_head"),
    path("me/bids/<str:number>/<int:no>/submission/", views.submit, name="submit_bid"),
    path("me/bids/<str:number>/<int:no>/receipts/<int:rev>.json", views.receipt, name="receipt"),
    path("me/bids/<str:number>/<int:no>/receipts/<int:rev>.pdf", views.receipt_pdf, name="receipt_pdf"),
]
