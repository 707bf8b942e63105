from django.urls import path

from config.demo import views

app_name = "demo"

urlpatterns = [
    path("demo-ca/", views.authority, name="authority"),
    path("demo-ca/certificates/", views.issue, name="issue"),
]
