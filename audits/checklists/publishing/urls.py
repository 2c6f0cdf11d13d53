from django.urls import path

from audits.checklists.publishing import views

urlpatterns = [
    path("checklists/drafts/<uuid:version_id>/settings/", views.draft_settings, name="draft_settings"),
    path("checklists/drafts/<uuid:version_id>/propose/", views.draft_propose, name="draft_propose"),
    path("checklists/versions/<uuid:version_id>/withdraw/", views.proposal_withdraw, name="proposal_withdraw"),
    path("checklists/versions/<uuid:version_id>/retire/", views.version_retire, name="version_retire"),
]
