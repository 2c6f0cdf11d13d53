from django.urls import path

from audits.fieldwork.sync import posting_views, views

urlpatterns = [
    path("visits/<uuid:visit_id>/changes/", views.changes_receive, name="changes_receive"),
    path("visits/<uuid:visit_id>/photos/", views.photo_receive, name="photo_receive"),
    path("visits/<uuid:visit_id>/photos/<uuid:photo_id>/remove/", views.photo_remove, name="photo_remove"),
    path("visits/<uuid:visit_id>/met/", posting_views.met_receive, name="met_receive"),
    path("visits/<uuid:visit_id>/not-possible/", posting_views.not_possible_receive, name="not_possible_receive"),
]
