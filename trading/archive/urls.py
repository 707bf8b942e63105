from django.urls import path

from trading.archive import views

urlpatterns = [
    path("staff/archives/", views.archives, name="archives"),
    path("staff/archives/<str:number>/<int:no>/", views.make_archive, name="make_archive"),
    path("work/archives/", views.own_archives, name="own_archives"),
    path("archives/<str:number>/<int:no>/", views.archive, name="archive"),
    path("archives/<str:number>/<int:no>.zip", views.archive_file, name="archive_file"),
]
