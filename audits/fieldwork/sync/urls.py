from django.urls import path

from audits.fieldwork.sync import views

urlpatterns = [
    path("visits/<uuid:visit_id>/changes/", views.changes_receive, name="changes_receive"),
    path("visits/<uuid:visit_id>/photos/", views.photo_receive, name="photo_receive"),
    path("visits/<uuid:visit_id>/photos/<uuid:photo_id>/remove/", views.photo_remove, name="photo_remove"),
]
