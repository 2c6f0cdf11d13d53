from django.urls import path

from audits.checklists.library import views

_LIBRARY = "checklists/drafts/<uuid:version_id>/library/"
urlpatterns = [
    path(_LIBRARY, views.library_list, name="library_list"),
    path(f"{_LIBRARY}add/", views.library_add, name="library_add"),
]
