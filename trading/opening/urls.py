from django.urls import path

from trading.opening import views

urlpatterns = [
    path("openings/<str:number>/<int:no>/", views.hall, name="hall"),
    path("openings/<str:number>/<int:no>/live/", views.live, name="hall_live"),
    path("openings/<str:number>/<int:no>/header/", views.header, name="bid_header"),
    path("openings/<str:number>/<int:no>/key/", views.release, name="release_key"),
    path("openings/<str:number>/<int:no>/presence/", views.check_in, name="check_in"),
    path("openings/<str:number>/<int:no>/objections/", views.raise_objection, name="hall_objection"),
    path("openings/<str:number>/<int:no>/confirmation/", views.confirm, name="confirm_record"),
    path("openings/<str:number>/<int:no>/hosting/", views.host_move, name="host_move"),
    path("openings/<str:number>/<int:no>/extension/", views.agree_extension, name="agree_extension"),
    path("openings/<str:number>/<int:no>/fallback/", views.request_fallback, name="request_fallback"),
    path("openings/<str:number>/<int:no>/fallback/<int:pk>/decision/", views.decide_fallback, name="decide_fallback"),
    path("openings/<str:number>/<int:no>/fallback/<int:pk>/header/", views.fallback_header, name="fallback_header"),
    path("openings/<str:number>/<int:no>/fallback/<int:pk>/share/", views.give_share, name="give_share"),
    path("opened-files/<int:pk>/", views.opened_file, name="opened_file"),
]
