from django.urls import path

from audits.checklists.drafts import views

_DRAFT = "checklists/drafts/<uuid:version_id>/"
urlpatterns = [
    path("checklists/new/", views.checklist_create, name="checklist_create"),
    path("checklists/versions/<uuid:version_id>/copy/", views.draft_create, name="draft_create"),
    path(f"{_DRAFT}", views.draft_edit, name="draft_edit"),
    path(f"{_DRAFT}discard/", views.draft_discard, name="draft_discard"),
    path(f"{_DRAFT}sections/", views.draft_section_add, name="draft_section_add"),
    path(f"{_DRAFT}sections/<slug:code>/", views.draft_section_edit, name="draft_section_edit"),
    path(f"{_DRAFT}sections/<slug:code>/criteria/", views.criterion_add, name="criterion_add"),
    path(f"{_DRAFT}criteria/<slug:code>/", views.criterion_edit, name="criterion_edit"),
    path(f"{_DRAFT}steps/", views.change_list, name="change_list"),
    path(f"{_DRAFT}steps/<int:number>/undo/", views.change_undo, name="change_undo"),
]
