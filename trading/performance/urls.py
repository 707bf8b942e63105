from django.urls import path

from trading.performance import views

urlpatterns = [
    path("work/contracts/", views.contracts, name="contracts"),
    path("work/contracts/<str:number>/<int:no>/", views.contract, name="contract"),
    path("work/contracts/<str:number>/<int:no>/steps/<slug:step>/", views.step, name="contract_step"),
    path("work/contracts/<str:number>/<int:no>/site-screen/", views.site_screen, name="site_screen"),
    path("me/key-people/", views.key_people, name="key_people"),
    path("me/key-people/<int:pk>/withdrawal/", views.withdraw_key_person, name="withdraw_key_person"),
    path("supervision/site-inspections/", views.inspections, name="site_inspections"),
    path("supervision/performance-settings/", views.settings, name="performance_settings"),
    path("contracts/<str:number>/<int:no>/", views.public_contract, name="public_contract"),
]
