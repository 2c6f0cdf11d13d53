from django.urls import path

from audits.results.exports import views

urlpatterns = [
    path("results/<uuid:unit_id>/scorecard.csv", views.scorecard_export, name="scorecard_export"),
    path("results/<uuid:unit_id>/export/", views.export_create, name="export_create"),
    path("exports/", views.export_list, name="export_list"),
    path("exports/<uuid:export_id>/", views.export_file, name="export_file"),
    path("exports/<uuid:export_id>/cancel/", views.export_cancel, name="export_cancel"),
]
