from django.urls import path

from trading.frameworks import views

urlpatterns = [
    path("frameworks/", views.frameworks, name="frameworks"),
    path("frameworks/medical/", views.medical, name="medical_catalogue"),
    path("frameworks/<str:number>/<int:no>/", views.framework, name="framework"),
    path("work/frameworks/", views.desk, name="framework_desk"),
    path("work/frameworks/<str:number>/<int:no>/catalogue/", views.catalogue, name="framework_catalogue"),
    path("work/frameworks/<str:number>/<int:no>/order/", views.new_order, name="new_framework_order"),
    path("work/framework-orders/<str:number>/", views.order, name="framework_order"),
    path("work/framework-orders/<str:number>/steps/<slug:step>/", views.step, name="framework_order_step"),
    path("me/frameworks/<str:number>/<int:no>/prices/", views.prices, name="framework_prices"),
]
