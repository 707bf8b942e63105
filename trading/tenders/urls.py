from django.urls import path

from trading.tenders import bill_views, review_views, views

urlpatterns = [
    path("work/", views.agency_desk, name="agency_desk"),
    path("staff/", views.staff_desk, name="staff_desk"),
    path("work/tenders/<str:number>/", views.tender_work, name="tender_work"),
    path("work/tenders/<str:number>/clock/", views.tender_clock, name="tender_clock"),
    path("work/tenders/<str:number>/promises/<int:pk>/", views.supply_paper, name="supply_paper"),
    path("work/tenders/<str:number>/document/", views.edit_document, name="edit_document"),
    path("work/tenders/<str:number>/document/presence/", views.presence, name="document_presence"),
    path("work/tenders/<str:number>/review/", review_views.review, name="review"),
    path("document-reviews/", review_views.reviews, name="reviews"),
    path("work/tenders/<str:number>/criteria/", views.edit_criteria, name="edit_criteria"),
    path("work/tenders/<str:number>/attachments/", views.add_attachment, name="add_attachment"),
    path("work/tenders/<str:number>/attachments/<int:pk>/removal/", views.remove_attachment, name="remove_attachment"),
    path("work/tenders/<str:number>/lots/<int:no>/bill/", bill_views.bill, name="bill"),
    path("work/tenders/<str:number>/lots/<int:no>/bill.xlsx", bill_views.bill_sheet, name="bill_sheet"),
    path("my/tenders/<str:number>/lots/<int:no>/prices.xlsx", bill_views.price_sheet, name="price_sheet"),
    path("work/tenders/<str:number>/clauses/", views.clauses, name="clauses"),
    path("work/tenders/<str:number>/changes/", review_views.document_changes, name="document_changes"),
    path("work/tenders/<str:number>/publication/", views.publish, name="publish"),
    path("work/tenders/<str:number>/clarification/", views.clarify, name="clarify"),
    path("work/tenders/<str:number>/termination/", views.terminate, name="terminate"),
    path("work/tenders/<str:number>/lots/<int:no>/next-round/", views.next_round, name="next_round"),
    path("tenders/<str:number>/", views.tender, name="tender"),
    path("my/tenders/<str:number>/", views.held, name="held"),
    path("my/tenders/<str:number>/clarifications/<int:no>/receipt/", views.acknowledge, name="acknowledge_clarification"),
    path("tenders/<str:number>/holding/", views.obtain, name="obtain"),
    path("tenders/<str:number>/document/", views.download, name="download"),
    path("tenders/<str:number>/questions/new/", views.ask, name="ask"),
]
