from django.urls import include, path

from audits.results import closing_views, evidence_views, health_views, revision_views, views

urlpatterns = [
    path("results/", views.scorecard_list, name="scorecard_list"),
    path("results/<uuid:unit_id>/", views.scorecard_detail, name="scorecard_detail"),
    path("results/<uuid:unit_id>/explain/", views.scorecard_explain, name="scorecard_explain"),
    path("results/<uuid:unit_id>/units/", views.scorecard_units, name="scorecard_units"),
    path("results/<uuid:unit_id>/report/", views.report_detail, name="report_detail"),
    path("results/<uuid:unit_id>/sheets/", views.scorecard_sheets, name="scorecard_sheets"),
    path("results/<uuid:unit_id>/evidence/", evidence_views.evidence_list, name="evidence_list"),
    path("evidence/<uuid:shown_id>/", evidence_views.evidence_photo, {"size": "full"}, name="evidence_photo"),
    path(
        "evidence/<uuid:shown_id>/thumbnail/",
        evidence_views.evidence_photo,
        {"size": "thumbnail"},
        name="evidence_thumbnail",
    ),
    path("published/<uuid:visit_id>/", revision_views.revision_list, name="revision_list"),
    path("published/<uuid:visit_id>/correct/<str:code>/", revision_views.revision_create, name="revision_create"),
    path("corrections/", revision_views.correction_list, name="correction_list"),
    path("", include("audits.results.second_looks.urls")),
    path("", include("audits.results.exports.urls")),
    path("", include("audits.results.whatif.urls")),
    path("checklists/versions/<uuid:version_id>/health/", health_views.version_health, name="version_health"),
    path("months/", closing_views.period_list, name="period_list"),
    path("months/close/", closing_views.month_close, name="month_close"),
]
