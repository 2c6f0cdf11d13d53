from django.urls import path

from audits.review import desk_views, receiving_views, views

urlpatterns = [
    path("visits/<uuid:visit_id>/submit/", receiving_views.visit_submit, name="visit_submit"),
    path("visits/<uuid:visit_id>/follow-up/submit/", receiving_views.follow_up_submit, name="follow_up_submit"),
    path("sync/visits/<uuid:visit_id>/follow-up/", receiving_views.follow_up_receive, name="follow_up_receive"),
    path("review/", desk_views.review_list, name="review_list"),
    path("review/next/", desk_views.review_next, name="review_next"),
    path("review/<uuid:visit_id>/", desk_views.review_detail, name="review_detail"),
    path("review/<uuid:visit_id>/claim/", desk_views.review_claim, name="review_claim"),
    path("review/<uuid:visit_id>/take-back/", desk_views.review_take_back, name="review_take_back"),
    path("review/<uuid:visit_id>/hide/", desk_views.review_hide, name="review_hide"),
    path("review/<uuid:visit_id>/photos/<uuid:photo_id>/", desk_views.review_photo, name="review_photo"),
    path("review/<uuid:visit_id>/shown/<uuid:shown_id>/", desk_views.review_shown_photo, name="review_shown_photo"),
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
