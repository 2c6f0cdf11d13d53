from django.urls import path

from audits.review import receiving_views, views

urlpatterns = [
    path("visits/<uuid:visit_id>/submit/", receiving_views.visit_submit, name="visit_submit"),
    path("visits/<uuid:visit_id>/follow-up/submit/", receiving_views.follow_up_submit, name="follow_up_submit"),
    path("received/", views.received_list, name="received_list"),
    path("received/<uuid:visit_id>/", views.received_detail, name="received_detail"),
    path("received/<uuid:visit_id>/score/", views.received_score, name="received_score"),
    path(
        "received/<uuid:visit_id>/photos/<uuid:photo_id>/",
        views.received_photo,
        {"size": "full"},
        name="received_photo",
    ),
    path(
        "received/<uuid:visit_id>/photos/<uuid:photo_id>/thumbnail/",
        views.received_photo,
        {"size": "thumbnail"},
        name="received_thumbnail",
    ),
]
