from django.urls import path

from trading.refunds import views

urlpatterns = [
    path("deposits/", views.desk, name="deposit_desk"),
    path("deposits/moves/", views.desk_move, name="deposit_move"),
    path("deposits/books/", views.books, name="deposit_books"),
    path("work/tenders/<str:number>/lots/<int:no>/withholding/", views.withholding, name="withholding"),
    path("work/withholdings/<int:pk>/", views.withholding_move, name="withholding_move"),
    path("me/withholdings/<int:pk>/objection/", views.object_to_withholding, name="object_to_withholding"),
]
