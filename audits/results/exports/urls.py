from django.urls import path

from audits.results.exports import api, views

urlpatterns = [
    path("results/<uuid:unit_id>/scorecard.csv", views.scorecard_export, name="scorecard_export"),
    path("results/<uuid:unit_id>/export/", views.export_create, name="export_create"),
    path("api/results/", api.api_results, name="api_results"),
    path("api/results/<uuid:unit_id>/", api.api_scorecard, name="api_scorecard"),
    path("api/results/<uuid:unit_id>/rows/", api.api_rows, name="api_rows"),
    path("exports/", views.export_list, name="export_list"),
    path("exports/<uuid:export_id>/", views.export_file, name="export_file"),
    path("exports/<uuid:export_id>/cancel/", views.export_cancel, name="export_cancel"),
]
