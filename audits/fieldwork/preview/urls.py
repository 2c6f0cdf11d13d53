from django.urls import path

from audits.fieldwork.preview import views

urlpatterns = [
    path("checklists/versions/<uuid:version_id>/preview/", views.version_preview, name="version_preview"),
]
