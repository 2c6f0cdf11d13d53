from django.urls import path

from audits.checklists.exchange import views

urlpatterns = [
    path("checklists/versions/<uuid:version_id>/criteria.xlsx", views.version_export, name="version_export"),
    path("checklists/versions/<uuid:version_id>/import/", views.version_import, name="version_import"),
]
