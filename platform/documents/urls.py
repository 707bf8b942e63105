from django.urls import path

from documents import views

app_name = "documents"

urlpatterns = [
    path("documents/<str:code>.pdf", views.document, name="document"),
    path("files/<uuid:key>/", views.file, name="file"),
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verify, name="verify_code"),
]
