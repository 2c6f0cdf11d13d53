from django.urls import path

from audits.checklists.examples import views

_PICTURE = "checklists/pictures/<uuid:picture_id>/"
urlpatterns = [
    path(_PICTURE, views.example_picture, {"size": "full"}, name="example_picture"),
    path(f"{_PICTURE}thumbnail/", views.example_picture, {"size": "thumbnail"}, name="example_thumbnail"),
    path("checklists/drafts/<uuid:version_id>/criteria/<slug:code>/picture/", views.picture_edit, name="picture_edit"),
]
