from django.urls import path

from audits.results.whatif import approval_views, views

urlpatterns = [
    path("checklists/versions/<uuid:version_id>/decide/", approval_views.proposal_decide, name="proposal_decide"),
    path("checklists/versions/<uuid:version_id>/what-if/", views.version_whatif, name="version_whatif"),
    path(
        "checklists/versions/<uuid:version_id>/what-if/units.csv",
        views.version_whatif_export,
        {"kind": views.CSV},
        name="version_whatif_export",
    ),
    path(
        "checklists/versions/<uuid:version_id>/what-if/units.xlsx",
        views.version_whatif_export,
        {"kind": views.XLSX},
        name="version_whatif_xlsx_export",
    ),
]
