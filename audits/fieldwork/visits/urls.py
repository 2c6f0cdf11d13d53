from django.urls import path

from audits.fieldwork.visits import agenda_views, around_views, views

urlpatterns = [
    path("visits/", agenda_views.visit_list, name="visit_list"),
    path("visits/done/", agenda_views.visit_history, name="visit_history"),
    path("visits/<uuid:visit_id>/", views.visit_detail, name="visit_detail"),
    path("visits/<uuid:visit_id>/start/", views.visit_start, name="visit_start"),
    path("visits/<uuid:visit_id>/met/", around_views.visit_met, name="visit_met"),
    path("visits/<uuid:visit_id>/sections/<slug:section>/", views.section_edit, name="section_edit"),
    path("visits/<uuid:visit_id>/quick/", views.visit_quick, name="visit_quick"),
    path("visits/<uuid:visit_id>/missing/", views.visit_missing, name="visit_missing"),
    path("visits/<uuid:visit_id>/follow-up/", views.follow_up_edit, name="follow_up_edit"),
    path("visits/<uuid:visit_id>/check/", views.visit_check, name="visit_check"),
    path("visits/<uuid:visit_id>/answers.csv", agenda_views.visit_answers, name="visit_answers"),
    path("visits/<uuid:visit_id>/receipt/", views.visit_receipt, name="visit_receipt"),
    path("visits/<uuid:visit_id>/not-possible/", around_views.visit_not_possible, name="visit_not_possible"),
    path("visits/<uuid:visit_id>/photos/<uuid:photo_id>/", views.visit_photo, {"size": "full"}, name="visit_photo"),
    path(
        "visits/<uuid:visit_id>/photos/<uuid:photo_id>/thumbnail/",
        views.visit_photo,
        {"size": "thumbnail"},
        name="visit_thumbnail",
    ),
    path("visits/examples/<uuid:picture_id>/", views.visit_example, {"size": "full"}, name="visit_example"),
    path(
        "visits/examples/<uuid:picture_id>/thumbnail/",
        views.visit_example,
        {"size": "thumbnail"},
        name="visit_example_thumbnail",
    ),
]
