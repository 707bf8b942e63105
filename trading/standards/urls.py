from django.urls import path

from trading.standards import views

urlpatterns = [
    path("document-templates/", views.templates, name="templates"),
    path("document-templates/<slug:code>/<int:version>/", views.template, name="template"),
    path("document-templates/<slug:code>/<int:version>/draft/", views.draft, name="draft_template"),
    path("document-templates/<slug:code>/<int:version>/text/", views.edit, name="edit_template"),
    path("document-templates/<slug:code>/<int:version>/publication/", views.publish, name="publish_template"),
    path("clause-patterns/", views.patterns, name="patterns"),
    path("clause-patterns/new/", views.add_pattern, name="add_pattern"),
    path("clause-patterns/<str:code>/end/", views.end_pattern, name="end_pattern"),
]
