from django.urls import include, path

from audits.checklists import views

urlpatterns = [
    path("checklists/", views.checklist_list, name="checklist_list"),
    path("checklists/<uuid:checklist_id>/", views.checklist_detail, name="checklist_detail"),
    path("checklists/versions/<uuid:version_id>/", views.version_detail, name="version_detail"),
    path("checklists/versions/<uuid:version_id>/compare/", views.version_compare, name="version_compare"),
    path("", include("audits.checklists.drafts.urls")),
    path("", include("audits.checklists.publishing.urls")),
    path("", include("audits.checklists.exchange.urls")),
    path("", include("audits.checklists.library.urls")),
    path("", include("audits.checklists.examples.urls")),
]
