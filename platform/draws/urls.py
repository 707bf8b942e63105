from django.urls import path

from draws import views

app_name = "draws"

urlpatterns = [
    path("draws/", views.draws, name="draws"),
    path("draws/<str:number>/", views.draw, name="draw"),
    path("draws/<str:number>/draw.json", views.draw_json, name="draw_json"),
    path("me/draws/", views.own_draws, name="own"),
    path("me/draws/<str:number>/", views.room, name="room"),
    path("me/draws/<str:number>/live/", views.room_live, name="room_live"),
    path("me/draws/<str:number>/list/", views.full_list, name="full_list"),
    path("me/draws/<str:number>/commitment/", views.commit, name="commit"),
    path("me/draws/<str:number>/number/", views.reveal, name="reveal"),
    path("me/draws/<str:number>/shares/<int:pk>/", views.give_share, name="give_share"),
    path("staff/draws/new/", views.new_draw, name="new"),
    path("staff/draws/<str:number>/void/", views.void, name="void"),
]
