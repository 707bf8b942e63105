from django.urls import path

from sealing import views

app_name = "sealing"

urlpatterns = [
    path("uploads/", views.upload_list, name="uploads"),
    path("uploads/<uuid:token>/", views.upload_detail, name="upload"),
    path("me/keys/", views.key_page, name="keys"),
    path("me/keys/new/", views.create_key, name="create_key"),
    path("help/key-files/", views.key_help, name="key_help"),
    path("me/keys/<str:kid>/revocation/", views.revoke_key, name="revoke_key"),
]
